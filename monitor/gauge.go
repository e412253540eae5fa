package monitor

import (
	"math"
	"sync/atomic"
)

// A Gauge is a level that goes up and down. Make one with Registry.Gauge; any goroutine may
// use it.
type Gauge struct{ bits atomic.Uint64 }

// Set makes v the level.
func (g *Gauge) Set(v float64) { g.bits.Store(math.Float64bits(v)) }

// Add adds v, which may be negative, to the level.
func (g *Gauge) Add(v float64) {
	for {
		old := g.bits.Load()
		if g.bits.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+v)) {
			return
		}
	}
}

// Value returns the level.
func (g *Gauge) Value() float64 { return math.Float64frombits(g.bits.Load()) }

func (g *Gauge) read(name string) Metric {
	return Metric{Name: name, Kind: KindGauge, Value: g.Value()}
}

package monitor

import "sync/atomic"

// A Counter counts what happens. Make one with Registry.Counter; any goroutine may use it.
type Counter struct {
	n atomic.Int64
	_ [56]byte // so that two counters do not share a line of the processors' caches
}

// Add adds n, which must not be negative: a total only grows. It takes one atomic addition
// and does not allocate.
func (c *Counter) Add(n int64) { c.n.Add(n) }

// Inc adds 1.
func (c *Counter) Inc() { c.n.Add(1) }

// Value returns the total.
func (c *Counter) Value() int64 { return c.n.Load() }

func (c *Counter) read(name string) Metric {
	return Metric{Name: name, Kind: KindCounter, Value: float64(c.n.Load())}
}

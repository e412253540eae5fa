package monitor_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/monitor"
)

// instruments makes a registry of 1,000: counters, gauges and timers in the parts that
// programs have them in.
func instruments(n int) *monitor.Registry {
	r := new(monitor.Registry)
	for i := range n {
		switch {
		case i%10 == 0:
			t := r.Timer(fmt.Sprintf("/part/%d/call:seconds", i))
			for range 1000 {
				t.Observe(time.Duration(rand.ExpFloat64() * float64(time.Millisecond)))
			}
		case i%10 < 4:
			r.Gauge(fmt.Sprintf("/part/%d/level:bytes", i)).Set(float64(i))
		default:
			r.Counter(fmt.Sprintf("/part/%d/events:count", i)).Add(int64(i))
		}
	}
	return r
}

func BenchmarkSnapshot(b *testing.B) {
	r := instruments(1000)
	b.ReportAllocs()
	for b.Loop() {
		r.Snapshot()
	}
}

func BenchmarkSample(b *testing.B) {
	h := monitor.NewHistory(instruments(1000), nil)
	h.Sample()
	b.ReportAllocs()
	for b.Loop() {
		h.Sample()
	}
}

func BenchmarkReport(b *testing.B) {
	h := monitor.NewHistory(instruments(1000), nil)
	h.Sample()
	b.ReportAllocs()
	for b.Loop() {
		h.Report()
	}
}

func BenchmarkExpvar(b *testing.B) {
	r := instruments(1000)
	for b.Loop() {
		io.WriteString(io.Discard, r.String())
	}
}

func BenchmarkRuntime(b *testing.B) {
	var r monitor.Registry
	r.Add(monitor.Runtime())
	b.ReportAllocs()
	for b.Loop() {
		r.Snapshot()
	}
}

func BenchmarkCounter(b *testing.B) {
	c := new(monitor.Registry).Counter("/c:x")
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			c.Inc()
		}
	})
}

func BenchmarkTimer(b *testing.B) {
	t := new(monitor.Registry).Timer("/t:seconds")
	b.Run("observe", func(b *testing.B) {
		for n := time.Duration(0); b.Loop(); n++ {
			t.Observe(n)
		}
	})
	b.Run("span", func(b *testing.B) {
		for b.Loop() {
			t.Start().End()
		}
	})
}

// What a Get of a cache costs that is watched by a running history, ten times as often as
// by default, against one that is not.
func BenchmarkCacheGet(b *testing.B) {
	for _, watched := range []bool{false, true} {
		b.Run(fmt.Sprintf("watched=%v", watched), func(b *testing.B) {
			c := cache.New[int, int](1<<14, nil)
			for k := range 1 << 14 {
				c.Set(k, k)
			}
			if watched {
				var r monitor.Registry
				monitor.Watch(&r, "/cache", c)
				r.Add(monitor.Runtime())
				h := monitor.NewHistory(&r, &monitor.HistoryOptions{Period: 100 * time.Millisecond})
				ctx, cancel := context.WithCancel(context.Background())
				done := make(chan struct{})
				go func() { defer close(done); _ = h.Run(ctx) }()
				defer func() { cancel(); <-done }()
			}
			for k := 0; b.Loop(); k++ {
				c.Get(k * 7 % (1 << 14))
			}
		})
	}
}

package monitor_test

import (
	"testing"
	"time"

	"github.com/whetgo/whet/monitor"
)

func TestHotPathAllocatesNothing(t *testing.T) {
	var r monitor.Registry
	c, g, d := r.Counter("/c:x"), r.Gauge("/g:x"), r.Timer("/t:seconds")
	d.Observe(time.Millisecond)
	for what, f := range map[string]func(){
		"Counter.Add":       func() { c.Add(1) },
		"Gauge.Set":         func() { g.Set(1) },
		"Gauge.Add":         func() { g.Add(1) },
		"Registry.Counter":  func() { r.Counter("/c:x") },
		"Timer.Observe":     func() { d.Observe(time.Millisecond) },
		"Durations of none": func() { (*monitor.Durations)(nil).Quantile(.5) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", what, n)
		}
	}
}

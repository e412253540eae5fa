package main

import (
	"context"
	"testing"
	"time"

	"github.com/whetgo/whet/monitor"
)

// TestDesk: everything that the desk has is watched, and under load its figures move.
func TestDesk(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var r monitor.Registry
	d, err := newDesk(ctx, &r)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	d.open(ctx)
	h := monitor.NewHistory(&r, nil)
	moving := []string{
		"/cache/quotes/hits:count", "/cache/sessions/hits:count", "/memo/price/misses:count", "/lru/recent/evictions:count",
		"/singleton/calendars/builds:count", "/singleton/calendars/accesses:count", "/singleton/calendars/instances:count",
		"/store/venue/dials:count", "/store/venue/bar-hits:count", "/desk/served:requests", "/desk/ticks:ticks",
	}
	still := moving
	for range 3000 {
		h.Sample()
		if still = atZero(h.Report(), moving); len(still) == 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if len(still) > 0 {
		t.Errorf("nothing is known of %v", still)
	}
	types := map[string]string{}
	for _, s := range h.Report().Subjects {
		types[s.Name] = s.Type
	}
	for name, want := range map[string]string{"/singleton/calendars": "singleton", "/store/venue": "store", "/cache/quotes": "cache"} {
		if types[name] != want {
			t.Errorf("%s has type %q, want %q", name, types[name], want)
		}
	}
}

// atZero returns the names of which a report has no figure above 0.
func atZero(r monitor.Report, names []string) (zero []string) {
	above := map[string]bool{}
	for _, m := range r.Metrics {
		above[m.Name] = m.Value > 0
	}
	for _, name := range names {
		if !above[name] {
			zero = append(zero, name)
		}
	}
	return zero
}

package singleton_test

import (
	"context"
	"testing"

	"github.com/whetgo/whet/singleton"
)

// TestCapacity: a new key is refused, or room is made for it.
func TestCapacity(t *testing.T) {
	build := func(_ context.Context, n int) (*thing, error) { return &thing{n: n}, nil }
	k := singleton.NewKeyed(build, &singleton.KeyedOptions[*thing]{Capacity: 2})
	for n := range 4 {
		if _, err := k.Get(context.Background(), n); (err == singleton.ErrFull) != (n >= 2) {
			t.Errorf("%d: got %v", n, err)
		}
	}
	_ = k.Reset(0)
	if _, err := k.Get(context.Background(), 3); err != nil || k.Len() != 2 {
		t.Errorf("got %v, %d instances", err, k.Len())
	}

	e := singleton.NewKeyed(build, &singleton.KeyedOptions[*thing]{Capacity: 10, Evict: true})
	var all []*thing
	for n := range 1000 {
		if hot, err := e.Get(context.Background(), -1); err != nil || hot.closed.Load() != 0 {
			t.Fatalf("what is asked for all the time was evicted: %v", err)
		}
		x, err := e.Get(context.Background(), n)
		if err != nil || x.closed.Load() != 0 || e.Len() > 10 {
			t.Fatalf("got %v (%v) of %d", x, err, e.Len())
		}
		all = append(all, x)
	}
	open := 0
	for _, x := range all {
		switch x.closed.Load() {
		case 0:
			open++
		case 1:
		default:
			t.Errorf("%d was closed %d times", x.n, x.closed.Load())
		}
	}
	if s := e.Stats(); open != 9 || s.Evictions != 991 || s.Closed != 991 || s.Instances != 10 {
		t.Errorf("%d of those that were asked for once are open; %+v", open, s)
	}
}

package store

import (
	"context"
	"slices"
	"testing"
	"time"
)

// Of ticks that come in any order, some twice, a feed gets those whose numbers go up, and what its gaps say
// is missing is exactly the rest: a tick that comes after its gap was told is not delivered any more.
func TestLateTicks(t *testing.T) {
	for _, tt := range []struct {
		come        []uint64
		want        []uint64 // delivered
		missed      uint64
		twiceOrLate uint64
	}{
		{[]uint64{1, 2, 3, 4}, []uint64{1, 2, 3, 4}, 0, 0},
		{[]uint64{1, 3, 2, 4}, []uint64{1, 3, 4}, 1, 1},
		{[]uint64{1, 4, 2, 3, 3, 5}, []uint64{1, 4, 5}, 2, 3},
		{[]uint64{1, 1, 2, 2, 3}, []uint64{1, 2, 3}, 0, 2},
		{[]uint64{1, 5, 3, 9, 4, 8}, []uint64{1, 5, 9}, 6, 3},
	} {
		for _, batch := range []int{1, 2, len(tt.come)} {
			c := newCore(Params{}, defaults(), nil)
			top, r := newTopic(c, Sub{Symbol: "ES"}), newRing(16, DropOldest)
			top.join(r)
			l := newLink(c, &run{ctx: context.Background()})
			var events []Event
			for _, n := range tt.come {
				events = append(events, TickEvent(Tick{Seq: n, Time: Time(n)}))
			}
			for part := range slices.Chunk(events, batch) {
				top.accept(l, part)
			}
			var got []uint64
			var missed uint64
			all, _ := r.drain(nil)
			for _, e := range all {
				if e.kind == IsTick {
					got = append(got, e.Tick().Seq)
				} else {
					missed += e.Gap().Missed
				}
			}
			if !slices.Equal(got, tt.want) || missed != tt.missed || c.counts.duplicates.Load() != tt.twiceOrLate {
				t.Errorf("%v, %d at once: got %v, %d missed, %d twice or late; want %v, %d, %d",
					tt.come, batch, got, missed, c.counts.duplicates.Load(), tt.want, tt.missed, tt.twiceOrLate)
			}
		}
	}
}

// What a reader that drains gets in bulk is what one gets that takes events one by one.
func TestBulk(t *testing.T) {
	c := newCore(Params{}, defaults(), nil)
	top := newTopic(c, Sub{Symbol: "ES"})
	many, one := newRing(1000, DropOldest), newRing(1000, DropOldest)
	top.join(many)
	top.join(one)
	l := newLink(c, &run{ctx: context.Background()})
	seq := uint64(0)
	var a, b []Event
	for round := range 200 {
		var events []Event
		for range 1 + round%37 {
			seq++
			if seq%101 == 0 {
				seq++ // a hole
			}
			events = append(events, TickEvent(Tick{Seq: seq, Time: Time(seq)}))
		}
		top.accept(l, events)
		many.check(t)
		one.check(t)
		if round%3 == 0 {
			a, _ = many.drain(a)
			many.check(t)
			for one.total().Pending > 0 {
				e, err := one.next(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				b = append(b, e)
				one.check(t)
			}
		}
	}
	if len(a) < 1000 || !slices.Equal(a, b) {
		t.Errorf("in bulk %d events, one by one %d", len(a), len(b))
	}
	if x, y := many.total(), one.total(); x != y {
		t.Errorf("%+v and %+v", x, y)
	}
}

// A feed that lets the venue wait may be full before it is handed out: that must not keep it from being.
func TestFullBeforeItIsRead(t *testing.T) {
	c := newCore(Params{}, defaults(), nil)
	for _, sub := range []Sub{{Symbol: "ES"}, {Symbol: "ES", Kind: Bars, Interval: 1}} {
		top, r := newTopic(c, sub), newRing(1, Block)
		top.join(r)
		l := newLink(c, &run{ctx: context.Background()})
		events := []Event{TickEvent(Tick{Seq: 1, Time: 1}), TickEvent(Tick{Seq: 2, Time: 2})}
		if sub.Kind == Bars {
			events = []Event{BarEvent(Bar{Time: 1}), BarEvent(Bar{Time: 2})}
		}
		published := make(chan struct{})
		go func() { defer close(published); top.accept(l, events) }()
		for waits := false; !waits; time.Sleep(time.Millisecond) {
			r.mu.Lock()
			waits = r.writers > 0
			r.mu.Unlock()
		}
		rejoined := make(chan struct{})
		go func() { defer close(rejoined); top.rejoin(l) }()
		select {
		case <-rejoined:
		case <-time.After(20 * time.Second):
			t.Errorf("%v: it waits", sub)
		}
		for range events {
			if _, err := r.next(t.Context()); err != nil {
				t.Error(err)
			}
		}
		<-published
	}
}

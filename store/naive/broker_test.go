package naive

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMarkFillsInOrder(t *testing.T) {
	b := NewBroker(0)
	b.Mark(nil, "ESZ6", 100)
	for _, o := range []Order{
		{"ESZ6", 1, true, 95},
		{"ESZ6", 2, true, 90},
		{"ESZ6", 3, true, 95},
		{"ESZ6", -4, true, 105},
	} {
		if f, err := b.Submit(o); err != nil || f.Lots != 0 {
			t.Fatalf("%+v gave %+v, %v, want it to rest", o, f, err)
		}
	}
	want := []Fill{{1, "ESZ6", 1, 94}, {3, "ESZ6", 3, 94}}
	if got := b.Mark(nil, "ESZ6", 94); !slices.Equal(got, want) {
		t.Errorf("at 94: %+v, want %+v", got, want)
	}
	want = []Fill{{4, "ESZ6", -4, 110}}
	if got := b.Mark(nil, "ESZ6", 110); !slices.Equal(got, want) {
		t.Errorf("at 110: %+v, want %+v", got, want)
	}
	if !b.Cancel("ESZ6", 2) {
		t.Error("order 2 does not rest any more")
	}
}

func TestLimitWithinReachFillsAtQuote(t *testing.T) {
	b := NewBroker(0)
	b.Mark(nil, "ESZ6", 100)
	f, err := b.Submit(Order{"ESZ6", -1, true, 98})
	if want := (Fill{1, "ESZ6", -1, 100}); err != nil || f != want {
		t.Errorf("fill is %+v, %v, want %+v", f, err, want)
	}
}

func TestPositionApply(t *testing.T) {
	p := Positions{}
	for i, step := range []struct {
		lots, price int64
		want        Position
	}{
		{3, 100, Position{3, 300, 0}},
		{1, 104, Position{4, 404, 0}},
		{-2, 110, Position{2, 202, 18}},
		{-5, 99, Position{-3, -297, 14}},
		{-1, 101, Position{-4, -398, 14}},
		{4, 90, Position{0, 0, 52}},
	} {
		p.Apply(Fill{Symbol: "ESZ6", Lots: step.lots, Price: step.price})
		if got := p["ESZ6"]; got != step.want {
			t.Fatalf("after step %d position is %+v, want %+v", i, got, step.want)
		}
	}
}

// Whatever is traded, the profit is the cash received plus what is held.
func TestPositionLosesNothing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	p := Positions{}
	var cash, lots int64
	for range 10_000 {
		f := Fill{Symbol: "ESZ6", Lots: rnd.Int64N(21) - 10, Price: 900 + rnd.Int64N(200)}
		p.Apply(f)
		cash -= f.Lots * f.Price
		lots += f.Lots
		if got, want := p.Value("ESZ6", f.Price), cash+lots*f.Price; got != want {
			t.Fatalf("value after %+v is %d, want %d", f, got, want)
		}
		if pos := p["ESZ6"]; pos.Lots != lots || pos.Lots == 0 && pos.Cost != 0 {
			t.Fatalf("position after %+v is %+v, want %d lots", f, pos, lots)
		}
	}
}

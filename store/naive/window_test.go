package naive

import "testing"

func TestRing(t *testing.T) {
	r := NewRing(3)
	if _, ok := r.Last(0); ok || r.Len() != 0 {
		t.Error("an empty ring has a tick")
	}
	for i := range int64(5) {
		r.Push(Tick{Price: i})
	}
	for n, want := range []int64{4, 3, 2} {
		if got, ok := r.Last(n); !ok || got.Price != want {
			t.Errorf("Last(%d) = %+v, %t, want price %d", n, got, ok, want)
		}
	}
	for _, n := range []int{-1, 3} {
		if got, ok := r.Last(n); ok {
			t.Errorf("Last(%d) = %+v, want none", n, got)
		}
	}
	if r.Len() != 3 || r.Dropped() != 2 {
		t.Errorf("%d ticks kept and %d dropped, want 3 and 2", r.Len(), r.Dropped())
	}
}

func TestAverage(t *testing.T) {
	a := NewAverage(4)
	prices := []int64{10, -3, 8, 5, 7, 100, 0, 2, 9}
	for range 2 {
		for i, p := range prices {
			a.Add(p)
			mean, ok := a.Mean()
			if ok != (i >= 3) {
				t.Fatalf("after %d prices Mean reports %t", i+1, ok)
			}
			if !ok {
				continue
			}
			var sum int64
			for _, q := range prices[i-3 : i+1] {
				sum += q
			}
			if want := float64(sum) / 4; mean != want {
				t.Errorf("after %d prices mean is %v, want %v", i+1, mean, want)
			}
		}
		a.Reset()
	}
}

package store

import "testing"

// TestRegistryLeavesStopped opens and stops one store many times, and holds all of them: the
// table must not keep them, else each Open would pass by all that were stopped before.
func TestRegistryLeavesStopped(t *testing.T) {
	r := newRegistry()
	p := Params{Driver: "sim", Addr: t.Name()}
	build := func() (*Store, error) { return &Store{params: p}, nil }
	var held []*Store
	for range 1000 {
		s, made, err := r.add(&p, build)
		if err != nil || !made || r.get(&p) != s {
			t.Fatalf("store %d: made %v, %v", len(held), made, err)
		}
		held = append(held, s)
		s.over.Store(true)
		if r.get(&p) != nil {
			t.Fatal("a stopped store is found")
		}
	}
	if n := len(*r.table.Load()); n > 2*smallest {
		t.Errorf("%d slots for one store", n)
	}
	first := held[0]
	if r.has(first) {
		t.Error("the first is still in the table")
	}
	started := false
	if err := r.again(first, func() { started = true; first.over.Store(false) }); err != nil || !started || r.get(&p) != first {
		t.Errorf("the first again: started %v, %v", started, err)
	}
	alive := 0
	for range r.all {
		alive++
	}
	if alive != 1 {
		t.Errorf("%d are alive, want 1", alive)
	}
}

package singleton_test

import (
	"context"
	"runtime"
	"strconv"
	"testing"

	"github.com/whetgo/whet/singleton"
)

// TestAllocations: who finds an instance allocates nothing, whatever the key and options.
func TestAllocations(t *testing.T) {
	ctx := context.Background()
	v := singleton.New(func(context.Context) ([4]int, error) { return [4]int{}, nil }, &singleton.Options[[4]int]{Count: true})
	ints := singleton.NewKeyed(func(context.Context, int) (int, error) { return 1, nil }, nil)
	texts := singleton.NewKeyed(func(context.Context, string) (string, error) { return "a", nil }, &singleton.KeyedOptions[string]{Capacity: 1000, Evict: true, Count: true})
	type key struct {
		host string
		port int
	}
	structs := singleton.NewKeyed(func(context.Context, key) (*thing, error) { return &thing{}, nil }, nil)
	weak := singleton.NewWeak(func(context.Context, string) (*thing, func() error, error) { return &thing{}, nil, nil }, &singleton.WeakOptions{Count: true})
	var hold []*thing
	var names []string
	for n := range 100 {
		names = append(names, strconv.Itoa(n))
		_, _ = ints.Get(ctx, n)
		_, _ = texts.Get(ctx, names[n])
		_, _ = structs.Get(ctx, key{names[n], n})
		x, _ := weak.Get(ctx, names[n])
		hold = append(hold, x)
	}
	_, _ = v.Get(ctx)
	i := 0
	for what, do := range map[string]func(){
		"Value.Get":             func() { _, _ = v.Get(ctx) },
		"Keyed.Get of int":      func() { _, _ = ints.Get(ctx, i%100) },
		"Keyed.Get of string":   func() { _, _ = texts.Get(ctx, names[i%100]) },
		"Keyed.Get of struct":   func() { _, _ = structs.Get(ctx, key{names[i%100], i % 100}) },
		"Weak.Get":              func() { _, _ = weak.Get(ctx, names[i%100]) },
		"Peek of what is there": func() { ints.Peek(i % 100) },
		"Peek of what is not":   func() { ints.Peek(-1) },
		"Stats":                 func() { texts.Stats() },
	} {
		if n := testing.AllocsPerRun(1000, func() { i++; do() }); n != 0 {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
	runtime.KeepAlive(hold)
}

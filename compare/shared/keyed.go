package main

import (
	"context"
	"sync"

	"github.com/puzpuzpuz/xsync/v4"

	"github.com/whetgo/whet/singleton"
)

// keyed returns the peers of instances by uint64. It is written out for each type of key, because Go compiles a
// generic loop once for all types of a shape, with calls through a dictionary.
func keyed(list *[4096]uint64, key func(int) uint64) []peer {
	ctx := context.Background()
	k := singleton.NewKeyed(func(context.Context, uint64) (*instance, error) { return &instance{1}, nil }, nil)
	var std sync.Map
	x := xsync.NewMap[uint64, *instance]()
	var mu sync.RWMutex
	plain := map[uint64]*instance{}
	for n := range keys {
		one, _ := k.Get(ctx, key(n))
		std.Store(key(n), one)
		x.Store(key(n), one)
		plain[key(n)] = one
	}
	return []peer{
		{"singleton.Keyed", func(n, who int) (sum int) {
			for i := range n {
				x, _ := k.Get(ctx, list[(i+who*99)&4095])
				sum += x.n
			}
			return sum
		}},
		{"sync.Map", func(n, who int) (sum int) {
			for i := range n {
				x, _ := std.Load(list[(i+who*99)&4095])
				sum += x.(*instance).n
			}
			return sum
		}},
		{"xsync.Map", func(n, who int) (sum int) {
			for i := range n {
				x, _ := x.Load(list[(i+who*99)&4095])
				sum += x.n
			}
			return sum
		}},
		{"map and RWMutex", func(n, who int) (sum int) {
			for i := range n {
				mu.RLock()
				x := plain[list[(i+who*99)&4095]]
				mu.RUnlock()
				sum += x.n
			}
			return sum
		}},
		{"map without a lock (the floor)", func(n, who int) (sum int) {
			for i := range n {
				sum += plain[list[(i+who*99)&4095]].n
			}
			return sum
		}},
	}
}

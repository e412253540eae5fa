package lru_test

import (
	"fmt"

	"github.com/whetgo/whet/lru"
)

func Example() {
	c := lru.New(2, &lru.Options[string, float64]{
		OnEvict: func(pair string, _ float64, cause lru.Cause) { fmt.Println(pair, cause) },
	})
	c.Set("EURUSD", 1.08)
	c.Set("GBPUSD", 1.27)
	c.Get("EURUSD")
	c.Set("USDJPY", 151.2)
	for pair, price := range c.All() {
		fmt.Println(pair, price)
	}
	// Output:
	// GBPUSD evicted
	// USDJPY 151.2
	// EURUSD 1.08
}

// The capacity may be in bytes.
func Example_weight() {
	c := lru.New(10, &lru.Options[string, []byte]{
		Weight: func(key string, value []byte) int { return len(key) + len(value) },
	})
	c.Set("a", []byte("1234"))
	c.Set("b", []byte("1234"))
	c.Set("c", []byte("far too long"))
	fmt.Println(c.Len(), c.Weight(), c.Stats().Rejections)
	// Output: 2 10 1
}

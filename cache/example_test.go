package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/whetgo/whet/cache"
)

func ExampleCache_GetOrLoad() {
	prices := cache.New(10_000, &cache.Options[string, float64]{
		TTL:      time.Minute,
		Refresh:  50 * time.Second, // in the background, so that nobody waits for what is asked for often
		Stale:    time.Hour,        // if the loader fails
		NotFound: 10 * time.Second,
	})
	fetch := func(_ context.Context, symbol string) (float64, error) {
		if symbol != "AAPL" {
			return 0, fmt.Errorf("no symbol %s: %w", symbol, cache.ErrNotFound)
		}
		return 99.5, nil
	}
	for _, symbol := range []string{"AAPL", "AAPL", "XXXX", "XXXX"} {
		price, err := prices.GetOrLoad(context.Background(), symbol, fetch)
		fmt.Println(price, errors.Is(err, cache.ErrNotFound))
	}
	st := prices.Stats()
	fmt.Println(st.Loads, "loads,", st.Hits, "hit")
	// Output:
	// 99.5 false
	// 99.5 false
	// 0 true
	// 0 true
	// 2 loads, 1 hit
}

// Entries may weigh what they take, and belong to groups that are deleted at once.
func ExampleCache_DeleteTag() {
	pages := cache.New(64<<20, &cache.Options[string, []byte]{
		Weight: func(url string, page []byte) int { return len(url) + len(page) },
		Tags:   func(url string, _ []byte) []string { return []string{url[:1]} },
		OnRemove: func(r cache.Removal[string, []byte]) {
			fmt.Println(r.Key, r.Cause)
		},
	})
	pages.Set("a/1", []byte("one"))
	pages.Set("b/1", []byte("two"))
	fmt.Println(pages.DeleteTag("a"), pages.Len(), pages.Stats().Weight)
	// Output:
	// a/1 deleted
	// 1 1 6
}

// A snapshot keeps a cache warm over a restart.
func ExampleCache_Save() {
	before := cache.New(1000, &cache.Options[string, int]{TTL: time.Hour})
	before.Set("answer", 42)
	var file bytes.Buffer
	if err := before.Save(&file); err != nil {
		fmt.Println(err)
	}

	after := cache.New(1000, &cache.Options[string, int]{TTL: time.Hour})
	n, err := after.Restore(&file)
	value, ok := after.Get("answer")
	fmt.Println(n, err, value, ok)
	// Output: 1 <nil> 42 true
}

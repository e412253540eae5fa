// Package cache is a cache for many goroutines and for access patterns that defeat LRU.
//
//	quotes := cache.New[string, Quote](10_000, &cache.Options[string, Quote]{TTL: time.Minute})
//	q, err := quotes.GetOrLoad(ctx, "AAPL", fetch)
//
// A hit takes no lock, allocates nothing and costs about as much as reading a map. The
// bound, of entries or of weight, holds at every moment. What stays is decided by a policy
// that measures itself (policy.go). Loads of the same key are made once; a load never
// undoes a Set or a Delete that came after it began.
//
// Keys and values are kept in the cache's own memory, without a pointer or an allocation
// for each, so a cache of types without pointers costs the garbage collector nothing. A
// value is copied on Get and on Set: let large ones be pointers.
//
// A cache starts no goroutine except for the loads of callers who can be cancelled and for
// refreshes. It needs no Close.
//
// Who wants the exact order of use, or the smallest code, wants package lru. Who wants a
// function with a memory wants package memo.
package cache

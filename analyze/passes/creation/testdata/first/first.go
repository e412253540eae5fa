// Package first creates what it hands out with the first call.
package first

import (
	"sync"
	"sync/atomic"
)

// A Table is dear to make.
type Table struct{ sum uint64 }

func build(seed uint64) *Table {
	for i := range uint64(60_000_000) {
		seed = seed*6364136223846793005 + i
	}
	return &Table{seed}
}

var rates *Table

// Rates makes the table for whoever asks first.
func Rates() *Table { // want creation/first-call
	if rates == nil {
		rates = build(1)
	}
	return rates
}

var (
	mu   sync.Mutex
	fees *Table
)

// Fees makes the table under the lock that all who ask take.
func Fees() *Table { // want creation/waited-for
	mu.Lock()
	defer mu.Unlock()
	if fees == nil {
		fees = build(2)
	}
	return fees
}

var limits atomic.Pointer[Table]

// Limits makes a table in each goroutine that finds none.
func Limits() *Table { // want creation/created-twice
	if t := limits.Load(); t != nil {
		return t
	}
	t := build(3)
	limits.Store(t)
	return t
}

var names map[string]*Table

// Name is made at no price.
func Name(s string) *Table {
	if names == nil {
		names = make(map[string]*Table)
	}
	if names[s] == nil {
		names[s] = new(Table)
	}
	return names[s]
}

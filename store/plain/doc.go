// Package plain is a store as a competent engineer writes it in an afternoon, with what everybody
// uses: a mutex and a struct as key, golang-lru, singleflight, buffered channels, and a loop
// that dials again after a second. It is over the same drivers as package store.
//
// It is a baseline with which package store is compared, next to store/naive, so that a win is
// not only one over the naive; its behaviour and shape are kept as they are. What it does not do: forget stores,
// count what it drops, mark gaps, reconcile orders, keep to limits.
package plain

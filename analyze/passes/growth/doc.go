// Package growth finds what is kept alive for ever: memory that a package variable or a
// long-lived object only gathers, and goroutines that are left behind.
//
// Before, where each of the forced collections of BenchmarkPut leaves more alive:
//
//	s.notes = append(s.notes, n)
//
// After:
//
//	if len(s.notes) == cap(s.notes) { s.dropOldest() }
//	s.notes = append(s.notes, n)
//
// Prerequisites: the epochs of a watched run (heap profiles after forced collections,
// goroutine profiles). A site counts as growing if, over the longest stretch of epochs
// without a large drop, it rises in most steps, by half at least and by 64 KB, and has
// not come to rest in the last third: what saturates is a cache that does its work.
// The source then tells what keeps it: the append, the map or the channel through which
// the allocated value, followed up the stack, leaves the function.
//
// It is silent on what the harness keeps itself, on containers of the harness that are
// filled with ever new keys and are meant to be (methods named Put, Add, Insert …), on
// what is bounded by a comparison of its length, and on pools of goroutines of fixed size.
//
// Two shapes are found by reading alone, in functions that a profile shows to run: a
// goroutine which, after its context has ended, waits for somebody to send or receive
// on a channel that nobody closes, and one that sends a result to a channel without
// buffer whose receiver may have left by another case of its select.
package growth

// Package linear checks that package cache is linearizable: that whatever many goroutines
// see of a key could have been seen by one after the other, each call taking effect at some
// moment between its beginning and its end. It has tests only, and a module of its own
// because of the checker they use.
package linear

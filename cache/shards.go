package cache

import (
	"math/bits"
	"runtime"

	"github.com/whetgo/whet/internal/keyhash"
)

// Shards are the parts of a cache, a power of two of them.
type shards[K comparable, V any] struct {
	shift    uint // what is left of a hash after it and one more is the shard's number
	list     []shard[K, V]
	steering steering
}

func newShards[K comparable, V any](capacity int, h *keyhash.Hasher[K], l *layout) *shards[K, V] {
	n := shardCount(capacity, l.weightAt != 0)
	all := &shards[K, V]{shift: uint(63 - bits.TrailingZeros(uint(n))), list: make([]shard[K, V], n)}
	all.steering.shards = n
	for s := range all.each {
		s.init(all, h, l, shareOf(capacity, n))
	}
	return all
}

// maxShards bounds what a cache takes at once. It also bounds the entries, to 268 million.
const maxShards = 1 << 12

// shardCount returns into how many shards a cache is split: enough that each has a table
// it can grow in, and beyond that some for writers not to meet, as long as each shard is
// so large that it sees what the whole sees.
func shardCount(capacity int, weighs bool) int {
	n, writers := 1, 8*runtime.GOMAXPROCS(0)
	for n < maxShards && (!roomy(capacity, n) && !(weighs && n >= 64) || n < writers && capacity/n >= 1<<13) {
		n *= 2
	}
	return n
}

// roomy reports whether n shards can hold capacity entries, unevenly as chance deals them.
func roomy(capacity, n int) bool { return capacity/n <= tableLimit*7/8 }

func shareOf(capacity, n int) int { return (capacity + n - 1) / n }

// of returns the shard of keys of hash h.
func (all *shards[K, V]) of(h uint64) *shard[K, V] { return &all.list[h>>1>>(all.shift&63)] }

func (all *shards[K, V]) each(yield func(*shard[K, V]) bool) {
	for i := range all.list {
		if !yield(&all.list[i]) {
			return
		}
	}
}

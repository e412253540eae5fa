package keytrace

import (
	"fmt"
	"math"
	"math/bits"
)

// A Shards estimates an LRU curve while requests go by, in constant memory (SHARDS with a
// fixed number of keys): it follows the keys with the smallest hashes and lowers its rate
// as more of them turn up. It is for one goroutine.
type Shards struct {
	max   int
	limit uint64 // the largest hash that is sampled
	keys  map[uint64]uint32
	heap  []sampled // the largest hash first
	free  []uint32  // ids of keys that were dropped
	order recency
	seen  uint64
	// weight holds, by bucket of distance, how many requests of all those in it stand
	// for: each counts 1/rate at its time, which is the paper's rescaling done once.
	weight []float64
	sum    float64 // of all sampled requests
}

type sampled struct{ hash, key uint64 }

// NewShards returns an estimator that follows at most that many keys, at some 150 bytes
// each. 8192 give a mean error below half a point on most traces. It panics if keys < 1.
func NewShards(keys int) *Shards {
	if keys < 1 {
		panic(fmt.Sprintf("keytrace: a sample of %d keys", keys))
	}
	return &Shards{max: keys, limit: math.MaxUint64, keys: make(map[uint64]uint32)}
}

// Rate returns the part of keys that is sampled now.
func (s *Shards) Rate() float64 { return (float64(s.limit) + 1) / (1 << 64) }

// Add notes a request. One that is not sampled costs a hash and a compare.
func (s *Shards) Add(key uint64) {
	s.seen++
	hash := mix(key)
	if hash > s.limit {
		return
	}
	rate := s.Rate()
	id, ok := s.keys[key]
	if !ok {
		id = s.newID()
		s.keys[key] = id
		s.push(sampled{hash, key})
	}
	s.sum += 1 / rate
	if d := s.order.touch(id); d > 0 {
		s.count(float64(d)/rate, 1/rate)
	}
	for len(s.heap) > s.max {
		s.drop()
	}
}

func (s *Shards) newID() uint32 {
	if n := len(s.free); n > 0 {
		id := s.free[n-1]
		s.free = s.free[:n-1]
		return id
	}
	return uint32(len(s.keys))
}

// drop stops following the key with the largest hash and lowers the rate below it.
func (s *Shards) drop() {
	top := s.pop()
	s.limit = top.hash - 1
	id := s.keys[top.key]
	delete(s.keys, top.key)
	s.order.forget(id)
	s.free = append(s.free, id)
}

// Buckets are exact below 2048 and less than 0.1 % wide above.
const bucketBits = 10

func bucket(distance float64) int {
	n := uint64(math.Ceil(distance))
	shift := max(0, bits.Len64(n)-bucketBits-1)
	return shift<<bucketBits + int(n>>shift)
}

// bucketEnd returns the largest distance in a bucket.
func bucketEnd(b int) float64 {
	shift := max(0, b>>bucketBits-1)
	n := uint64(b - shift<<bucketBits)
	return float64((n+1)<<shift - 1)
}

func (s *Shards) count(distance, weight float64) {
	b := bucket(distance)
	for b >= len(s.weight) {
		s.weight = append(s.weight, 0)
	}
	s.weight[b] += weight
}

// Curve returns what is known up to now.
func (s *Shards) Curve() *Curve {
	c := &Curve{total: float64(s.seen), Unique: int(math.Round(float64(len(s.keys)) / s.Rate())), Keys: len(s.keys)}
	hits := float64(s.seen) - s.sum
	for b, w := range s.weight {
		if w > 0 {
			hits += w
			c.add(bucketEnd(b), hits)
		}
	}
	return c
}

func (s *Shards) push(x sampled) {
	s.heap = append(s.heap, x)
	i := len(s.heap) - 1
	for i > 0 {
		up := (i - 1) / 2
		if s.heap[up].hash >= x.hash {
			break
		}
		s.heap[i] = s.heap[up]
		i = up
	}
	s.heap[i] = x
}

func (s *Shards) pop() sampled {
	top, n := s.heap[0], len(s.heap)-1
	x := s.heap[n]
	s.heap = s.heap[:n]
	if n == 0 {
		return top
	}
	i := 0
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && s.heap[c+1].hash > s.heap[c].hash {
			c++
		}
		if s.heap[c].hash <= x.hash {
			break
		}
		s.heap[i] = s.heap[c]
		i = c
	}
	s.heap[i] = x
	return top
}

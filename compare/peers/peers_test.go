package peers_test

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/compare/peers"
)

func TestPeers(t *testing.T) {
	for _, p := range peers.U64() {
		u := conduct[uint64, uint64]{p, func(i int) uint64 { return uint64(i) }, func(i int) uint64 { return uint64(i) + 7 },
			func(a, b uint64) bool { return a == b }}
		t.Run("u64/"+p.Name, u.test)
	}
	bytes := func(i int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(i)) }
	for _, p := range peers.Str() {
		s := conduct[string, []byte]{p, func(i int) string { return string(bytes(i)) }, bytes,
			func(a, b []byte) bool { return string(a) == string(b) }}
		t.Run("str/"+p.Name, s.test)
	}
}

// A conduct tests that a peer does what its line of the table says.
type conduct[K comparable, V any] struct {
	peers.Peer[K, V]
	key   func(int) K
	value func(int) V
	equal func(a, b V) bool
}

const capacity = 1 << 10

func (p conduct[K, V]) test(t *testing.T) {
	if p.Name == "none" {
		return
	}
	t.Parallel()
	if p.TTL != peers.Always {
		t.Run("keeps", func(t *testing.T) { p.testKeeps(t, 0) })
	}
	if p.TTL != peers.Never {
		t.Run("keeps/ttl", func(t *testing.T) { p.testKeeps(t, peers.TTL) })
		t.Run("expiry", p.testExpiry)
	}
	t.Run("load", p.testLoad)
	if !p.Unlocked {
		t.Run("flight", p.testFlight)
	}
	if p.Stats != peers.Never {
		t.Run("stats", p.testStats)
	}
}

// set sets until the peer has it: some may drop a Set.
func (p conduct[K, V]) set(t *testing.T, c peers.Cache[K, V], i int) {
	for range 50 {
		c.Set(p.key(i), p.value(i))
		c.Settle()
		if _, ok := c.Get(p.key(i)); ok {
			return
		}
	}
	t.Error("a Set has no effect")
}

func (p conduct[K, V]) testKeeps(t *testing.T, ttl time.Duration) {
	c := p.New(peers.Config[K, V]{Cap: capacity, TTL: ttl})
	defer c.Close()
	p.set(t, c, 1)
	if v, ok := c.Get(p.key(1)); !ok || !p.equal(v, p.value(1)) {
		t.Errorf("got %v, %v, want what was set", v, ok)
	}
	if v, ok := c.Get(p.key(2)); ok {
		t.Errorf("got %v by a key that was not set", v)
	}
	if n := c.Len(); n != 1 {
		t.Errorf("Len is %d, want 1", n)
	}
	for i := range 4 * capacity {
		c.Set(p.key(i), p.value(i))
		if i%64 == 0 {
			c.Settle()
		}
	}
	c.Settle()
	if bounded := c.Len() <= capacity; bounded != p.Bounded {
		t.Errorf("holds %d after %d sets with a capacity of %d, but bounded is %v", c.Len(), 4*capacity, capacity, p.Bounded)
	}
}

func (p conduct[K, V]) testExpiry(t *testing.T) {
	c := p.New(peers.Config[K, V]{Cap: capacity, TTL: 20 * time.Millisecond})
	defer c.Close()
	c.Set(p.key(1), p.value(1))
	c.Settle()
	for range 100 { // some look at their clock once a second
		time.Sleep(40 * time.Millisecond)
		if _, ok := c.Get(p.key(1)); !ok {
			return
		}
	}
	t.Error("an entry outlived its TTL by far")
}

func (p conduct[K, V]) testLoad(t *testing.T) {
	var loads atomic.Int64
	c := p.New(peers.Config[K, V]{Cap: capacity, Load: func(K) V { loads.Add(1); return p.value(5) }})
	defer c.Close()
	for range 50 {
		if v := c.Load(p.key(1)); !p.equal(v, p.value(5)) {
			t.Fatalf("got %v, want what the loader returned", v)
		}
		c.Settle()
	}
	if n := loads.Load(); n != 1 {
		t.Errorf("the loader ran %d times for one key, want 1", n)
	}
}

func (p conduct[K, V]) testFlight(t *testing.T) {
	var loads atomic.Int64
	c := p.New(peers.Config[K, V]{Cap: capacity, Load: func(K) V { loads.Add(1); time.Sleep(100 * time.Millisecond); return p.value(5) }})
	defer c.Close()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { c.Load(p.key(1)) })
	}
	wg.Wait()
	if once := loads.Load() == 1; once != p.SingleFlight {
		t.Errorf("4 goroutines that wanted one key loaded it %d times, but single flight is %v", loads.Load(), p.SingleFlight)
	}
}

func (p conduct[K, V]) testStats(t *testing.T) {
	c := p.New(peers.Config[K, V]{Cap: capacity, Stats: true})
	defer c.Close()
	p.set(t, c, 1)
	before := c.(peers.Counter).Hits()
	for range 3 {
		c.Get(p.key(1))
	}
	if n := c.(peers.Counter).Hits() - before; n != 3 {
		t.Errorf("counts %d hits of 3", n)
	}
}

func newFloor(capacity int) peers.Cache[uint64, uint64] {
	u64 := peers.U64()
	at := slices.IndexFunc(u64, func(p peers.Peer[uint64, uint64]) bool { return p.Name == "floor-8way" })
	return u64[at].New(peers.Config[uint64, uint64]{Cap: capacity})
}

func TestFloorClock(t *testing.T) {
	floor := newFloor(8)
	for key := range uint64(8) {
		floor.Set(key, key)
	}
	for key := range uint64(8) {
		if key != 3 {
			floor.Get(key)
		}
	}
	floor.Set(8, 8)
	for key := range uint64(9) {
		if _, ok := floor.Get(key); ok == (key == 3) {
			t.Errorf("key %d: present %v; 3 alone was not used", key, ok)
		}
	}
}

func TestFloorConcurrent(t *testing.T) {
	floor := newFloor(64)
	var wg sync.WaitGroup
	for g := range uint64(4) {
		wg.Go(func() {
			for i := range uint64(20_000) {
				key, other := i*(g+1)%200, i*7%200
				floor.Set(key, key+1)
				if v, ok := floor.Get(other); ok && v != other+1 {
					t.Errorf("got %d by key %d", v, other)
				}
			}
		})
	}
	wg.Wait()
	if n := floor.Len(); n > 64 {
		t.Errorf("holds %d of 64", n)
	}
}

package peers

//go:generate go run ../loops/gen -o ../loops/loops_gen.go

// U64 returns the peers for uint64 keys and values, in the order in which documents name
// them. To add one, write its adapter, add its line here or in common, and go generate.
func U64() []Peer[uint64, uint64] {
	return append(common[uint64, uint64](), Peer[uint64, uint64]{
		Name: "floor-8way", New: newFloor, Bounded: true,
		Note: "not a cache to use: about the least that a bounded one can cost",
	})
}

// Str returns the peers for string keys and []byte values.
func Str() []Peer[string, []byte] {
	return append(common[string, []byte](),
		Peer[string, []byte]{
			Name: "sturdyc", Module: "github.com/viccon/sturdyc", New: newSturdyc[[]byte],
			TTL: Always, Bounded: true, SingleFlight: true, Note: "string keys only; always with a TTL, of 1 h",
		},
		Peer[string, []byte]{
			Name: "go-cache", Module: "github.com/patrickmn/go-cache", New: newGoCache[[]byte],
			TTL: Optional, Note: "string keys only, values in an interface; no bound",
		})
}

const (
	golangLRU = "github.com/hashicorp/golang-lru/v2"
	otterV2   = "github.com/maypok86/otter/v2"
	ttlcache3 = "github.com/jellydator/ttlcache/v3"
)

func common[K key, V any]() []Peer[K, V] {
	return []Peer[K, V]{
		{Name: "whet-cache", New: newWhetCache[K, V],
			TTL: Optional, Stats: Always, Bounded: true, SingleFlight: true, Note: "package cache of this repository"},
		{Name: "whet-lru", New: newWhetLRU[K, V],
			TTL: Optional, Stats: Always, Bounded: true, Note: "package lru of this repository; exact LRU"},
		{Name: "otter", Module: otterV2, New: newOtter[K, V],
			TTL: Optional, Stats: Optional, Bounded: true, SingleFlight: true, Async: true},
		{Name: "otter-coarse", Module: otterV2, New: newOtterCoarse[K, V],
			TTL: Optional, OnlyTTL: true, Bounded: true, SingleFlight: true, Async: true, Note: "otter with its clock of 1 ms"},
		{Name: "theine", Module: "github.com/Yiling-J/theine-go", New: newTheine[K, V],
			TTL: Optional, Stats: Always, Bounded: true, SingleFlight: true, Async: true},
		{Name: "ristretto", Module: "github.com/dgraph-io/ristretto/v2", New: newRistretto[K, V],
			TTL: Optional, Stats: Optional, Bounded: true, Async: true, Note: "may drop a Set"},
		{Name: "ttlcache", Module: ttlcache3, New: newTTLCache[K, V],
			TTL: Optional, Stats: Always, Bounded: true, SingleFlight: true, Note: "exact LRU; a hit prolongs an entry's life"},
		{Name: "ttlcache-fixed", Module: ttlcache3, New: newTTLCacheFixed[K, V],
			TTL: Optional, OnlyTTL: true, Bounded: true, SingleFlight: true, Note: "ttlcache whose entries live for the TTL, read or not"},
		{Name: "golang-lru", Module: golangLRU, New: newLRU[K, V], Bounded: true, Note: "exact LRU"},
		{Name: "golang-lru-expirable", Module: golangLRU, New: newExpirable[K, V],
			TTL: Optional, OnlyTTL: true, Bounded: true, Note: "exact LRU"},
		{Name: "golang-lru-2q", Module: golangLRU, New: newTwoQueue[K, V], Bounded: true},
		{Name: "golang-lru-arc", Module: "github.com/hashicorp/golang-lru/arc/v2", New: newARC[K, V], Bounded: true},
		{Name: "xsync.Map", Module: "github.com/puzpuzpuz/xsync/v4", New: newXSync[K, V],
			SingleFlight: true, Note: "no bound"},
		{Name: "sync.Map", New: newSyncMap[K, V], Note: "no bound"},
		{Name: "map-rwmutex", New: newRWMutexMap[K, V], Note: "no bound"},
		{Name: "map-mutex", New: newMutexMap[K, V], Note: "no bound"},
		{Name: "map", New: newMap[K, V], Unlocked: true, Note: "no bound, no lock: read only by many goroutines"},
		{Name: "none", New: newNone[K, V], Note: "does nothing: what the measuring costs"},
	}
}

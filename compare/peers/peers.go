// Package peers adapts Go caches to one interface. The adapters are thin struct values
// that hold the peer and nothing that takes part in a Get or a Set, so that they vanish
// when they are called by their concrete type, as package loops does.
package peers

import "time"

// A Cache is what the comparison needs of a peer.
type Cache[K comparable, V any] interface {
	Get(key K) (V, bool)
	Set(key K, value V)
	Load(key K) V // get, or load and keep; only if Config.Load is set
	Len() int     // what the peer itself says it holds
	Settle()      // waits for what the peer does in the background
	Close()
}

// A Counter is a Cache that counts its hits, of which the peer has its own statistics.
type Counter interface{ Hits() uint64 }

// Config is what a peer is made for.
type Config[K comparable, V any] struct {
	Cap   int           // entries
	TTL   time.Duration // of every entry, from its last Set; 0: none
	Stats bool
	Load  func(K) V // nil: Load will not be called
}

// When says whether a peer has a feature.
type When int

const (
	Never When = iota
	Optional
	Always
)

// TTL is the TTL of rows that have one, and of peers that cannot do without. Nothing
// expires while it is measured.
const TTL = time.Hour

// A Peer is a cache that is compared.
type Peer[K comparable, V any] struct {
	Name   string
	Module string // its path; "": Go's own, or this repository's
	Note   string // what a reader of its figures must know
	New    func(Config[K, V]) Cache[K, V]

	TTL, Stats   When
	OnlyTTL      bool // a variant that is of interest with a TTL only
	Bounded      bool // it evicts
	SingleFlight bool // Load runs the loader once for goroutines that wait for one key
	Async        bool // evicts in the background: its Len may be above its capacity
	Unlocked     bool // no Set while another goroutine uses it
}

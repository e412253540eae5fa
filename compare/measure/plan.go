// Package measure takes the figures of the comparison.
package measure

import (
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"time"

	"github.com/whetgo/whet/compare/loops"
	"github.com/whetgo/whet/compare/peers"
	"github.com/whetgo/whet/compare/workload"
)

// A Plan says how much to measure.
type Plan struct {
	Peers    *regexp.Regexp
	Rounds   int
	Sample   time.Duration // of one timing
	Procs    []int         // values of GOMAXPROCS
	Scale    int           // divides the numbers of keys, capacities and entries; 1: as documented
	Traces   string        // folder of real traces; "": none
	Progress io.Writer
}

func (p Plan) progress(format string, args ...any) { fmt.Fprintf(p.Progress, format+"\n", args...) }

// A kind is a type of keys and values with all that is needed to measure it.
type kind[K comparable, V any] struct {
	name    string
	peers   []peers.Peer[K, V]
	loops   func(peers.Cache[K, V]) loops.Loops[K, V]
	key     func(rank uint32) K
	value   func() V
	payload int // bytes of a key and a value, without their headers
}

func u64() kind[uint64, uint64] {
	return kind[uint64, uint64]{"u64", peers.U64(), loops.U64, workload.U64, func() uint64 { return 1 }, 16}
}

func str() kind[string, []byte] {
	return kind[string, []byte]{"str", peers.Str(), loops.Str, workload.Str, func() []byte { return make([]byte, 64) }, 24 + 64}
}

// selected returns the peers that match the plan's expression and keep.
func selected[K comparable, V any](p Plan, k kind[K, V], keep func(peers.Peer[K, V]) bool) []peers.Peer[K, V] {
	var ps []peers.Peer[K, V]
	for _, peer := range k.peers {
		if p.Peers.MatchString(peer.Name) && keep(peer) {
			ps = append(ps, peer)
		}
	}
	return ps
}

// shuffled returns the numbers below n in the order of a round.
func shuffled(n, round int) []int { return rand.New(rand.NewPCG(uint64(round), 11)).Perm(n) }

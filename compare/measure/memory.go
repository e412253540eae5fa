package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/compare/peers"
	"github.com/whetgo/whet/internal/robust"
)

// A Memory is what a full cache takes of the heap: 1,000,000 entries, each peer in a
// process of its own.
type Memory struct {
	Key      string  `json:"key"`
	Peer     string  `json:"peer"`
	Entries  int     `json:"entries"`        // what it holds, by its own Len, after as many Sets as its capacity
	Overhead float64 `json:"overhead_bytes"` // an entry, beyond the bytes of its key and value; headers count
	GC       float64 `json:"gc_ms"`          // wall time of a forced collection with the cache alive; the median
}

// memoryChild is the environment variable that makes this program measure one peer and
// print it; its value is the request as JSON.
const memoryChild = "WHET_COMPARE_MEMORY"

type memoryRequest struct {
	Key, Peer string
	Entries   int
}

// MeasureMemory runs this program once for each peer. Its main must call MemoryChild first.
func MeasureMemory(ctx context.Context, p Plan) ([]Memory, error) {
	u, err := measureMemory(ctx, p, u64())
	if err != nil {
		return nil, err
	}
	s, err := measureMemory(ctx, p, str())
	return append(u, s...), err
}

func measureMemory[K comparable, V any](ctx context.Context, p Plan, k kind[K, V]) ([]Memory, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var figures []Memory
	for _, peer := range selected(p, k, func(peer peers.Peer[K, V]) bool { return !peer.OnlyTTL }) {
		p.progress("memory %s: %s", k.name, peer.Name)
		request, err := json.Marshal(memoryRequest{k.name, peer.Name, 1_000_000 / p.Scale})
		if err != nil {
			return nil, err
		}
		o := bench.Exec{Path: self, Env: []string{memoryChild + "=" + string(request)}, Timeout: 5 * time.Minute}.Run(ctx)
		if o.Err != nil {
			return nil, fmt.Errorf("measuring the memory of %s: %w\n%s", peer.Name, o.Err, bench.Complaint(o.Output, 10))
		}
		var m Memory
		if err := json.Unmarshal(o.Stdout, &m); err != nil {
			return nil, fmt.Errorf("measuring the memory of %s: %w", peer.Name, err)
		}
		figures = append(figures, m)
	}
	return figures, nil
}

// MemoryChild reports whether this process is a child of MeasureMemory, and if so
// measures and prints what was asked for.
func MemoryChild() bool {
	text, ok := os.LookupEnv(memoryChild)
	if !ok {
		return false
	}
	var r memoryRequest
	err := json.Unmarshal([]byte(text), &r)
	if err == nil {
		m := Memory{}
		if r.Key == "u64" {
			m = weigh(u64(), r)
		} else {
			m = weigh(str(), r)
		}
		err = json.NewEncoder(os.Stdout).Encode(m)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
	return true
}

// weigh fills a peer with distinct keys and values. It panics if there is no such peer.
func weigh[K comparable, V any](k kind[K, V], r memoryRequest) Memory {
	for _, peer := range k.peers {
		if peer.Name != r.Peer {
			continue
		}
		before := heap()
		c := peer.New(peers.Config[K, V]{Cap: r.Entries})
		for i := range r.Entries {
			c.Set(k.key(uint32(i)), k.value())
			if i%256 == 0 {
				c.Settle()
			}
		}
		c.Settle()
		n := c.Len()
		taken := float64(heap()) - float64(before)
		m := Memory{k.name, r.Peer, n, 0, collect()}
		if n > 0 {
			m.Overhead = taken/float64(n) - float64(k.payload)
		}
		runtime.KeepAlive(c)
		return m
	}
	panic("measure: no peer " + r.Peer)
}

// heap returns the bytes of live objects; pools are empty after two collections.
func heap() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// collect returns the median time of a collection in milliseconds, of 51 or as many as a few
// seconds allow.
func collect() float64 {
	var took []float64
	for begin := time.Now(); len(took) < 51 && (len(took) < 9 || time.Since(begin) < 3*time.Second); {
		start := time.Now()
		runtime.GC()
		took = append(took, float64(time.Since(start))/1e6)
	}
	return robust.Median(took)
}

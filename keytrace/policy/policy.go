package policy

import (
	"fmt"
	"math"
	"sync"
)

// A Policy is a simulated cache. It is for one goroutine.
type Policy interface {
	// Access asks for an id below the workload's Unique and reports whether it was
	// held. A policy that knows the future must be asked for the workload's ids, in
	// their order, and panics when it is asked for more.
	Access(id uint32) (hit bool)
	// Len returns how many ids are held.
	Len() int
}

// A Workload is what policies are built for. Several goroutines may share one.
type Workload struct {
	IDs    []uint32 // the requests in order, each below Unique
	Unique int      // number of distinct ids, below 1<<32 - 16
	// Sizes holds the bytes of each id. Nil: every id has size 1, and capacities count
	// entries. A size of 0 counts as 1.
	Sizes []uint32

	once sync.Once
	next []uint32
}

// never is the next use of what is not used again.
const never = math.MaxUint32

// uses returns for each request the position of the next request for the same id.
func (w *Workload) uses() []uint32 {
	w.once.Do(func() {
		w.next = make([]uint32, len(w.IDs))
		last := make([]uint32, w.Unique)
		for i := range last {
			last[i] = never
		}
		for i := len(w.IDs) - 1; i >= 0; i-- {
			id := w.IDs[i]
			w.next[i], last[id] = last[id], uint32(i)
		}
	})
	return w.next
}

// An Info describes a policy.
type Info struct {
	Name   string // as on a command line
	Title  string // as in a table
	Source string // the paper, and whose details
	// Offline policies know the future: they are bounds, not choices.
	Offline bool
	// Bytes says that a workload's Sizes are heeded. Others count entries.
	Bytes bool
	// New returns an empty cache. The capacity counts entries, or bytes if the workload
	// has sizes and Bytes is set; it must be at least 1.
	New func(w *Workload, capacity int) Policy
}

// Table lists all policies: bounds first, then by age.
var Table = []Info{
	{Name: "opt", Title: "OPT", Source: "Belady 1966, with bypass: an entry needed later than all held ones is not taken in", Offline: true, New: newOPT},
	{Name: "static", Title: "best fixed set", Source: "the most requested ids, each loaded once", Offline: true, New: newStatic},
	{Name: "random", Title: "Random", Source: "evicts any entry (fixed seed)", New: newRandom},
	{Name: "fifo", Title: "FIFO", Source: "evicts the oldest entry", Bytes: true, New: newFIFO},
	{Name: "lru", Title: "LRU", Source: "evicts the least recently used entry", Bytes: true, New: newLRU},
	{Name: "clock", Title: "CLOCK", Source: "Corbató 1968, one reference bit, clear on entry", Bytes: true, New: newClock},
	{Name: "2q", Title: "2Q", Source: "Johnson, Shasha (VLDB '94), as in hashicorp/golang-lru v2: recent 25 %, ghosts 50 %", New: newTwoQ},
	{Name: "slru", Title: "SLRU", Source: "Karedla, Love, Wherry 1994, protected 80 %", New: newSLRU},
	{Name: "lirs", Title: "LIRS", Source: "Jiang, Zhang (SIGMETRICS '02), HIR 1 %, history unbounded", New: newLIRS},
	{Name: "arc", Title: "ARC", Source: "Megiddo, Modha (FAST '03), figure 4", New: newARC},
	{Name: "arc-golang-lru", Title: "ARC (golang-lru)", Source: "ARC as in hashicorp/golang-lru arc/v2, which trims its ghosts by p", New: newARCGolang},
	{Name: "w-tinylfu", Title: "W-TinyLFU", Source: "Einziger, Friedman, Manes (TOS '17), window 1 %, protected 80 %, not adaptive", New: newTinyLFU},
	{Name: "w-tinylfu-adaptive", Title: "W-TinyLFU (adaptive)", Source: "the same with a window set by hill climbing, Einziger et al. (Middleware '18), steps as in Caffeine", New: newTinyLFUAdaptive},
	{Name: "s3-fifo", Title: "S3-FIFO", Source: "Yang et al. (SOSP '23), algorithm 1: small 10 %, ghosts as many as main", New: newS3FIFO},
	{Name: "sieve", Title: "SIEVE", Source: "Zhang et al. (NSDI '24)", Bytes: true, New: newSieve},
}

// Lookup returns the policy of that name.
func Lookup(name string) (Info, bool) {
	for _, info := range Table {
		if info.Name == name {
			return info, true
		}
	}
	return Info{}, false
}

func mustHold(capacity int) int {
	if capacity < 1 {
		panic(fmt.Sprintf("policy: capacity %d", capacity))
	}
	return capacity
}

package memprof

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// A Snapshot is the memory of this process at one moment. Sizes are in bytes.
type Snapshot struct {
	Label string    `json:"label"`
	At    time.Time `json:"at"`

	Heap       uint64 `json:"heap"`       // of objects: alive, or not yet swept
	Objects    uint64 `json:"objects"`    // their number
	Stacks     uint64 `json:"stacks"`     // of goroutines and of the system's threads that Go made
	Goroutines int    `json:"goroutines"` //
	Spare      uint64 `json:"spare"`      // of heap spans, not of objects: fragments and spans in reserve
	Runtime    uint64 `json:"runtime"`    // what the runtime needs for itself
	Mapped     uint64 `json:"mapped"`     // all of the above: what Go has taken from the system and not given back
	// RSS is the resident set, which the system counts, with the program's text, what C
	// code allocated, and without what is mapped and was never touched. 0: unknown.
	RSS uint64 `json:"rss"`

	// Since the start of the process.
	Allocated uint64        `json:"allocated"`
	Allocs    uint64        `json:"allocs"`
	GCs       uint64        `json:"gcs"`
	GCPause   time.Duration `json:"gc_pause"` // the world stood still
	GCTime    time.Duration `json:"gc_time"`  // of CPU, as estimated when the last collection ended
}

// Take returns the memory of this process now, without collecting garbage. It stops the
// world for some ten microseconds. It is safe for concurrent use.
func Take(label string) Snapshot {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return Snapshot{
		Label: label, At: time.Now(),
		Heap: m.HeapAlloc, Objects: m.HeapObjects,
		Stacks: m.StackSys, Goroutines: runtime.NumGoroutine(),
		Spare:   m.HeapSys - m.HeapReleased - m.HeapAlloc,
		Runtime: m.MSpanSys + m.MCacheSys + m.BuckHashSys + m.GCSys + m.OtherSys,
		Mapped:  m.Sys - m.HeapReleased, RSS: rss(),
		Allocated: m.TotalAlloc, Allocs: m.Mallocs,
		GCs: uint64(m.NumGC), GCPause: time.Duration(m.PauseTotalNs), GCTime: gcTime(),
	}
}

// gcTime returns the CPU time of all collections.
func gcTime() time.Duration {
	s := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	if metrics.Read(s); s[0].Value.Kind() != metrics.KindFloat64 {
		return 0
	}
	return time.Duration(s[0].Value.Float64() * float64(time.Second))
}

// Collect frees what nothing refers to: what is alive after it is alive. It collects
// twice, because the first only makes what is in a sync.Pool or has a cleanup free to go.
// It takes as long as a walk through all that is alive, twice.
func Collect() {
	runtime.GC()
	runtime.GC()
}

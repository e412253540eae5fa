package main

import (
	"math"
	"math/rand/v2"
	"sync"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/whetgo/whet/hist"
)

// latencies are what is recorded: nanoseconds, lognormal about 8 µs.
func latencies() (list [4096]int64) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range list {
		list[i] = int64(math.Exp(9 + r.NormFloat64()))
	}
	return list
}

// newHDR covers a nanosecond to an hour with two digits, as near to our error as it can be.
func newHDR() *hdrhistogram.Histogram { return hdrhistogram.New(1, 3600e9, 2) }

// newDDSketch has our error.
func newDDSketch() *ddsketch.DDSketch {
	s, err := ddsketch.NewDefaultDDSketch(1.0 / 128)
	if err != nil {
		panic(err)
	}
	return s
}

// recordPeers are ours, which any number of goroutines may use, and the others, which need a
// lock for that, with and without it. Without it they have a histogram for each goroutine.
func recordPeers() []peer {
	list := latencies()
	var h hist.Histogram
	var muHDR, muDD sync.Mutex
	hdr, dd := newHDR(), newDDSketch()
	var hdrs [32]*hdrhistogram.Histogram
	var dds [32]*ddsketch.DDSketch
	for i := range hdrs {
		hdrs[i], dds[i] = newHDR(), newDDSketch()
	}
	return []peer{
		{"hist.Histogram", func(n, who int) int {
			for i := range n {
				h.Record(list[(i+who*99)&4095])
			}
			return n
		}},
		{"HdrHistogram-go and Mutex", func(n, who int) int {
			for i := range n {
				muHDR.Lock()
				_ = hdr.RecordValue(list[(i+who*99)&4095])
				muHDR.Unlock()
			}
			return n
		}},
		{"DDSketch and Mutex", func(n, who int) int {
			for i := range n {
				muDD.Lock()
				_ = dd.Add(float64(list[(i+who*99)&4095]))
				muDD.Unlock()
			}
			return n
		}},
		{"HdrHistogram-go, one a goroutine", func(n, who int) int {
			for i := range n {
				_ = hdrs[who].RecordValue(list[(i+who*99)&4095])
			}
			return n
		}},
		{"DDSketch, one a goroutine", func(n, who int) int {
			for i := range n {
				_ = dds[who].Add(float64(list[(i+who*99)&4095]))
			}
			return n
		}},
	}
}

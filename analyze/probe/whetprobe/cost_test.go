package whetprobe

import (
	"strconv"
	"testing"
)

// record has this process record into memory of its own.
func record(tb testing.TB, sites int, flags string) []Site {
	tb.Helper()
	mem := make([]uint64, (Size(sites)+7)/8)
	b := bytesOver(mem)
	start(b, sites, 100, flags)
	tb.Cleanup(func() { base, head = nil, nil })
	_, s := View(b, sites)
	return s
}

//go:noinline
func plainInts(a, b int) (r int) { return a*31 + b }

//go:noinline
func probedInts(a, b int) (r int) {
	if Live(0) {
		if k := Enter(0, Int(Int(Begin(0), a), b)); k.On() {
			defer Exit1(k, &r)
		}
	}
	return a*31 + b
}

//go:noinline
func plainString(s string) (n int, err error) { return len(s), nil }

//go:noinline
func probedString(s string) (n int, err error) {
	if Live(1) {
		if k := Enter(1, Str(Begin(1), s)); k.On() {
			defer Exit2(k, &n, &err)
		}
	}
	return len(s), nil
}

var sink int

// BenchmarkProbe measures a call with and without a probe, at the rate to which sampling
// adapts when a function is that hot, and while every call is still looked at.
func BenchmarkProbe(b *testing.B) {
	var words [1024]string
	for i := range words {
		words[i] = "word number " + strconv.Itoa(i)
	}
	calls := map[string]func(i int) int{
		"args=ints/probe=no":    func(i int) int { return plainInts(i&1023, 7) },
		"args=ints/probe=yes":   func(i int) int { return probedInts(i&1023, 7) },
		"args=string/probe=no":  func(i int) int { n, _ := plainString(words[i&1023]); return n },
		"args=string/probe=yes": func(i int) int { n, _ := probedString(words[i&1023]); return n },
	}
	for _, name := range []string{"args=ints/probe=no", "args=ints/probe=yes", "args=string/probe=no", "args=string/probe=yes"} {
		call := calls[name]
		for _, shift := range []uint32{6, 0} {
			b.Run(name+"/rate=1÷"+strconv.Itoa(1<<shift), func(b *testing.B) {
				sites := record(b, 2, "")
				sites[0].Shift, sites[1].Shift = shift, shift
				b.ReportAllocs()
				i, n := 0, 0
				for b.Loop() {
					n += call(i)
					i++
				}
				sink = n
			})
		}
	}
}

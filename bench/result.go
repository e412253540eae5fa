package bench

import (
	"bytes"
	"math"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// A Result is one line that a benchmark printed.
type Result struct {
	Name   string             `json:"name"` // "BenchmarkGet/keys=zipf", without the GOMAXPROCS suffix
	Procs  int                `json:"procs"`
	Iters  int64              `json:"iters"`
	Values map[string]float64 `json:"values"` // by base unit: "sec/op", "B/op", "allocs/op", "B/s", and the benchmark's own
}

// Parse returns the benchmark lines in the output of a test binary. Anything else
// that the binary printed is passed over.
func Parse(output []byte) []Result {
	var rs []Result
	r := benchfmt.NewReader(bytes.NewReader(output), "output")
	for r.Scan() {
		line, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue // a malformed line: the program's own output
		}
		res := Result{Name: "Benchmark" + string(line.Name.Full()), Procs: 1, Iters: int64(line.Iters), Values: make(map[string]float64)}
		if base, procs, ok := cutProcs(res.Name); ok {
			res.Name, res.Procs = base, procs
		}
		for _, v := range line.Values {
			res.Values[v.Unit] = v.Value
		}
		rs = append(rs, res)
	}
	return rs
}

// cutProcs splits the GOMAXPROCS suffix off a printed name: "Benchmark-8".
func cutProcs(name string) (base string, procs int, ok bool) {
	i := strings.LastIndexByte(name, '-')
	if i < 0 || i+1 == len(name) {
		return name, 0, false
	}
	for _, c := range name[i+1:] {
		if c < '0' || c > '9' || procs > 1<<20 {
			return name, 0, false
		}
		procs = 10*procs + int(c-'0')
	}
	return name[:i], procs, true
}

// Mean returns the geometric mean over results of the positive values in the unit,
// 0 if there are none.
func Mean(rs []Result, unit string) float64 {
	sum, n := 0.0, 0
	for _, r := range rs {
		if v := r.Values[unit]; v > 0 {
			sum += math.Log(v)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return math.Exp(sum / float64(n))
}

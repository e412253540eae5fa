package report_test

import (
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/bench"
)

// sample is a run of a small store, with a finding of each shape that a report lays
// out differently.
func sample(dir string) *archive.Run {
	return &archive.Run{
		Schema:  archive.Schema,
		ID:      "20261123T012725-9f3c",
		Started: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), // later than any checkout of the source
		Took:    41*time.Second + 300*time.Millisecond,
		Subject: analyze.Subject{Dir: dir, Patterns: []string{"./..."}, Mode: "packages"},
		Machine: bench.Machine{Go: "go1.26.8", OS: "linux", Arch: "amd64", Cores: 2, Noise: "high",
			Reason: "a loop that shares nothing ran only 1.21 times as fast on 2 cores: scaling is not measurable here"},
		Workloads: []*analyze.Workload{
			{Name: "BenchmarkBars", Package: "example.com/bars", Kind: analyze.Benchmark},
			{Name: "BenchmarkOrders", Package: "example.com/bars", Kind: analyze.Benchmark},
			{Name: "TestStore", Package: "example.com/bars", Kind: analyze.Test},
		},
		Warnings: []analyze.Warning{
			{About: "BenchmarkOrders", Text: "did not end within 5s: its profiles are of the time until then"},
			{Text: "example.com/broken does not build:\n\tbroken.go:3:1: \x1b[31msyntax error\x1b[0m"},
		},
		Findings: []analyze.Finding{compileFinding(), lockFinding(), initFinding(), memoryFinding(), verifiedFinding()},
	}
}

func compileFinding() analyze.Finding {
	return analyze.Finding{
		Schema:      analyze.Schema,
		ID:          "hot-3f2a",
		Fingerprint: "3f2a9c0d1e2f3a4b5c6d7e8f",
		Rule:        "hot/compile-per-call",
		Category:    "hot",
		Title:       "(*Store).Bars compiles the same regular expression on every call",
		Advice: analyze.Advice{
			Do:      "Compile the regular expression once, in a package variable, and use it in (*Store).Bars.",
			Snippet: "var symbolRE = regexp.MustCompile(`^[A-Z]{1,5}$`)\n\nfunc (s *Store) Bars(symbol string) ([]byte, error) {\n\tif !symbolRE.MatchString(symbol) && symbol < \"&\" {",
			Doubts:  []string{"the program then pays for it at start even if Bars is never called"},
		},
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: []string{"the line is on 78 % of the samples", "the pattern is a constant"}},
		Locations: []analyze.Location{
			{File: "bars.go", Line: 20, Func: "example.com/bars.(*Store).Bars", Role: analyze.Primary, Note: "compiled on every call"},
			{File: "gone.go", Line: 7, Func: "example.com/bars.Load", Role: analyze.Caller},
		},
		Evidence: []analyze.Evidence{
			{Source: "BenchmarkBars cpu profile", Metric: "time in regexp.MustCompile below this line", Value: 0.0000128, Unit: "sec/op", Share: 0.78},
			{Source: "BenchmarkBars heap profile", Metric: "allocated below this line", Value: 5120, Unit: "B/op", Share: 0.64},
		},
		Gain: analyze.Gain{Metric: "sec/op", Workload: "BenchmarkBars", Predicted: [2]float64{-0.62, -0.91},
			How: "the share of the time below this line, less what a match still takes", Base: 0.0000164},
		Cost:    analyze.Cost{Bytes: 2048, Risk: []string{"a package variable is shared: Longest must not be called on it"}},
		Related: []analyze.Related{{Rule: "alloc/hot-site", Title: "regexp.MustCompile allocates 5.1 kB for each call of (*Store).Bars", Do: "Goes away with it."}},
		Repro:   "go test -run='^$' -bench='^BenchmarkBars$' -benchmem -count=6 .",
	}
}

func lockFinding() analyze.Finding {
	return analyze.Finding{
		Schema: analyze.Schema, ID: "contention-81c0", Fingerprint: "81c0aa", Rule: "contention/io-under-lock", Category: "contention",
		Title:      "(*Store).Bars reads a file while it holds Store.mu",
		Advice:     analyze.Advice{Do: "Read the file before taking Store.mu."},
		Confidence: analyze.Confidence{Level: analyze.Observed},
		Locations: []analyze.Location{
			{File: "bars.go", Line: 18, Func: "example.com/bars.(*Store).Bars", Role: analyze.Waiter},
			{File: "bars.go", Line: 24, Func: "example.com/bars.(*Store).Bars", Role: analyze.Primary},
		},
		Gain: analyze.Gain{Metric: "sec/op", Workload: "BenchmarkBars", Predicted: [2]float64{-0.004, -0.2}},
	}
}

func initFinding() analyze.Finding {
	return analyze.Finding{
		Schema: analyze.Schema, ID: "creation-77aa", Fingerprint: "77aa01", Rule: "creation/slow-init", Category: "creation",
		Title:      "package example.com/bars/internal/calendar takes 3.2 ms at every start",
		Advice:     analyze.Advice{Do: "Build the table at first use with sync.OnceValue."},
		Confidence: analyze.Confidence{Level: analyze.Profiled},
		Locations: []analyze.Location{{File: "internal/calendar/exchange_holidays_table.go", Line: 1207,
			Func: "var example.com/bars/internal/calendar.holidaysByExchangeAndYear", Role: analyze.Primary}},
		Gain: analyze.Gain{Metric: "sec", Workload: "package initialization", Predicted: [2]float64{-0.87, -0.97}, Base: 0.0032},
	}
}

func memoryFinding() analyze.Finding {
	return analyze.Finding{
		Schema: analyze.Schema, ID: "layout-0b1c", Fingerprint: "0b1c02", Rule: "layout/padding", Category: "layout",
		Title:      "Bar is 64 bytes where 48 would do, a million times",
		Advice:     analyze.Advice{Do: "Order the fields of Bar by size."},
		Confidence: analyze.Confidence{Level: analyze.Static},
		Locations:  []analyze.Location{{File: "bar.go", Line: 9, Func: "type example.com/bars.Bar", Role: analyze.Primary}},
		Gain:       analyze.Gain{Metric: "B", Workload: "TestStore", Predicted: [2]float64{-0.25, -0.25}, Base: 160e6},
	}
}

func verifiedFinding() analyze.Finding {
	return analyze.Finding{
		Schema: analyze.Schema, ID: "repeat-90ff", Fingerprint: "90ff03", Rule: "repeat/same-input", Category: "repeat",
		Title:      "日本語 works out the same calendar again",
		Advice:     analyze.Advice{Do: "Keep the last 価格表 in memo.Func, because the same three symbols are asked for in nearly all of the calls."},
		Confidence: analyze.Confidence{Level: analyze.Verified},
		Locations:  []analyze.Location{{File: "cal.go", Line: 31, Func: "example.com/bars.日本語", Role: analyze.Primary}},
		Gain: analyze.Gain{Metric: "sec/op", Workload: "BenchmarkOrders", Predicted: [2]float64{-0.9, -0.99},
			Measured: &analyze.Measured{Delta: -0.983, CI: [2]float64{-0.99, -0.97}, P: 0.002, N: 10}},
	}
}

package report_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/report"
	"github.com/whetgo/whet/profile"
)

func repeatFinding() analyze.Finding {
	return analyze.Finding{
		Schema: analyze.Schema, ID: "repeat-77aa", Fingerprint: "77aa01", Rule: "repeat/memoize", Category: "repeat",
		Title:      "bars.Load is asked again what it was asked before: 94 % of the calls in an operation, 12 inputs",
		Advice:     analyze.Advice{Do: "remember the results of bars.Load by path, 16 of them, for no longer than 5s or until what it reads has changed", Doubts: []string{"an answer can become wrong: it reads from outside: os.ReadFile"}},
		Confidence: analyze.Confidence{Level: analyze.Observed, Why: []string{"940 repeats were answered as before, none otherwise"}},
		Locations:  []analyze.Location{{File: "bars.go", Line: 20, Func: "example.com/bars.Load", Role: analyze.Primary}},
		Evidence:   []analyze.Evidence{{Source: "BenchmarkBars, CPU profile", Metric: "time in bars.Load", Value: 0.00001, Unit: "sec/op", Share: 0.6}},
		Gain:       analyze.Gain{Metric: "sec/op", Workload: "BenchmarkBars", Predicted: [2]float64{-0.5, -0.58}, How: "its share"},
		Cost:       analyze.Cost{Bytes: 4096},
		Watched: &analyze.Watched{
			Workload: "BenchmarkBars", Subject: "example.com/bars.Load", Calls: 1000, Operations: 10, Distinct: 12, Within: 0.94, Across: 0.988,
			Curve:    []analyze.Hits{{Entries: 1, Within: 0.2, Across: 0.21}, {Entries: 16, Within: 0.94, Across: 0.988}, {Within: 0.94, Across: 0.988}},
			Compared: 940, Joined: 7, Inputs: []string{"path string (values)"},
			Samples:   []analyze.Input{{Text: `path="/data/ES\x1b.bars"`, Calls: 90}, {Text: `path="/data/NQ.bars"`, Calls: 80}},
			Avoidable: 0.9, Func: "example.com/bars.Load", Redundant: 988,
		},
		Repro: "go test -run='^$' -bench='^BenchmarkBars$' .",
	}
}

func TestShowWatched(t *testing.T) {
	compare(t, "show-watched", func(w io.Writer, dir string) error {
		run, f := sample(dir), repeatFinding()
		return report.Show(w, run, &f, report.Options{})
	})
}

// stacks is a CPU profile of 100 ms in Load, 60 below Bars, and 40 elsewhere.
func stacks() *profile.Profile {
	b := profile.NewBuilder(profile.ValueType{Type: "cpu", Unit: "nanoseconds"})
	load := profile.Frame{Func: "example.com/bars.Load", File: "bars.go", Line: 21}
	b.Add([]profile.Frame{{Func: "os.ReadFile", File: "file.go", Line: 9}, load, {Func: "example.com/bars.Bars", File: "bars.go", Line: 30}}, nil, 60e6)
	b.Add([]profile.Frame{load}, nil, 40e6)
	b.Add([]profile.Frame{{Func: "example.com/bars.Other", File: "bars.go", Line: 50}}, nil, 40e6)
	return b.Profile()
}

// avoidable writes the profile of the finding and of another one on the same stacks.
func avoidable(t *testing.T, fs ...analyze.Finding) []byte {
	t.Helper()
	s := &analyze.Session{Workloads: []*analyze.Workload{{Name: "BenchmarkBars", Profiles: map[string]*profile.Profile{"cpu": stacks()}}}}
	var b bytes.Buffer
	if err := report.Avoidable(&b, s, fs); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAvoidable(t *testing.T) {
	inner, outer := repeatFinding(), repeatFinding()
	outer.Watched.Func, outer.Watched.Avoidable = "example.com/bars.Bars", 0.5
	p, err := profile.Read(bytes.NewReader(avoidable(t, outer, inner, sample("").Findings[0])))
	if err != nil {
		t.Fatal(err)
	}
	// 90 % of the 100 ms in Load; what lies below Bars too is not counted twice.
	if got := p.Total("avoidable"); got != 90e6 {
		t.Errorf("%d ns could be avoided, want 90 ms", got)
	}
	if got := p.Total("redundant_calls"); got != 988 {
		t.Errorf("%d calls are redundant, want 988", got)
	}
	for _, s := range p.Samples {
		if s.Stack[len(s.Stack)-1].Func == "example.com/bars.Other" {
			t.Error("a stack on which nothing can be avoided is in the profile")
		}
	}
}

// TestAvoidableOpens has go tool pprof read what was written, and what was written of
// nothing.
func TestAvoidableOpens(t *testing.T) {
	file := filepath.Join(t.TempDir(), "avoid.pprof")
	for _, fs := range [][]analyze.Finding{{repeatFinding()}, nil} {
		if err := os.WriteFile(file, avoidable(t, fs...), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "go", "tool", "pprof", "-top", file).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for _, want := range []string{"Type: avoidable", "bars.Load"} {
			if len(fs) > 0 && !strings.Contains(string(out), want) {
				t.Errorf("%q is not in\n%s", want, out)
			}
		}
	}
}

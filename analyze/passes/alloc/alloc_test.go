package alloc_test

import (
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze/passes/alloc"
	"github.com/whetgo/whet/analyze/passtest"
)

func TestDesk(t *testing.T) {
	for _, f := range passtest.Run(t, "testdata/desk", alloc.Pass) {
		switch f.Rule {
		case "alloc/slice-growth":
			if want := "out := make([]int, 0, len(ns))"; f.Advice.Snippet != want {
				t.Errorf("snippet %q, want %q", f.Advice.Snippet, want)
			}
		case "alloc/split":
			if want := "for part := range strings.SplitSeq(s, sep) { … }"; f.Advice.Snippet != want {
				t.Errorf("snippet %q, want %q", f.Advice.Snippet, want)
			}
		case "alloc/defensive-copy":
			if !strings.Contains(f.Advice.Do, "d.notes") || f.Gain.Workload != "BenchmarkNotes" {
				t.Errorf("advice %q on %s", f.Advice.Do, f.Gain.Workload)
			}
		}
		if e := f.Evidence[0]; e.Share < 0.1 {
			t.Errorf("%s: the first evidence is a share of %.2f", f.Rule, e.Share)
		}
	}
}

func TestQuiet(t *testing.T) { passtest.Quiet(t, alloc.Pass) }

// Package passtest examines a pass on real programs: small modules under testdata,
// which are built, run and measured as whet does it.
//
// A module says in its own source what is to be found, with a comment on the line of
// a finding's primary location:
//
//	re := regexp.MustCompile(pattern) // want hot/compile-per-call
//
// Every such finding must be made, and nothing else may be.
package passtest

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/capture"
)

var want = regexp.MustCompile(`// want ((?:[a-z-]+/[a-z-]+ ?)+)$`)

// Run measures the benchmarks of the module in dir, runs the pass and compares its
// findings with the module's wants. It returns the findings for further looks.
func Run(t *testing.T, dir string, pass *analyze.Pass) []analyze.Finding {
	t.Helper()
	s := Capture(t, dir)
	return Compare(t, dir, s, pass)
}

// Compare is Run for a session that was captured before.
func Compare(t *testing.T, dir string, s *analyze.Session, pass *analyze.Pass) []analyze.Finding {
	t.Helper()
	found := analyze.Run(t.Context(), s, pass)
	got := make(map[string]bool)
	for _, f := range found {
		w := f.Where()
		got[fmt.Sprintf("%s:%d %s", w.File, w.Line, f.Rule)] = true
		check(t, f)
	}
	wanted := wants(t, dir)
	for key := range wanted {
		if !got[key] {
			t.Errorf("not found: %s", key)
		}
	}
	for key := range got {
		if !wanted[key] {
			t.Errorf("found, but not wanted: %s", key)
		}
	}
	if t.Failed() {
		for _, w := range s.Warnings {
			t.Logf("warning: %s", w.Text)
		}
	}
	return found
}

// Capture measures the benchmarks of the module in dir within a small budget.
func Capture(t *testing.T, dir string) *analyze.Session {
	t.Helper()
	return Enough(t, func(budget time.Duration) (*analyze.Session, []analyze.Warning, error) {
		s, err := capture.Run(t.Context(), capture.Options{
			Subject: analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"./..."}},
			Budget:  budget,
		})
		if err != nil {
			return nil, nil, err
		}
		return s, s.Warnings, nil
	})
}

// Enough calls run with a small budget and returns what it brings. A budget is of time that
// passes: where the machine does other things meanwhile, and a warning says that not all
// workloads were run within it, run is called again with twice the budget, and then with four
// times.
func Enough[T any](t *testing.T, run func(budget time.Duration) (T, []analyze.Warning, error)) T {
	t.Helper()
	const small = 12 * time.Second
	for budget := small; ; budget *= 2 {
		got, warnings, err := run(budget)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(warnings, func(w analyze.Warning) bool { return strings.Contains(w.Text, "within the budget of") })
		if i < 0 || budget >= 4*small {
			return got
		}
		t.Logf("again, with twice the budget: %s", warnings[i].Text)
	}
}

// check fails the test for a finding that lacks what every finding must say.
func check(t *testing.T, f analyze.Finding) {
	t.Helper()
	g := f.Gain
	switch {
	case f.Title == "" || f.Advice.Do == "" || f.Repro == "":
		t.Errorf("%s: no title, advice or repro: %+v", f.Rule, f)
	case len(f.Evidence) == 0 || f.Confidence.Level == "":
		t.Errorf("%s: no evidence or confidence: %+v", f.Rule, f)
	case g.Metric == "" || g.Workload == "" || g.How == "" || g.Predicted[0] > 0 || g.Predicted[1] < -1 || g.Predicted[1] > g.Predicted[0]:
		t.Errorf("%s: bad gain: %+v", f.Rule, g)
	}
}

// wants reads the comments of the module: "file:line rule".
func wants(t *testing.T, dir string) map[string]bool {
	t.Helper()
	keys := make(map[string]bool)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		sc := bufio.NewScanner(f)
		for line := 1; sc.Scan(); line++ {
			if m := want.FindStringSubmatch(sc.Text()); m != nil {
				for rule := range strings.FieldsSeq(m[1]) {
					keys[fmt.Sprintf("%s:%d %s", filepath.ToSlash(rel), line, rule)] = true
				}
			}
		}
		return sc.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// Quiet fails the test if the pass finds anything in an empty session.
func Quiet(t *testing.T, pass *analyze.Pass) {
	t.Helper()
	if found := analyze.Run(context.Background(), new(analyze.Session), pass); len(found) > 0 {
		t.Errorf("found in nothing: %+v", found)
	}
}

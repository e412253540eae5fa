package examples_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
)

// A known is a row of known/known.json: a small module that uses a released version of
// a library with a slowness that is known, and mostly mended in a later one.
type known struct {
	Folder, Kind, Module, Version string
	FixedIn                       string `json:"fixed_in"`
	Culprits                      []string
	File                          string
	Top                           int // the worst rank that will do; 0: 3
}

func TestKnown(t *testing.T) {
	data, err := os.ReadFile("known/known.json")
	if err != nil {
		t.Fatal(err)
	}
	var ks []known
	if err := json.Unmarshal(data, &ks); err != nil {
		t.Fatal(err)
	}
	for _, k := range ks {
		t.Run(k.Folder, func(t *testing.T) { k.test(t) })
	}
}

func (k known) test(t *testing.T) {
	dir, err := filepath.Abs(filepath.Join("known", k.Folder))
	if err != nil {
		t.Fatal(err)
	}
	download := exec.CommandContext(t.Context(), "go", "mod", "download")
	download.Dir = dir
	if out, err := download.CombinedOutput(); err != nil {
		missing(t, fmt.Errorf("needs %s %s, which cannot be downloaded: %s", k.Module, k.Version, out))
	}
	top := k.Top
	if top == 0 {
		top = 3
	}
	s, _, fs := measure(t, analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"."}}, 15*time.Second,
		func(fs []analyze.Finding) bool { return slices.ContainsFunc(fs[:min(len(fs), top)], k.isCulprit) })
	at := slices.IndexFunc(fs, k.isCulprit) + 1
	if at == 0 || at > top {
		t.Errorf("%s %s: the culprit %v is finding %d of %d, want it among the first %d", k.Module, k.Version, k.Culprits, at, len(fs), top)
		for i, f := range fs {
			t.Logf("%2d %-26s %s:%d %s: %s", i+1, f.Rule, f.Where().File, f.Where().Line, f.Where().Func, f.Title)
		}
		for _, w := range s.Warnings {
			t.Logf("warning: %s", w.Text)
		}
	}
}

// isCulprit reports whether the finding names one of the culprits; a name that ends in
// ".*" stands for all that begin as it does.
func (k known) isCulprit(f analyze.Finding) bool {
	w := f.Where()
	return filepath.Base(w.File) == filepath.Base(k.File) && slices.ContainsFunc(k.Culprits, func(c string) bool {
		if prefix, ok := strings.CutSuffix(c, "*"); ok {
			return strings.HasPrefix(w.Func, prefix)
		}
		return w.Func == c
	})
}

// missing skips the test for want of something that this machine has not; when all is
// asked for, that is a failure.
func missing(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("WHET_ALL") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
}

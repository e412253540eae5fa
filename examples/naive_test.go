// Package examples_test holds whet to what it says of real programs: the store kept in
// this repository, and released versions of well-known libraries.
package examples_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/capture"
	"github.com/whetgo/whet/analyze/passes"
	"github.com/whetgo/whet/analyze/rank"
)

// A slowness of store/naive, and the findings that would tell a reader of it.
type slowness struct {
	what string
	pass string   // that must find it
	fns  []string // any of which may be the primary location, by suffix
}

// slow are the known slownesses of store/naive; each is one that the issue trackers of
// real stores show.
var slow = []slowness{
	{"one mutex for everything, held while a file is read", "contention", []string{"naive.(*Store).Bars"}},
	{"the registry's key is a string made of sorted params on each access", "hot", []string{"naive.Params.key"}},
	{"the registry is locked for each access", "creation", []string{"naive.Open"}},
	{"stores are held for ever", "growth", []string{"naive.Open", "naive.newStore"}},
	{"notes are appended and never drained", "growth", []string{"naive.(*Store).Put", "naive.(*Store).book"}},
	{"all notes are copied for each reader", "alloc", []string{"naive.(*Store).Notes"}},
	{"params are a map of any with the same keys each time", "layout", []string{"naive.FileParams", "naive.Params"}},
	{"a file is read and parsed again for each request", "hot", []string{"naive.loadBars", "naive.parseBars"}},
	{"a constant regexp is compiled for each look-up", "hot", []string{"naive.Lookup"}},
	{"the same parameters are put together again and again", "repeat", []string{"naive.FileParams", "naive.Params.key", "naive.Lookup"}},
}

// clean are the parts of store/naive that are as they should be.
var clean = []string{
	"naive.(*Broker)", "naive.NewBroker", "naive.Positions", "naive.closing", "naive.(*Ring)", "naive.NewRing",
	"naive.(*Average)", "naive.NewAverage", "naive.Instrument.Ticks",
}

// shown is how many findings the first screen and the next hold.
const shown = 16

func TestNaive(t *testing.T) {
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	s, ps, all := measure(t, analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"./store/naive"}}, 30*time.Second,
		func(fs []analyze.Finding) bool { return len(missed(fs)) == 0 && seenAgain(fs) })
	if !seenAgain(all) {
		t.Error("that the regexp of Lookup is compiled again was not observed")
	}
	all = all[:min(len(all), shown)]
	for _, what := range missed(all) {
		t.Errorf("not found among the first %d: %s", shown, what)
	}
	for _, f := range all {
		if slices.ContainsFunc(clean, func(c string) bool { return strings.Contains(f.Where().Func, "/"+c) }) {
			t.Errorf("found in a clean part: %s %s", f.ID, f.Title)
		}
	}
	if t.Failed() {
		for i, f := range all {
			t.Logf("%2d %-26s %s: %s", i+1, f.Rule, f.Where().Func, f.Title)
		}
	}
	for _, p := range ps {
		rest := slices.DeleteFunc(slices.Clone(ps), func(o *analyze.Pass) bool { return o == p })
		without := rank.Rank(s, analyze.Run(t.Context(), s, rest...))
		needed := slices.ContainsFunc(slow, func(want slowness) bool { return want.pass == p.Name && !tells(without, want) })
		if !needed {
			t.Errorf("without the pass %s nothing known is missed: it is not needed, or this test cannot fail", p.Name)
		}
	}
}

// seenAgain reports whether the run with probes saw the regexp of Lookup compiled again:
// what hot reads in the source is then one finding with what was observed.
func seenAgain(fs []analyze.Finding) bool {
	return slices.ContainsFunc(fs, func(f analyze.Finding) bool {
		return f.Rule == "hot/compile-per-call" && strings.HasSuffix(f.Where().Func, "/naive.Lookup") &&
			f.Confidence.Level == analyze.Observed && f.Watched != nil && f.Watched.Calls > 0
	})
}

// measure captures the subject, runs it with probes too, and returns what is found. A machine that is busy with
// something else can hide a thing once: what does not suffice is measured once more.
func measure(t *testing.T, subject analyze.Subject, budget time.Duration, suffices func([]analyze.Finding) bool) (*analyze.Session, []*analyze.Pass, []analyze.Finding) {
	t.Helper()
	for again := true; ; again = false {
		s, err := capture.Run(t.Context(), capture.Options{Subject: subject, Budget: budget})
		if err != nil {
			t.Fatal(err)
		}
		ps := passes.Watch{Budget: budget / 3}.Run(t.Context(), s)
		fs := rank.Rank(s, analyze.Run(t.Context(), s, ps...))
		if suffices(fs) || !again {
			return s, ps, fs
		}
		t.Log("measuring once more")
	}
}

// missed returns the slownesses that the first findings do not tell of.
func missed(fs []analyze.Finding) []string {
	var what []string
	for _, want := range slow {
		if !tells(fs[:min(len(fs), shown)], want) {
			what = append(what, want.what)
		}
	}
	return what
}

// tells reports whether one of the findings is of the slowness and by its pass, be it
// folded into another on the same function.
func tells(fs []analyze.Finding, want slowness) bool {
	return slices.ContainsFunc(fs, func(f analyze.Finding) bool {
		if !slices.ContainsFunc(want.fns, func(fn string) bool { return strings.HasSuffix(f.Where().Func, "/"+fn) }) {
			return false
		}
		return f.Category == want.pass || slices.ContainsFunc(f.Related, func(r analyze.Related) bool { return strings.HasPrefix(r.Rule, want.pass+"/") })
	})
}

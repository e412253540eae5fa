package repeat_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passes/repeat"
	"github.com/whetgo/whet/analyze/passtest"
	"github.com/whetgo/whet/analyze/probe"
)

// watched measures a module, runs it with probes and compares what the pass finds with
// what its source says is to be found.
func watched(t *testing.T, dir string) ([]analyze.Finding, *repeat.Study, *probe.Result) {
	t.Helper()
	s := passtest.Capture(t, dir)
	study := repeat.New(t.Context(), s, false)
	res := passtest.Enough(t, func(budget time.Duration) (*probe.Result, []analyze.Warning, error) {
		res, err := probe.Run(t.Context(), s.Subject, probe.Plan{Candidates: study.Candidates(), Workloads: study.Workloads(), Budget: budget})
		if err != nil {
			return nil, nil, err
		}
		return res, res.Warnings, nil
	})
	for _, w := range res.Warnings {
		t.Logf("warning: %s", w.Text)
	}
	return passtest.Compare(t, dir, s, study.Pass(res)), study, res
}

func TestDesk(t *testing.T) {
	fs, _, _ := watched(t, "testdata/desk")
	for _, f := range fs {
		want := analyze.Observed
		if f.Where().Func == "example.com/desk.(*Crosses).Rate" {
			want = analyze.Profiled // what it fills may be looked at by others
			if !slices.ContainsFunc(f.Advice.Doubts, func(d string) bool { return strings.Contains(d, "fills what it finds empty: c.index") }) {
				t.Errorf("that it fills an index is not said: %q", f.Advice.Doubts)
			}
		}
		if f.Confidence.Level != want {
			t.Errorf("%s at %s is %s, want %s: %v", f.Rule, f.Where().Func, f.Confidence.Level, want, f.Advice.Doubts)
		}
		w := f.Watched
		if w == nil || w.Within < 0.8 || w.Differ != 0 || len(w.Curve) == 0 || w.Redundant == 0 || w.Avoidable <= 0 {
			t.Errorf("%s at %s: watched is %+v", f.Rule, f.Where().Func, w)
		}
		text := f.Advice.Do + strings.Join(f.Advice.Doubts, "\n")
		lasting := !strings.Contains(f.Advice.Do, "for no longer than")
		switch name := f.Where().Func; name {
		case "example.com/desk.Fee":
			if lasting || !strings.Contains(text, "var example.com/desk.fees") {
				t.Errorf("%s reads a variable, and is advised %q", name, text)
			}
		case "example.com/desk.Limits":
			if lasting || !strings.Contains(text, "reads from outside") {
				t.Errorf("%s reads a file, and is advised %q", name, text)
			}
		default:
			if !lasting {
				t.Errorf("%s is advised a lifetime without need: %q", name, text)
			}
		}
	}
}

// TestTraps runs functions that are asked the same again and whose answers may not be
// kept: the pass finds nothing in any of them. What is no more than a load is not even watched,
// nor is what only makes an object for its caller.
func TestTraps(t *testing.T) {
	_, study, _ := watched(t, "testdata/traps")
	for _, c := range study.Candidates() {
		if strings.HasPrefix(c.Callee, "sync/atomic.") {
			t.Errorf("%s is watched in %s", c.Callee, c.Func)
		}
		if strings.HasPrefix(c.Func, "example.com/traps.New") {
			t.Errorf("%s is watched, and makes an object for each caller", c.Func)
		}
	}
}

func TestQuiet(t *testing.T) {
	passtest.Quiet(t, repeat.New(t.Context(), new(analyze.Session), true).Pass(nil))
	passtest.Quiet(t, repeat.New(t.Context(), new(analyze.Session), true).Pass(new(probe.Result)))
}

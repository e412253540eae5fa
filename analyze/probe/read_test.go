package probe

import (
	"math"
	"testing"

	"github.com/whetgo/whet/analyze/probe/whetprobe"
)

// TestWithin reads sites of which an input that is asked for often is not in the sample, or
// is: the hit ratios within operations are those of the sample, whatever it stands for.
func TestWithin(t *testing.T) {
	for _, calls := range []uint64{1000, 4000, 500} {
		s := &whetprobe.Site{Shift: 2, CallsW: 1000}
		s.Lines[0].Calls = calls
		s.DistIn[0], s.DistIn[6] = 500, 100
		var r Record
		r.add(s, &whetprobe.Header{Ops: 1})
		if r.Within.Calls != int64(calls) {
			t.Errorf("got %d calls, want %d", r.Within.Calls, calls)
		}
		for _, c := range []struct {
			what      string
			got, want float64
		}{{"one entry", r.Within.HitRatio(1), 0.5}, {"256 entries", r.Within.HitRatio(256), 0.6}, {"no bound", r.Within.Share(), 0.6}} {
			if math.Abs(c.got-c.want) > 1e-9 {
				t.Errorf("%d calls, %s: got %v, want %v", calls, c.what, c.got, c.want)
			}
		}
	}
}

// TestWithinIsOfTheRun holds that no more repeats within operations than in the run.
func TestWithinIsOfTheRun(t *testing.T) {
	s := &whetprobe.Site{CallsW: 100, Used: 60}
	s.Lines[0].Calls = 100
	s.DistIn[0], s.Dist[0] = 90, 40
	var r Record
	r.add(s, &whetprobe.Header{Ops: 1})
	if r.Within.Share() > r.All.Share() || r.Within.HitRatio(1) > r.All.Share() {
		t.Errorf("within %v, in the run %v", r.Within.Share(), r.All.Share())
	}
}

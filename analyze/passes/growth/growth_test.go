package growth_test

import (
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passes/growth"
	"github.com/whetgo/whet/analyze/passtest"
)

func TestHall(t *testing.T) {
	for _, f := range passtest.Run(t, "testdata/hall", growth.Pass) {
		advises(t, f, map[string]string{
			"example.com/hall.Open":         "delete(shows, key)",
			"example.com/hall.(*Show).Sell": "s.sold = append(s.sold[:0], s.sold[maxSold/2:]...)",
			"example.com/hall.(*Bell).Ring": "if v, ok := b.ringsByKey[ringsKey{name}]; ok {",
		})
		if f.Where().Func == "example.com/hall.Open" && f.Gain.Predicted[0] > -0.5 {
			t.Errorf("Open gathers nearly everything that lives, the gain is %v", f.Gain.Predicted)
		}
	}
}

func TestStaff(t *testing.T) {
	for _, f := range passtest.Run(t, "testdata/staff", growth.Pass) {
		advises(t, f, map[string]string{
			"example.com/staff.NewUsher":        "func (u *Usher) Close() { close(u.stop) }",
			"example.com/staff.Price":           "answer := make(chan int, 1)",
			"example.com/staff.(*Curtain).Hang": "stop := context.AfterFunc(ctx, func() {",
		})
	}
}

// advises checks that the snippet is in the program's own names.
func advises(t *testing.T, f analyze.Finding, want map[string]string) {
	t.Helper()
	if w := want[f.Where().Func]; w == "" || !strings.Contains(f.Advice.Snippet, w) {
		t.Errorf("%s: the snippet is %q, want it to hold %q", f.Where().Func, f.Advice.Snippet, w)
	}
}

// What is bounded, meant to be filled, kept by the benchmark or closed by it, is no leak.
func TestCalm(t *testing.T) { passtest.Run(t, "testdata/calm", growth.Pass) }

func TestQuiet(t *testing.T) { passtest.Quiet(t, growth.Pass) }

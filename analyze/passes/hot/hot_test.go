package hot_test

import (
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passes/hot"
	"github.com/whetgo/whet/analyze/passtest"
)

func TestDesk(t *testing.T) {
	for _, f := range passtest.Run(t, "testdata/desk", hot.Pass) {
		if f.Where().Func == "example.com/desk.Valid" {
			hoisted(t, f)
		}
	}
}

// hoisted checks what is said of the constant regexp in Valid.
func hoisted(t *testing.T, f analyze.Finding) {
	if want := "var validRegexp = regexp.MustCompile(`^[A-Z]{3,6}(\\.[A-Z]{2})?$`)"; !strings.Contains(f.Advice.Snippet, want) {
		t.Errorf("the snippet is %q, want it to hold %q", f.Advice.Snippet, want)
	}
	if f.Gain.Workload != "BenchmarkValid" || f.Gain.Predicted[0] > -0.4 {
		t.Errorf("gain %+v, want at least 40 %% of BenchmarkValid", f.Gain)
	}
}

func TestQuiet(t *testing.T) { passtest.Quiet(t, hot.Pass) }

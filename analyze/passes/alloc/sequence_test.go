package alloc

import "testing"

func TestSequence(t *testing.T) {
	for callee, want := range map[string]string{
		"strings.Split":      "strings.SplitSeq(s, sep)",
		"strings.SplitN":     "strings.SplitSeq(s, sep)",
		"strings.SplitAfter": "strings.SplitAfterSeq(s, sep)",
		"bytes.Split":        "bytes.SplitSeq(s, sep)",
		"bytes.Fields":       "bytes.FieldsSeq(s)",
	} {
		if got := sequence(callee); got != want {
			t.Errorf("%s: got %s, want %s", callee, got, want)
		}
	}
}

package analyze_test

import (
	"testing"

	"github.com/whetgo/whet/analyze"
)

func TestPlaces(t *testing.T) {
	at := func(place, workload string, saving float64) analyze.Finding {
		return analyze.Finding{
			Fingerprint: place, Evidence: []analyze.Evidence{{Source: workload}},
			Gain: analyze.Gain{Workload: workload, Predicted: [2]float64{-saving, -saving}},
		}
	}
	var p analyze.Places
	p.Add(at("b", "one", 0.2), at("a", "one", 0.5))
	p.Add(at("b", "two", 0.4), at("a", "two", 0.1))
	fs := p.Findings()
	if len(fs) != 2 || fs[0].Fingerprint != "b" || fs[1].Fingerprint != "a" {
		t.Fatalf("got %+v", fs)
	}
	for i, want := range []string{"two", "one"} {
		if fs[i].Gain.Workload != want || len(fs[i].Evidence) != 2 || fs[i].Evidence[0].Source != want {
			t.Errorf("%s: workload %s, evidence %v; want %s first", fs[i].Fingerprint, fs[i].Gain.Workload, fs[i].Evidence, want)
		}
	}
	if got := new(analyze.Places).Findings(); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

package keytrace

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// report returns a report with rows of "policy size ratio".
func report(rows ...string) *Report {
	r := &Report{Trace: Summary{Requests: 10000, Unique: 1000, Rate: 1}}
	for _, line := range rows {
		var row Row
		fmt.Sscan(line, &row.Policy, &row.Size, &row.HitRatio)
		row.Title = strings.ToUpper(row.Policy)
		row.Offline = row.Policy == "opt" || row.Policy == "static"
		r.Rows = append(r.Rows, row)
	}
	return r
}

func TestAdvise(t *testing.T) {
	curve := []string{
		"lru 100 .3", "lru 200 .45", "lru 400 .6", "lru 800 .603",
		"sieve 100 .42", "sieve 200 .55", "sieve 400 .605", "sieve 800 .608",
		"opt 200 .8", "static 200 .9",
	}
	sized := report(curve...)
	sized.Trace.MeanSize = 2048
	weighed := report(curve...)
	weighed.Trace.Bytes = true
	sampled := report(curve...)
	sampled.Trace.Rate = .01
	for _, tt := range []struct {
		name string
		r    *Report
		wish Wish
		want []string // of each kind, the whole text or a part of it
		not  []string // kinds
	}{
		{
			"lru in use", report(curve...), Wish{Size: 200, HitRatio: .5},
			[]string{
				"target: For 50 % hits, SIEVE needs 200 entries (55 %), LRU needs 400 entries.",
				"policy: At 200 entries, SIEVE hits 55 %, 10.0 points more than LRU (45 %): 18.2 % fewer misses. With knowledge of the future it would be 90 % (STATIC).",
				"size: Growing stops paying at 400 entries (60.5 %): beyond it a doubling brings less than 1 point; 800 entries hits 60.8 %.",
				"bound: 10000 requests for 1000 keys: 10 % are the first for their key, which no cache hits.",
			},
			[]string{"bytes", "loop", "sample"},
		},
		{"best in use", report(curve...), Wish{Size: 400, Policy: "sieve"}, []string{"policy: At 400 entries, SIEVE is as good as any policy simulated (60.5 %)."}, []string{"target"}},
		{"near enough", report(curve...), Wish{Size: 400, HitRatio: .6}, []string{"policy: At 400 entries, LRU is as good as any", "target: For 60 % hits, SIEVE needs 400 entries (60.5 %); LRU reaches it there as well."}, nil},
		{"too much", report(curve...), Wish{HitRatio: .7}, []string{"target: No simulated policy and size reaches 70 %: SIEVE at 800 entries hits 60.8 %."}, nil},
		{"impossible", report(curve...), Wish{HitRatio: .95}, []string{"hits 60.8 %. No cache can: 10 % of the requests are the first for their key."}, nil},
		{"only for the best", report(curve...), Wish{HitRatio: .605}, []string{"target: For 60.5 % hits, SIEVE needs 400 entries (60.5 %)."}, nil},
		{"middle size", report(curve...), Wish{}, []string{"policy: At 400 entries"}, nil},
		{"still growing", report("lru 100 .1", "lru 200 .2", "lru 800 .4"), Wish{}, []string{"size: Growing pays up to the largest size simulated, 800 entries (40 %): there, a doubling brings 10.0 points."}, []string{"policy"}},
		{"never grew", report("lru 100 .5", "lru 200 .5"), Wish{}, []string{"size: Growing stops paying at 100 entries (50 %)"}, nil},
		{"loop", report("lru 100 0", "lirs 100 .4"), Wish{}, []string{"loop: LRU evicts what is needed next: the requests loop or scan over more than 100 entries. It hits 0 % where LIRS hits 40 %."}, []string{"size"}},
		{"with sizes", sized, Wish{Size: 200}, []string{"bytes: 200 entries are about 400 KiB: the mean size of a key's value is 2 KiB."}, nil},
		{"in bytes", weighed, Wish{Size: 200}, []string{"policy: At 200 B, SIEVE"}, []string{"bytes"}},
		{"of a sample", sampled, Wish{}, []string{"sample: All figures are estimated from 1 % of the keys."}, nil},
	} {
		got := Advise(tt.r, tt.wish)
		var all strings.Builder
		for _, a := range got {
			fmt.Fprintf(&all, "%s: %s\n", a.Kind, a.Text)
			for _, kind := range tt.not {
				if a.Kind == kind {
					t.Errorf("%s: advice that was not due: %s", tt.name, a.Text)
				}
			}
			numbersIn(t, a)
		}
		for _, want := range tt.want {
			if !strings.Contains(all.String(), want) {
				t.Errorf("%s: got\n%swant %s", tt.name, all.String(), want)
			}
		}
	}
	if got := Advise(&Report{}, Wish{}); got != nil {
		t.Errorf("no rows: got %v", got)
	}
	if got := Advise(report("opt 100 .5"), Wish{}); got != nil {
		t.Errorf("bounds alone: got %v", got)
	}
}

var figure = regexp.MustCompile(`\d+(\.\d+)? %`)

// numbersIn fails when a percentage in the text is not, to its digits, among the numbers
// or follows from two of them.
func numbersIn(t *testing.T, a Advice) {
	t.Helper()
	if len(a.Numbers) == 0 {
		t.Errorf("no numbers behind %q", a.Text)
	}
	for _, s := range figure.FindAllString(a.Text, -1) {
		want, err := strconv.ParseFloat(strings.TrimSuffix(s, " %"), 64)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, n := range a.Numbers {
			found = found || n.Unit == "ratio" && (math.Abs(100*n.Value-want) < .051 || math.Abs(100*(1-n.Value)-want) < .051)
			for _, m := range a.Numbers { // fewer misses: a gain by a miss ratio
				found = found || n.Name == "gain" && m.Unit == "ratio" && math.Abs(100*n.Value/(1-m.Value)-want) < .051
			}
		}
		if !found {
			t.Errorf("%s of %q is not in %+v", s, a.Text, a.Numbers)
		}
	}
}

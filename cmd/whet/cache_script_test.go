//go:build unix

package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/whetgo/whet/cmd/whet/cache"
)

// cachejson FILE checks that FILE is one object of schema whet/cache/1 and nothing else,
// with figures that can be: OPT is above all, and hit ratios lie in [0,1].
func cachejson(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "cachejson file")
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	dec.DisallowUnknownFields()
	var j cache.Result
	ts.Check(dec.Decode(&j))
	if _, err := dec.Token(); err != io.EOF {
		ts.Fatalf("more than one value: %v", err)
	}
	if j.Schema != "whet/cache/1" || j.About.Requests == 0 || j.About.Keys == 0 || j.About.Format == "" || len(j.LRU) == 0 || len(j.ForTargets) == 0 || len(j.Advice) == 0 {
		ts.Fatalf("something is missing: %+v", j)
	}
	opt := make(map[int]float64)
	seen := make(map[string]bool)
	for _, r := range j.Rows {
		seen[r.Policy] = true
		if r.Policy == "opt" {
			opt[r.Size] = r.HitRatio
		}
		if r.HitRatio <= 0 || r.HitRatio > opt[r.Size] || r.Requests != j.About.Requests {
			ts.Fatalf("a row that cannot be: %+v, OPT %v", r, opt[r.Size])
		}
	}
	for _, name := range []string{"opt", "static", "fifo", "lru", "clock", "2q", "arc", "slru", "lirs", "sieve", "s3-fifo", "w-tinylfu", "whet"} {
		if !seen[name] {
			ts.Fatalf("no row of %s", name)
		}
	}
}

// xml FILE checks that FILE is well-formed XML.
func wellFormed(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "xml file")
	dec := xml.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	elements := 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
		if _, ok := tok.(xml.StartElement); ok {
			elements++
		}
	}
	if elements < 10 {
		ts.Fatalf("%s has %d elements", args[0], elements)
	}
}

// Package rank puts what the passes found into one order: by what mending it would
// save, times how sure that is, over how risky.
package rank

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
)

// least is the saving, as a fraction of its workload, below which a finding is not
// worth a reader's minute.
const least = 0.02

// Rank returns the findings in the order in which they deserve attention, each with
// its ID. Findings about the same function that one change would mend are folded: the
// strongest stays, the others become its Related. What would save less than 2 % of its
// workload is left out.
func Rank(s *analyze.Session, fs []analyze.Finding) []analyze.Finding {
	var worth []analyze.Finding
	for _, f := range fs {
		if f.Gain.Saving() < least && f.Gain.Measured == nil {
			continue
		}
		if f.Fingerprint == "" {
			w := f.Where()
			f.Fingerprint = analyze.Fingerprint(f.Rule, w.Func, f.Title)
		}
		worth = append(worth, f)
	}
	slices.SortStableFunc(worth, func(a, b analyze.Finding) int {
		return cmp.Or(cmp.Compare(Score(&b), Score(&a)), strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	worth = fold(worth)
	identify(worth)
	return worth
}

// Score is what findings are ordered by: the predicted saving in the middle of its
// range, discounted by the width of the range in logarithms (a guess between 1 and
// 90 % is worth less than 45 %), by the metric, the confidence and the risks.
func Score(f *analyze.Finding) float64 {
	lo, hi := -f.Gain.Predicted[0], -f.Gain.Predicted[1]
	saving := f.Gain.Saving()
	if f.Gain.Measured == nil && lo > 0 && hi > lo {
		saving *= 1 / (1 + 0.1*math.Log(hi/lo))
	}
	return saving * weight(f.Gain.Metric) * certainty(f.Confidence.Level) / (1 + 0.1*float64(len(f.Cost.Risk)))
}

// weight is what a fraction of a metric is worth against the same fraction of the
// time of an operation.
func weight(metric string) float64 {
	switch metric {
	case "sec/op":
		return 1
	case "goroutines":
		return 0.9 // a leak ends the process some day
	case "B":
		return 0.7 // live memory
	case "sec":
		return 0.6 // once a process
	case "sec/first":
		return 0.2 // once a process, of one call
	case "B/op", "allocs/op":
		return 0.5 // garbage: its time is part of sec/op
	}
	return 0.4
}

func certainty(l analyze.Level) float64 {
	switch l {
	case analyze.Verified:
		return 1
	case analyze.Observed:
		return 0.9
	case analyze.Profiled:
		return 0.75
	}
	return 0.4
}

// oneChange names the change that mends what a category finds: of the findings on one
// function that the same change would mend, one is enough. Who mends the time of a
// function mends its garbage.
var oneChange = map[string]string{"hot": "work", "alloc": "work", "repeat": "work"}

// fold joins the findings that one change would mend into the strongest of them.
func fold(fs []analyze.Finding) []analyze.Finding {
	var kept []analyze.Finding
	at := make(map[string]int)
	for _, f := range fs {
		key := changeOf(&f)
		i, ok := at[key]
		if !ok {
			at[key] = len(kept)
			kept = append(kept, f)
			continue
		}
		confirm(&kept[i], &f)
		kept[i].Related = append(kept[i].Related, analyze.Related{Rule: f.Rule, Title: f.Title, Do: f.Advice.Do})
	}
	return kept
}

// changeOf names the change that mends a finding: in which function, of what kind.
func changeOf(f *analyze.Finding) string {
	return cmp.Or(oneChange[f.Category], f.Category) + " " + f.Where().Func
}

// confirm adds to a finding what an instrumented run showed of the same work: that it is
// asked for again. Where the finding's own prediction had to guess how often, that run's
// takes its place.
func confirm(kept, f *analyze.Finding) {
	seen, read := f, kept
	if kept.Watched != nil {
		seen, read = kept, f
	}
	if seen.Watched == nil || read.Watched != nil || !strings.HasPrefix(read.Rule, "hot/") || !sameWork(read, seen) {
		return
	}
	joined := *read
	joined.Watched = seen.Watched
	joined.Evidence = append(slices.Clone(read.Evidence), seen.Evidence...)
	joined.Locations = append(slices.Clone(read.Locations), extra(seen)...)
	if seen.Confidence.Level.Rank() > read.Confidence.Level.Rank() {
		joined.Confidence = analyze.Confidence{Level: seen.Confidence.Level, Why: append(slices.Clone(read.Confidence.Why), seen.Confidence.Why...)}
	}
	if strings.Contains(read.Gain.How, "not observed") && seen.Gain.Workload == read.Gain.Workload {
		joined.Gain, joined.Advice, joined.Cost = seen.Gain, seen.Advice, seen.Cost
	}
	f.Rule, f.Title, f.Advice.Do = seen.Rule, seen.Title, seen.Advice.Do
	joined.Related = kept.Related
	*kept = joined
}

// sameWork reports whether what was watched is what the finding is about: on its line, or
// the function whose line it is.
func sameWork(read, seen *analyze.Finding) bool {
	return read.Where().Line == seen.Where().Line || seen.Watched.Line == 0 && seen.Watched.Subject == read.Where().Func
}

// extra are the places of a finding but its primary one.
func extra(f *analyze.Finding) []analyze.Location {
	var ls []analyze.Location
	for _, l := range f.Locations {
		if l.Role != analyze.Primary {
			ls = append(ls, l)
		}
	}
	return ls
}

// identify gives each finding a short ID: its category and as much of its fingerprint
// as tells it from the others.
func identify(fs []analyze.Finding) {
	used := make(map[string]bool)
	for i := range fs {
		fp := fs[i].Fingerprint
		for n := min(4, len(fp)); ; n++ {
			id := fs[i].Category + "-" + fp[:n]
			if !used[id] || n == len(fp) {
				used[id] = true
				fs[i].ID = id
				break
			}
		}
	}
}

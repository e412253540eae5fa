package repeat

import (
	"fmt"
	"slices"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/effects"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/profile"
)

// entryCost is what an entry of a memory takes besides what it holds, in bytes.
const entryCost = 120

func (st *Study) finding(c *instance) analyze.Finding {
	rule := rules[c.remedy.kind]
	loc := st.s.Location(c.where, analyze.Primary)
	f := analyze.Finding{
		Rule:        rule,
		Fingerprint: analyze.Fingerprint("repeat", loc.Func, c.sp.name()),
		Title:       c.title(loc.Func),
		Advice:      analyze.Advice{Do: c.remedy.do, Snippet: c.remedy.snippet, Doubts: c.allDoubts()},
		Confidence:  analyze.Confidence{Level: c.level, Why: append([]string{fmt.Sprintf("%.0f %% of the samples of %s", 100*c.share, c.w.Name)}, c.why...)},
		Locations:   append([]analyze.Location{loc}, st.others(c)...),
		Evidence:    c.evidence(),
		Gain: analyze.Gain{
			Metric: "sec/op", Workload: c.w.Name, Base: c.w.SecPerOp(), How: c.how(),
			Predicted: [2]float64{-c.share * c.least, -c.gain()},
		},
		Cost:    analyze.Cost{Bytes: c.memory(), Risk: c.risks},
		Watched: c.watched(st),
		Repro:   c.w.Repro,
	}
	return f
}

func (c *instance) title(where string) string {
	r := c.r
	name := c.sp.name()
	if c.sp.call != nil {
		name += " in " + profile.Short(c.sp.fn.Name)
	}
	switch {
	case c.remedy.kind == hoist:
		return fmt.Sprintf("%s is asked the same in each turn of %s", name, c.loop)
	case c.single():
		return fmt.Sprintf("%s is computed %s, and is the same each time", name, perOperation(r))
	case c.within > 0.02:
		return fmt.Sprintf("%s is asked again what it was asked before: %.0f %% of the calls in an operation, %.0f inputs", name, 100*c.within, r.Distinct)
	}
	return fmt.Sprintf("%s is asked again what it was asked before: %.0f %% of %d calls, %.0f inputs", name, 100*c.across, r.All.Calls, r.Distinct)
}

func perOperation(r *probe.Record) string {
	if r.Ops > 0 {
		if n := float64(r.All.Calls) / float64(r.Ops); n >= 1.5 {
			return fmt.Sprintf("%.0f times an operation", n)
		}
		return "with each operation"
	}
	return fmt.Sprintf("%d times", r.Calls)
}

func (c *instance) allDoubts() []string {
	d := slices.Clone(c.doubts)
	if c.remedy.kind >= last {
		d = append(d, "inputs that come from outside are without number: the memory must have a bound")
	}
	if c.r.Rate < 1 {
		d = append(d, fmt.Sprintf("one input in %.0f was looked at, and the figures scaled", 1/c.r.Rate))
	}
	if c.r.Stopped {
		d = append(d, "it was called so often that it was not watched to the end")
	}
	return d
}

// others are places that help to understand: who calls it.
func (st *Study) others(c *instance) []analyze.Location {
	var ls []analyze.Location
	if c.where != c.sp.frame {
		l := st.s.Location(c.sp.frame, analyze.Cause)
		l.Note = "is asked the same again"
		ls = append(ls, l)
	}
	if c.caller.Line > 0 {
		l := st.s.Location(c.caller, analyze.Caller)
		l.Note = "calls it most"
		ls = append(ls, l)
	}
	for _, k := range []effects.Kind{effects.ReadsState, effects.Reads, effects.Environment, effects.Unknown} {
		if chain := c.sp.effects.Why(k).Chain; len(chain) > 0 && c.sp.effects.Has(k) {
			at := chain[len(chain)-1]
			ls = append(ls, analyze.Location{File: st.s.RelPath(at.File), Line: at.Line, Func: at.Func, Role: analyze.Cause, Note: c.sp.effects.Why(k).Kind.String() + ": " + c.sp.effects.Why(k).What})
			break
		}
	}
	return ls
}

func (c *instance) evidence() []analyze.Evidence {
	r, src := c.r, c.w.Name+", with probes"
	e := analyze.Evidence{Source: c.w.Name + ", CPU profile", Metric: "time in " + c.sp.name() + ", its garbage included", Unit: "1", Value: c.share, Share: c.share}
	if t := c.w.SecPerOp(); t > 0 {
		e.Unit, e.Value = "sec/op", t*c.share
	}
	es := []analyze.Evidence{e,
		{Source: src, Metric: "calls whose input had come before in the same operation", Value: r.Within.Share() * float64(r.Within.Calls), Unit: "1", Share: r.Within.Share()},
		{Source: src, Metric: "calls whose input had come before in the run", Value: r.All.Share() * float64(r.All.Calls), Unit: "1", Share: r.All.Share()},
		{Source: src, Metric: "inputs that are different", Value: r.Distinct, Unit: "1"},
	}
	if r.Joined > 0 {
		es = append(es, analyze.Evidence{Source: src, Metric: "calls begun while one with the same input was running", Value: float64(r.Joined), Unit: "1", Share: min(1, float64(r.Joined)/float64(max(1, r.All.Calls)))})
	}
	if c.remedy.kind >= last {
		es = append(es, analyze.Evidence{Source: "this machine", Metric: "a look-up of such an input in package memo", Value: c.look, Unit: "sec"})
	}
	if c.keep > 0 {
		es = append(es, analyze.Evidence{Source: "this machine", Metric: "keeping an answer in a memory of so many, beside the look-up", Value: c.keep, Unit: "sec"})
	}
	if c.perCall > 0 {
		es = append(es, analyze.Evidence{Source: c.w.Name, Metric: "a call of " + c.sp.name(), Value: c.perCall, Unit: "sec"})
	}
	if c.lost > 0 {
		es = append(es, analyze.Evidence{Source: c.w.Name + ", CPU profile", Metric: "time in functions that fill what each new result has empty", Value: c.lost, Unit: "1", Share: c.lost})
	}
	return es
}

func (c *instance) how() string {
	text := "its share of the time, times the part of its calls whose input had come before"
	if c.w.Kind == analyze.Benchmark && !c.single() {
		text += ", from within one operation to across operations"
	}
	if c.lost > 0 {
		text += ", and with it the time of filling what each new object has empty and a kept one would remember"
	}
	if c.remedy.kind >= last && c.perCall > 0 {
		text += fmt.Sprintf(", less a look-up of %v for each call", time.Duration(c.look*1e9).Round(time.Nanosecond))
	}
	if c.keep > 0 {
		text += fmt.Sprintf(", and %v to keep an answer in a memory that outgrows the processor's cache", time.Duration(c.keep*1e9).Round(time.Nanosecond))
	}
	return text
}

// memory returns what the advised memory would take, as far as it can be told: its
// entries, the keys of the length that was seen.
func (c *instance) memory() int64 {
	if c.remedy.kind < bounded {
		return 0
	}
	n := c.size
	if n == 0 {
		n = int(min(c.r.Distinct, 1e6))
	}
	longest := 0
	for _, s := range c.r.Samples {
		longest = max(longest, len(s.String()))
	}
	return int64(max(16, n)) * int64(entryCost+longest)
}

// watched is what show prints of the run with probes.
func (c *instance) watched(st *Study) *analyze.Watched {
	r := c.r
	w := &analyze.Watched{
		Workload: c.w.Name, Subject: c.sp.fn.Name, Calls: r.All.Calls, Operations: r.Ops, Distinct: r.Distinct,
		Within: r.Within.Share(), Across: r.All.Share(), Compared: r.Compared, Differ: r.Differ, Joined: r.Joined,
		Func: c.sp.frame.Func, Redundant: int64(c.across * float64(r.All.Calls)), Avoidable: c.mostly,
	}
	if c.sp.call != nil {
		w.Subject = c.sp.call.callee + " in " + c.sp.fn.Name
		w.Line = c.sp.frame.Line
	}
	for _, n := range append(slices.Clone(probe.Capacities), 0) {
		w.Curve = append(w.Curve, analyze.Hits{Entries: n, Within: hits(&r.Within, n), Across: hits(&r.All, n)})
	}
	for _, p := range r.Inputs {
		w.Inputs = append(w.Inputs, fmt.Sprintf("%s %s (%s)", p.Name, p.Type, p.Level))
	}
	for _, s := range r.Samples {
		w.Samples = append(w.Samples, analyze.Input{Text: s.String(), Calls: s.Calls})
	}
	for _, k := range r.Callers {
		l := st.s.Location(profile.Frame{Func: k.Func, File: k.File, Line: k.Line}, analyze.Caller)
		l.Note = fmt.Sprintf("%d of the calls looked at", k.Calls)
		w.Callers = append(w.Callers, l)
	}
	return w
}

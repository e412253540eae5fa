package repeat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/effects"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/profile"
)

// Pass returns the pass repeat over the study's session. Without the result of a run with
// probes it finds nothing: what is asked again is not seen by reading.
func (st *Study) Pass(found *probe.Result) *analyze.Pass {
	return &analyze.Pass{
		Name: "repeat",
		Doc:  "functions and calls that are asked the same again, whose answers may be kept; needs a CPU profile, source and a run with probes",
		Run: func(ctx context.Context, s *analyze.Session) ([]analyze.Finding, error) {
			if found == nil {
				return nil, nil
			}
			st.found = found
			return st.findings(ctx), nil
		},
	}
}

func (st *Study) findings(ctx context.Context) []analyze.Finding {
	var cases []*instance
	for _, sp := range st.spots {
		if ctx.Err() != nil {
			break
		}
		for w, share := range sp.shares {
			for _, r := range st.records(sp, w) {
				if c := st.judge(sp, w, share, r); c != nil {
					cases = append(cases, c)
				}
			}
		}
	}
	var all analyze.Places
	for _, c := range st.outermost(cases) {
		all.Add(st.finding(c))
	}
	for _, w := range st.s.Workloads {
		all.Add(st.discarded(w)...)
	}
	return all.Findings()
}

// records returns what was seen of a spot in a workload.
func (st *Study) records(sp *spot, w *analyze.Workload) []*probe.Record {
	pw, ok := Watched(st.s, w)
	if !ok {
		return nil
	}
	var rs []*probe.Record
	for _, r := range st.found.Records {
		c := r.Candidate
		if c.Func == sp.cand.Func && c.Line == sp.cand.Line && c.Callee == sp.cand.Callee &&
			r.Workload.Package == pw.Package && r.Workload.Kind == pw.Kind && r.Workload.Pattern == pw.Pattern {
			rs = append(rs, r)
		}
	}
	return rs
}

// An instance is a spot that was asked the same again in a workload, and may answer from
// memory.
type instance struct {
	sp      *spot
	w       *analyze.Workload
	r       *probe.Record
	share   float64 // of the workload's time
	level   analyze.Level
	lost    float64 // of the workload's time: filling what each new result has empty
	within  float64 // hit ratio of a memory that lives for an operation, of the size advised
	across  float64 // of one that lives for the run
	size    int     // entries; 0: without bound
	least   float64 // of the share, that is saved at least: what repeats within an operation, net of look-ups
	mostly  float64 // at most: what repeats across operations, net
	remedy  remedy
	why     []string
	doubts  []string
	risks   []string
	loop    string        // "" or what the call may be taken out of
	where   profile.Frame // the place to change
	caller  profile.Frame // the line that calls most, where that is not the place to change
	ttl     time.Duration // 0: for ever
	perCall float64       // seconds, of the plain run; 0: unknown
	look    float64       // seconds, of a look-up in the memory advised
	keep    float64       // seconds more, where the memory is large and does not have the answer
}

// gain returns the better end of what would be saved of the workload.
func (c *instance) gain() float64 { return min(0.98, (c.share+c.lost)*c.mostly) }

// leastGain is the part of a workload that is worth a finding.
const leastGain = 0.02

// leastPart is the part of the calls' own time that must be saved, look-ups paid: what is
// nearly as cheap as a look-up is not worth a memory.
const leastPart = 0.3

// leastAcross is the part that must be gained at best where inputs come again across the
// iterations of a benchmark alone: it is a guess at what real callers do.
const leastAcross = 0.15

// judge returns what may be said of a spot, nil if nothing.
func (st *Study) judge(sp *spot, w *analyze.Workload, share float64, r *probe.Record) *instance {
	c := &instance{sp: sp, w: w, r: r, share: share, where: sp.frame}
	if r.All.Calls < 2 || c.differs() || c.remembers() {
		return nil
	}
	c.perCall = costOfCall(w, share, r) / c.outer()
	if r.Stopped && c.perCall < lookUp(r) {
		return nil // what is called too often to be watched is mostly cheaper than a look-up
	}
	c.judge()
	if r.Stopped {
		c.level = analyze.Profiled
	}
	c.size = c.capacity()
	c.within, c.across = hits(&r.Within, c.size), hits(&r.All, c.size)
	if sp.call != nil && sp.call.constant {
		c.across = 1
	}
	c.callers(st)
	if c.objects() {
		c.lost = st.refilling(sp, w)
	}
	c.choose()
	c.price()
	c.words(st)
	c.least, c.mostly = c.net(c.within), c.net(c.across)
	if w.Kind != analyze.Benchmark || sp.call != nil && sp.call.constant {
		c.least = c.mostly * 0.8 // a memory that lives for the run is what the workload would have
	}
	if c.gain() < leastGain || c.mostly < leastPart {
		return nil
	}
	if long(r) && c.within < 0.5 && !(sp.call != nil && sp.call.constant) {
		return nil // as a key it would cost what it saves
	}
	if c.least*c.share < leastGain && !c.acrossOnly(st) {
		return nil
	}
	return c
}

// outer returns the part of the calls that do not come from the function itself: an answer
// from memory saves those within it, and their look-ups.
func (c *instance) outer() float64 {
	own, all := int64(0), int64(0)
	for _, k := range c.r.Callers {
		if all += k.Calls; profile.Enclosing(k.Func) == c.sp.frame.Func {
			own += k.Calls
		}
	}
	if c.sp.call != nil || own == all {
		return 1
	}
	return 1 - float64(own)/float64(all)
}

// acrossOnly lowers what is said of inputs that come again across the iterations of a
// benchmark alone, and reports whether it is worth saying.
func (c *instance) acrossOnly(st *Study) bool {
	c.level = min2(c.level, analyze.Profiled)
	c.why = append(c.why, fmt.Sprintf("inputs come again across the iterations of %s, which feeds the same ones each time, not within one", c.w.Name))
	c.doubts = append(c.doubts, "a benchmark that feeds the same input makes everything look repeatable: see whether real callers ask again")
	return c.gain() >= leastAcross && !c.identities() && !c.lists() && (!st.harnessOnly(c.r) || c.worthAKey())
}

// identities reports whether nothing of the input but addresses was seen.
func (c *instance) identities() bool {
	for _, p := range c.r.Inputs {
		if p.Level != probe.Identity && p.Level != probe.Ignored {
			return false
		}
	}
	return len(c.r.Inputs) > 0
}

func min2(a, b analyze.Level) analyze.Level {
	if b.Rank() < a.Rank() {
		return b
	}
	return a
}

// differs reports whether equal inputs were given different answers: there is more to the
// input than what was seen. Objects that are made anew each time, of which each differs
// from the one before, tell nothing: they may hold channels, locks and functions.
func (c *instance) differs() bool {
	r := c.r
	return float64(r.Differ) > 0.001*float64(max(1, r.Compared)) && !c.objects()
}

// objects reports whether the answers are objects, which were never equal.
func (c *instance) objects() bool {
	return c.r.Compared > 0 && c.r.Differ > 0 && float64(c.r.Differ) > 0.999*float64(c.r.Compared) &&
		c.sp.effects.Results&effects.SharesResult != 0
}

// remembers reports whether repeats are answered with the very same objects: there is a
// memory already. Of one whose results are made anew by what it does that is not so, though
// a result that is nil each time looks the same.
func (c *instance) remembers() bool {
	return c.r.Compared > 0 && 2*c.r.Shared > c.r.Compared && c.sp.effects.Results&^effects.SharesResult != 0
}

// hits returns the hit ratio of a memory of size entries, 0 for one without bound.
func hits(u *probe.Reuse, size int) float64 {
	if size == 0 {
		return u.Share()
	}
	return u.HitRatio(size)
}

// capacity returns the least size that hits nearly as often as one without bound.
func (c *instance) capacity() int {
	whole := c.r.All.Share()
	for _, n := range probe.Capacities {
		if c.r.All.HitRatio(n) >= 0.95*whole {
			return n
		}
	}
	return 0
}

// long reports whether inputs are so long that a memory of them costs more than it is
// likely to save: more than a line of text.
func long(r *probe.Record) bool {
	if 10*r.Long > r.Sampled {
		return true
	}
	longest := 0
	for _, s := range r.Samples {
		n := 0
		for _, v := range s.Values {
			n += len(v.Text)
		}
		longest = max(longest, n)
	}
	return longest > 128
}

// harnessOnly reports whether test files alone call it: they choose its inputs.
func (st *Study) harnessOnly(r *probe.Record) bool {
	if len(r.Callers) == 0 {
		return false
	}
	for _, k := range r.Callers {
		if !strings.HasSuffix(k.File, "_test.go") {
			return false
		}
	}
	return true
}

// worthAKey reports whether a function that a benchmark calls itself is likely to be asked
// again by others: its inputs are short, and it costs many times a look-up.
func (c *instance) worthAKey() bool {
	return !long(c.r) && c.perCall > 2*lookUp(c.r)
}

// lists reports whether the input has lists in it: documents, rows, not keys.
func (c *instance) lists() bool {
	return slices.ContainsFunc(c.r.Inputs, func(p probe.Part) bool { return p.Level == probe.Contents })
}

// judge says by the effects how answers may be kept, and how sure that is. Where they may not
// be kept, nothing was watched.
func (c *instance) judge() {
	e := c.sp.effects
	c.level = analyze.Observed
	if c.objects() {
		c.level = analyze.Profiled
		c.doubts = append(c.doubts, "each result is an object of its own, and whether those of the same input are alike was not seen: what is kept would be one object for all callers")
	} else if r := c.r; r.Compared > 0 {
		c.why = append(c.why, fmt.Sprintf("%d repeats were answered as before, none otherwise", r.Compared-r.Differ))
	}
	switch {
	case e.Pure():
		c.why = append(c.why, "it depends on the values of its arguments alone, and changes nothing")
	case e.Kinds == effects.ReadsArgs:
		c.why = append(c.why, "it changes nothing, and depends on its arguments and what they lead to")
	}
	if e.Has(effects.Fills) {
		c.level = analyze.Profiled
		c.doubts = append(c.doubts, fmt.Sprintf("it %v: an answer from memory leaves that undone; see that nothing but it looks at what it fills", e.Why(effects.Fills)))
	}
	if e.Has(effects.Unknown) {
		c.level = analyze.Profiled
		c.doubts = append(c.doubts, "it could not be read to the end: "+e.Why(effects.Unknown).String())
	}
	if k := e.Kinds & (effects.ReadsState | effects.Reads | effects.Environment | effects.MapOrder); k != 0 {
		c.ttl = lifetime(c.r.Age.Quantile(0.9))
		for _, one := range effects.All {
			if k&one != 0 {
				c.doubts = append(c.doubts, "an answer can become wrong: it "+e.Why(one).String())
			}
		}
	}
	for _, p := range c.r.Inputs {
		if p.Level == probe.Identity && c.readsBehind() {
			c.level = analyze.Profiled
			c.doubts = append(c.doubts, fmt.Sprintf("the same %s was taken for the same input, and what it leads to may have changed between calls", p.Name))
		}
	}
	c.sharing()
}

// readsBehind reports whether the function looks at the memory behind its arguments.
func (c *instance) readsBehind() bool { return c.sp.effects.Has(effects.ReadsArgs | effects.Unknown) }

// sharing adds what must be known of results that share memory.
func (c *instance) sharing() {
	switch s := c.sp.effects.Results; {
	case s&effects.SharesArgs != 0:
		c.risks = append(c.risks, "its result shares memory with an argument: keep a copy, or make sure that nobody changes either")
	case s&(effects.SharesState|effects.SharesUnknown) != 0:
		c.risks = append(c.risks, "its result may share memory with something that changes: keep a copy")
	case s&effects.SharesResult != 0:
		c.risks = append(c.risks, "callers that change the result would then change it for all: hand it out read-only, or a copy")
	}
}

// callers finds the line that calls most, and where the call may be taken out of a loop.
func (c *instance) callers(st *Study) {
	if c.sp.call != nil {
		if loop, ok := invariant(c.sp.fn, c.sp.call.expr); ok {
			c.loop = fmt.Sprintf("the loop at line %d of %s", st.s.Program.Line(loop.Pos()), profile.Short(c.sp.fn.Name))
		}
		return
	}
	var total int64
	for _, k := range c.r.Callers {
		total += k.Calls
	}
	if len(c.r.Callers) == 0 || total == 0 {
		return
	}
	top := c.r.Callers[0]
	c.caller = profile.Frame{Func: top.Func, File: top.File, Line: top.Line}
	if 10*top.Calls < 9*total || strings.HasSuffix(top.File, "_test.go") {
		return
	}
	fn := st.s.Program.FuncAt(c.caller)
	if fn == nil {
		return
	}
	for _, call := range callsOn(st.s.Program, fn, top.Line, c.sp.fn) {
		if loop, ok := invariant(fn, call); ok {
			c.loop = fmt.Sprintf("the loop at line %d of %s", st.s.Program.Line(loop.Pos()), profile.Short(fn.Name))
			c.where, c.caller = c.caller, profile.Frame{}
		}
	}
}

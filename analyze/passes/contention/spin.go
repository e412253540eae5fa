package contention

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

const (
	minSpin  = 0.25 // of the CPU time, under a function that may spin
	minTries = 0.5  // of that, in scheduling primitives
	minAsked = 0.2  // of that, in operations on channels, where these are what is tried
)

// A spinner is a function with what the CPU profile shows below it. Its numbers are
// in the profile's unit.
type spinner struct {
	name  string // of the function or closure
	frame profile.Frame
	cum   int64
	sched int64 // in scheduling primitives below it
	asked int64 // of that, in operations on channels
	lines map[profile.Frame]int64
	tries map[profile.Frame][]profile.Frame // what called a channel's primitive below it; the frames from there to the spinner
}

// schedules reports whether a frame is a scheduling primitive: an operation on a
// channel or a lock, or giving up the processor.
func schedules(name string) bool {
	switch name {
	case "runtime.selectgo", "runtime.selectnbsend", "runtime.selectnbrecv", "runtime.chansend", "runtime.chansend1", "runtime.chanrecv",
		"runtime.chanrecv1", "runtime.chanrecv2", "runtime.lock2", "runtime.unlock2", "runtime.Gosched", "runtime.mcall", "runtime.gopark",
		"runtime.goready", "runtime.schedule", "runtime.park_m":
		return true
	}
	return strings.HasPrefix(name, "sync.(*Mutex).") || strings.HasPrefix(name, "internal/sync.(*Mutex).") || strings.HasPrefix(name, "sync.(*RWMutex).")
}

// attempts reports whether a frame is an operation on a channel that may not block.
func attempts(name string) bool {
	return name == "runtime.selectnbsend" || name == "runtime.selectnbrecv" || name == "runtime.selectgo"
}

// asks reports whether a frame is an operation on channels.
func asks(name string) bool {
	return strings.HasPrefix(name, "runtime.select") || strings.HasPrefix(name, "runtime.chansend") || strings.HasPrefix(name, "runtime.chanrecv")
}

// A parade is what the CPU profile says of all functions that may spin.
type parade struct {
	ix      *profile.Index
	by      map[string]*spinner
	parked  int64   // in the scheduler because goroutines blocked
	yielded int64   // in the scheduler because goroutines gave up the processor
	used    float64 // the part of the processors' time that the program used; 1 if unknown
}

func march(s *analyze.Session, w *analyze.Workload) *parade {
	m := &parade{ix: s.Index(w, "cpu", "cpu"), by: make(map[string]*spinner), used: 1}
	p := w.Profiles["cpu"]
	if p == nil {
		return m
	}
	if all := p.Seconds * float64(s.Machine.Cores) * 1e9; all > 0 {
		m.used = min(1, float64(m.ix.Total)/all)
	}
	v := p.Index("cpu")
	for _, smp := range p.Samples {
		if v >= 0 {
			m.add(smp.Stack, smp.Values[v], s.Owner)
		}
	}
	if m.yielded > 0 {
		m.yielders(s, w)
	}
	return m
}

// yielders adds the functions that were seen to give up the processor. One that does
// nothing else has its time in the scheduler, and may be in no sample of the CPU profile.
func (m *parade) yielders(s *analyze.Session, w *analyze.Workload) {
	for _, e := range w.Epochs {
		if e.Goroutine == nil {
			continue
		}
		for _, smp := range e.Goroutine.Samples {
			if slices.ContainsFunc(smp.Stack, func(fr profile.Frame) bool { return fr.Func == "runtime.Gosched" }) {
				m.add(smp.Stack, 0, s.Owner)
			}
		}
	}
}

func (m *parade) add(stack []profile.Frame, value int64, owner func(profile.Frame) profile.Owner) {
	if profile.Responsible(stack, owner) < 0 {
		m.scheduler(stack, value)
		return
	}
	seen := make(map[string]bool)
	tried := -1 // the frame that called a primitive
	sched, asked := false, false
	for i, fr := range stack {
		if o := owner(fr); o == profile.Own || o == profile.Library {
			if !seen[fr.Func] {
				seen[fr.Func] = true
				sp := m.at(fr)
				sp.charge(stack, i, tried, value)
				if sched {
					sp.sched += value
				}
				if asked {
					sp.asked += value
				}
			}
		}
		sched, asked = sched || schedules(fr.Func), asked || asks(fr.Func)
		if attempts(fr.Func) {
			tried = i + 1
		}
	}
}

// scheduler counts a sample outside of goroutines.
func (m *parade) scheduler(stack []profile.Frame, value int64) {
	for _, fr := range stack {
		switch fr.Func {
		case "runtime.goschedImpl", "runtime.gosched_m":
			m.yielded += value
			return
		}
	}
	for _, fr := range stack {
		switch fr.Func {
		case "runtime.park_m", "runtime.schedule", "runtime.findRunnable":
			m.parked += value
			return
		}
	}
}

func (m *parade) at(fr profile.Frame) *spinner {
	sp := m.by[fr.Func]
	if sp == nil {
		sp = &spinner{name: fr.Func, frame: fr, lines: make(map[profile.Frame]int64), tries: make(map[profile.Frame][]profile.Frame)}
		m.by[fr.Func] = sp
	}
	return sp
}

// charge adds a sample in which the spinner is frame i, and the frame tried called a
// primitive.
func (sp *spinner) charge(stack []profile.Frame, i, tried int, value int64) {
	sp.cum += value
	sp.lines[stack[i]] += value
	if tried >= 0 && tried < i {
		if _, ok := sp.tries[stack[tried]]; !ok {
			sp.tries[stack[tried]] = slices.Clone(stack[tried : i+1])
		}
	}
}

// ranked returns the functions under which enough time passes, most first.
func (m *parade) ranked() []*spinner {
	var sps []*spinner
	for _, sp := range m.by {
		if m.ix.Share(sp.cum+m.yielded) >= minSpin {
			sps = append(sps, sp)
		}
	}
	slices.SortFunc(sps, func(a, b *spinner) int { return cmp.Or(cmp.Compare(b.cum, a.cum), cmp.Compare(a.name, b.name)) })
	return sps
}

// hottest returns the spinner's lines, those with most time first.
func (sp *spinner) hottest() []profile.Frame {
	var fs []profile.Frame
	for fr := range sp.lines {
		fs = append(fs, fr)
	}
	slices.SortFunc(fs, func(a, b profile.Frame) int {
		return cmp.Or(cmp.Compare(sp.lines[b], sp.lines[a]), cmp.Compare(a.Line, b.Line))
	})
	return fs
}

// within returns the time at the lines from first to last of the spinner.
func (sp *spinner) within(first, last int) int64 {
	var sum int64
	for fr, v := range sp.lines {
		if first <= fr.Line && fr.Line <= last {
			sum += v
		}
	}
	return sum
}

// spins finds the loops of one workload that try again and again instead of waiting.
func spins(s *analyze.Session, w *analyze.Workload) []analyze.Finding {
	m := march(s, w)
	var found []analyze.Finding
	for _, sp := range m.ranked() {
		l, ok := loopOf(s.Program, sp)
		if !ok {
			continue
		}
		much, ok := m.spinning(s.Program, sp, l)
		if !ok {
			continue
		}
		found = append(found, spinFinding(s, w, sp, l, much))
		if len(found) == perWorkload {
			break
		}
	}
	return found
}

// A spun is how much a loop spins: parts of the workload's CPU time under the loop,
// and in its attempts; and the part of the processors' time that the program used.
type spun struct{ share, tries, used float64 }

// spinning reports whether a loop spins, and how much: most of its time is spent in
// scheduling primitives, those that it tries among them, and yet the scheduler has
// nothing to do, since nobody blocks.
func (m *parade) spinning(p *load.Program, sp *spinner, l loop) (spun, bool) {
	cum, tries, asked := sp.cum, sp.sched, sp.asked
	switch l.kind {
	case polls: // such a loop does nothing but look
		cum, tries = cum+m.yielded, sp.within(p.Line(l.node.Pos()), p.Line(l.node.End()))+m.yielded
		asked = tries
	case yields:
		cum, tries = cum+m.yielded, tries+m.yielded
		asked += m.yielded
	case wakes:
		asked = tries
	}
	if m.ix.Share(cum) < minSpin || float64(tries) <= minTries*float64(cum) || float64(asked) < minAsked*float64(cum) || 2*m.parked > tries {
		return spun{}, false
	}
	return spun{m.ix.Share(cum), m.ix.Share(min(cum, tries)), m.used}, true
}

func spinFinding(s *analyze.Session, w *analyze.Workload, sp *spinner, l loop, much spun) analyze.Finding {
	frame := sp.frame
	frame.Line = s.Program.Line(l.node.Pos())
	loc := s.Location(frame, analyze.Primary)
	where := profile.Short(loc.Func)
	do, snippet := l.advice(s.Program, where)
	f := analyze.Finding{
		Fingerprint: analyze.Fingerprint("contention/spin", loc.Func, l.kind.String()),
		Rule:        "contention/spin",
		Title:       fmt.Sprintf("%s spins: %s", where, l.how()),
		Advice: analyze.Advice{Do: do, Snippet: snippet, Doubts: []string{
			"on idle processors a loop that spins reacts faster than one that is woken, by some microseconds",
			"that what is waited for always wakes the loop has to be made sure of",
		}},
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: []string{
			fmt.Sprintf("%.0f %% of the CPU time of %s passes under the loop, most of it in channel and lock operations of the runtime, and nobody blocks", 100*much.share, w.Name),
		}},
		Locations: append([]analyze.Location{loc}, l.causes(s)...),
		Evidence:  []analyze.Evidence{spinEvidence(w, where, much.share)},
		Gain: analyze.Gain{
			Metric: "sec/op", Workload: w.Name, Base: w.SecPerOp(), Predicted: [2]float64{-0.8 * much.tries * much.used, -min(0.99, much.share)},
			How: fmt.Sprintf("at least most of the CPU time in its attempts, times the %.0f %% of the processors' time that the program used: what an idle processor spins away costs an operation nothing; at most all CPU time under the loop", 100*much.used),
		},
		Repro: w.Repro,
	}
	if s.Owner(sp.frame) == profile.Library {
		f.Advice.Doubts = append(f.Advice.Doubts, "the code is a dependency's: see whether a newer version has it mended, and report it if not")
	}
	return f
}

func spinEvidence(w *analyze.Workload, where string, share float64) analyze.Evidence {
	e := analyze.Evidence{Source: w.Name + ", CPU profile", Metric: "time under the loop of " + where, Unit: "1", Value: share, Share: share}
	if t := w.SecPerOp(); t > 0 {
		e.Unit, e.Value = "sec/op", t*share
	}
	return e
}

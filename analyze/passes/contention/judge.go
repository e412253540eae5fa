package contention

import (
	"fmt"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/profile"
)

// A wait is how long an operation waits for one lock at one GOMAXPROCS.
type wait struct {
	procs int
	sec   float64 // per operation
	rel   float64 // sec over the time of an operation; above 1 where many wait at once
	share float64 // of all the goroutines' time: sec / (sec + time of an operation × procs)
}

// waits spreads what was measured for all mutexes over one that has the given part of
// their delay.
func waits(sweep []analyze.Point, part float64) []wait {
	var ws []wait
	for _, p := range sweep {
		if p.SecPerOp <= 0 {
			continue
		}
		sec := p.WaitPerOp * part
		ws = append(ws, wait{p.Procs, sec, sec / p.SecPerOp, waitShare(sec, p.SecPerOp, p.Procs)})
	}
	return ws
}

// waitShare is the part of the goroutines' time for an operation that is waiting.
func waitShare(sec, perOp float64, procs int) float64 {
	if sec <= 0 {
		return 0
	}
	return min(mostWon, sec/(sec+perOp*float64(procs)))
}

// greatest returns the greatest wait at several processors; the zero wait if none was
// measured.
func greatest(ws []wait) wait {
	var g wait
	for _, w := range ws {
		if w.procs > 1 && (g.procs == 0 || w.share >= g.share) {
			g = w
		}
	}
	return g
}

// A verdict is what is wrong with a lock in a workload.
type verdict struct {
	c       *census
	u       *usage
	primary *holder
	facts   *facts // of the primary's section; nil without source
	waits   []wait
	wait    wait      // that the verdict rests on
	part    float64   // of the delay of all mutexes
	waiting bool      // enough for a finding
	holding *heldWait // for others, by who holds it; nil if it does not
	copying bool      // reading and copying dominates, waited for or not
}

// judge says whether a lock is worth a finding, and makes it.
func (c *census) judge(u *usage) (analyze.Finding, bool) {
	v := verdict{c: c, u: u, primary: most(u.holders)}
	if v.primary == nil {
		return analyze.Finding{}, false
	}
	if c.total > 0 {
		v.part = min(1, u.delay/c.total)
	}
	v.waits = waits(c.w.Sweep, v.part)
	v.wait = greatest(v.waits)
	if len(v.waits) == 0 && c.w.Kind != analyze.Benchmark {
		v.wait = c.whole(u)
	}
	if s := v.primary.section; s != nil {
		v.facts = c.book.factsOf(s)
	}
	v.holding = v.waitsHeld()
	v.waiting = v.wait.rel >= minWait && v.wait.share >= minWait/2 && u.delay >= minDelay
	racing := u.ops >= minOps && u.raced && v.shared()
	v.copying = v.copies()
	if !v.waiting && !racing && !v.copying || !v.hot() {
		return analyze.Finding{}, false
	}
	if u.inside != "" && !v.waiting {
		return analyze.Finding{}, false
	}
	return v.finding(), true
}

// shared reports whether goroutines that take a lock at once take the same one. Waits
// in the crowded run prove it. Readers do not wait for each other: what they take is
// shared unless the source shows that it is one of many.
func (v verdict) shared() bool {
	if v.u.delay >= minDelay {
		return true
	}
	sect := v.primary.section
	return sect != nil && sect.read() && !v.c.book.divided(sect.lock)
}

// whole is the wait of a workload that has no operations, over its whole time.
func (c *census) whole(u *usage) wait {
	cpu := c.w.Profiles["cpu"]
	if cpu == nil || cpu.Seconds <= 0 {
		return wait{}
	}
	procs := max(2, c.s.Machine.Cores)
	return wait{procs, u.delay, u.delay / cpu.Seconds, waitShare(u.delay, cpu.Seconds, procs)}
}

// hot reports whether the code under the lock is on the CPU profile, or does what
// takes time without being on it.
func (v verdict) hot() bool {
	return v.u.held >= minHeld || v.u.lock == nil && v.wait.rel >= minWait || v.idle()
}

// idle reports whether the lock is held while nothing is done on the CPU.
func (v verdict) idle() bool { return v.holding != nil || v.blocking() != nil }

// blocking returns the I/O or sleep in the primary's section, nil if there is none.
func (v verdict) blocking() *work {
	if v.facts == nil {
		return nil
	}
	for i, w := range v.facts.calls {
		if (w.kind == "I/O" || w.kind == "sleeping") && (w.sure || v.seen(w)) {
			return &v.facts.calls[i]
		}
	}
	return nil
}

// seen reports whether the CPU profile shows the work in a call that stands behind a
// condition.
func (v verdict) seen(w work) bool {
	p := v.c.w.Profiles["cpu"]
	if p == nil {
		return false
	}
	line := v.c.book.p.Line(w.call.Pos())
	for _, smp := range p.Samples {
		for i, fr := range smp.Stack {
			if fr.Line != line || i == 0 || v.c.funcAt(fr) != v.primary.section.fn {
				continue
			}
			for _, below := range smp.Stack[:i] {
				if kindOf(below.Func) == w.kind {
					return true
				}
			}
		}
	}
	return false
}

// copies reports whether the lock is held to read something small and copy it, often
// enough to matter though nobody waits.
func (v verdict) copies() bool {
	if v.facts == nil || v.facts.copies == "" || !v.primary.section.read() || len(v.facts.writes) > 0 || v.u.held < minCopy {
		return false
	}
	return v.onlyRead() && v.replaced()
}

// onlyRead reports whether the sections that the profiles show only read.
func (v verdict) onlyRead() bool {
	for _, h := range v.u.holders {
		if h.section == nil || len(v.c.book.factsOf(h.section).writes) > 0 && (h.cpu > 0.1*v.u.held || h.delay > 0.1*v.u.delay) {
			return false
		}
	}
	return true
}

// replaced reports whether those who write under the lock replace the values whole, as
// an atomic.Pointer can.
func (v verdict) replaced() bool {
	for _, sect := range v.u.lock.sections {
		if f := v.c.book.factsOf(sect); f.partly {
			return false
		}
	}
	return true
}

// readers returns how many of the lock's sections only read, and how many write.
func (v verdict) readers() (reading, writing int) {
	for _, sect := range v.u.lock.sections {
		if len(v.c.book.factsOf(sect).writes) > 0 {
			writing++
		} else {
			reading++
		}
	}
	return reading, writing
}

func (v verdict) finding() analyze.Finding {
	r := v.remedy()
	loc := v.c.s.Location(v.primary.frame, analyze.Primary)
	if sect := v.primary.section; sect != nil {
		loc.Line = v.c.book.p.Line(sect.take.call.Pos())
	}
	w := v.c.w
	f := analyze.Finding{
		Fingerprint: analyze.Fingerprint(r.rule, loc.Func, v.name()),
		Rule:        r.rule, Title: r.title,
		Advice:     analyze.Advice{Do: r.do, Snippet: r.snippet, Doubts: r.doubts},
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: v.why()},
		Locations:  append([]analyze.Location{loc}, v.others(loc.Func)...),
		Evidence:   v.evidence(),
		Gain:       v.gain(),
		Repro:      w.Repro + " -cpu 1,2,8 -mutexprofile mutex.out",
	}
	if w.Kind != analyze.Benchmark {
		f.Repro = w.Repro
	}
	if v.c.s.Owner(v.primary.frame) == profile.Library {
		f.Advice.Doubts = append(f.Advice.Doubts, "the code is a dependency's: see whether a newer version has it mended, and report it if not")
	}
	return f
}

// others are the waiters, and the holders besides the primary one.
func (v verdict) others(primary string) []analyze.Location {
	var ls []analyze.Location
	add := func(m map[string]*holder, role, note string) {
		var all float64
		for _, h := range m {
			all += h.delay
		}
		for i, name := range names(m) {
			h := m[name]
			if i == 4 || all <= 0 || h.delay < 0.01*all || role == analyze.Holder && name == primary {
				continue
			}
			l := v.c.s.Location(h.frame, role)
			if h.section != nil {
				l.Line = v.c.book.p.Line(h.section.take.call.Pos())
			}
			l.Note = fmt.Sprintf("%.0f %% of %s", 100*h.delay/all, note)
			ls = append(ls, l)
		}
	}
	add(v.u.waiters, analyze.Waiter, "the waiting is here")
	add(v.u.holders, analyze.Holder, "the waiting is for this holder")
	return ls
}

func (v verdict) evidence() []analyze.Evidence {
	w := v.c.w
	var es []analyze.Evidence
	for _, wt := range v.waits {
		es = append(es, analyze.Evidence{Source: fmt.Sprintf("%s, GOMAXPROCS=%d", w.Name, wt.procs), Metric: "wait for " + v.name(), Value: wt.sec, Unit: "sec/op", Share: wt.share})
	}
	for i, name := range names(v.u.holders) {
		h := v.u.holders[name]
		if i == 3 || v.u.delay <= 0 || h.delay < 0.01*v.u.delay {
			break
		}
		es = append(es, analyze.Evidence{Source: w.Name + ", mutex profile", Metric: "delay while " + profile.Short(name) + " holds it", Value: h.delay, Unit: "sec", Share: h.delay / v.u.delay})
	}
	if h := v.holding; h != nil {
		es = append(es, analyze.Evidence{
			Source: w.Name + ", block profile", Metric: "waiting for others with " + v.name() + " held",
			Value: h.delay, Unit: "sec", Share: min(1, h.delay/v.u.delay*v.wait.rel),
		})
	}
	return append(append(es, v.cpuShares()...), v.allocated()...)
}

func (v verdict) cpuShares() []analyze.Evidence {
	var es []analyze.Evidence
	add := func(share float64, metric string) {
		if share <= 0 {
			return
		}
		e := analyze.Evidence{Source: v.c.w.Name + ", CPU profile", Metric: metric, Unit: "1", Value: share, Share: share}
		if t := v.c.w.SecPerOp(); t > 0 {
			e.Unit, e.Value = "sec/op", t*share
		}
		es = append(es, e)
	}
	add(v.u.held, "time with "+v.name()+" held")
	add(v.u.ops, "time in taking and giving back "+v.name())
	return es
}

// span prints seconds with three digits in a fitting unit: "27.8 µs".
func span(sec float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}} {
		if sec >= u.size {
			return fmt.Sprintf("%.3g %s", sec/u.size, u.name)
		}
	}
	return fmt.Sprintf("%.3g ns", sec*1e9)
}

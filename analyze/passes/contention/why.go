package contention

import (
	"fmt"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/profile"
)

func (v verdict) why() []string {
	var why []string
	if w := v.wait; w.rel > 0 && v.c.w.Kind == analyze.Benchmark {
		why = append(why, fmt.Sprintf("an operation that takes %s waits %s for it at GOMAXPROCS=%d, summed over the goroutines", span(w.sec/w.rel), span(w.sec), w.procs))
	} else if w.rel > 0 {
		why = append(why, fmt.Sprintf("goroutines wait %s for it, summed, in a run of %s", span(w.sec), span(w.sec/w.rel)))
	}
	if v.u.held > 0 {
		why = append(why, fmt.Sprintf("%.0f %% of the CPU time of %s passes with the lock held, %.0f %% in taking and giving it back", 100*v.u.held, v.c.w.Name, 100*v.u.ops))
	}
	if !v.c.s.Machine.Scaling {
		reason := v.c.s.Machine.Reason
		if reason == "" {
			reason = "the machine was not examined: scaling is not measurable here"
		}
		why = append(why, reason+"; the waits were measured all the same")
	}
	if v.u.lock != nil {
		why = append(why, v.guards())
	}
	if h := v.holding; h != nil {
		why = append(why, fmt.Sprintf("goroutines that hold it wait %s for others in the crowded run, as its block profile shows", span(h.delay)))
	}
	if v.facts != nil && len(v.facts.under) > 0 {
		why = append(why, fmt.Sprintf("with it held, %s calls %s", profile.Short(v.c.s.FuncName(v.primary.frame)), list(v.facts.under)))
	}
	if v.u.lock == nil {
		why = append(why, "its source was not read: the lock goes by the function that holds it")
	}
	return why
}

// guards says what the lock protects, in all of the code that holds it, and how much
// of that only reads.
func (v verdict) guards() string {
	var names []string
	for _, sect := range v.u.lock.sections {
		f := v.c.book.factsOf(sect)
		for _, n := range f.reads {
			names = addName(names, n)
		}
		for _, n := range f.writes {
			names = addName(names, n)
		}
	}
	reading, writing := v.readers()
	says := fmt.Sprintf("%s is held in %d places, of which %d only read and %d write", v.name(), reading+writing, reading, writing)
	switch {
	case reading+writing == 1 && writing == 1:
		says = v.name() + " is held in one place, which writes"
	case reading+writing == 1:
		says = v.name() + " is held in one place, which only reads"
	}
	if len(names) > 0 {
		says += "; it guards " + list(names)
	}
	return says
}

// list joins the first names.
func list(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// allocated is how much the primary's section allocates, if that is much.
func (v verdict) allocated() []analyze.Evidence {
	w, sect := v.c.w, v.primary.section
	p, ix := w.Profiles["heap"], v.c.s.Index(w, "heap", "alloc_space")
	if p == nil || sect == nil || ix.Total == 0 {
		return nil
	}
	i := p.Index("alloc_space")
	from, to := v.c.book.lines(sect)
	var sum int64
	for _, smp := range p.Samples {
		for _, fr := range smp.Stack {
			if from <= fr.Line && fr.Line <= to && v.c.funcAt(fr) == sect.fn {
				sum += smp.Values[i]
				break
			}
		}
	}
	share := ix.Share(sum)
	perOp := w.Mean("B/op") * share
	if share < 0.05 || perOp < 1 {
		return nil
	}
	return []analyze.Evidence{{Source: w.Name + ", heap profile", Metric: "allocated with " + v.name() + " held", Value: perOp, Unit: "B/op", Share: share}}
}

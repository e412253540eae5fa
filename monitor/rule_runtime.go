package monitor

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/whetgo/whet/internal/robust"
)

// Metrics of the runtime that rules look at.
const (
	heapLive   = "/gc/heap/live:bytes"
	gcCycles   = "/gc/cycles/total:gc-cycles"
	goroutines = "/sched/goroutines:goroutines"
	lockWait   = "/sync/mutex/wait/total:seconds"
	cpuGC      = "/cpu/classes/gc/total:cpu-seconds"
	cpuGCIdle  = "/cpu/classes/gc/mark/idle:cpu-seconds" // what nobody else wanted
	cpuUser    = "/cpu/classes/user:cpu-seconds"
	memTotal   = "/memory/classes/total:bytes"
)

const (
	waitsMuch  = .1  // of a second each second, for locks
	gcMuch     = .25 // of the processors' busy time
	gcBusy     = .05 // of a processor, below which its share says nothing
	growsMuch  = .1  // of the first level, over the time looked at
	heapGrows  = 1e6 // bytes
	goGrow     = 20  // goroutines
	growPoints = 12  // before anything is called growth
	growSteps  = 200 // of the window, that the points must reach over: of a shorter time one half is warming up
)

// checkLockWait finds that goroutines wait for mutexes.
func checkLockWait(v *View) []Advice {
	over := v.Recent.Over.Seconds()
	waited := v.Recent.Value(lockWait)
	if over < 5 || waited/over < waitsMuch {
		return nil
	}
	return []Advice{{
		Text:     fmt.Sprintf("goroutines wait for locks: %s together, each second", shortTime(waited/over)),
		Do:       "find the lock: go tool pprof of /debug/pprof/mutex (after runtime.SetMutexProfileFraction), or whet analyze --url; do less while it is held, or divide it",
		Evidence: []Evidence{{"waiting for locks, of all goroutines, each second", lockWait, waited / over, "seconds"}},
	}}
}

// checkGC finds that garbage collection takes much of what the program uses.
func checkGC(v *View) []Advice {
	over := v.Recent.Over.Seconds()
	gc, user := v.Recent.Value(cpuGC)-v.Recent.Value(cpuGCIdle), v.Recent.Value(cpuUser)
	if over < 5 || gc < gcBusy*over || gc < gcMuch*(gc+user) {
		return nil
	}
	return []Advice{{
		Text: fmt.Sprintf("collecting garbage takes %s of the processors' time that is used", percent(gc/(gc+user))),
		Do:   "allocate less: whet analyze tells where; or let the heap grow more between collections (GOGC, with GOMEMLIMIT as its bound)",
		Evidence: []Evidence{
			{"share of collecting garbage", cpuGC, gc / (gc + user), "ratio"},
			{"collections " + v.since(), gcCycles, v.Recent.Value(gcCycles), "count"},
		},
	}}
}

// checkHeap finds that what survives collections becomes steadily more.
func checkHeap(v *View) []Advice {
	g, ok := v.growth(heapLive, heapGrows, collected)
	if !ok {
		return nil
	}
	return []Advice{{
		Text: fmt.Sprintf("the live heap grows by %s an hour: from %s to %s %s", bytesText(3600*g.slope), bytesText(g.from), bytesText(g.to), g.span()),
		Do:   "compare two heap profiles taken some minutes apart: go tool pprof -diff_base; whet memory growth tells which lines keep what they allocate",
		Evidence: append(g.evidence(heapLive, "bytes"),
			Evidence{"live heap now", heapLive, v.Now.Value(heapLive), "bytes"},
			Evidence{"memory taken from the system", memTotal, v.Now.Value(memTotal), "bytes"}),
	}}
}

// checkGoroutines finds that goroutines become steadily more.
func checkGoroutines(v *View) []Advice {
	g, ok := v.growth(goroutines, goGrow, nil)
	if !ok {
		return nil
	}
	return []Advice{{
		Text:     fmt.Sprintf("goroutines become more, by %s an hour: from %s to %s %s", count(math.Round(3600*g.slope)), count(g.from), count(g.to), g.span()),
		Do:       "see where they wait: /debug/pprof/goroutine?debug=1 counts them by their stack; each must end when its context does",
		Evidence: g.evidence(goroutines, "count"),
	}}
}

// A growth is a trend that is no noise.
type growth struct {
	trend
	from, to float64 // what the line says of the first and the last point
	over     time.Duration
}

// growth looks for steady growth of a metric, by at least as much as least, in the longest
// window first. Choose leaves out points.
//
// It is growth if the Mann-Kendall test finds it at 1 %, in all and, so that warming up does
// not pass for it, also in the later half alone; if the interval of the slope is above 0; if
// the least values rise with it, which those of a sawtooth do not; and if it makes at least
// growsMuch of where it began.
func (v *View) growth(name string, least float64, choose func(s Series, times, values []float64) ([]float64, []float64)) (growth, bool) {
	for i := len(v.Windows) - 1; i >= 0; i-- {
		times, values := v.Windows[i].points(name)
		if choose != nil {
			times, values = choose(v.Windows[i], times, values)
		}
		if g, ok := growthOf(times, values); ok && g.over >= growSteps*v.Windows[i].Window.Step && g.to-g.from >= least && g.to-g.from >= growsMuch*g.from {
			return g, true
		}
	}
	return growth{}, false
}

func growthOf(times, values []float64) (growth, bool) {
	n := len(values)
	if n < growPoints {
		return growth{}, false
	}
	all, late := trendOf(times, values), trendOf(times[n/2:], values[n/2:])
	if n/2 < 8 {
		late = all
	}
	if !all.sure || all.lo <= 0 || !late.sure || late.lo <= 0 {
		return growth{}, false
	}
	over := times[n-1] - times[0]
	if !floorRises(values, all.slope*over) {
		return growth{}, false
	}
	// The line goes through the medians of times and values.
	mid := robust.Median(values) + all.slope*(times[0]-robust.Median(times))
	return growth{all, max(0, mid), max(0, mid) + all.slope*over, seconds(over)}, true
}

// floorRises reports whether the least values of the three thirds rise, and by half of what a
// line does that rises so much in all, or more.
func floorRises(values []float64, rise float64) bool {
	n := len(values) / 3
	first, middle, last := slices.Min(values[:n]), slices.Min(values[n:2*n]), slices.Min(values[2*n:])
	return first < middle && middle < last && last-first >= rise/3
}

func (g growth) span() string { return "in " + roundSeconds(g.over) }

func (g growth) evidence(metric, unit string) []Evidence {
	return []Evidence{
		{"slope (Theil-Sen), of " + count(float64(g.n)) + " points " + g.span(), metric, g.slope, unit + "/s"},
		{"at least, at 99 %", metric, g.lo, unit + "/s"},
	}
}

// collected keeps the points at which a collection ended: between those the live heap is not
// measured anew, and repeating it would feign certainty.
func collected(s Series, times, values []float64) (ts, vs []float64) {
	cycles := s.Values[gcCycles]
	if len(cycles) != len(values) {
		return times, values
	}
	for i := range values {
		if cycles[i] > 0 {
			ts, vs = append(ts, times[i]), append(vs, values[i])
		}
	}
	return ts, vs
}

// checkDropped finds counters of what was dropped that rise.
func checkDropped(v *View) (all []Advice) {
	for _, m := range v.Recent.Metrics {
		if m.Kind != KindCounter || m.Value <= 0 || !isDrop(m.Field()) {
			continue
		}
		all = append(all, Advice{
			Subject: m.Path(),
			Text:    fmt.Sprintf("%s were dropped %s", count(m.Value), v.since()),
			Do:      "take them faster, or from more goroutines; a longer queue helps only if they come in bursts",
			Evidence: []Evidence{
				{"dropped " + v.since(), m.Name, m.Value, m.Unit()},
				{"dropped since the beginning", m.Name, v.Now.Value(m.Name), m.Unit()},
			},
		})
	}
	return all
}

// isDrop reports whether a field counts what was dropped.
func isDrop(field string) bool {
	for _, word := range strings.FieldsFunc(field, func(r rune) bool { return r == '-' || r == '/' || r == '_' || r == '.' }) {
		switch strings.ToLower(word) {
		case "dropped", "drops", "drop", "overflows", "discarded":
			return true
		}
	}
	return false
}

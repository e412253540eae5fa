package contention

import (
	"fmt"

	"github.com/whetgo/whet/analyze"
)

// slowdown is the part of an operation's time that it takes longer at several
// processors than at one, the least of the points; 0 if it does not.
func slowdown(sweep []analyze.Point) float64 {
	if len(sweep) < 2 || sweep[0].Procs != 1 || sweep[0].SecPerOp <= 0 {
		return 0
	}
	slow := 1.0
	for _, p := range sweep[1:] {
		if p.SecPerOp <= 0 {
			return 0
		}
		slow = min(slow, 1-sweep[0].SecPerOp/p.SecPerOp)
	}
	return max(0, slow)
}

// gain predicts. The least is half of what the lock costs without anything running at
// once: its operations on the CPU, or, where goroutines wait, what an operation takes
// longer at several processors than at one. The most is the part of the goroutines'
// time that they wait, as far as the lock can be that busy and the processors have room
// for what would then run at once; where scaling can be measured, also what running its
// sections at once would save.
func (v verdict) gain() analyze.Gain {
	lo, hi := v.u.ops/2, v.u.ops
	how := "at least half of the CPU time in the lock's operations, or of what an operation takes longer at several processors than at one"
	if v.waiting {
		lo = max(lo, v.part*slowdown(v.c.w.Sweep)/2)
	}
	if top := v.wait; top.share > 0 {
		hi = max(hi, min(top.share, v.busy(top.procs), v.room(top.procs)))
		how += fmt.Sprintf("; at most the part of the goroutines' time that they wait for the lock at GOMAXPROCS=%d: wait / (wait + time × GOMAXPROCS)", top.procs)
		if v.room(top.procs) < 1 {
			how += ", and no more than its time at one processor divided among all cores would leave"
		}
	}
	if m := v.c.s.Machine; m.Scaling && v.u.raced {
		hi = max(hi, parallelized(v.u.held, m.Cores))
		how += fmt.Sprintf("; or what running at once on %d cores saves of what the lock lets run one at a time", m.Cores)
	}
	lo = min(lo, hi/2)
	if v.copying {
		lo, hi = max(lo, 0.5*v.u.held), max(hi, 0.95*v.u.held)
		how = "half to nearly all of the CPU time that reading and copying under the lock takes"
	}
	if v.holding != nil {
		lo, hi = 0, hi/2
		how += "; of that half, and at the least nothing, since waits for those at the other end may take the place of waits for the lock"
	}
	hi = min(hi, mostWon)
	return analyze.Gain{
		Metric: "sec/op", Workload: v.c.w.Name, Base: v.c.w.SecPerOp(), How: how,
		Predicted: [2]float64{0 - min(lo, hi), 0 - hi}, // not -0
	}
}

// busy is how much of the time so many processors could keep the lock, by the part of
// the CPU time that passes with it held; 1 where it is held without using the CPU, or
// where that is not known.
func (v verdict) busy(procs int) float64 {
	if v.facts == nil || v.idle() {
		return 1
	}
	return min(1, v.u.held*float64(procs))
}

// parallelized is the part of the time that is saved when the given part of the work,
// which ran one at a time, runs on all cores at once.
func parallelized(part float64, cores int) float64 {
	if cores < 2 {
		return 0
	}
	serial, free := max(part, 1/float64(cores)), 1/float64(cores)
	return 1 - free/serial
}

// room is the most that ending the waits at so many processors can save: what runs one
// at a time can run on all cores at once, and no better than that. It is 1 of what
// blocks, or may, since that needs no processor.
func (v verdict) room(procs int) float64 {
	cores := float64(v.c.s.Machine.Cores)
	if cores < 1 || v.facts == nil || v.idle() && !v.onCPU() {
		return 1
	}
	room := 1 - 1/cores
	sweep := v.c.w.Sweep
	for _, p := range sweep {
		if p.Procs == procs && p.SecPerOp > 0 && sweep[0].Procs == 1 && sweep[0].SecPerOp > 0 {
			room = max(room, 1-sweep[0].SecPerOp/(cores*p.SecPerOp))
		}
	}
	return room
}

// onCPU reports whether the lock is held on a processor for most of the time, whatever
// its section does besides.
func (v verdict) onCPU() bool {
	cpu := v.c.w.Profiles["cpu"]
	if cpu == nil || cpu.Seconds <= 0 {
		return false
	}
	return v.u.held*float64(cpu.Total("cpu")) >= 0.5*1e9*cpu.Seconds
}

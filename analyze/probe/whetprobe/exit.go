package whetprobe

import (
	"runtime"
	"unsafe"
)

// exit ends a call whose output hashes to out, and the addresses in it to id; 0 if it
// returns none.
//
//go:norace
//go:noinline
func exit(k Token, out, id uint64) {
	if base == nil {
		return
	}
	s := siteOf(k.site)
	panicked := false
	s.acquire()
	e := (*Entry)(nil)
	if k.bits&entered != 0 {
		e = s.find(k.hash)
	}
	// A result that was seen before is no panic's; else ask the stack, which is slow: of
	// first results, some.
	known := e != nil && e.Done != 0
	if known && e.Out != out || !known && (s.Looked <= 16 || s.Looked&15 == 0) {
		s.release()
		panicked = unwinding()
		s.acquire()
		if e != nil {
			e = s.find(k.hash)
		}
	}
	if e != nil {
		s.compare(e, out, id, panicked)
	} else if panicked {
		s.Panics++
	}
	var waiter *Caller
	if k.bits&timed != 0 {
		waiter = s.created(k, out, id, panicked)
	}
	s.release()
	if waiter != nil {
		waiter.above()
	}
}

//go:norace
func (s *Site) compare(e *Entry, out, id uint64, panicked bool) {
	weight := uint64(1) << s.Shift
	if e.InFlight > 0 {
		e.InFlight--
	}
	if panicked {
		s.Panics++
		return
	}
	if e.Done != 0 {
		s.ComparedW += weight
		if e.Out != out {
			s.DifferW += weight
			if e.Op == head.Op && e.DoneOp() {
				s.DifferInW += weight
			}
		}
		if id != 0 && e.ID == id {
			s.SharedW += weight
		}
	}
	e.Done = head.Op&doneOp | 1<<31
	e.Out, e.ID = out, id
}

const doneOp = 1<<31 - 1

// DoneOp reports whether the last output is of the operation under way.
//
//go:norace
func (e *Entry) DoneOp() bool { return e.Done&doneOp == head.Op&doneOp }

// begin notes when a creating function was called.
//
//go:norace
func (s *Site) begin(k *Token) {
	if s.FirstStart == 0 {
		s.FirstStart, s.FirstOp = k.time, head.Op
		k.bits |= first
		s.Creator.above()
	}
}

// created notes what a creating call took, and whether it waited for the first.
//
//go:norace
func (s *Site) created(k Token, out, id uint64, panicked bool) (waiter *Caller) {
	end := nanotime()
	inst := id
	if inst == 0 {
		inst = out
	}
	switch {
	case k.bits&first != 0:
		s.FirstEnd, s.FirstInst = end, inst
	case s.FirstEnd == 0 || k.time < s.FirstEnd:
		s.Waiters++
		s.Waited += end - k.time
		if s.FirstEnd != 0 && inst != s.FirstInst {
			s.Twice++
		}
		if s.NWait < uint32(len(s.Waiting)) {
			waiter = &s.Waiting[s.NWait]
			s.NWait++
		}
	case s.NTimed < Timed:
		s.Later[s.NTimed] = end - k.time
		s.NTimed++
	}
	if panicked {
		return waiter
	}
	for i := range s.NInst {
		if s.Inst[i] == inst {
			return waiter
		}
	}
	if s.NInst < Distinct {
		s.Inst[s.NInst] = inst
		s.NInst++
	}
	return waiter
}

// above notes the caller of the watched function, wherever in this package it is asked.
//
//go:noinline
func (c *Caller) above() {
	var pcs [16]uintptr
	n := runtime.Callers(1, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	skipped := 0
	for {
		f, more := frames.Next()
		if !inside(f.Function) {
			break
		}
		skipped++
		if !more {
			return
		}
	}
	n = runtime.Callers(1+skipped, pcs[:])
	if n < 2 {
		return
	}
	c.PC, c.Count = uint64(pcs[1]), 1
	c.name(pcs[:n])
}

// unwinding reports whether the deferred Exit that called exit runs because of a panic
// or of Goexit, and not at a return.
//
//go:norace
func unwinding() bool {
	var pcs [8]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function == "runtime.gopanic" || f.Function == "runtime.Goexit" {
			return true
		}
		if !inside(f.Function) || !more {
			return false
		}
	}
}

// inside reports whether a function is of this package, or deferred glue around it.
func inside(name string) bool {
	const deferred = ".deferwrap"
	for i := len(name) - 1; i >= 0; i-- {
		if c := name[i]; c < '0' || c > '9' {
			if i+1 >= len(deferred) && name[i+1-len(deferred):i+1] == deferred {
				return true
			}
			break
		}
	}
	for i := 0; i+9 <= len(name); i++ {
		if name[i:i+9] == "whetprobe" && i+9 < len(name) && name[i+9] == '.' {
			return true
		}
	}
	return name == "runtime.deferreturn" || name == "runtime.Callers"
}

// Exit0 ends a call that returns nothing; the others end calls of as many results.
//
//go:norace
func Exit0(k Token) { exit(k, Seed, 0) }

// Exit1 ends a call with one result.
func Exit1[A any](k Token, a *A) {
	o := output{fresh: k.site&Fresh != 0}
	add1(&o, a)
	exit(k, o.out, o.id)
}

// Exit2 ends a call with two results.
func Exit2[A, B any](k Token, a *A, b *B) {
	o := output{fresh: k.site&Fresh != 0}
	add1(&o, a)
	add1(&o, b)
	exit(k, o.out, o.id)
}

// Exit3 ends a call with three results.
func Exit3[A, B, C any](k Token, a *A, b *B, c *C) {
	o := output{fresh: k.site&Fresh != 0}
	add1(&o, a)
	add1(&o, b)
	add1(&o, c)
	exit(k, o.out, o.id)
}

// Exit4 ends a call with four results or more, of which it compares four.
func Exit4[A, B, C, D any](k Token, a *A, b *B, c *C, d *D) {
	o := output{fresh: k.site&Fresh != 0}
	add1(&o, a)
	add1(&o, b)
	add1(&o, c)
	add1(&o, d)
	exit(k, o.out, o.id)
}

// An output is the hash of results as far as they can be compared, and of the addresses
// in them.
type output struct {
	out, id uint64
	fresh   bool
}

//go:nocheckptr
func add1[T any](o *output, p *T) { o.add(typeOf[T](), hide(p)) }

// LongStr notes a string of which only pieces were hashed.
func LongStr[T ~string](k Token, v T) { long1(k, uintptr(len(v))) }

// LongFlat notes a slice of which only pieces were hashed.
func LongFlat[S ~[]E, E any](k Token, v S) {
	var e E
	long1(k, uintptr(len(v))*unsafe.Sizeof(e))
}

//go:norace
func long1(k Token, n uintptr) {
	if n > whole && k.bits&looked != 0 {
		s := siteOf(k.site)
		s.acquire()
		s.Long++
		s.release()
	}
}

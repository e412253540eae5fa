package whetprobe

import (
	"math/bits"
	"runtime"
	"strconv"
	"unsafe"
)

// A Token is a call that is looked at, from Enter to Exit. The zero Token is of one that
// is not.
type Token struct {
	hash uint64
	time int64
	site uint32 // as in Enter
	bits uint32
}

const (
	looked  = 1 << iota
	entered // its input has an entry
	wants   // its input is wanted as text
	first   // the first call of all
	timed   // of the first calls of a creating function
)

// On reports whether the call is looked at: it then must Exit.
func (k Token) On() bool { return k.bits != 0 }

// Wants reports whether its input is wanted as text, by Put.
func (k Token) Wants() bool { return k.bits&wants != 0 }

//go:norace
func siteOf(i uint32) *Site {
	return (*Site)(unsafe.Add(base, uintptr(i&Index)*unsafe.Sizeof(Site{})))
}

// Calls counts a call, and nothing else.
//
//go:norace
func Calls(i uint32) {
	if base == nil {
		return
	}
	s := siteOf(i)
	if s.Off == off {
		return
	}
	l := &s.Lines[procPin()&(Procs-1)]
	l.Calls++
	n := l.Calls
	procUnpin()
	if n&1023 == 0 {
		s.check()
	}
}

// Enter counts a call of site i, whose input hashes to h.
//
//go:norace
//go:noinline
func Enter(i uint32, h uint64) (k Token) {
	if base == nil {
		return
	}
	s := siteOf(i)
	if s.Off != 0 && s.stopped() {
		return
	}
	l := &s.Lines[procPin()&(Procs-1)]
	l.Calls++
	n := l.Calls
	if head.Op == 0 {
		l.Outside++
		procUnpin()
		if i&Creation != 0 {
			return s.outside(i)
		}
		return
	}
	if l.Last == h {
		l.Same++
	} else {
		l.Last = h
	}
	procUnpin()
	r := &s.Reg[h>>53]
	if z := uint8(bits.LeadingZeros64(h<<11|1<<10)) + 1; z > *r {
		*r = z
	}
	if n&1023 == 0 {
		s.check()
	}
	if h&(1<<s.Shift-1) != 0 {
		return
	}
	return s.look(i, h)
}

// outside is a call outside of any operation: it is looked at as a creation only.
//
//go:norace
func (s *Site) outside(i uint32) (k Token) {
	s.acquire()
	if s.FirstStart == 0 || s.NTimed < Timed {
		k = Token{time: nanotime(), site: i, bits: looked | timed}
		s.begin(&k)
	}
	s.release()
	return k
}

// look finds or makes the entry of a sampled input, and notes how long ago it was last
// asked for.
//
//go:norace
//go:noinline
func (s *Site) look(i uint32, h uint64) Token {
	if h == 0 {
		h = 1 << 40
	}
	k := Token{hash: h, time: nanotime(), site: i, bits: looked}
	s.acquire()
	s.Looked++
	n := s.Looked
	if i&Creation != 0 && (s.FirstStart == 0 || s.NTimed < Timed) {
		k.bits |= timed
		s.begin(&k)
	}
	weight, op := uint64(1)<<s.Shift, head.Op
	s.CallsW += weight
	if e := s.find(h); e != nil {
		s.again(e, &k, weight, op)
	} else {
		s.FirstInOpW += weight
		s.insert(&k, op)
	}
	s.release()
	if n <= 8 || n&63 == 0 {
		s.caller(&s.From, &s.NCall)
	}
	if n&15 == 0 {
		// The exit takes about as long as the look did.
		s.LookNs += (2*min(nanotime()-k.time, 20*lookNs) - s.LookNs) / 8
	}
	return k
}

// again is a repeat of the entry's input.
//
//go:norace
func (s *Site) again(e *Entry, k *Token, weight uint64, op uint32) {
	k.bits |= entered
	d := bits.Len64(s.distance(e.Pos) << s.Shift)
	d = min(d, Doubling-1)
	s.RepeatsW += weight
	s.Dist[d] += weight
	if e.Op == op {
		s.DistIn[d] += weight
	} else {
		s.FirstInOpW += weight
	}
	s.Age[bits.Len64(uint64(max(0, k.time-e.Last)))&(Ages-1)] += weight
	s.Since[bits.Len64(uint64(max(0, k.time-e.First)))&(Ages-1)] += weight
	if e.InFlight > 0 {
		s.JoinedW += weight
	}
	e.InFlight++
	e.Last, e.Op = k.time, op
	e.Count++
	if e.Count == 3 {
		s.wantText(k)
	}
	s.touch(e)
}

//go:norace
func (s *Site) insert(k *Token, op uint32) {
	for s.Used >= Slots*3/4 && s.Shift < 30 {
		s.halve()
	}
	if s.Used >= Slots*3/4 || k.hash&(1<<s.Shift-1) != 0 {
		s.GaveUp++
		return
	}
	e := s.free(k.hash)
	*e = Entry{Hash: k.hash, Last: k.time, First: k.time, Count: 1, InFlight: 1, Op: op}
	s.Used++
	k.bits |= entered
	s.touch(e)
	if s.NText < Texts/2 {
		s.wantText(k)
	}
}

// wantText gives the call a place for its input as text, unless there is none left or its
// input has one.
//
//go:norace
func (s *Site) wantText(k *Token) {
	if !texts || s.NText >= Texts {
		return
	}
	for i := range s.NText {
		if s.Texts[i].Hash == k.hash {
			return
		}
	}
	s.Texts[s.NText].Hash = k.hash
	s.NText++
	k.bits |= wants
}

// find returns the entry of h, nil if there is none.
//
//go:norace
func (s *Site) find(h uint64) *Entry {
	for i := h >> 33; ; i++ {
		switch e := &s.Table[i&(Slots-1)]; e.Hash {
		case h:
			return e
		case 0:
			return nil
		}
	}
}

//go:norace
func (s *Site) free(h uint64) *Entry {
	for i := h >> 33; ; i++ {
		if e := &s.Table[i&(Slots-1)]; e.Hash == 0 {
			return e
		}
	}
}

// distance returns how many inputs were asked for after the position.
//
//go:norace
func (s *Site) distance(pos uint32) uint64 {
	w := pos / 64
	n := bits.OnesCount64(s.marks[w] >> (pos % 64) >> 1)
	for w++; w <= s.stamp/64 && w < Stamps/64; w++ {
		n += bits.OnesCount64(s.marks[w])
	}
	return uint64(n)
}

// touch makes the entry the most recent one.
//
//go:norace
func (s *Site) touch(e *Entry) {
	if e.Pos != 0 {
		s.marks[e.Pos/64] &^= 1 << (e.Pos % 64)
	}
	if s.stamp+1 >= Stamps {
		e.Pos = 0
		s.renumber()
	}
	s.stamp++
	e.Pos = s.stamp
	s.marks[e.Pos/64] |= 1 << (e.Pos % 64)
	i := (uintptr(unsafe.Pointer(e)) - uintptr(unsafe.Pointer(&s.Table))) / unsafe.Sizeof(Entry{})
	s.owner[e.Pos] = uint16(i)
}

// renumber closes the gaps in the recency order.
//
//go:norace
func (s *Site) renumber() {
	var n uint32
	for w := range s.marks {
		m := s.marks[w]
		s.marks[w] = 0
		for ; m != 0; m &= m - 1 {
			i := s.owner[w*64+bits.TrailingZeros64(m)]
			n++
			s.owner[n] = i
			s.Table[i].Pos = n
		}
	}
	s.stamp = n
	for p := uint32(1); p <= n; p++ {
		s.marks[p/64] |= 1 << (p % 64)
	}
}

// halve samples half as many inputs from now on, and forgets the others.
//
//go:norace
func (s *Site) halve() {
	s.Shift++
	mask := uint64(1)<<s.Shift - 1
	for i := range s.Table {
		e := &s.Table[i]
		if e.Hash != 0 && e.Hash&mask != 0 {
			s.marks[e.Pos/64] &^= 1 << (e.Pos % 64)
			*e = Entry{}
		}
	}
	s.rehash()
}

// rehash puts every entry where find looks for it, after some were taken out. An entry
// only ever moves to where its search begins or to a free slot behind that.
//
//go:norace
func (s *Site) rehash() {
	s.Used = 0
	start := 0
	for s.Table[start].Hash != 0 {
		start++ // begin behind a free slot: no run of entries then wraps around unseen
	}
	for j := 1; j <= Slots; j++ {
		i := (start + j) & (Slots - 1)
		e := s.Table[i]
		if e.Hash == 0 {
			continue
		}
		s.Table[i] = Entry{}
		to := s.free(e.Hash)
		*to = e
		at := (uintptr(unsafe.Pointer(to)) - uintptr(unsafe.Pointer(&s.Table))) / unsafe.Sizeof(Entry{})
		s.owner[e.Pos] = uint16(at)
		s.Used++
	}
}

// check keeps the probes to their share of the CPU time: a site that costs more than its
// part samples half as many inputs, or where counting alone is too much, is no longer
// watched.
//
//go:norace
//go:noinline
func (s *Site) check() {
	s.acquire()
	defer s.release()
	var n uint64
	for i := range s.Lines {
		n += s.Lines[i].Calls
	}
	cpu := cpuTime()
	counting := int64(n-s.seenCalls) * (callNs + s.HashNs)
	looking := int64(s.Looked-s.seenLooked) * max(lookNs, s.LookNs)
	window := cpu - s.seenCPU
	s.seenCalls, s.seenLooked, s.seenCPU = n, s.Looked, cpu
	spent := add64(&head.Spent, counting+looking)
	cas(&s.Off, 0, clock)
	if s.live == 0 {
		s.live = 1
		add(&head.Live, 1)
		return
	}
	if spent < leastN || float64(spent) <= share*float64(max(cpu-spent, cpu/20)) { // what is spent is an estimate
		return
	}
	if float64(counting+looking)*2*float64(head.Live) < share*float64(window) {
		return
	}
	if looking*2 > counting && s.Shift < 30 {
		s.halve()
	} else {
		s.OffOps = head.Ops
		store(&s.Off, off)
	}
}

// caller notes who calls the function that called Enter.
//
//go:norace
//go:noinline
func (s *Site) caller(to *[Callers]Caller, n *uint32) {
	var pcs [4]uintptr
	m := runtime.Callers(4, pcs[:]) // not Callers, caller, look, Enter
	if m < 2 {
		return
	}
	pc := uint64(pcs[1])
	s.acquire()
	have := *n
	for i := range min(have, Callers) {
		if to[i].PC == pc {
			to[i].Count++
			s.release()
			return
		}
	}
	if have < Callers {
		*n++
		to[have].PC, to[have].Count = pc, 1
	}
	s.release()
	if have < Callers {
		to[have].name(pcs[:m])
	}
}

// name writes down the second frame of the stack.
func (c *Caller) name(pcs []uintptr) {
	frames := runtime.CallersFrames(pcs)
	frames.Next()
	f, _ := frames.Next()
	b := append(c.Buf[:0], cut(f.Function, 100)...)
	b = append(b, 0x1f)
	b = append(b, tail(f.File, 120)...)
	b = append(b, 0x1f)
	b = strconv.AppendInt(b, int64(f.Line), 10)
	store(&c.Len, uint32(len(b)))
}

func cut(s string, n int) string  { return s[:min(len(s), n)] }
func tail(s string, n int) string { return s[max(0, len(s)-n):] }

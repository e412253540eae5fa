package memprof

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"math"
	"runtime"
	"slices"
	"strings"
)

// A Site is a line that allocates, and how what it allocated and is alive grew.
type Site struct {
	Func   string   `json:"func"` // innermost outside of package runtime
	File   string   `json:"file"`
	Line   int      `json:"line"`
	Stack  []string `json:"stack"`   // "func file:line" from there outwards, of what grew most
	Alive  int64    `json:"alive"`   // bytes at the last epoch
	Count  int64    `json:"objects"` // at the last epoch
	Growth Growth   `json:"growth"`
}

// String is the site in a line.
func (s Site) String() string {
	return fmt.Sprintf("%s %s:%d: %v, %s alive", s.Func, s.File, s.Line, s.Growth, size(s.Alive))
}

// sites are what is alive by the stack that allocated it, at the end of each epoch.
type sites struct {
	keep    int // epochs
	epochs  int
	seed    maphash.Seed
	rows    map[uint64]*row
	records []runtime.MemProfileRecord // scratch
}

// A row is of one stack.
type row struct {
	stack []uintptr
	bytes []float64 // an epoch each
	count float64   // objects, at the last
}

const (
	mostSites   = 10_000 // rows; beyond, new ones are not watched
	mostFrames  = 16     // of a stack that is shown
	mostGrowing = 50     // sites that are reported
)

func newSites(keep int) *sites {
	return &sites{keep: keep, seed: maphash.MakeSeed(), rows: make(map[uint64]*row)}
}

// epoch adds what is alive now, as of the last collection. The first of all forgets those
// before.
func (s *sites) epoch(first bool) {
	if first {
		s.epochs = 0
		clear(s.rows)
	}
	s.read()
	if s.epochs == s.keep {
		for _, r := range s.rows {
			r.bytes = append(r.bytes[:0], r.bytes[1:]...)
		}
		s.epochs--
	}
	for _, r := range s.rows {
		r.bytes, r.count = append(r.bytes, 0), 0
	}
	s.epochs++
	for i := range s.records {
		s.add(&s.records[i])
	}
}

// read reads the runtime's records of what is in use.
func (s *sites) read() {
	for {
		n, ok := runtime.MemProfile(s.records[:cap(s.records)], false)
		if ok {
			s.records = s.records[:n]
			return
		}
		s.records = make([]runtime.MemProfileRecord, 0, n+n/4+64)
	}
}

func (s *sites) add(rec *runtime.MemProfileRecord) {
	objects, bytes := unsample(rec.InUseObjects(), rec.InUseBytes(), runtime.MemProfileRate)
	if bytes == 0 {
		return
	}
	stack := rec.Stack()
	key := maphash.Comparable(s.seed, rec.Stack0)
	r := s.rows[key]
	if r == nil {
		if len(s.rows) >= mostSites {
			return
		}
		r = &row{stack: slices.Clone(stack), bytes: make([]float64, s.epochs, s.keep)}
		s.rows[key] = r
	}
	r.bytes[s.epochs-1] += bytes
	r.count += objects
}

// unsample returns how many objects and bytes there are likely to be for those that the
// runtime sampled at a rate: an object of n bytes is sampled with probability
// 1-exp(-n/rate).
func unsample(objects, bytes int64, rate int) (float64, float64) {
	if objects <= 0 || bytes <= 0 {
		return 0, 0
	}
	if rate <= 1 {
		return float64(objects), float64(bytes)
	}
	scale := 1 / (1 - math.Exp(-float64(bytes)/float64(objects)/float64(rate)))
	return scale * float64(objects), scale * float64(bytes)
}

// A line is the key of a site.
type line struct {
	file string
	line int
}

// judge returns the sites at which more is alive than at the beginning, leaks first, then
// by what they gained.
func (s *sites) judge() []Site {
	type sum struct {
		site  Site
		bytes []float64
		most  float64 // gained by one stack
	}
	sums := make(map[line]*sum)
	for _, r := range s.rows {
		frames := framesOf(r.stack)
		if len(frames) == 0 || slices.ContainsFunc(frames, own) {
			continue
		}
		f := frames[0]
		t := sums[line{f.File, f.Line}]
		if t == nil {
			t = &sum{site: Site{Func: f.Function, File: f.File, Line: f.Line}, bytes: make([]float64, s.epochs), most: math.Inf(-1)}
			sums[line{f.File, f.Line}] = t
		}
		for i, b := range r.bytes {
			t.bytes[i] += b
		}
		t.site.Alive += int64(r.bytes[s.epochs-1])
		t.site.Count += int64(r.count)
		if gained := r.bytes[s.epochs-1] - r.bytes[0]; gained > t.most {
			t.most, t.site.Stack = gained, texts(frames)
		}
	}
	var grown []Site
	for _, t := range sums {
		if t.site.Growth = Judge(t.bytes, LeastBytes); t.bytes[s.epochs-1] > t.bytes[0] {
			grown = append(grown, t.site)
		}
	}
	slices.SortFunc(grown, func(a, b Site) int {
		return cmp.Or(-cmpBool(a.Growth.Verdict == Leak, b.Growth.Verdict == Leak), cmp.Compare(b.Growth.Gained, a.Growth.Gained),
			strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return grown[:min(len(grown), mostGrowing)]
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// framesOf returns the frames of a stack outside of the runtime, innermost first.
func framesOf(stack []uintptr) []runtime.Frame {
	var frames []runtime.Frame
	for it := runtime.CallersFrames(stack); ; {
		f, more := it.Next()
		if f.Function != "" && (len(frames) > 0 || !strings.HasPrefix(f.Function, "runtime.")) {
			frames = append(frames, f)
		}
		if !more {
			return frames
		}
	}
}

// own reports whether a frame is of what keeps the sites, which is not the program's.
func own(f runtime.Frame) bool { return strings.Contains(f.Function, "/whet/memprof.(*sites).") }

func texts(frames []runtime.Frame) []string {
	var ts []string
	for _, f := range frames[:min(len(frames), mostFrames)] {
		ts = append(ts, fmt.Sprintf("%s %s:%d", f.Function, f.File, f.Line))
	}
	return ts
}

package profile

import (
	"cmp"
	"slices"
	"strings"
)

// An Owner says whose code a frame is.
type Owner int

const (
	Runtime Owner = iota // the standard library, the runtime, assembly
	Harness              // test files: they drive the subject and are not it
	Library              // a third party's module
	Own                  // the reader's own modules
)

// A Cost is what a function or line stands for in a profile, in the unit of the
// attributed value. Flat ≤ Own ≤ Cum.
type Cost struct {
	Flat int64 // of samples whose leaf it is
	Own  int64 // of samples it is responsible for
	Cum  int64 // of samples it is on
}

// A Line is the cost of one line of one function.
type Line struct {
	Frame
	Owner Owner
	Cost
	// Below holds, for each function that was called (directly or not) by this
	// line in samples it is responsible for, the sum of their values.
	Below map[string]int64
}

// A Func is the cost of a function: of its lines together, each sample once.
type Func struct {
	Name  string // normalized; closures have names of their own
	File  string
	Owner Owner
	Cost
	Below map[string]int64
	Lines []*Line // largest Own first
}

// An Index is a profile attributed: whose lines its samples are.
type Index struct {
	// Total is the sum of all samples but those of the harness alone: time that a
	// benchmark spends preparing is nobody's bottleneck.
	Total int64
	// GC is the part of Total that the garbage collector took, assists included.
	GC    int64
	Funcs map[string]*Func
	lines map[Frame]*Line
}

// Attribute charges each sample of p, by its value of the named type, to the frame
// responsible for it. It takes time in proportion to the frames of p. A profile
// without the named type gives an empty Index.
func Attribute(p *Profile, typ string, owner func(Frame) Owner) *Index {
	ix := &Index{Funcs: make(map[string]*Func), lines: make(map[Frame]*Line)}
	v := p.Index(typ)
	if v < 0 {
		return ix
	}
	for _, s := range p.Samples {
		ix.add(s.Stack, s.Values[v], owner)
	}
	for _, f := range ix.Funcs {
		slices.SortFunc(f.Lines, func(a, b *Line) int {
			return cmp.Or(cmp.Compare(b.Own, a.Own), cmp.Compare(b.Cum, a.Cum), cmp.Compare(a.Line, b.Line))
		})
	}
	return ix
}

func (ix *Index) add(stack []Frame, value int64, owner func(Frame) Owner) {
	if value == 0 {
		return
	}
	blame := Responsible(stack, owner)
	if blame < 0 && harnessOnly(stack, owner) {
		return
	}
	ix.Total += value
	if isGC(stack) {
		ix.GC += value
	}
	seenFunc := make(map[string]bool, len(stack))
	seenLine := make(map[Frame]bool, len(stack))
	for i, fr := range stack {
		f, ln := ix.at(fr, owner)
		if !seenFunc[fr.Func] {
			seenFunc[fr.Func] = true
			f.Cum += value
		}
		if !seenLine[fr] {
			seenLine[fr] = true
			ln.Cum += value
		}
		if i == 0 {
			f.Flat += value
			ln.Flat += value
		}
		if i == blame {
			f.Own += value
			ln.Own += value
			below(f.Below, stack[:i], value)
			below(ln.Below, stack[:i], value)
		}
	}
}

func below(m map[string]int64, stack []Frame, value int64) {
	for i, fr := range stack {
		if !slices.ContainsFunc(stack[:i], func(o Frame) bool { return o.Func == fr.Func }) {
			m[fr.Func] += value
		}
	}
}

func (ix *Index) at(fr Frame, owner func(Frame) Owner) (*Func, *Line) {
	f := ix.Funcs[fr.Func]
	if f == nil {
		f = &Func{Name: fr.Func, File: fr.File, Owner: owner(fr), Below: make(map[string]int64)}
		ix.Funcs[fr.Func] = f
	}
	ln := ix.lines[fr]
	if ln == nil {
		ln = &Line{Frame: fr, Owner: f.Owner, Below: make(map[string]int64)}
		ix.lines[fr] = ln
		f.Lines = append(f.Lines, ln)
	}
	return f, ln
}

// Responsible returns the index of the frame a sample is charged to: the innermost
// own frame; if there is none, the innermost library frame; else -1.
func Responsible(stack []Frame, owner func(Frame) Owner) int {
	library := -1
	for i, fr := range stack {
		switch owner(fr) {
		case Own:
			return i
		case Library:
			if library < 0 {
				library = i
			}
		}
	}
	return library
}

func harnessOnly(stack []Frame, owner func(Frame) Owner) bool {
	return slices.ContainsFunc(stack, func(f Frame) bool {
		return owner(f) == Harness || strings.HasPrefix(f.Func, "testing.")
	})
}

func isGC(stack []Frame) bool {
	return slices.ContainsFunc(stack, func(f Frame) bool {
		switch f.Func {
		case "runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.bgscavenge":
			return true
		}
		return false
	})
}

// Share returns value as a fraction of Total, in [0,1]; 0 of an empty Index.
func (ix *Index) Share(value int64) float64 {
	if ix.Total <= 0 {
		return 0
	}
	return float64(value) / float64(ix.Total)
}

// Ranked returns the functions that are responsible for something, the costliest first.
func (ix *Index) Ranked() []*Func {
	var fs []*Func
	for _, f := range ix.Funcs {
		if f.Own > 0 {
			fs = append(fs, f)
		}
	}
	slices.SortFunc(fs, func(a, b *Func) int {
		return cmp.Or(cmp.Compare(b.Own, a.Own), cmp.Compare(a.Name, b.Name))
	})
	return fs
}

// Lines returns the lines that are responsible for something, the costliest first.
func (ix *Index) Lines() []*Line {
	var ls []*Line
	for _, l := range ix.lines {
		if l.Own > 0 {
			ls = append(ls, l)
		}
	}
	slices.SortFunc(ls, func(a, b *Line) int {
		return cmp.Or(cmp.Compare(b.Own, a.Own), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return ls
}

// At returns the cost of a line, nil if no sample is on it.
func (ix *Index) At(fr Frame) *Line { return ix.lines[fr] }

package effects

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// mostParams is how many parameters and captured variables are told apart; those beyond
// are taken for one.
const mostParams = 31

// An origin is where a reference may lead.
type origin struct {
	kind   originKind
	n      int         // of a parameter or captured variable
	deep   bool        // of a parameter: what is reached through references in the memory that it leads to
	global *ssa.Global // of a package variable
}

type originKind uint8

const (
	made     originKind = iota // memory that this call made
	param                      // what an argument leads to
	captured                   // a variable of the enclosing function, or what it leads to
	global                     // a package variable, or what it leads to
	constant                   // a package variable that never changes, or what it leads to
	unseen                     // anything
)

// origins is a set; it is small.
type origins map[origin]bool

// A cause is the first place at which an effect was found.
type cause struct {
	what string
	pos  token.Pos
	via  *ssa.Function // the callee that has it, nil if it is here
	kind Kind          // what it is there
}

// info is what is known so far of one function.
type info struct {
	fn      *ssa.Function
	kinds   Kind
	causes  map[Kind]cause
	readsP  masks // parameters whose memory is read, by index
	writesP masks
	fillsP  masks  // parameters behind which what was missing is made
	callsP  uint32 // parameters that are functions and are called
	readsC  uint32 // captured variables
	writesC uint32
	reads   map[*ssa.Global]cause
	writes  map[*ssa.Global]cause
	results origins // what the results may lead to
	where   map[ssa.Value]origins
	wildly  []ssa.Value // see wild; nil: not looked yet
	changed bool
	fills   []*fill
	looked  bool // for fills
	filling bool // the instruction at hand is part of one
}

// masks tell the memory that a parameter leads to from what is reached further on.
type masks struct{ near, deep uint32 }

func newInfo(f *ssa.Function) *info {
	return &info{fn: f, causes: make(map[Kind]cause), reads: make(map[*ssa.Global]cause), writes: make(map[*ssa.Global]cause), results: make(origins)}
}

// add notes an effect; the first cause of it is kept.
func (in *info) add(k Kind, what string, at ssa.Instruction) {
	c := cause{what: what}
	if at != nil {
		c.pos = position(at)
	}
	in.addCause(k, c)
}

func (in *info) addCause(k Kind, c cause) {
	if in.kinds&k != 0 {
		return
	}
	in.kinds |= k
	in.causes[k] = c
	in.changed = true
}

// position returns the place of an instruction; of one that has none, of what it uses.
func position(at ssa.Instruction) token.Pos {
	if p := at.Pos(); p.IsValid() {
		return p
	}
	for _, op := range at.Operands(nil) {
		if v := *op; v != nil && v.Pos().IsValid() {
			if _, declared := v.(*ssa.Global); !declared {
				return v.Pos()
			}
		}
	}
	return at.Parent().Pos()
}

func (m *masks) of(o origin) *uint32 {
	if o.deep {
		return &m.deep
	}
	return &m.near
}

func bit(n int) uint32 { return 1 << min(n, mostParams) }

func (in *info) set(mask *uint32, n int) {
	if *mask&bit(n) == 0 {
		*mask |= bit(n)
		in.changed = true
	}
}

// touch notes that memory is read or changed.
func (in *info) touch(os origins, write bool, what string, c cause) {
	for o := range os {
		in.touchOne(o, write, what, c)
	}
}

func (in *info) touchOne(o origin, write bool, what string, c cause) {
	c.what = what
	switch {
	case o.kind == made || o.kind == constant && !write:
	case o.kind == param && write && in.filling:
		in.set(in.fillsP.of(o), o.n)
		in.addCause(Fills, c)
	case o.kind == param && write:
		in.set(in.writesP.of(o), o.n)
		in.addCause(WritesArgs, c)
	case o.kind == param:
		in.set(in.readsP.of(o), o.n)
		in.addCause(ReadsArgs, c)
	case o.kind == captured && write:
		in.set(&in.writesC, o.n)
		c.what = "a captured variable"
		in.addCause(WritesState, c)
	case o.kind == captured:
		in.set(&in.readsC, o.n)
		c.what = "a captured variable"
		in.addCause(ReadsState, c)
	case o.kind == global || o.kind == constant:
		in.touchGlobal(o.global, write, c)
	case write:
		c.what = "memory that is not seen"
		in.addCause(Unknown, c)
	default:
		c.what = "memory that is not seen"
		in.addCause(ReadsState, c)
	}
}

func (in *info) touchGlobal(g *ssa.Global, write bool, c cause) {
	set, kind := in.reads, ReadsState
	if write {
		set, kind = in.writes, WritesState
	}
	if _, ok := set[g]; !ok {
		c.what = globalName(g)
		set[g] = c
		in.changed = true
	}
	c.what = globalName(g)
	in.addCause(kind, c)
}

// sharing says in what the results' memory can be changed by others.
func (in *info) sharing() Sharing {
	if !changeable(in.fn.Signature.Results()) {
		return 0
	}
	var s Sharing
	for o := range in.results {
		switch o.kind {
		case param:
			s |= SharesArgs
		case captured, global, constant:
			s |= SharesState
		case unseen:
			s |= SharesUnknown
		default:
			s |= SharesResult
		}
	}
	return s
}

func (os origins) add(o origin) bool {
	if os[o] {
		return false
	}
	os[o] = true
	return true
}

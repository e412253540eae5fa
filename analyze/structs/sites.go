package structs

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/internal/load"
)

// A Form is how values of a type lie in what a line allocates.
type Form int

// The forms.
const (
	Object Form = iota // one value: its size is rounded up to a size class
	Array              // any number side by side
	Table              // slots of a map
)

// A Site is a struct type that a line may allocate.
type Site struct {
	Form  Form
	Named *types.Named
	Arrangement
	// Slot and BestSlot are the bytes of one element: of the struct, or of a map's slot
	// that holds it.
	Slot, BestSlot int64
}

// sitesAt returns the named struct types that the given line of fn may allocate, the
// most likely first. What the compiler keeps on the stack is among them: the profile
// tells.
func sitesAt(p *load.Program, fn *load.Func, line int) []Site {
	c := collector{info: fn.Info(), sizes: fn.Sizes()}
	nodes := p.Nodes(fn, line)
	for _, n := range nodes {
		c.explicit(n)
	}
	for _, n := range nodes {
		c.implied(n)
	}
	return c.found
}

type collector struct {
	info  *types.Info
	sizes types.Sizes
	found []Site
}

// explicit collects what an expression says to allocate.
func (c *collector) explicit(n ast.Node) {
	switch n := n.(type) {
	case *ast.UnaryExpr:
		if lit, ok := ast.Unparen(n.X).(*ast.CompositeLit); ok && n.Op == token.AND {
			c.add(Object, c.info.TypeOf(lit))
		}
	case *ast.CallExpr:
		c.call(n)
	case *ast.CompositeLit:
		c.container(c.info.TypeOf(n))
	case *ast.AssignStmt:
		for _, l := range n.Lhs {
			if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok && isMap(c.info.TypeOf(ix.X)) {
				c.container(c.info.TypeOf(ix.X))
			}
		}
	}
}

func (c *collector) call(n *ast.CallExpr) {
	if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
		if b, ok := c.info.Uses[id].(*types.Builtin); ok {
			switch b.Name() {
			case "new":
				if t, ok := types.Unalias(c.info.TypeOf(n)).(*types.Pointer); ok {
					c.add(Object, t.Elem())
				}
			case "make", "append":
				c.container(c.info.TypeOf(n))
			}
			return
		}
	}
	// slices.Grow, slices.Clone and their like, whose frames are above this line's.
	if f := load.Callee(c.info, n); f != nil && f.Pkg() != nil && (f.Pkg().Path() == "slices" || f.Pkg().Path() == "maps") {
		c.container(c.info.TypeOf(n))
	}
}

// implied collects the types of variables that may have been moved to the heap, and of
// values that are put into an interface.
func (c *collector) implied(n ast.Node) {
	switch n := n.(type) {
	case *ast.Ident:
		if v, ok := c.info.Defs[n].(*types.Var); ok && !v.IsField() {
			c.add(Object, v.Type())
		}
	case *ast.CompositeLit:
		c.add(Object, c.info.TypeOf(n))
	case *ast.CallExpr:
		for _, arg := range n.Args {
			c.add(Object, c.info.TypeOf(arg))
		}
	case *ast.ReturnStmt:
		for _, r := range n.Results {
			c.add(Object, c.info.TypeOf(r))
		}
	}
}

// container collects the struct type of which a slice or a map holds values.
func (c *collector) container(t types.Type) {
	if t == nil {
		return
	}
	switch t := t.Underlying().(type) {
	case *types.Slice:
		c.add(Array, t.Elem())
	case *types.Map:
		c.slots(t)
	}
}

// mostInline is from how many bytes on a map holds a pointer to a key or an element
// instead of itself.
const mostInline = 128

func (c *collector) slots(m *types.Map) {
	if load.HasTypeParam(m.Key()) || load.HasTypeParam(m.Elem()) {
		return
	}
	key, elem := c.sizes.Sizeof(m.Key()), c.sizes.Sizeof(m.Elem())
	if elem > mostInline {
		c.add(Object, m.Elem())
		return
	}
	before := len(c.found)
	c.add(Table, m.Elem())
	if len(c.found) == before || key > mostInline {
		return
	}
	s := &c.found[before]
	slot := func(e int64) int64 { return align(align(key, s.align)+e, max(s.align, c.sizes.Alignof(m.Key()))) }
	s.Slot, s.BestSlot = slot(s.Size), slot(s.Best)
}

func align(n, to int64) int64 { return (n + to - 1) / to * to }

func (c *collector) add(f Form, t types.Type) {
	if t == nil || load.HasTypeParam(t) {
		return
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return
	}
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for _, s := range c.found {
		if s.Form == f && types.Identical(s.Named, named) {
			return
		}
	}
	a := Arrange(st, c.sizes)
	c.found = append(c.found, Site{f, named, a, a.Size, a.Best})
}

func isMap(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// match returns the site that a sample of the given bytes and objects is of. An
// object's size is told by its class; of other sizes are the arrays and tables.
func match(sites []Site, bytes, objects int64) (Site, bool) {
	for _, s := range sites {
		// Both numbers were scaled alike and then cut to integers: below one object apart.
		if now, _ := s.Block(); s.Form == Object && bytes > now*objects-now && bytes < now*(objects+1) {
			return s, true
		}
	}
	for _, s := range sites {
		if s.Form != Object && bytes/objects >= s.Slot {
			return s, true
		}
	}
	return Site{}, false
}

// Saves returns what the best order would save of bytes in so many objects.
func (s Site) Saves(bytes, objects int64) int64 {
	if s.Form == Object {
		now, best := s.Block()
		return (now - best) * objects
	}
	if s.Slot == 0 {
		return 0
	}
	return int64(float64(bytes) * float64(s.Slot-s.BestSlot) / float64(s.Slot))
}

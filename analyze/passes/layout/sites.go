package layout

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/internal/load"
)

// A form is how values of a type lie in what a line allocates.
type form int

const (
	object form = iota // one value: its size is rounded up to a size class
	array              // any number side by side
	table              // slots of a map
)

// A site is a struct type that a line may allocate.
type site struct {
	form  form
	named *types.Named
	arrangement
	// slot and bestSlot are the bytes of one element: of the struct, or of a map's slot
	// that holds it.
	slot, bestSlot int64
}

// sitesAt returns the named struct types that the given line of fn may allocate, the
// most likely first. What the compiler keeps on the stack is among them: the profile
// tells.
func sitesAt(p *load.Program, fn *load.Func, line int) []site {
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
	found []site
}

// explicit collects what an expression says to allocate.
func (c *collector) explicit(n ast.Node) {
	switch n := n.(type) {
	case *ast.UnaryExpr:
		if lit, ok := ast.Unparen(n.X).(*ast.CompositeLit); ok && n.Op == token.AND {
			c.add(object, c.info.TypeOf(lit))
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
					c.add(object, t.Elem())
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
			c.add(object, v.Type())
		}
	case *ast.CompositeLit:
		c.add(object, c.info.TypeOf(n))
	case *ast.CallExpr:
		for _, arg := range n.Args {
			c.add(object, c.info.TypeOf(arg))
		}
	case *ast.ReturnStmt:
		for _, r := range n.Results {
			c.add(object, c.info.TypeOf(r))
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
		c.add(array, t.Elem())
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
		c.add(object, m.Elem())
		return
	}
	before := len(c.found)
	c.add(table, m.Elem())
	if len(c.found) == before || key > mostInline {
		return
	}
	s := &c.found[before]
	slot := func(e int64) int64 { return align(align(key, s.align)+e, max(s.align, c.sizes.Alignof(m.Key()))) }
	s.slot, s.bestSlot = slot(s.size), slot(s.best)
}

func align(n, to int64) int64 { return (n + to - 1) / to * to }

func (c *collector) add(f form, t types.Type) {
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
		if s.form == f && types.Identical(s.named, named) {
			return
		}
	}
	a := arrange(st, c.sizes)
	c.found = append(c.found, site{f, named, a, a.size, a.best})
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
func match(sites []site, bytes, objects int64) (site, bool) {
	for _, s := range sites {
		// Both numbers were scaled alike and then cut to integers: below one object apart.
		if now, _ := s.block(); s.form == object && bytes > now*objects-now && bytes < now*(objects+1) {
			return s, true
		}
	}
	for _, s := range sites {
		if s.form != object && bytes/objects >= s.slot {
			return s, true
		}
	}
	return site{}, false
}

// saved returns what the best order would save of bytes in so many objects.
func (s site) saved(bytes, objects int64) int64 {
	if s.form == object {
		now, best := s.block()
		return (now - best) * objects
	}
	if s.slot == 0 {
		return 0
	}
	return int64(float64(bytes) * float64(s.slot-s.bestSlot) / float64(s.slot))
}

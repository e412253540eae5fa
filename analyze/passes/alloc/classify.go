package alloc

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A cause is what a line allocates that it could do without, and how.
type cause struct {
	rule, what, do, snippet string
	statement               string
	spared                  float64 // of the site's allocation, by the remedy, in [0,1]
	doubts                  []string
}

// classify says why a line allocates, by what it calls: bytes by callee, "" for the
// line itself. It reports false for what is necessary or not understood.
func classify(p *load.Program, fn *load.Func, ln *profile.Line, callees map[string]int64) (cause, bool) {
	byBytes := slices.SortedFunc(maps.Keys(callees), func(a, b string) int {
		if d := callees[b] - callees[a]; d != 0 {
			return int(max(-1, min(1, d)))
		}
		return strings.Compare(a, b)
	})
	l := &line{p: p, fn: fn, info: fn.Info(), at: ln.Line}
	for _, callee := range byBytes {
		if 4*callees[callee] < ln.Own {
			break
		}
		if callee == "" {
			if c, ok := l.itself(); ok {
				return c, true
			}
			continue
		}
		if c, ok := l.calling(callee); ok {
			return c, true
		}
	}
	return cause{}, false
}

// A line is a line of source that allocates.
type line struct {
	p    *load.Program
	fn   *load.Func
	info *types.Info
	at   int
}

func (l *line) source(n ast.Node) string { return load.Source(l.p.Fset, n) }

// nodes returns the nodes that are on the line: those that begin there, and the
// statement around it where a long one spans lines.
func (l *line) nodes() []ast.Node { return l.p.Nodes(l.fn, l.at) }

// itself says why the line itself allocates, what it calls apart.
func (l *line) itself() (cause, bool) {
	nodes := l.nodes()
	for _, look := range []func(ast.Node) (cause, bool){l.grown, l.copied, l.made, l.pointed, l.moved, l.concatenated, l.converted, l.boxed, l.closed} {
		for _, n := range nodes {
			if c, ok := look(n); ok {
				return c, true
			}
		}
	}
	return cause{}, false
}

// made recognizes make and new of values that do not outlive the function.
func (l *line) made(n ast.Node) (cause, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || !load.IsBuiltin(l.info, call, "make") && !load.IsBuiltin(l.info, call, "new") || len(call.Args) == 0 {
		return cause{}, false
	}
	if fateOf(l.fn, call) != temporary {
		return cause{}, false
	}
	return l.temporary(call, l.source(call.Args[0])), true
}

func (l *line) temporary(n ast.Node, typ string) cause {
	where := l.fn.Decl.Name.Name
	pool := strings.ToLower(where[:1]) + where[1:] + "Pool"
	return cause{
		rule: "alloc/temporary-buffer", statement: l.source(n), spared: 0.9,
		what:    fmt.Sprintf("makes a %s on each call that does not outlive it", typ),
		do:      fmt.Sprintf("reuse the %s: from a sync.Pool, from the caller, or on the stack with a fixed size", typ),
		snippet: fmt.Sprintf("var %s = sync.Pool{New: func() any { return new(%s) }}\n\nv := %s.Get().(*%s)\ndefer %s.Put(v) // after resetting it", pool, typ, pool, typ, pool),
		doubts:  []string{"whom it is passed to must not keep it", "a pool pays on paths that are called often; its objects are dropped by collections"},
	}
}

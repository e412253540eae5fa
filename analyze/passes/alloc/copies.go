package alloc

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/whetgo/whet/internal/load"
)

// cloned recognizes append([]T(nil), x...) of something long-lived: a copy for each
// caller.
func (l *line) cloned(call *ast.CallExpr) (cause, bool) {
	if !call.Ellipsis.IsValid() || len(call.Args) != 2 || !longLived(l.fn, call.Args[1]) {
		return cause{}, false
	}
	switch first := ast.Unparen(call.Args[0]).(type) {
	case *ast.CallExpr: // []T(nil)
		if !l.info.Types[first.Fun].IsType() {
			return cause{}, false
		}
	case *ast.CompositeLit: // []T{}
		if len(first.Elts) > 0 {
			return cause{}, false
		}
	default:
		return cause{}, false
	}
	return l.defensive(call, l.source(call.Args[1])), true
}

// copied recognizes make and copy of something long-lived, which is then handed out.
func (l *line) copied(n ast.Node) (cause, bool) {
	as, ok := n.(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 1 || len(as.Rhs) != 1 {
		return cause{}, false
	}
	call, ok := as.Rhs[0].(*ast.CallExpr)
	id, isID := as.Lhs[0].(*ast.Ident)
	if !ok || !isID || !load.IsBuiltin(l.info, call, "make") {
		return cause{}, false
	}
	obj := load.ObjectOf(l.info, id)
	if fateOfVar(l.fn, obj) != returned {
		return cause{}, false
	}
	from := ""
	ast.Inspect(l.fn.Decl.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if ok && len(c.Args) == 2 && (load.IsBuiltin(l.info, c, "copy") || isCallOf(l.info, c, "maps.Copy[...]")) &&
			carries(l.info, c.Args[0], obj) && longLived(l.fn, c.Args[1]) {
			from = l.source(c.Args[1])
		}
		return from == ""
	})
	if from == "" {
		return cause{}, false
	}
	return l.defensive(as, from), true
}

func isCallOf(info *types.Info, call *ast.CallExpr, name string) bool {
	f := load.Callee(info, call)
	return f != nil && load.FuncName(f) == name
}

func (l *line) defensive(n ast.Node, from string) cause {
	return cause{
		rule: "alloc/defensive-copy", statement: l.source(n), spared: 0.95,
		what: fmt.Sprintf("copies %s for each caller", from),
		do:   fmt.Sprintf("hand out what is new only, or an immutable %s that is replaced when it changes, not a copy for each caller", from),
		snippet: fmt.Sprintf("// readers that only read: an iterator, or a cursor that says from where\nfor _, v := range %s[cursor:] { … }\n\n"+
			"// many readers, few writers: atomic.Pointer to a value that is never changed, only replaced", from),
		doubts: []string{"a caller that changes its copy would then change everybody's", "what is handed out without a copy must be safe to read while it grows"},
	}
}

package contention

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"github.com/whetgo/whet/internal/load"
)

// endless reports whether a loop may go on without getting on: it neither walks
// through something nor counts to an end, so that each turn may find what the last one
// found.
func endless(fn *load.Func, loop ast.Stmt) bool {
	f, ok := loop.(*ast.ForStmt)
	if !ok {
		return false
	}
	if f.Cond == nil || f.Post == nil {
		return true
	}
	call := false // "for i := 0; !g.held.CompareAndSwap(0, 1); i++" counts, but to no end
	own(f.Cond, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			f := load.Callee(fn.Info(), c)
			call = call || f != nil && (isAtomicFunc(f) || f.Pkg() != nil && f.Pkg().Path() == fn.File.Pkg.PkgPath)
		}
		return true
	})
	return call
}

func isAtomicFunc(f *types.Func) bool { return f.Pkg() != nil && f.Pkg().Path() == "sync/atomic" }

// polls reports whether the loop does nothing but look at an atomic until others have
// changed it, in its condition or in an if statement that leaves.
func (l *loop) polls(p *load.Program) bool {
	f, ok := l.node.(*ast.ForStmt)
	if !ok || !l.idles(p) {
		return false
	}
	found := f.Cond != nil && l.looks(p, l.fn, f.Cond, 1)
	for _, st := range f.Body.List {
		if ifs, ok := st.(*ast.IfStmt); ok && !found && leaves(ifs.Body) {
			found = l.looks(p, l.fn, ifs.Cond, 1)
		}
	}
	if found {
		l.kind = polls
	}
	return found
}

// leaves reports whether a block ends by leaving the loop around it.
func leaves(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch last := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return last.Tok == token.BREAK || last.Tok == token.GOTO
	}
	return false
}

// looks reports whether a condition is about an atomic that others change; one in a
// short function that it calls counts too, so many levels deep.
func (l *loop) looks(p *load.Program, fn *load.Func, cond ast.Node, levels int) bool {
	found := false
	own(cond, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		found = l.atomic(p, fn, call)
		if inner := callee(p, fn, call); !found && levels > 0 && inner != nil && len(inner.Decl.Body.List) == 1 {
			found = l.looks(p, inner, inner.Decl.Body, levels-1)
		}
		return !found
	})
	return found
}

// callee returns the function that a call names if its source is at hand, else nil.
func callee(p *load.Program, fn *load.Func, call *ast.CallExpr) *load.Func {
	f := load.Callee(fn.Info(), call)
	if f == nil {
		return nil
	}
	if inner := p.Func(load.FuncName(f)); inner != nil && inner.Decl.Body != nil {
		return inner
	}
	return nil
}

// idles reports whether the loop does no work from one look to the next: what it does
// once it has found what it waits for, and then leaves, does not count.
func (l *loop) idles(p *load.Program) bool {
	f, ok := l.node.(*ast.ForStmt)
	return ok && idle(p, l.fn, f.Body, 1)
}

// idle reports whether code does nothing but look at atomics and channels, count and
// give up the processor.
func idle(p *load.Program, fn *load.Func, code ast.Node, levels int) bool {
	yes := true
	ast.Inspect(code, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if leaves(n.Body) {
				yes = yes && (n.Else == nil || idle(p, fn, n.Else, levels))
				return false
			}
		case *ast.CommClause:
			if n.Comm != nil && leaves(&ast.BlockStmt{List: n.Body}) {
				return false
			}
		case *ast.GoStmt, *ast.DeferStmt, *ast.IndexExpr, *ast.FuncLit, *ast.SendStmt:
			yes = false
		case *ast.RangeStmt: // for range 10 { runtime.Gosched() }
			t := fn.Info().TypeOf(n.X)
			yes = yes && t != nil && types.ConvertibleTo(t, types.Typ[types.Int])
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if _, ok := e.(*ast.Ident); !ok {
					yes = false
				}
			}
		case *ast.CallExpr:
			yes = yes && idleCall(p, fn, n, levels)
		}
		return yes
	})
	return yes
}

func idleCall(p *load.Program, fn *load.Func, call *ast.CallExpr, levels int) bool {
	if tv := fn.Info().Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return true
	}
	f := load.Callee(fn.Info(), call)
	if f == nil {
		return false
	}
	if isAtomicFunc(f) {
		return true
	}
	switch load.FuncName(f) {
	case "runtime.Gosched", "time.Now", "time.Since", "context.Context.Done", "context.Context.Err":
		return true
	}
	inner := callee(p, fn, call)
	return levels > 0 && inner != nil && idle(p, inner, inner.Decl.Body, levels-1)
}

// checksEnd reports whether a select with default only sees whether to stop: each of
// its cases receives without using the value, and leaves.
func checksEnd(s *ast.SelectStmt) bool {
	for _, c := range s.Body.List {
		cc := c.(*ast.CommClause)
		if cc.Comm == nil {
			continue
		}
		e, ok := cc.Comm.(*ast.ExprStmt)
		if !ok || received(e.X) == nil || !leavesSelect(cc.Body) {
			return false
		}
	}
	return true
}

// leavesSelect reports whether a case of a select leaves what is around it.
func leavesSelect(body []ast.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	last := body[len(body)-1]
	if br, ok := last.(*ast.BranchStmt); ok {
		return br.Label != nil && br.Tok != token.CONTINUE
	}
	return leaves(&ast.BlockStmt{List: body})
}

// atomic reports whether a call looks at an atomic: a load, or a compare-and-swap
// between constants, as a spin lock has it. A compare-and-swap of what was computed is
// an update, and none.
func (l *loop) atomic(p *load.Program, fn *load.Func, call *ast.CallExpr) bool {
	f := load.Callee(fn.Info(), call)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != "sync/atomic" || len(call.Args) > 3 {
		return false
	}
	switch {
	case strings.HasPrefix(f.Name(), "Load"):
	case strings.HasPrefix(f.Name(), "CompareAndSwap") && len(call.Args) >= 2:
		for _, a := range call.Args[len(call.Args)-2:] {
			if tv := fn.Info().Types[a]; tv.Value == nil || tv.Value.Kind() == constant.Unknown {
				return false
			}
		}
	default:
		return false
	}
	l.on = load.Source(p.Fset, call.Fun)
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok && f.Signature().Recv() != nil {
		l.on = load.Source(p.Fset, sel.X)
	} else if len(call.Args) > 0 {
		l.on = strings.TrimPrefix(load.Source(p.Fset, call.Args[0]), "&")
	}
	return true
}

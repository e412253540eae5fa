package probe

import (
	"go/ast"
	"go/token"
	"strings"
)

// markOperations cuts into a test file where operations begin and end: with each
// iteration of a benchmark's loop, and with each test. It reports whether there are any.
func (s *source) markOperations() bool {
	before := len(s.cuts)
	for _, d := range s.file.Decls {
		fd, ok := d.(*ast.FuncDecl)
		if !ok || fd.Body == nil {
			continue
		}
		if testLike(fd) {
			s.insert(s.offset(fd.Body.Lbrace)+1, " whet_.Op();")
			continue
		}
		s.markBenchmark(fd.Type, fd.Body)
	}
	return len(s.cuts) > before
}

// testLike reports whether a function is a test, an example or a fuzz target.
func testLike(fd *ast.FuncDecl) bool {
	if fd.Recv != nil || fd.Name.Name == "TestMain" {
		return false
	}
	switch name := fd.Name.Name; {
	case strings.HasPrefix(name, "Test"):
		return takes(fd.Type, "T") != ""
	case strings.HasPrefix(name, "Fuzz"):
		return takes(fd.Type, "F") != ""
	case strings.HasPrefix(name, "Example"):
		return fd.Type.Params.NumFields() == 0
	}
	return false
}

// takes returns the name of the parameter of type *testing.what, "" if there is none.
func takes(t *ast.FuncType, what string) string {
	for _, f := range t.Params.List {
		star, ok := f.Type.(*ast.StarExpr)
		if !ok || len(f.Names) != 1 {
			continue
		}
		if sel, ok := star.X.(*ast.SelectorExpr); ok && sel.Sel.Name == what {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "testing" {
				return f.Names[0].Name
			}
		}
	}
	return ""
}

// markBenchmark marks the loops of a function that takes a *testing.B, and of those in it.
// One that neither loops nor runs another is an operation as a whole.
func (s *source) markBenchmark(t *ast.FuncType, body *ast.BlockStmt) {
	b := takes(t, "B")
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if takes(n.Type, "B") != "" {
				found = true
				s.markBenchmark(n.Type, n.Body)
				return false
			}
			if pb := takes(n.Type, "PB"); pb != "" {
				found = s.markLoops(n.Body, pb) || found
				return false
			}
		case *ast.ForStmt:
			if b != "" && n.Cond != nil && counts(n.Cond, b) {
				found = true
				s.markLoop(n.Body)
			}
		case *ast.RangeStmt:
			if b != "" && isField(n.X, b, "N") {
				found = true
				s.markLoop(n.Body)
			}
		case *ast.CallExpr:
			found = found || b != "" && isField(n.Fun, b, "Run")
			// A function of the package that takes b has loops of its own, it is hoped.
			for _, arg := range n.Args {
				if id, ok := arg.(*ast.Ident); ok && b != "" && id.Name == b {
					found = true
				}
			}
		}
		return true
	})
	if b != "" && !found {
		s.insert(s.offset(body.Lbrace)+1, " whet_.Op();")
	}
}

func (s *source) markLoops(body *ast.BlockStmt, pb string) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if f, ok := n.(*ast.ForStmt); ok && f.Cond != nil && counts(f.Cond, pb) {
			found = true
			s.markLoop(f.Body)
		}
		return true
	})
	return found
}

func (s *source) markLoop(body *ast.BlockStmt) {
	s.insert(s.offset(body.Lbrace)+1, " whet_.Op();")
	s.insert(s.offset(body.Rbrace)+1, "; whet_.End()")
}

// counts reports whether a loop's condition is i < b.N, b.Loop() or pb.Next().
func counts(cond ast.Expr, b string) bool {
	switch c := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		return c.Op == token.LSS && isField(c.Y, b, "N") || c.Op == token.LEQ && isField(c.Y, b, "N") || c.Op == token.NEQ && isField(c.Y, b, "N") || c.Op == token.GTR && isField(c.X, b, "N")
	case *ast.CallExpr:
		return len(c.Args) == 0 && (isField(c.Fun, b, "Loop") || isField(c.Fun, b, "Next"))
	}
	return false
}

func isField(e ast.Expr, x, name string) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == x
}

package contention

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/whetgo/whet/internal/load"
)

// work is a call in a section, and what it comes to.
type work struct {
	call *ast.CallExpr
	name string // as a reader calls it: "loadBars"
	does string // "os.Open"; the same as name if it is that itself
	kind string // "I/O", "encoding", "sorting", "formatting", "sleeping"
	sure bool   // not behind a condition
}

// kinds are the functions that do not belong under a lock, by the beginning of their
// names; the first match counts.
var kinds = []struct{ prefix, kind string }{
	{"os.Getenv", ""}, {"os.IsNotExist", ""}, {"os.IsExist", ""}, {"os.Getpid", ""}, {"os.LookupEnv", ""},
	{"os.Exit", ""}, {"os.NewFile", ""},
	{"net.ParseIP", ""}, {"net.ParseCIDR", ""}, {"net.JoinHostPort", ""}, {"net.SplitHostPort", ""}, {"net.IP.", ""}, {"net.(*IPNet)", ""}, {"net.Addr.", ""},
	{"net.Conn.LocalAddr", ""}, {"net.Conn.RemoteAddr", ""}, {"net.Conn.SetDeadline", ""}, {"net.Conn.SetReadDeadline", ""}, {"net.Conn.SetWriteDeadline", ""},
	{"net/http.Header.", ""}, {"net/http.StatusText", ""}, {"net/http.NewRequest", ""}, {"net/http.Error", ""},
	{"time.Sleep", "sleeping"},
	{"os.", "I/O"}, {"io.Copy", "I/O"}, {"io.ReadAll", "I/O"}, {"io.Writer.Write", "I/O"}, {"io.Reader.Read", "I/O"}, {"io.WriteString", "I/O"}, {"io.ReadFull", "I/O"},
	{"net.", "I/O"}, {"net/http.", "I/O"}, {"database/sql.", "I/O"}, {"bufio.(*Writer).Flush", "I/O"}, {"syscall.", "I/O"},
	{"os/exec.", "I/O"}, {"log.", "I/O"}, {"fmt.Print", "I/O"}, {"fmt.Fprint", "I/O"}, {"log/slog.", "I/O"},
	{"encoding/", "encoding"}, {"sort.", "sorting"}, {"slices.Sort", "sorting"}, {"fmt.Sprint", "formatting"}, {"regexp.", "matching"}, {"compress/", "compressing"}, {"crypto/", "hashing"},
}

// kindOf returns what a function of the standard library does that is dear under a
// lock, "" if nothing.
func kindOf(name string) string {
	for _, k := range kinds {
		if strings.HasPrefix(name, k.prefix) {
			return k.kind
		}
	}
	return ""
}

func rankOf(w work) int {
	rank := 0
	if w.kind != "I/O" {
		rank = 2
	}
	if !w.sure {
		rank++
	}
	return rank
}

// work returns what a call under the lock comes to, if that is dear.
func (r *reader) work(fn *load.Func, call *ast.CallExpr, name string) (work, bool) {
	w := work{call: call, name: load.Source(r.b.p.Fset, call.Fun), sure: !conditional(fn, call, r.c.from)}
	if k := kindOf(name); k != "" {
		w.does, w.kind = w.name, k
		return w, true
	}
	does, kind := r.b.reaches(name, depth, make(map[string]bool))
	w.does, w.kind = does, kind
	return w, kind != ""
}

// reaches returns the first dear function that the named one calls without a
// condition, I/O before everything else.
func (b *book) reaches(name string, levels int, seen map[string]bool) (does, kind string) {
	fn := b.p.Func(name)
	if fn == nil || fn.Decl.Body == nil || levels == 0 || seen[name] {
		return "", ""
	}
	seen[name] = true
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.GoStmt, *ast.FuncLit:
			return false
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || kind == "I/O" {
			return kind != "I/O"
		}
		f := load.Callee(fn.Info(), call)
		if f == nil || conditional(fn, call, fn.Decl.Body.Pos()) {
			return true
		}
		inner := load.FuncName(f)
		d, k := load.Source(b.p.Fset, call.Fun), kindOf(inner)
		if k == "" {
			d, k = b.reaches(inner, levels-1, seen)
		}
		if k != "" && (kind == "" || k == "I/O") {
			does, kind = d, k
		}
		return true
	})
	return does, kind
}

// conditional reports whether n is in the body of an if, case or select that begins
// after from, or follows one that may return for another reason than an error.
func conditional(fn *load.Func, n ast.Node, from token.Pos) bool {
	nodes := load.Around(fn, n.Pos())
	if returnsBefore(fn, from, n.Pos()) {
		return true
	}
	for i, o := range nodes {
		if o.Pos() < from {
			continue
		}
		switch o := o.(type) {
		case *ast.IfStmt:
			if i+1 < len(nodes) && (nodes[i+1] == ast.Node(o.Body) || nodes[i+1] == o.Else) {
				return true
			}
		case *ast.CaseClause, *ast.CommClause:
			return true
		}
	}
	return false
}

// returnsBefore reports whether an if statement of fn between from and to returns,
// other than for an error.
func returnsBefore(fn *load.Func, from, to token.Pos) bool {
	found := false
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		if _, lit := n.(*ast.FuncLit); lit || n == nil || found {
			return false
		}
		if ifs, ok := n.(*ast.IfStmt); ok && from <= ifs.Pos() && ifs.End() <= to && !aboutError(fn.Info(), ifs.Cond) && returns(ifs.Body) {
			found = true
		}
		return true
	})
	return found
}

func returns(body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	_, ok := body.List[len(body.List)-1].(*ast.ReturnStmt)
	return ok
}

// aboutError reports whether a condition looks at an error.
func aboutError(info *types.Info, cond ast.Expr) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if t := info.TypeOf(e); t != nil && isError(t) {
				found = true
			}
		}
		return !found
	})
	return found
}

package hot

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// builders are the functions by which a string is put together.
var builders = []string{
	"fmt.Sprintf", "fmt.Sprint", "fmt.Fprintf", "strings.Join", "runtime.concatstrings", "strings.(*Builder).WriteString",
	"strconv.Itoa", "strconv.FormatInt", "strconv.AppendInt", "encoding/json.Marshal", "sort.Strings", "slices.Sort[...]", "slices.Sorted[...]", "fmt.(*pp).doPrintf", "runtime.slicebytetostring",
}

// keys finds functions that put a string together only to look it up in a map.
func keys(s *analyze.Session, w *analyze.Workload, ix *profile.Index) []analyze.Finding {
	var found []analyze.Finding
	for _, f := range ix.Funcs {
		share := ix.Share(f.Cum)
		if f.Owner != profile.Own || share < minShare || isInit(f.Name) {
			continue
		}
		fn := s.Program.Func(f.Name)
		if fn == nil || !returnsString(fn) || !builds(f) {
			continue
		}
		use := lookups(s.Program, fn)
		if len(use) == 0 {
			continue
		}
		line := &profile.Line{Frame: profile.Frame{Func: f.Name, File: f.File, Line: s.Program.Line(fn.Decl.Name.Pos())}, Owner: f.Owner}
		if len(f.Lines) > 0 {
			line.Frame = f.Lines[0].Frame
		}
		sp := spot{s: s, w: w, ix: ix, line: line, fn: fn, share: share, note: "time in " + profile.Short(f.Name)}
		heap := s.Index(w, "heap", "alloc_space")
		if hf := heap.Funcs[f.Name]; hf != nil {
			sp.share = min(1, sp.share+heap.Share(hf.Cum)*ix.Share(ix.GC))
		}
		found = append(found, sp.finding(stringKey(s, sp, use)))
	}
	return found
}

func stringKey(s *analyze.Session, sp spot, use []lookup) remedy {
	where := profile.Short(sp.s.FuncName(sp.line.Frame))
	r := remedy{
		rule: "hot/string-key", statement: "string key",
		title: fmt.Sprintf("%s puts a string together on every look-up in %s", where, use[0].table),
		do:    fmt.Sprintf("use a comparable struct as the key of %s instead of the string that %s builds", use[0].table, where),
		snippet: fmt.Sprintf("type %sKey struct { /* the values that %s formats */ }\n\n%s[%sKey{…}] // no string is built; == compares the values",
			use[0].table, where, use[0].table, use[0].table),
		saved: [2]float64{0.7, 0.98},
		how:   "the time in " + where + " with what it calls, less hashing a struct",
		why:   []string{"its result is used as a map key"},
		doubts: []string{
			"the fields of the key must be comparable: slices and maps among them need another form",
			"strings made of values can be equal for values that are not: the struct tells them apart, which may change who shares an entry",
		},
	}
	for _, u := range use {
		pos := s.Program.Fset.Position(u.pos)
		r.notes = append(r.notes, analyze.Location{File: s.RelPath(pos.Filename), Line: pos.Line, Func: u.fn.Name, Role: analyze.Caller, Note: "looks the key up in " + u.table})
	}
	return r
}

// builds reports whether most of the function's time goes into building strings.
func builds(f *profile.Func) bool {
	var most int64
	for _, b := range builders {
		most = max(most, f.Below[b])
	}
	return 4*most >= f.Cum
}

func returnsString(fn *load.Func) bool {
	obj, ok := fn.Info().Defs[fn.Decl.Name].(*types.Func)
	if !ok {
		return false
	}
	res := obj.Signature().Results()
	if res.Len() == 0 || res.Len() > 2 {
		return false
	}
	b, ok := res.At(0).Type().Underlying().(*types.Basic)
	return ok && b.Kind() == types.String
}

// A lookup is a place where the result of a function is a map's key.
type lookup struct {
	fn    *load.Func
	pos   token.Pos
	table string // the map, as the source calls it
}

// lookups returns where the result of fn is used as a map's key, directly or through
// a variable, in the package of fn.
func lookups(p *load.Program, fn *load.Func) []lookup {
	obj := fn.Info().Defs[fn.Decl.Name]
	var found []lookup
	for _, caller := range p.FuncsOf(fn.File.Pkg) {
		vars := make(map[types.Object]bool)
		fromFn := func(e ast.Expr) bool {
			e = ast.Unparen(e)
			if id, ok := e.(*ast.Ident); ok {
				return vars[caller.Info().Uses[id]]
			}
			call, ok := e.(*ast.CallExpr)
			if !ok {
				return false
			}
			f := load.Callee(caller.Info(), call)
			return f != nil && f.Origin() == obj
		}
		ast.Inspect(caller.Decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if len(n.Rhs) == 1 && fromFn(n.Rhs[0]) {
					if id, ok := n.Lhs[0].(*ast.Ident); ok {
						vars[load.ObjectOf(caller.Info(), id)] = true
					}
				}
			case *ast.IndexExpr:
				if _, isMap := caller.Info().TypeOf(n.X).Underlying().(*types.Map); isMap && fromFn(n.Index) {
					found = append(found, lookup{caller, n.Pos(), load.Source(p.Fset, n.X)})
				}
			case *ast.CallExpr:
				if sel, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 && fromFn(n.Args[0]) && isSyncMap(caller.Info().TypeOf(sel.X)) {
					found = append(found, lookup{caller, n.Pos(), load.Source(p.Fset, sel.X)})
				}
			}
			return true
		})
	}
	return found
}

func isSyncMap(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync" && n.Obj().Name() == "Map"
}

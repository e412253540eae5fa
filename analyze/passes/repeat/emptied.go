package repeat

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

const (
	leastFilling = 0.05 // of a workload's time, below the functions that fill a memory
	deepest      = 3    // calls from what is on the path to what empties the memory
)

// An emptied is a memory that is filled again and again, because what fills it is on the
// path of something that empties it each time.
type emptied struct {
	w      *analyze.Workload
	field  *types.Var // the map
	filler *load.Func // that fills it most
	by     *load.Func // that empties it
	in     *load.Func // in which it is called for that
	call   *ast.CallExpr
	share  float64
}

// memory is who fills a map in a field where a look-up missed, and who empties it.
type memory struct {
	fillers, emptiers map[*types.Var][]*load.Func
}

// emptying looks for emptied memories in a workload.
func (st *Study) emptying(w *analyze.Workload) {
	p, ix := w.Profiles["cpu"], st.s.Index(w, "cpu", "cpu")
	if p == nil || p.Index("cpu") < 0 {
		return
	}
	m := st.memories(ix)
	for field, fillers := range m.fillers {
		for _, by := range m.emptiers[field] {
			e := &emptied{w: w, field: field, by: by}
			if st.weigh(e, p, ix, fillers); e.share >= leastFilling {
				st.emptied = append(st.emptied, e)
			}
		}
	}
}

// memories looks at the packages of the hot functions.
func (st *Study) memories(ix *profile.Index) memory {
	m := memory{make(map[*types.Var][]*load.Func), make(map[*types.Var][]*load.Func)}
	for _, pkg := range st.s.Program.Packages {
		for _, fn := range st.s.Program.FuncsOf(pkg) {
			if fn.Decl.Body == nil {
				continue
			}
			reads, writes, empties := mapFields(fn)
			f := ix.Funcs[fn.Name]
			for v := range writes {
				if reads[v] && f != nil && ix.Share(f.Cum) >= leastFilling/5 {
					m.fillers[v] = append(m.fillers[v], fn)
				}
			}
			for v := range empties {
				m.emptiers[v] = append(m.emptiers[v], fn)
			}
		}
	}
	return m
}

// mapFields returns the fields of a map type that fn looks up in, stores in, and makes
// empty.
func mapFields(fn *load.Func) (reads, writes, empties map[*types.Var]bool) {
	reads, writes, empties = make(map[*types.Var]bool), make(map[*types.Var]bool), make(map[*types.Var]bool)
	stored := make(map[ast.Expr]bool)
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
					if v := mapField(fn.Info(), ix.X); v != nil {
						writes[v], stored[ix] = true, true
					}
				}
				if v := mapField(fn.Info(), l); v != nil && n.Tok == token.ASSIGN && i < len(n.Rhs) && isEmptyMap(fn.Info(), n.Rhs[i]) && given(fn, l) {
					empties[v] = true
				}
			}
		case *ast.CallExpr:
			if load.IsBuiltin(fn.Info(), n, "clear") && len(n.Args) == 1 {
				if v := mapField(fn.Info(), n.Args[0]); v != nil {
					empties[v] = true
				}
			}
		case *ast.RangeStmt:
			if v := mapField(fn.Info(), n.X); v != nil && deletesAll(fn.Info(), n, v) {
				empties[v] = true
			}
		case *ast.IndexExpr:
			if v := mapField(fn.Info(), n.X); v != nil && !stored[n] {
				reads[v] = true
			}
		}
		return true
	})
	return reads, writes, empties
}

// mapField returns the field of a map type that e is, nil if it is something else.
func mapField(info *types.Info, e ast.Expr) *types.Var {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	v, ok := info.Uses[sel.Sel].(*types.Var)
	if !ok || !v.IsField() {
		return nil
	}
	if _, isMap := v.Type().Underlying().(*types.Map); !isMap {
		return nil
	}
	return v.Origin()
}

// given reports whether e is in something that fn was given, not in what it makes itself.
func given(fn *load.Func, e ast.Expr) bool {
	id := load.Root(e)
	if id == nil {
		return false
	}
	o := fn.Info().Uses[id]
	return o != nil && (o.Pos() < fn.Decl.Body.Pos() || fn.Decl.Body.End() <= o.Pos())
}

func isEmptyMap(info *types.Info, e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return load.IsBuiltin(info, x, "make")
	case *ast.CompositeLit:
		return len(x.Elts) == 0
	case *ast.Ident:
		return x.Name == "nil"
	}
	return false
}

// deletesAll reports whether a loop over the field's map deletes what it meets.
func deletesAll(info *types.Info, loop *ast.RangeStmt, field *types.Var) bool {
	if len(loop.Body.List) != 1 {
		return false
	}
	st, ok := loop.Body.List[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := st.X.(*ast.CallExpr)
	return ok && load.IsBuiltin(info, call, "delete") && mapField(info, call.Args[0]) == field
}

// weigh finds the function that has the memory emptied and then filled, the innermost on
// the stacks of the filling, and what the filling below it costs.
func (st *Study) weigh(e *emptied, p *profile.Profile, ix *profile.Index, fillers []*load.Func) {
	v := p.Index("cpu")
	filling := make(map[string]*load.Func)
	for _, fn := range fillers {
		filling[fn.Name] = fn
	}
	calls := make(map[*load.Func]*ast.CallExpr)
	sums, most := make(map[*load.Func]int64), make(map[*load.Func]int64)
	for _, s := range p.Samples {
		depth := -1 // the outermost filler: all below it is filling
		for i, fr := range s.Stack {
			if fn := filling[profile.Unescape(profile.Enclosing(fr.Func))]; fn != nil {
				depth = i
			}
		}
		if depth < 0 {
			continue
		}
		inner := filling[profile.Unescape(profile.Enclosing(s.Stack[depth].Func))]
		for _, fr := range s.Stack[depth+1:] {
			fn := st.s.Program.FuncAt(fr)
			if fn == nil || fn.Decl.Body == nil {
				continue
			}
			call, seen := calls[fn]
			if !seen {
				call = st.leads(fn, e.by, deepest)
				calls[fn] = call
			}
			if call == nil {
				continue
			}
			sums[fn] += s.Values[v]
			if most[inner] += s.Values[v]; e.filler == nil || most[inner] > most[e.filler] {
				e.filler = inner
			}
			break
		}
	}
	for fn, sum := range sums {
		if share := ix.Share(sum) + st.garbage(e.w, ix, e.filler.Name); share > e.share {
			e.in, e.call, e.share = fn, calls[fn], min(1, share)
		}
	}
}

// leads returns the first call in fn that leads to target within so many calls, each of
// which is seen in the source; nil if there is none. Calls in function literals and under
// conditions count too.
func (st *Study) leads(fn, target *load.Func, depth int) *ast.CallExpr {
	var found *ast.CallExpr
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found != nil {
			return found == nil
		}
		f := load.Callee(fn.Info(), call)
		if f == nil {
			return true
		}
		callee := st.s.Program.Func(load.FuncName(f))
		if callee == nil || callee == fn || callee.Decl.Body == nil {
			return true
		}
		if callee == target || depth > 1 && st.leads(callee, target, depth-1) != nil {
			found = call
		}
		return found == nil
	})
	return found
}

// discarded reports memories that are emptied before they answer anything.
func (st *Study) discarded(w *analyze.Workload) []analyze.Finding {
	var found []analyze.Finding
	for _, e := range st.emptied {
		if e.w == w && e.in != nil {
			if calls, ops, seen := st.count(e); !seen || ops == 0 || float64(calls) >= 0.5*float64(ops) {
				found = append(found, st.discardedFinding(e, calls, ops))
			}
		}
	}
	return found
}

// count returns how often the memory was emptied in the run with probes.
func (st *Study) count(e *emptied) (calls, ops int64, seen bool) {
	pw, _ := Watched(st.s, e.w)
	for _, r := range st.found.Records {
		if r.Candidate.Func == e.by.Name && r.Candidate.Line == 0 && r.Workload.Package == pw.Package && r.Workload.Pattern == pw.Pattern {
			return r.Calls, r.Ops, true
		}
	}
	return 0, 0, false
}

func (st *Study) discardedFinding(e *emptied, calls, ops int64) analyze.Finding {
	p := st.s.Program
	at := p.Fset.Position(e.call.Pos())
	filled := p.Fset.Position(e.filler.Decl.Name.Pos())
	emptiedAt := p.Fset.Position(e.by.Decl.Name.Pos())
	where, name := profile.Short(e.in.Name), e.field.Name()
	call := load.Source(p.Fset, e.call)
	f := analyze.Finding{
		Rule:        "repeat/memory-discarded",
		Fingerprint: analyze.Fingerprint("repeat/memory-discarded", e.in.Name, call),
		Title:       fmt.Sprintf("%s empties %s, which remembers what is asked for, and then has it filled again", where, name),
		Advice: analyze.Advice{
			Do:      fmt.Sprintf("do not call %s for each use: do it once, where the object is made, so that %s keeps what %s found", call, name, profile.Short(e.filler.Name)),
			Snippet: fmt.Sprintf("// where the object is made, once\n%s\n\n// in %s: without that call", call, where),
			Doubts:  []string{"see that nothing which is remembered depends on what the call sets: then keep one object for each setting", "what is remembered takes memory, for as long as the object lives"},
		},
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: []string{
			fmt.Sprintf("%.0f %% of the samples of %s are in the functions that fill %s, below %s", 100*e.share, e.w.Name, name, where),
			fmt.Sprintf("%s leads to %s, which makes %s empty", call, profile.Short(e.by.Name), name),
		}},
		Locations: []analyze.Location{
			{File: st.s.RelPath(at.Filename), Line: at.Line, Func: e.in.Name, Role: analyze.Primary},
			{File: st.s.RelPath(emptiedAt.Filename), Line: emptiedAt.Line, Func: e.by.Name, Role: analyze.Cause, Note: "makes " + name + " empty"},
			{File: st.s.RelPath(filled.Filename), Line: filled.Line, Func: e.filler.Name, Role: analyze.Cause, Note: "fills it again"},
		},
		Evidence: []analyze.Evidence{{Source: e.w.Name + ", CPU profile", Metric: "filling " + name + " below " + where, Unit: "1", Value: e.share, Share: e.share}},
		Gain: analyze.Gain{
			Metric: "sec/op", Workload: e.w.Name, Base: e.w.SecPerOp(), Predicted: [2]float64{-0.5 * e.share, -0.95 * e.share},
			How: "the time of the functions that fill the memory, times what is left of it when most look-ups find what they ask for",
		},
		Repro: e.w.Repro,
	}
	if t := e.w.SecPerOp(); t > 0 {
		f.Evidence[0].Value, f.Evidence[0].Unit = t*e.share, "sec/op"
	}
	if ops > 0 {
		f.Confidence.Why = append(f.Confidence.Why, fmt.Sprintf("it was made empty %d times in %d operations", calls, ops))
		f.Evidence = append(f.Evidence, analyze.Evidence{Source: e.w.Name + ", with probes", Metric: "times that " + name + " was made empty, for an operation", Value: float64(calls) / float64(ops), Unit: "1"})
	}
	return f
}

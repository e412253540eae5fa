package hot

import (
	"fmt"
	"go/ast"
	"slices"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// opens are the functions by which a file's content is had.
var opens = []string{"os.Open", "os.OpenFile", "os.ReadFile", "io/ioutil.ReadFile"}

// reads are what the profile shows of it.
var reads = append([]string{"os.(*File).Read", "os.(*File).ReadFrom", "io.ReadAll"}, opens...)

// rereads finds functions that open and read a file in each operation of a benchmark,
// and what is made of the content below them.
func rereads(s *analyze.Session, w *analyze.Workload, ix *profile.Index) []analyze.Finding {
	if w.Kind != analyze.Benchmark {
		return nil // it may happen once: nothing says how often
	}
	var found []analyze.Finding
	for _, f := range ix.Funcs {
		if f.Owner != profile.Own || ix.Share(f.Cum) < 2*minShare || isInit(f.Name) {
			continue
		}
		fn := s.Program.Func(f.Name)
		if fn == nil {
			continue
		}
		open := openCall(fn)
		if open == nil || !readsBelow(w, f.Name) {
			continue
		}
		line := &profile.Line{Frame: profile.Frame{Func: f.Name, File: f.File, Line: s.Program.Line(open.Pos())}, Owner: f.Owner}
		sp := spot{s: s, w: w, ix: ix, line: line, fn: fn, share: ix.Share(f.Cum), note: "time in " + profile.Short(f.Name) + ", reading a file and what it makes of it"}
		found = append(found, sp.finding(reread(s, sp, open)))
	}
	return found
}

func reread(s *analyze.Session, sp spot, open *ast.CallExpr) remedy {
	where := profile.Short(sp.s.FuncName(sp.line.Frame))
	name := sp.fn.Decl.Name.Name
	call := load.Source(s.Program.Fset, open)
	path := "path"
	if len(open.Args) > 0 {
		path = load.Source(s.Program.Fset, open.Args[0])
	}
	return remedy{
		rule: "hot/reread-file", statement: call,
		title: fmt.Sprintf("%s opens, reads and decodes a file on every call", where),
		do:    fmt.Sprintf("keep what %s makes of the file, by its path, and read it again only when the file has changed", where),
		snippet: fmt.Sprintf("// kept by path: what %s returned, with the file's size and modification time\n"+
			"fi, err := os.Stat(%s)\n…\nif k, ok := kept[%s]; ok && k.size == fi.Size() && k.at.Equal(fi.ModTime()) {\n\treturn k.result, nil\n}", name, path, path),
		saved: [2]float64{0.5, 0.98},
		how:   "the time in " + where + " with all that it calls, times what remains with a look at the file's time instead; how often the same file comes again was not observed",
		why:   []string{"each operation of " + sp.w.Name + " passes here"},
		doubts: []string{
			"what is kept takes memory: bound it by the number of files",
			"callers that change the result would then share it: return it read-only or a copy",
			"a file changed within its time stamp's resolution would be missed",
		},
	}
}

// openCall returns the first call in fn that opens a file for reading.
func openCall(fn *load.Func) *ast.CallExpr {
	var found *ast.CallExpr
	ast.Inspect(fn.Decl, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found != nil {
			return found == nil
		}
		if f := load.Callee(fn.Info(), call); f != nil && slices.Contains(opens, load.FuncName(f)) {
			found = call
		}
		return found == nil
	})
	return found
}

// readsBelow reports whether the CPU profile shows file reading below the function.
func readsBelow(w *analyze.Workload, name string) bool {
	for _, smp := range w.Profiles["cpu"].Samples {
		i := slices.IndexFunc(smp.Stack, func(f profile.Frame) bool { return f.Func == name })
		if i < 0 {
			continue
		}
		if slices.ContainsFunc(smp.Stack[:i], func(f profile.Frame) bool { return slices.Contains(reads, f.Func) }) {
			return true
		}
	}
	return false
}

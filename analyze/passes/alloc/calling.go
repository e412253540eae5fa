package alloc

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// calling says why a call of a standard library function on the line allocates.
func (l *line) calling(callee string) (cause, bool) {
	switch {
	case strings.HasPrefix(callee, "bytes.(*Buffer)."):
		return l.buffer()
	case strings.HasPrefix(callee, "strings.(*Builder)."):
		return l.builder(callee)
	}
	call := l.call(callee)
	if call == nil {
		return cause{}, false
	}
	switch callee {
	case "fmt.Sprintf", "fmt.Sprint", "fmt.Sprintln", "strings.Join", "strings.Repeat", "strings.ReplaceAll", "strings.Replace",
		"strconv.Itoa", "strconv.FormatInt", "strconv.FormatUint", "strconv.FormatFloat", "strconv.Quote", "time.Time.Format", "strings.ToUpper", "strings.ToLower", "strings.Map":
		return l.building(callee, call)
	case "strings.Split", "strings.Fields", "strings.SplitN", "bytes.Split", "bytes.Fields", "strings.SplitAfter":
		return l.splitting(callee, call)
	case "slices.Clone[...]", "maps.Clone[...]", "bytes.Clone", "strings.Clone", "maps.Copy[...]":
		return l.cloning(call)
	case "sort.Slice", "sort.SliceStable", "internal/reflectlite.Swapper":
		return cause{
			rule: "alloc/boxing", statement: l.source(call), spared: 0.95,
			what:   "sorts with " + profile.Short(callee) + ", which boxes the slice and makes a swapper",
			do:     "use slices.SortFunc, which allocates nothing",
			doubts: []string{"the comparison becomes one of values instead of indices"},
		}, true
	case "sort.Sort", "sort.Stable":
		return l.temporary(call, "sort.Interface"), true
	case "bufio.NewReader", "bufio.NewReaderSize", "bufio.NewWriter", "bufio.NewWriterSize", "bytes.NewBuffer", "bytes.NewReader", "strings.NewReader":
		if fateOf(l.fn, call) != temporary {
			return cause{}, false
		}
		return l.temporary(call, strings.TrimSuffix(strings.Replace(callee, ".New", ".", 1), "Size")), true
	case "time.NewTimer", "time.After", "time.NewTicker", "time.AfterFunc":
		return cause{
			rule: "alloc/timer", statement: l.source(call), spared: 0.9,
			what: "makes a timer on each call", do: "keep one time.Timer and Reset it",
			doubts: []string{"a timer that is shared has one user at a time"},
		}, true
	case "fmt.Errorf", "errors.New":
		return cause{
			rule: "alloc/error", statement: l.source(call), spared: 0.9,
			what:    "makes an error on each call of a hot path",
			do:      "return an error that is made once, in a package variable, where it says the same each time",
			snippet: fmt.Sprintf("var err%s = errors.New(…)", strings.ToUpper(l.fn.Decl.Name.Name[:1])+l.fn.Decl.Name.Name[1:]),
			doubts:  []string{"an error that tells particulars has to be made"},
		}, true
	}
	return cause{}, false
}

// building is a string that is built; one that is only returned has to be.
func (l *line) building(callee string, call *ast.CallExpr) (cause, bool) {
	goes := fateOf(l.fn, call)
	if goes == returned && !strings.HasPrefix(callee, "fmt.") {
		return cause{}, false
	}
	c := l.stringBuilding(call, fmt.Sprintf("builds a string with %s on each call", profile.Short(callee)))
	if callee == "fmt.Sprintf" && goes == returned {
		c.spared = 0.4
		c.doubts = append(c.doubts, "the result has to be allocated; fmt's boxing of the arguments need not be")
	}
	return c, true
}

// splitting is a slice of parts that is only gone through.
func (l *line) splitting(callee string, call *ast.CallExpr) (cause, bool) {
	if fateOf(l.fn, call) != temporary {
		return cause{}, false
	}
	pkg, _, _ := strings.Cut(callee, ".")
	seq := sequence(callee)
	return cause{
		rule: "alloc/split", statement: l.source(call), spared: 0.95,
		what:    fmt.Sprintf("makes a slice of all parts with %s to go through them once", profile.Short(callee)),
		do:      fmt.Sprintf("go through the parts one by one: %s, or %s.Cut for two", seq[:strings.IndexByte(seq, '(')], pkg),
		doubts:  []string{fmt.Sprintf("parts that are needed by index are better cut with %s.Cut", pkg)},
		snippet: fmt.Sprintf("for part := range %s { … }", seq),
	}, true
}

// sequence returns the call that goes through the parts which a function makes a slice of.
func sequence(callee string) string {
	if strings.HasSuffix(callee, "Fields") {
		return callee + "Seq(s)"
	}
	return strings.TrimSuffix(callee, "N") + "Seq(s, sep)"
}

// cloning is a copy of something that lives long, made to be looked at.
func (l *line) cloning(call *ast.CallExpr) (cause, bool) {
	if len(call.Args) == 0 {
		return cause{}, false
	}
	from := call.Args[len(call.Args)-1]
	if !longLived(l.fn, from) || fateOf(l.fn, call) == stored {
		return cause{}, false
	}
	return l.defensive(call, l.source(from)), true
}

// call returns the call of the named function on the line.
func (l *line) call(callee string) *ast.CallExpr {
	for _, n := range l.nodes() {
		if call, ok := n.(*ast.CallExpr); ok && isCallOf(l.info, call, callee) {
			return call
		}
	}
	return nil
}

// receiver returns the local variable on which the line calls a method of the type.
func (l *line) receiver(typ string) types.Object {
	for _, n := range l.nodes() {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			continue
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			continue
		}
		if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
			if o := load.ObjectOf(l.info, id); o != nil && strings.TrimPrefix(o.Type().String(), "*") == typ && o.Pos() > bodyAround(l.fn, id.Pos()).Pos() {
				return o
			}
		}
	}
	return nil
}

// buffer recognizes a bytes.Buffer of the function's own that grows from nothing.
func (l *line) buffer() (cause, bool) {
	obj := l.receiver("bytes.Buffer")
	if obj == nil || fateOfVar(l.fn, obj) != temporary || fromPool(l.fn, obj) {
		return cause{}, false
	}
	c := l.temporary(l.fn.Decl.Name, "bytes.Buffer")
	c.statement = "bytes.Buffer " + obj.Name()
	return c, true
}

// builder recognizes a strings.Builder that grows step by step.
func (l *line) builder(callee string) (cause, bool) {
	obj := l.receiver("strings.Builder")
	if obj == nil || callee == "strings.(*Builder).Grow" {
		return cause{}, false
	}
	c := l.stringBuilding(l.fn.Decl.Name, fmt.Sprintf("grows the strings.Builder %s step by step", obj.Name()))
	c.statement = "strings.Builder " + obj.Name()
	c.do = fmt.Sprintf("call %s.Grow once with the length that will be written, or append to a []byte that is reused", obj.Name())
	c.snippet = fmt.Sprintf("%s.Grow(n) // before the first write", obj.Name())
	c.spared = 0.5
	return c, true
}

// fromPool reports whether the variable's value comes out of a sync.Pool.
func fromPool(fn *load.Func, obj types.Object) (from bool) {
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for i, lhs := range as.Lhs {
			if id, ok := lhs.(*ast.Ident); !ok || load.ObjectOf(fn.Info(), id) != obj || i >= len(as.Rhs) {
				continue
			}
			ast.Inspect(as.Rhs[i], func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && isCallOf(fn.Info(), call, "sync.(*Pool).Get") {
					from = true
				}
				return !from
			})
		}
		return !from
	})
	return from
}

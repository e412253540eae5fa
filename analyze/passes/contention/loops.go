package contention

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A way is how a loop spins.
type way int

const (
	retries way = iota // a select with default, tried again
	wakes              // a loop that wakes itself through a channel it receives from
	yields             // runtime.Gosched
	polls              // an atomic that is looked at until it changes
)

func (k way) String() string { return [...]string{"retries", "wakes", "yields", "polls"}[k] }

// A loop is a for statement that tries again instead of waiting.
type loop struct {
	kind way
	fn   *load.Func
	node ast.Stmt
	on   string // the channel or atomic, as the source calls it
	waker,
	caller profile.Frame // of wakes: what sends to the loop, and what asked for it
	tried   profile.Frame // of wakes: another attempt that failed; zero if none is seen
	triedOn string        // its channel
}

// loopOf returns the loop in which a function spends its time if its source shows
// that it may spin.
func loopOf(p *load.Program, sp *spinner) (loop, bool) {
	for i, fr := range sp.hottest() {
		if i == 3 {
			break
		}
		fn := p.FuncAt(fr)
		if fn == nil || fn.Decl.Body == nil {
			return loop{}, false
		}
		loops := loopsAt(p, fn, fr.Line)
		if len(loops) == 0 {
			continue
		}
		l := loop{fn: fn, node: loops[0]}
		if l.wakesItself(p, sp) {
			return l, true
		}
		if i := slices.IndexFunc(loops, func(n ast.Stmt) bool { return endless(fn, n) }); i >= 0 {
			l := loop{fn: fn, node: loops[i]}
			if !blocks(p, fn, l.node, 2) && l.triesAgain(p) {
				return l, true
			}
		}
	}
	return loop{}, false
}

// loopsAt returns the for statements around a line, the innermost first.
func loopsAt(p *load.Program, fn *load.Func, line int) []ast.Stmt {
	var found []ast.Stmt
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if p.Line(n.Pos()) <= line && line <= p.Line(n.End()) {
				found = append(found, n.(ast.Stmt))
			}
		}
		return true
	})
	slices.Reverse(found)
	return found
}

// own walks the nodes of a statement that run with it, leaving out function literals.
func own(n ast.Node, f func(ast.Node) bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt:
			return false
		}
		return n != nil && f(n)
	})
}

// hasDefault reports whether a select never blocks.
func hasDefault(s *ast.SelectStmt) bool {
	for _, c := range s.Body.List {
		if cc, ok := c.(*ast.CommClause); ok && cc.Comm == nil {
			return true
		}
	}
	return false
}

// blocks reports whether code waits for others anywhere: receives or sends without a
// default, sleeps, waits, or does I/O; in the functions it calls too, so many levels
// deep.
func blocks(p *load.Program, fn *load.Func, n ast.Node, levels int) bool {
	found := false
	own(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectStmt:
			if !hasDefault(n) {
				found = true
				return false
			}
			for _, c := range n.Body.List { // the communications are attempts; what follows them counts
				for _, st := range c.(*ast.CommClause).Body {
					found = found || blocks(p, fn, st, levels)
				}
			}
			return false
		case *ast.SendStmt:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.RangeStmt:
			if t := fn.Info().TypeOf(n.X); t != nil {
				_, isChan := t.Underlying().(*types.Chan)
				found = found || isChan
			}
		case *ast.CallExpr:
			found = found || callBlocks(p, fn, n, levels)
		}
		return !found
	})
	return found
}

func callBlocks(p *load.Program, fn *load.Func, call *ast.CallExpr, levels int) bool {
	f := load.Callee(fn.Info(), call)
	if f == nil {
		return false
	}
	name := load.FuncName(f)
	switch name {
	case "sync.(*WaitGroup).Wait", "sync.(*Cond).Wait", "time.Sleep":
		return true
	}
	if k := kindOf(name); k == "I/O" || k == "sleeping" {
		return true
	}
	inner := p.Func(name)
	return levels > 0 && inner != nil && inner.Decl.Body != nil && inner != fn && blocks(p, inner, inner.Decl.Body, levels-1)
}

// triesAgain reports whether the loop holds an attempt that is made again when it did
// not succeed, and notes which.
func (l *loop) triesAgain(p *load.Program) bool {
	return l.polls(p) || l.attempt(p, l.fn, l.node, 2)
}

// attempt looks for a select with default or runtime.Gosched in code, and in what it
// calls.
func (l *loop) attempt(p *load.Program, fn *load.Func, code ast.Node, levels int) bool {
	found := false
	own(code, func(n ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.SelectStmt:
			if hasDefault(n) && !(code == ast.Node(l.node) && givesUp(n)) && (!checksEnd(n) || l.idles(p)) {
				found, l.kind, l.on = true, retries, channels(p, n)
			}
		case *ast.ForStmt, *ast.RangeStmt:
			return n == code // an inner loop is a finding of its own
		case *ast.CallExpr:
			found = l.called(p, fn, n, levels)
		}
		return !found
	})
	return found
}

func (l *loop) called(p *load.Program, fn *load.Func, call *ast.CallExpr, levels int) bool {
	f := load.Callee(fn.Info(), call)
	if f == nil {
		return false
	}
	name := load.FuncName(f)
	if name == "runtime.Gosched" {
		l.kind, l.on = yields, name
		return true
	}
	inner := p.Func(name)
	return levels > 0 && inner != nil && inner.Decl.Body != nil && inner != fn && profile.Package(name) == fn.File.Pkg.PkgPath && l.attempt(p, inner, inner.Decl.Body, levels-1)
}

// givesUp reports whether the default of a select leaves the function or a labelled
// statement, so that nothing is tried again.
func givesUp(s *ast.SelectStmt) bool {
	for _, c := range s.Body.List {
		cc, ok := c.(*ast.CommClause)
		if !ok || cc.Comm != nil || len(cc.Body) == 0 {
			continue
		}
		switch last := cc.Body[len(cc.Body)-1].(type) {
		case *ast.ReturnStmt:
			return true
		case *ast.BranchStmt:
			return last.Label != nil && last.Tok != token.CONTINUE
		}
	}
	return false
}

// channels lists the channels of a select.
func channels(p *load.Program, s *ast.SelectStmt) string {
	var names []string
	for _, c := range s.Body.List {
		if ch := channel(c.(*ast.CommClause).Comm); ch != nil {
			names = append(names, load.Source(p.Fset, ch))
		}
	}
	return strings.Join(names, ", ")
}

// channel returns the channel of a communication, nil of a default.
func channel(comm ast.Stmt) ast.Expr {
	switch c := comm.(type) {
	case *ast.SendStmt:
		return c.Chan
	case *ast.ExprStmt:
		return received(c.X)
	case *ast.AssignStmt:
		if len(c.Rhs) == 1 {
			return received(c.Rhs[0])
		}
	}
	return nil
}

func received(e ast.Expr) ast.Expr {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return u.X
	}
	return nil
}

// receives returns the channels from which the loop receives.
func (l *loop) receives() map[*types.Var]bool {
	from := make(map[*types.Var]bool)
	own(l.node, func(n ast.Node) bool {
		if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			if v := variable(l.fn.Info(), u.X); v != nil {
				from[v] = true
			}
		}
		return true
	})
	if r, ok := l.node.(*ast.RangeStmt); ok {
		if v := variable(l.fn.Info(), r.X); v != nil {
			if _, isChan := v.Type().Underlying().(*types.Chan); isChan {
				from[v] = true
			}
		}
	}
	return from
}

// wakesItself reports whether something that the profile shows below the loop makes,
// without blocking, a send to a channel that the loop receives from; and what else it
// tried without blocking.
func (l *loop) wakesItself(p *load.Program, sp *spinner) bool {
	from := l.receives()
	if len(from) == 0 {
		return false
	}
	woken := false
	for _, fr := range sp.hottestTries() {
		fn := p.FuncAt(fr)
		if fn == nil {
			continue
		}
		ch, v := attemptAt(p, fn, fr.Line)
		switch {
		case ch == nil:
		case from[v] && !woken:
			woken = true
			l.kind, l.on, l.waker = wakes, load.Source(p.Fset, ch), fr
			if path := sp.tries[fr]; len(path) > 2 {
				l.caller = path[1]
			}
		case !from[v] && l.tried.Func == "":
			l.tried, l.triedOn = fr, load.Source(p.Fset, ch)
		}
	}
	if woken && l.tried.Func == "" {
		l.triedBy(p, from)
	}
	return woken
}

// triedBy looks in what the function that had the loop woken calls for an attempt that
// the profile did not happen to show.
func (l *loop) triedBy(p *load.Program, from map[*types.Var]bool) {
	fn := p.FuncAt(l.caller)
	if fn == nil || fn.Decl.Body == nil {
		return
	}
	own(fn.Decl.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f := load.Callee(fn.Info(), call)
		if f == nil {
			return true
		}
		name := load.FuncName(f)
		inner := p.Func(name)
		if inner == nil || inner.Decl.Body == nil || l.tried.Func != "" {
			return true
		}
		own(inner.Decl.Body, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectStmt); ok && l.tried.Func == "" {
				if ch, v := attemptAt(p, inner, p.Line(s.Pos())); ch != nil && !from[v] {
					l.tried = profile.Frame{Func: name, File: inner.File.Path, Line: p.Line(ch.Pos())}
					l.triedOn = load.Source(p.Fset, ch)
				}
			}
			return true
		})
		return true
	})
}

// hottestTries returns the frames that called a channel's primitive, in a stable order.
func (sp *spinner) hottestTries() []profile.Frame {
	t := &spinner{lines: make(map[profile.Frame]int64)}
	for fr := range sp.tries {
		t.lines[fr] = 0
	}
	return t.hottest()
}

// attemptAt returns the channel to which fn, around the given line, sends without
// blocking; nil if it does not.
func attemptAt(p *load.Program, fn *load.Func, line int) (ast.Expr, *types.Var) {
	var ch ast.Expr
	own(fn.Decl.Body, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectStmt)
		if !ok || !hasDefault(s) || line < p.Line(s.Pos()) || p.Line(s.End()) < line {
			return true
		}
		for _, c := range s.Body.List {
			if send, ok := c.(*ast.CommClause).Comm.(*ast.SendStmt); ok {
				ch = send.Chan
			}
		}
		return true
	})
	if ch == nil {
		return nil, nil
	}
	return ch, variable(fn.Info(), ch)
}

// how says in the title what the loop does.
func (l loop) how() string {
	switch l.kind {
	case wakes:
		return fmt.Sprintf("%s wakes the loop it runs in through %s, over and over", profile.Short(profile.Enclosing(l.waker.Func)), l.on)
	case yields:
		return "its loop gives up the processor and looks again instead of waiting"
	case polls:
		return fmt.Sprintf("its loop looks at %s until it changes", l.on)
	}
	return fmt.Sprintf("its loop tries %s without blocking, over and over", l.on)
}

// advice says what to do instead.
func (l loop) advice(p *load.Program, where string) (do, snippet string) {
	switch {
	case l.kind == wakes && l.tried.Func != "":
		try := profile.Short(profile.Enclosing(l.tried.Func))
		return fmt.Sprintf("let the select of %s wait until %s takes a value, instead of trying in %s and waking the loop through %s when that fails", where, l.triedOn, try, l.on),
			fmt.Sprintf("var out = %s // nil while there is nothing to send: its case then never runs\nif len(pending) == 0 {\n\tout, next = nil, nil\n}\nselect {\ncase out <- next: // instead of the attempt in %s\n…\n}", l.triedOn, try)
	case l.kind == wakes:
		return fmt.Sprintf("do not send to %s from within the loop of %s when nothing has changed: wait for what is missing", l.on, where), ""
	case l.kind == retries:
		return fmt.Sprintf("take the default out of the select of %s, so that it blocks; add a case for what else should wake it", where), fmt.Sprintf("select {\ncase … %s …:\ncase <-ctx.Done(): // or a timer, or a channel that says there is other work\n\treturn\n}", l.on)
	case l.kind == polls:
		return fmt.Sprintf("wait in %s for a channel or a sync.Cond that is signalled where %s changes; as a lock, use sync.Mutex", where, l.on), fmt.Sprintf("<-changed // closed, or sent to, where %s is set", l.on)
	}
	return fmt.Sprintf("wait in %s for a channel, a sync.Cond or a sync.Mutex instead of calling runtime.Gosched", where), ""
}

// causes are the places that keep the loop awake.
func (l loop) causes(s *analyze.Session) []analyze.Location {
	var ls []analyze.Location
	add := func(fr profile.Frame, note string) {
		if fr.Func == "" {
			return
		}
		loc := s.Location(fr, analyze.Cause)
		loc.Note = note
		ls = append(ls, loc)
	}
	add(l.caller, "has its own loop woken to try again")
	add(l.waker, "sends to "+l.on+", which the loop receives from")
	add(l.tried, "tries "+l.triedOn+" without blocking")
	return ls
}

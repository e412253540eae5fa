package contention

import (
	"cmp"
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// minHeldWait is the least part of the time that a lock is held by someone who waits
// for others for that to be the finding.
const minHeldWait = 0.2

// A heldWait is a wait for others, with a lock held, that the block profile shows.
type heldWait struct {
	line  int     // of the primary's function, on which it waits or calls what does
	how   string  // "sends to a channel"
	delay float64 // in seconds, of the crowded run
}

// waitsHeld returns where the primary's section waits longest for something else than a
// lock, nil if that does not matter to those who wait for the lock.
func (v verdict) waitsHeld() *heldWait {
	p, sect := v.c.w.Profiles["block"], v.primary.section
	if p == nil || sect == nil || v.u.delay <= 0 {
		return nil
	}
	i := p.Index("delay")
	if i < 0 {
		return nil
	}
	byLine := make(map[int]*heldWait)
	from, to := v.c.book.lines(sect)
	for _, smp := range p.Samples {
		how := waitOf(smp.Stack)
		if how == "" {
			continue
		}
		for _, fr := range smp.Stack {
			if from <= fr.Line && fr.Line <= to && v.c.funcAt(fr) == sect.fn {
				h := byLine[fr.Line]
				if h == nil {
					h = &heldWait{line: fr.Line, how: how}
					byLine[fr.Line] = h
				}
				h.delay += float64(smp.Values[i]) / 1e9
				break
			}
		}
	}
	var longest *heldWait
	for _, h := range byLine {
		if longest == nil || cmp.Or(cmp.Compare(h.delay, longest.delay), longest.line-h.line) > 0 {
			longest = h
		}
	}
	// All goroutines' waits for the lock are rel of the time; its holder's wait has to them
	// the proportion that the crowded run shows.
	if longest == nil || longest.delay < minDelay || longest.delay/v.u.delay*v.wait.rel < minHeldWait {
		return nil
	}
	return longest
}

// waitOf says for what a stack of the block profile waits, "" if for a lock. A
// sync.Cond is left out: it gives its lock back while it waits.
func waitOf(stack []profile.Frame) string {
	for _, fr := range stack {
		switch {
		case strings.HasPrefix(fr.Func, "sync.(*Cond)."), strings.HasPrefix(fr.Func, "sync.(*Mutex)."), strings.HasPrefix(fr.Func, "sync.(*RWMutex)."):
			return ""
		case strings.HasPrefix(fr.Func, "runtime.chansend"):
			return "sends to a channel"
		case strings.HasPrefix(fr.Func, "runtime.chanrecv"):
			return "receives from a channel"
		case fr.Func == "runtime.selectgo":
			return "waits in a select"
		case fr.Func == "sync.(*WaitGroup).Wait":
			return "waits for goroutines to end"
		}
	}
	return ""
}

// unblock is the remedy for waiting under a lock for something that others do.
func (v verdict) unblock(where string, h heldWait) remedy {
	sect := v.primary.section
	stmt := v.statementOf(h)
	expr := sect.take.expr
	give := expr + ".Unlock()"
	if sect.read() {
		give = expr + ".RUnlock()"
	}
	return remedy{
		rule:    "contention/wait-under-lock",
		title:   fmt.Sprintf("%s %s (%s) with %s held, and others wait for it", where, h.how, stmt, v.name()),
		do:      fmt.Sprintf("copy what it needs of %s under %s in %s, give that back, and wait (%s) only then", v.state(), expr, where, stmt),
		snippet: fmt.Sprintf("… // take what is needed of %s\n%s\n%s // with %s not held", v.state(), give, stmt, expr),
		doubts: []string{
			fmt.Sprintf("two goroutines may then wait there at once, and get through in another order than that in which they took %s", expr),
			"nothing is gained where those for whom it waits are what is slow: see to them first",
			"a channel with room only puts the wait off, unless whoever is at its other end is faster in the mean",
		},
	}
}

// statementOf returns the source of the statement that waits, on one line.
func (v verdict) statementOf(h heldWait) string {
	nodes := v.c.book.p.Nodes(v.primary.section.fn, h.line)
	i := slices.IndexFunc(nodes, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.SendStmt, *ast.ExprStmt, *ast.AssignStmt, *ast.UnaryExpr, *ast.CallExpr:
			return true
		}
		return false
	})
	if i < 0 {
		return fmt.Sprintf("line %d", h.line)
	}
	text, _, more := strings.Cut(load.Source(v.c.book.p.Fset, nodes[i]), "\n")
	if more {
		text += " …"
	}
	return text
}

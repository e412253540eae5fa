package contention

import (
	"fmt"
	"go/ast"
	"strings"

	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A remedy is what a rule says.
type remedy struct {
	rule, title, do, snippet string
	doubts                   []string
}

// name is what the lock is called.
func (v verdict) name() string {
	switch {
	case v.u.lock != nil:
		return v.u.lock.name
	case v.u.inside != "":
		return "the lock inside " + profile.Short(v.u.inside)
	}
	return "the lock of " + profile.Short(v.c.s.FuncName(v.primary.frame))
}

func (v verdict) remedy() remedy {
	where := profile.Short(v.c.s.FuncName(v.primary.frame))
	if v.facts == nil {
		return v.unread(where)
	}
	reading, writing := v.readers()
	switch {
	case v.holding != nil:
		return v.unblock(where, *v.holding)
	case v.blocking() != nil:
		return v.shorten(where, *v.blocking())
	case v.copying, len(v.facts.reads) > 0 && len(v.facts.writes) == 0 && v.onlyRead() && reading > 0 && (writing <= reading || v.u.lock.rw):
		return v.publish(where, reading, writing)
	}
	return v.spread(where)
}

// unread is about a lock whose source was not read, or that the standard library holds.
func (v verdict) unread(where string) remedy {
	r := remedy{
		rule:  "contention/hot-lock",
		title: fmt.Sprintf("%s holds a lock that other goroutines wait for", where),
		do:    fmt.Sprintf("shorten what %s does with the lock held, or divide the lock among what it protects", where),
	}
	if in := v.u.inside; in != "" {
		r.title = fmt.Sprintf("goroutines wait for each other in %s, which %s calls", profile.Short(in), where)
		r.do = fmt.Sprintf("call %s less often from %s, or give each goroutine an instance of its own", profile.Short(in), where)
		if strings.HasPrefix(in, "math/rand.") {
			r.do = fmt.Sprintf("use math/rand/v2, whose functions take no lock, in %s", where)
		}
		r.doubts = []string{fmt.Sprintf("the lock belongs to %s: only how it is used can change here", profile.Package(in))}
	}
	return r
}

// state lists what the lock protects in the primary's section.
func (v verdict) state() string {
	names := v.facts.writes
	if len(names) == 0 {
		names = v.facts.reads
	}
	switch len(names) {
	case 0:
		return "what it protects"
	case 1, 2, 3:
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:3], ", ") + ", …"
}

// shorten is the remedy for I/O, or sleep, under a lock.
func (v verdict) shorten(where string, w work) remedy {
	sect := v.primary.section
	does := w.name
	if w.does != w.name {
		does += ", which comes to " + w.does
	}
	doing := "does I/O"
	if w.kind == "sleeping" {
		doing = "sleeps"
	}
	expr := sect.take.expr
	take, give := expr+".Lock", expr+".Unlock"
	if sect.read() {
		take, give = expr+".RLock", expr+".RUnlock"
	}
	r := remedy{
		rule:  "contention/io-under-lock",
		title: fmt.Sprintf("%s %s (%s) with %s held, and others wait for it", where, doing, does, v.name()),
		do:    fmt.Sprintf("call %s in %s before %s is taken, and hold that only for %s", w.name, where, expr, v.state()),
		snippet: fmt.Sprintf("%s // with %s not held\n%s()\n… // only what uses %s\n%s()",
			v.statement(w.call), expr, take, v.state(), give),
		doubts: []string{
			fmt.Sprintf("two goroutines may then be in %s at once: it must not rely on %s, and what it returns may be older than what another has stored meanwhile", w.name, expr),
		},
	}
	if len(sect.lock.sections) > 1 {
		r.doubts = append(r.doubts, fmt.Sprintf("%d functions hold %s: if the I/O has to be one at a time, give it a lock of its own, or one for each file or connection", holding(sect.lock), v.name()))
	}
	return r
}

// statement returns the source of the statement around a call in the primary's
// section if it is a simple one, else of the call.
func (v verdict) statement(call *ast.CallExpr) string {
	nodes := load.Around(v.primary.section.fn, call.Pos())
	for i := len(nodes) - 1; i >= 0; i-- {
		switch n := nodes[i].(type) {
		case *ast.AssignStmt:
			return load.Source(v.c.book.p.Fset, n)
		case ast.Stmt:
			return "… " + load.Source(v.c.book.p.Fset, call)
		}
	}
	return load.Source(v.c.book.p.Fset, call)
}

// holding counts the functions that hold a lock.
func holding(l *lock) int {
	fns := make(map[*load.Func]bool)
	for _, s := range l.sections {
		fns[s.fn] = true
	}
	return len(fns)
}

// publish is the remedy for a lock that is mostly taken to read.
func (v verdict) publish(where string, reading, writing int) remedy {
	state := v.state()
	copying := ""
	if v.facts.copies != "" {
		copying = " and copy"
	}
	counts := fmt.Sprintf("%d of the %d pieces of code that hold %s only read", reading, reading+writing, v.name())
	r := remedy{
		rule:   "contention/read-mostly",
		title:  fmt.Sprintf("%s takes %s on every call only to read%s %s", where, v.name(), copying, state),
		doubts: []string{counts + ": with frequent writers, each of which has to copy what it publishes, an atomic.Pointer gains less"},
	}
	name := strings.TrimRight(strings.Split(state, ",")[0], " …")
	owner := ""
	if v.u.lock.owner != "" {
		owner = receiver(v.primary.section) + "."
	}
	if v.replaced() || v.u.lock.rw {
		typ := v.typeOf(name)
		r.do = fmt.Sprintf("keep %s as an immutable value behind an atomic.Pointer: %s loads it without a lock, writers store a new one", name, where)
		r.snippet = fmt.Sprintf("%s atomic.Pointer[%s] // was guarded by %s\n\n// in %s:\nreturn %s%s.Load() // shared: nobody may change it\n\n// writers: make a new value, change it, then\n%s%s.Store(&next)", name, typ, v.name(), where, owner, name, owner, name)
		if strings.HasPrefix(typ, "map[") {
			r.do += "; or make it a sync.Map, which reads without a lock and need not be copied to add an entry"
		}
		if copying != "" {
			r.doubts = append(r.doubts, fmt.Sprintf("the copy (%s) keeps callers from changing what is shared: check that none does", v.facts.copies))
		}
		return r
	}
	r.do = fmt.Sprintf("make %s a sync.RWMutex and take it with RLock in %s, or publish %s through an atomic.Pointer", v.name(), where, name)
	r.snippet = fmt.Sprintf("%s sync.RWMutex\n\n// in %s:\n%s.RLock()\ndefer %s.RUnlock()", v.u.lock.obj.Name(), where, v.primary.section.take.expr, v.primary.section.take.expr)
	r.doubts = append(r.doubts, "an RWMutex costs more than a Mutex for sections of a few instructions: its count of readers is shared too")
	return r
}

// receiver returns how the section's function calls the struct that holds the lock.
func receiver(c *section) string {
	expr := c.take.expr
	if c.lock.embedded {
		return expr
	}
	if i := strings.LastIndexByte(expr, '.'); i > 0 {
		return expr[:i]
	}
	return expr
}

// typeOf returns the type of a protected variable as its package writes it.
func (v verdict) typeOf(name string) string {
	for _, o := range v.protectedVars() {
		if o.Name() == name {
			return typeName(o)
		}
	}
	return "T"
}

// spread is the remedy for a lock that serializes updates.
func (v verdict) spread(where string) remedy {
	f, sect := v.facts, v.primary.section
	owner := receiver(sect)
	r := remedy{rule: "contention/hot-lock", title: fmt.Sprintf("%s holds %s around %s, and goroutines wait for each other there", where, v.name(), v.state())}
	if call, share := v.dearest(); call != nil {
		name := load.Source(v.c.book.p.Fset, call.Fun)
		r.title = fmt.Sprintf("%s calls %s with %s held, and goroutines wait for each other there", where, name, v.name())
		r.do = fmt.Sprintf("call %s in %s before %s is taken: %.0f %% of the time with it held passes there, and it uses nothing that the lock protects", name, where, sect.take.expr, 100*share)
		r.snippet = fmt.Sprintf("%s // with %s not held\n%s.%s()", v.statement(call), sect.take.expr, sect.take.expr, sect.take.method)
		r.doubts = []string{"it then runs at once in several goroutines, and also for those that would not have come that far"}
		return r
	}
	one, isWord := v.word()
	switch {
	case isWord:
		r.do, r.snippet, r.doubts = v.atom(where, one)
	case len(f.calls) > 0 && f.calls[0].sure:
		w := f.calls[0]
		r.do = fmt.Sprintf("do the %s (%s) in %s before %s is taken or after it is given back", w.kind, w.name, where, sect.take.expr)
		r.snippet = fmt.Sprintf("%s // with %s not held", v.statement(w.call), sect.take.expr)
		r.doubts = []string{fmt.Sprintf("what %s uses must not change meanwhile: copy it under the lock first", w.name)}
	case f.counts && len(f.writes) == 1:
		n := f.writes[0]
		r.do = fmt.Sprintf("make %s an atomic.Int64 and add to it without %s", n, v.name())
		r.snippet = fmt.Sprintf("%s atomic.Int64 // was guarded by %s\n\n// in %s:\n%s.Add(1)", n, v.name(), where, dotted(owner, n, v))
		r.doubts = []string{"readers that use it together with other state no longer see both from one moment"}
	case f.element != "" && f.deletes:
		m := shortVar(f.element)
		r.do = fmt.Sprintf("divide %s into some 16 maps with a lock each, chosen by a hash of the key; or keep the state in what the key stands for, in an atomic field, and look through those when it is needed", f.element)
		r.snippet = fmt.Sprintf("type shard struct {\n\tmu sync.Mutex\n\t%s %s\n}\n\nvar shards [16]shard\n\nsh := &shards[hash(key)%%16] // in %s\nsh.mu.Lock()", m, v.typeOf(m), where)
		r.doubts = []string{fmt.Sprintf("code that goes through all of %s has to take each lock in turn, and no longer sees it at one moment", f.element)}
	case f.element != "":
		m := f.element
		r.do = fmt.Sprintf("let each entry of %s have its own state: a sync.Map of pointers to entries with atomic fields, or some 16 maps with a lock each, chosen by a hash of the key", m)
		r.snippet = fmt.Sprintf("v, ok := %s.Load(key) // %s sync.Map: no lock for a key that is there\nif !ok {\n\tv, _ = %s.LoadOrStore(key, new(entry))\n}\nv.(*entry).n.Add(1) // instead of changing it with %s held", m, shortVar(m), m, v.name())
		r.doubts = []string{
			fmt.Sprintf("code that goes through all of %s no longer sees it at one moment", m),
			"where most keys are new, or are deleted again soon, divided locks (shards) do better than a sync.Map",
		}
	default:
		r.do = fmt.Sprintf("hold %s in %s only for %s, or divide that among several locks by key or by goroutine", v.name(), where, v.state())
		r.doubts = []string{"which of the calls made with the lock held rely on it has to be read in the code"}
	}
	return r
}

// dotted is how the section's function reaches a field that its lock protects.
func dotted(owner, name string, v verdict) string {
	if v.u.lock.owner == "" || strings.Contains(name, ".") {
		return name
	}
	return owner + "." + name
}

func shortVar(expr string) string { return expr[strings.LastIndexByte(expr, '.')+1:] }

package contention

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A usage is what the profiles of one workload say of one lock. Delays are in
// seconds, shares in [0,1] of the workload's CPU time.
type usage struct {
	key     string
	lock    *lock  // nil without source
	inside  string // the function of the standard library that holds the lock, "" if the code itself does
	delay   float64
	holders map[string]*holder // by function
	waiters map[string]*holder
	ops     float64 // CPU share of taking and giving back the lock
	held    float64 // CPU share of the code that runs with it held, ops included
	raced   bool    // taken by goroutines of a parallel benchmark
}

// A holder is a function that held a lock, or waited for it.
type holder struct {
	frame   profile.Frame
	section *section // nil without source
	delay   float64
	cpu     float64
}

// A census counts what a workload does with its locks.
type census struct {
	s      *analyze.Session
	w      *analyze.Workload
	book   *book
	usages map[string]*usage
	total  float64 // delay of all mutexes, of the runtime's and the harness's too
	frames map[profile.Frame]*load.Func
}

func count(s *analyze.Session, w *analyze.Workload, b *book) *census {
	c := &census{s: s, w: w, book: b, usages: make(map[string]*usage), frames: make(map[profile.Frame]*load.Func)}
	c.delays("mutex", func(u *usage) map[string]*holder { return u.holders })
	c.delays("block", func(u *usage) map[string]*holder { return u.waiters })
	c.cpu()
	return c
}

// ranked returns the locks, the most waited for first.
func (c *census) ranked() []*usage {
	us := make([]*usage, 0, len(c.usages))
	for _, u := range c.usages {
		us = append(us, u)
	}
	slices.SortFunc(us, func(a, b *usage) int {
		return cmp.Or(cmp.Compare(b.delay, a.delay), cmp.Compare(b.held, a.held), cmp.Compare(a.key, b.key))
	})
	return us
}

func (c *census) delays(name string, of func(*usage) map[string]*holder) {
	p := c.w.Profiles[name]
	if p == nil {
		return
	}
	i := p.Index("delay")
	if i < 0 {
		return
	}
	for _, smp := range p.Samples {
		sec := float64(smp.Values[i]) / 1e9
		if name == "mutex" {
			c.total += sec
		}
		if isRuntime(smp.Stack) {
			continue
		}
		u, at, sect := c.find(smp.Stack)
		if u == nil {
			continue
		}
		h := into(of(u), c.s.FuncName(at), at, sect)
		h.delay += sec
		if name == "mutex" {
			u.delay += sec
		}
	}
}

// cpu charges CPU samples to the locks that are operated on, or held, in them.
func (c *census) cpu() {
	p, ix := c.w.Profiles["cpu"], c.s.Index(c.w, "cpu", "cpu")
	if p == nil || ix.Total == 0 {
		return
	}
	v := p.Index("cpu")
	for _, smp := range p.Samples {
		share := ix.Share(smp.Values[v])
		parallel := slices.ContainsFunc(smp.Stack, func(f profile.Frame) bool { return f.Func == "testing.(*B).RunParallel.func1" })
		charged := make(map[*usage]bool)
		if u, at, sect := c.find(smp.Stack); u != nil {
			u.ops += share
			c.charge(u, at, sect, share, parallel, charged)
		}
		for _, fr := range smp.Stack {
			if c.s.Owner(fr) == profile.Harness {
				continue
			}
			if sect := c.sectionAround(fr); sect != nil {
				u := c.usage(keyOf(sect.lock), sect.lock, "")
				c.charge(u, fr, sect, share, parallel, charged)
			}
		}
	}
}

func (c *census) charge(u *usage, at profile.Frame, sect *section, share float64, parallel bool, charged map[*usage]bool) {
	u.raced = u.raced || parallel
	if charged[u] {
		return
	}
	charged[u] = true
	u.held += share
	into(u.holders, c.s.FuncName(at), at, sect).cpu += share
}

// sectionAround returns the section in which a frame is, nil if in none.
func (c *census) sectionAround(fr profile.Frame) *section {
	fn := c.funcAt(fr)
	if fn == nil {
		return nil
	}
	c.book.open(fn.File.Pkg)
	for _, sect := range c.book.sections[fn] {
		if from, to := c.book.lines(sect); from <= fr.Line && fr.Line <= to {
			return sect
		}
	}
	return nil
}

func (c *census) funcAt(fr profile.Frame) *load.Func {
	fn, ok := c.frames[fr]
	if !ok {
		fn = c.s.Program.FuncAt(fr)
		c.frames[fr] = fn
	}
	return fn
}

// find returns the lock on which a stack operates, the frame of the code that took it
// and the section; a nil usage if it operates on none.
func (c *census) find(stack []profile.Frame) (*usage, profile.Frame, *section) {
	i := profile.Responsible(stack, c.s.Owner)
	if i <= 0 {
		return nil, profile.Frame{}, nil
	}
	via, ok := operation(stack[:i])
	if !ok {
		return nil, profile.Frame{}, nil
	}
	at := stack[i]
	if via != "" {
		name := c.s.FuncName(at)
		return c.usage(name+"\x00"+via, nil, via), at, nil
	}
	for ; i < len(stack); i++ {
		fn := c.funcAt(stack[i])
		if fn == nil || c.s.Owner(stack[i]) == profile.Harness {
			break
		}
		c.book.open(fn.File.Pkg)
		if c.book.isWrapper(fn) {
			continue
		}
		if sect := c.book.at(fn, stack[i].Line); sect != nil {
			return c.usage(keyOf(sect.lock), sect.lock, ""), stack[i], sect
		}
		break
	}
	return c.usage(c.s.FuncName(at), nil, ""), at, nil
}

func keyOf(l *lock) string {
	if l.obj.Pkg() == nil {
		return l.name
	}
	return fmt.Sprintf("%s.%s@%d", l.obj.Pkg().Path(), l.name, l.obj.Pos())
}

func (c *census) usage(key string, l *lock, inside string) *usage {
	u := c.usages[key]
	if u == nil {
		u = &usage{key: key, lock: l, inside: inside, holders: make(map[string]*holder), waiters: make(map[string]*holder)}
		c.usages[key] = u
	}
	return u
}

func into(m map[string]*holder, name string, at profile.Frame, sect *section) *holder {
	h := m[name]
	if h == nil {
		h = &holder{frame: at, section: sect}
		m[name] = h
	}
	return h
}

// operation reports whether the frames below one's own code operate on a mutex, and
// by way of which function of the standard library, "" if directly. Locks that
// sync.Once, sync.Pool and their like use inside are not the program's.
func operation(below []profile.Frame) (via string, ok bool) {
	for i := len(below) - 1; i >= 0; i-- {
		name := below[i].Func
		switch {
		case strings.HasPrefix(name, "sync.(*Mutex)."), strings.HasPrefix(name, "sync.(*RWMutex)."):
			if strings.HasSuffix(name, ".TryLock") {
				return "", false
			}
			return via, true
		case profile.Package(name) == "runtime", profile.Package(name) == "sync", profile.Package(name) == "internal/sync":
			return "", false
		case below[i].File == "<autogenerated>":
		default:
			via = name
		}
	}
	return "", false
}

// isRuntime reports whether a wait is for a lock of the runtime itself.
func isRuntime(stack []profile.Frame) bool {
	if len(stack) == 0 {
		return true
	}
	switch stack[0].Func {
	case "runtime._LostContendedRuntimeLock", "runtime.unlock", "runtime.unlock2", "runtime.unlockWithRank":
		return true
	}
	return false
}

// most returns the holder with the greatest delay, or CPU share where nobody waited;
// nil of none.
func most(m map[string]*holder) *holder {
	var best *holder
	for _, name := range names(m) {
		if h := m[name]; best == nil || h.delay > best.delay || h.delay == best.delay && h.cpu > best.cpu {
			best = h
		}
	}
	return best
}

// names returns the functions, those with most delay first.
func names(m map[string]*holder) []string {
	var ns []string
	for name := range m {
		ns = append(ns, name)
	}
	slices.SortFunc(ns, func(a, b string) int {
		return cmp.Or(cmp.Compare(m[b].delay, m[a].delay), cmp.Compare(m[b].cpu, m[a].cpu), cmp.Compare(a, b))
	})
	return ns
}

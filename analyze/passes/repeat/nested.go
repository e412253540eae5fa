package repeat

import (
	"cmp"
	"slices"

	"github.com/whetgo/whet/profile"
)

// outermost leaves of the instances that one change would mend the one that is to be
// changed: of functions that call each other, each of which is asked the same again, time
// is saved once. The inner one stays where it alone explains the time; else the outer.
func (st *Study) outermost(cs []*instance) []*instance {
	slices.SortStableFunc(cs, func(a, b *instance) int {
		return cmp.Or(cmp.Compare(certain(b), certain(a)), cmp.Compare(b.gain(), a.gain()), cmp.Compare(a.sp.cand.Line, b.sp.cand.Line))
	})
	var kept []*instance
	for _, c := range cs {
		at := slices.IndexFunc(kept, func(k *instance) bool { return k.w == c.w && st.together(k, c) })
		switch {
		case at < 0:
			kept = append(kept, c)
		case c.level == kept[at].level && st.below(c, kept[at]) && c.gain() >= 0.85*kept[at].gain() && c.remedy.kind <= kept[at].remedy.kind:
			kept[at] = c // the inner one is the cause
		}
	}
	return kept
}

func certain(c *instance) int { return c.level.Rank() }

// together reports whether most of the time of one passes below the other.
func (st *Study) together(a, b *instance) bool { return st.below(a, b) || st.below(b, a) }

// below reports whether most of the time of inner passes below outer.
func (st *Study) below(inner, outer *instance) bool {
	p := inner.w.Profiles["cpu"]
	if p == nil {
		return false
	}
	v := p.Index("cpu")
	var in, both int64
	for _, s := range p.Samples {
		i := inner.on(s.Stack)
		if i < 0 || v < 0 {
			continue
		}
		in += s.Values[v]
		if outer.on(s.Stack[i:]) >= 0 {
			both += s.Values[v]
		}
	}
	return in > 0 && 2*both > in
}

// on returns the index of the spot's frame in a stack, -1 if it is not on it.
func (c *instance) on(stack []profile.Frame) int {
	return slices.IndexFunc(stack, func(f profile.Frame) bool {
		return f.Func == c.sp.frame.Func && (c.sp.call == nil || f.Line == c.sp.frame.Line)
	})
}

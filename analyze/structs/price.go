package structs

import (
	"cmp"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/profile"
)

// A Total is what a profile says about one type.
type Total struct {
	Site
	Owner          profile.Owner // of the lines that allocate it
	Bytes, Objects int64
	Saved          int64
	Lines          map[profile.Frame]int64 // saved bytes by the line that allocates
}

// Totals joins the samples of a heap profile with the types that their lines allocate.
// Kind is "alloc" or "inuse". The
// largest saving comes first.
func Totals(s *analyze.Session, p *profile.Profile, kind string) []*Total {
	if p == nil {
		return nil
	}
	bi, oi := p.Index(kind+"_space"), p.Index(kind+"_objects")
	if bi < 0 || oi < 0 {
		return nil
	}
	byType := make(map[string]*Total)
	known := make(map[profile.Frame][]Site)
	for _, sample := range p.Samples {
		bytes, objects := sample.Values[bi], sample.Values[oi]
		at := allocator(sample.Stack, s.Owner)
		if at < 0 || bytes <= 0 || objects <= 0 {
			continue
		}
		fr := sample.Stack[at]
		sites, ok := known[fr]
		if !ok {
			if fn := s.Program.FuncAt(fr); fn != nil {
				sites = sitesAt(s.Program, fn, fr.Line)
			}
			known[fr] = sites
		}
		if st, ok := match(sites, bytes, objects); ok {
			charge(byType, st, fr, s.Owner(fr), bytes, objects)
		}
	}
	ts := slices.Collect(maps.Values(byType))
	slices.SortFunc(ts, func(a, b *Total) int {
		return cmp.Or(cmp.Compare(b.Saved, a.Saved), cmp.Compare(TypeName(a.Named), TypeName(b.Named)))
	})
	return ts
}

func charge(byType map[string]*Total, st Site, fr profile.Frame, owner profile.Owner, bytes, objects int64) {
	name := types.TypeString(st.Named, nil)
	t := byType[name]
	if t == nil {
		t = &Total{Site: st, Owner: owner, Lines: make(map[profile.Frame]int64)}
		byType[name] = t
	}
	saved := st.Saves(bytes, objects)
	t.Owner = max(t.Owner, owner)
	t.Bytes += bytes
	t.Objects += objects
	t.Saved += saved
	t.Lines[fr] += saved
}

// allocator returns the index of the frame whose line allocates, -1 if it is neither
// the reader's nor, where no code of the reader's takes part, a library's.
func allocator(stack []profile.Frame, owner func(profile.Frame) profile.Owner) int {
	blame := profile.Responsible(stack, owner)
	for _, fr := range stack[:max(0, blame)] {
		pkg := profile.Package(fr.Func)
		if pkg != "runtime" && pkg != "slices" && pkg != "maps" && !strings.HasPrefix(pkg, "internal/runtime/") {
			return -1
		}
	}
	return blame
}

// TypeName names a type as findings do, without type arguments: "a/b.T".
func TypeName(t *types.Named) string {
	name := t.Obj().Pkg().Path() + "." + t.Obj().Name()
	if t.TypeArgs().Len() > 0 {
		name += "[...]"
	}
	return name
}

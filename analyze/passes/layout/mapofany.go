package layout

import (
	"cmp"
	"fmt"
	"go/ast"
	"path/filepath"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/structs"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// leastMapPerOp is the least garbage of maps, in bytes for each operation, that is
// worth a finding: less than a tenth of a map.
const leastMapPerOp = 32

// mapsOfAny finds maps with constant keys on which a workload spends time or memory.
func mapsOfAny(s *analyze.Session, w *analyze.Workload, known []*anyMap) []analyze.Finding {
	var found []analyze.Finding
	for _, m := range known {
		cost := spend(s, w, m)
		if f, ok := cost.finding(s, w, m); ok {
			found = append(found, f)
		}
	}
	return found
}

// A mapCost is what a workload spends on one map, as shares of the workload.
type mapCost struct {
	time    float64 // making it, asking it, going over it, and collecting it
	memory  float64 // of what is allocated
	hottest *place  // where it is made at the greatest expense, nil if nowhere in this workload
	callers []place // where it is used, the dearest first
}

// spend adds up what a workload's profiles show on the lines that make or use m.
func spend(s *analyze.Session, w *analyze.Workload, m *anyMap) mapCost {
	var c mapCost
	cpu, heap := s.Index(w, "cpu", "cpu"), s.Index(w, "heap", "alloc_space")
	byPlace := make(map[*place]float64)
	lines := linesOf(s, m)
	each := func(name, typ string, add func(p *place, value int64)) {
		prof := w.Profiles[name]
		if prof == nil || prof.Index(typ) < 0 {
			return
		}
		for _, sample := range prof.Samples {
			at := profile.Responsible(sample.Stack, s.Owner)
			if at < 0 {
				continue
			}
			fr := sample.Stack[at]
			p := lines[lineKey{s.Program.FuncAt(fr), fr.Line}]
			if p != nil && onMap(sample.Stack[:at], p, name) {
				add(p, sample.Values[prof.Index(typ)])
			}
		}
	}
	each("cpu", "cpu", func(p *place, v int64) { c.time += cpu.Share(v); byPlace[p] += cpu.Share(v) })
	each("heap", "alloc_space", func(p *place, v int64) { c.memory += heap.Share(v); byPlace[p] += heap.Share(v) })
	c.time = min(1, c.time+cpu.Share(cpu.GC)*c.memory)
	c.sort(m, byPlace)
	return c
}

func (c *mapCost) sort(m *anyMap, byPlace map[*place]float64) {
	most := 0.0
	for i := range m.made {
		if p := &m.made[i]; byPlace[p] > most {
			most, c.hottest = byPlace[p], p
		}
	}
	var used []*place
	for i := range m.uses {
		if p := &m.uses[i]; byPlace[p] > 0 {
			used = append(used, p)
		}
	}
	slices.SortStableFunc(used, func(a, b *place) int { return cmp.Compare(byPlace[b], byPlace[a]) })
	for _, p := range used[:min(len(used), mostPlaces)] {
		c.callers = append(c.callers, *p)
	}
}

type lineKey struct {
	fn   *load.Func
	line int
}

// linesOf returns the lines on which m is made or used. A line of both is of the first.
func linesOf(s *analyze.Session, m *anyMap) map[lineKey]*place {
	lines := make(map[lineKey]*place)
	add := func(p *place, end int) {
		for l := s.Program.Line(p.node.Pos()); l <= end; l++ {
			if key := (lineKey{p.fn, l}); lines[key] == nil {
				lines[key] = p
			}
		}
	}
	for i := range m.made {
		add(&m.made[i], s.Program.Line(m.made[i].node.End()))
	}
	for i := range m.uses {
		p := &m.uses[i]
		end := p.node.End()
		if loop, ok := p.node.(*ast.RangeStmt); ok {
			end = loop.X.End()
		}
		add(p, s.Program.Line(end))
	}
	return lines
}

// onMap reports whether what a line does there concerns its map: the line of a literal
// makes it, puts values into interfaces and stores them; that of an index expression
// asks it. From the stacks of a heap profile the runtime's frames are taken off.
func onMap(above []profile.Frame, p *place, profileName string) bool {
	if len(above) == 0 {
		return p.makes || p.writes && profileName == "heap"
	}
	callee := above[len(above)-1].Func
	for _, prefix := range []string{"runtime.map", "runtime.makemap", "runtime.convT", "internal/runtime/maps.", "runtime.rand", "runtime.newobject"} {
		if strings.HasPrefix(callee, prefix) {
			return true
		}
	}
	return false
}

// finding makes a finding of what is spent on m, if it is enough.
func (c mapCost) finding(s *analyze.Session, w *analyze.Workload, m *anyMap) (analyze.Finding, bool) {
	pr := m.propose()
	gain := analyze.Gain{
		Metric: "sec/op", Workload: w.Name, Base: w.SecPerOp(), Predicted: [2]float64{-0.6 * c.time, -0.95 * c.time},
		How: "the time making, asking and collecting the map, times what remains of it with a struct",
	}
	ev := analyze.Evidence{Source: w.Name + ", CPU profile", Metric: "time on " + pr.what(), Unit: "1", Value: c.time, Share: c.time}
	if t := w.SecPerOp(); t > 0 {
		ev.Unit, ev.Value = "sec/op", t*c.time
	}
	share, of := c.time, "time"
	perOp := w.Mean("B/op")
	if c.time < minShare {
		if c.memory < minShare || c.memory*perOp < leastMapPerOp || pr.size >= pr.mapSize {
			return analyze.Finding{}, false
		}
		share, of = c.memory, "allocated bytes"
		gain = analyze.Gain{
			Metric: "B/op", Workload: w.Name, Base: perOp,
			Predicted: [2]float64{-c.memory * (1 - float64(pr.size)/float64(pr.mapSize)), -c.memory},
			How:       fmt.Sprintf("the bytes of the map and of the values in it, less the %d of a struct if it goes to the heap", pr.size),
		}
		ev = analyze.Evidence{Source: w.Name + ", heap profile", Metric: "allocated for " + pr.what(), Unit: "B/op", Value: perOp * c.memory, Share: c.memory}
	}
	locs := c.locations(s, m)
	return analyze.Finding{
		Fingerprint: analyze.Fingerprint("layout/map-of-any", m.id(), joinSorted(m.names())),
		Rule:        "layout/map-of-any",
		Title:       fmt.Sprintf("%s is a map with the same %d keys each time: a struct would do", pr.what(), len(m.keys)),
		Advice:      analyze.Advice{Do: fmt.Sprintf("make %s a struct with the fields %s", pr.what(), strings.Join(pr.names(), ", ")), Snippet: pr.snippet(s), Doubts: pr.doubts(s)},
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: []string{
			fmt.Sprintf("%.0f %% of the %s of %s", 100*share, of, w.Name),
			fmt.Sprintf("its keys are constants everywhere in the package: %s", strings.Join(m.names(), ", ")),
			fmt.Sprintf("the map takes about %d bytes with its values, a struct %d", pr.mapSize, pr.size),
		}},
		Locations: locs, Evidence: []analyze.Evidence{ev}, Gain: gain, Repro: w.Repro,
	}, true
}

// id names the map for a fingerprint.
func (m *anyMap) id() string {
	if m.named != nil {
		return "type " + m.named.Pkg().Path() + "." + m.named.Name()
	}
	return m.made[0].fn.Name
}

func (m *anyMap) names() []string {
	var names []string
	for _, k := range m.keys {
		names = append(names, k.name)
	}
	return names
}

func (pr proposal) names() []string {
	var names []string
	for _, f := range pr.fields {
		names = append(names, f.Name())
	}
	return names
}

// what names the map in a sentence: its type, or the function that makes it.
func (pr proposal) what() string {
	if m := pr.m; m.named != nil {
		return m.named.Pkg().Name() + "." + m.named.Name()
	}
	return "the map[string]any of " + profile.Short(pr.m.made[0].fn.Name)
}

// locations are where the map is made, and where it is used at some expense. A map
// that is only used in a workload is found where its type is declared.
func (c mapCost) locations(s *analyze.Session, m *anyMap) []analyze.Location {
	at := func(p place, role, note string) analyze.Location {
		pos := s.Program.Fset.Position(p.node.Pos())
		return analyze.Location{File: s.RelPath(pos.Filename), Line: pos.Line, Func: p.fn.Name, Role: role, Note: note}
	}
	var locs []analyze.Location
	switch {
	case c.hottest != nil:
		locs = append(locs, at(*c.hottest, analyze.Primary, "makes the map"))
	case m.named != nil:
		pos := s.Program.Fset.Position(m.named.Pos())
		locs = append(locs, analyze.Location{File: s.RelPath(filepath.ToSlash(pos.Filename)), Line: pos.Line, Func: m.id(), Role: analyze.Primary})
	default:
		locs = append(locs, at(m.made[0], analyze.Primary, "makes the map"))
	}
	for _, p := range c.callers {
		locs = append(locs, at(p, analyze.Caller, "uses it"))
	}
	return locs
}

// doubts are what else has to change, and who else may depend on a map.
func (pr proposal) doubts(s *analyze.Session) []string {
	var ds, where []string
	for _, p := range pr.m.ranged {
		where = append(where, structs.At(s, p.node)+" in "+profile.Short(p.fn.Name))
	}
	if len(where) > 0 {
		ds = append(ds, "goes over the keys or asks under one that varies, and has to name the fields instead: "+strings.Join(where[:min(len(where), mostPlaces)], ", "))
	}
	if pr.m.encoded {
		ds = append(ds, "it is given to a function as an interface: a map is encoded with its keys sorted, a struct in the order of its fields, and whoever asserts it to be a map no longer finds one")
	}
	if pr.m.named != nil && pr.m.named.Exported() {
		ds = append(ds, "the type is exported: other packages may make it with other keys")
	}
	if pr.m.returned {
		ds = append(ds, "an exported function returns it: its callers in other packages have to follow")
	}
	ds = append(ds, "a key that is missing is told apart from a zero value in a map, and not in a struct")
	return ds
}

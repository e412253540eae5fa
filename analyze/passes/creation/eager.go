package creation

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
)

const (
	leastInit      = 100e-6   // seconds of a package's initialization
	leastInitBytes = 64 << 10 // or bytes that it allocates
	leastInitShare = 0.1      // and of the whole start
	longInit       = 1e-3     // seconds that count whatever their share
	libraryFactor  = 10       // times as much must a dependency cost
	leastExplained = 0.1      // of the measured time that the source must account for
)

// eager finds packages whose initialization costs more than it should at each start.
func eager(s *analyze.Session, all *analyze.Places) {
	for _, in := range s.Inits {
		if in.TestOnly || strings.HasSuffix(in.Package, "_test") || !s.Program.IsLocal(in.Package, "") && load.IsStd(in.Package, "") {
			continue
		}
		pkg := packageOf(s.Program, in.Package)
		if pkg == nil || !costly(s, in) {
			continue
		}
		groups := weighed(s.Program, pkg)
		sum := 0.0
		for _, g := range groups {
			sum += g.micro
		}
		if sum <= 0 || in.Package == in.Start && sum < leastExplained*in.Sec*1e6 {
			continue // it is the package's own test files that cost
		}
		all.Add(eagerFinding(s, in, pkg, groups, sum))
	}
}

// costly reports whether a package's initialization is worth a finding.
func costly(s *analyze.Session, in analyze.Init) bool {
	factor := 1.0
	if !s.Program.IsLocal(in.Package, "") {
		factor = libraryFactor
	}
	share := in.Sec / max(in.Total, 1e-9)
	long := in.Sec >= leastInit*factor || float64(in.Bytes) >= leastInitBytes*factor
	return long && share >= leastInitShare || in.Sec >= longInit*factor
}

func packageOf(p *load.Program, path string) *packages.Package {
	for _, pkg := range p.Packages {
		if pkg.PkgPath == path || path == "main" && pkg.Name == "main" {
			return pkg
		}
	}
	return nil
}

// An initGroup is what the variables of one file, or one init function, do at start.
type initGroup struct {
	file  string
	name  string // "init", or the first variable that costs
	isVar bool
	line  int // of what costs first
	micro float64
	makes map[string]int // how many of what
	vars  []initVar
}

// An initVar is a package variable that is given its value at start.
type initVar struct {
	obj   *types.Var
	value ast.Expr
	micro float64
	makes string
}

// weighed returns the groups of a package, the costliest first.
func weighed(p *load.Program, pkg *packages.Package) []*initGroup {
	w := newWeigher(pkg)
	var groups []*initGroup
	for _, f := range pkg.Syntax {
		file := p.Fset.Position(f.FileStart).Filename
		vars := &initGroup{file: file, isVar: true, makes: make(map[string]int)}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					vars.declare(p, w, d)
				}
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" && d.Body != nil {
					g := &initGroup{file: file, name: "init", makes: make(map[string]int)}
					g.body(p, w, d.Body)
					groups = append(groups, g)
				}
			}
		}
		groups = append(groups, vars)
	}
	groups = slices.DeleteFunc(groups, func(g *initGroup) bool { return g.micro <= 0 })
	slices.SortStableFunc(groups, func(a, b *initGroup) int { return cmp.Compare(b.micro, a.micro) })
	return groups
}

func (g *initGroup) declare(p *load.Program, w *weigher, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		spec, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, v := range spec.Values {
			costs := w.weigh(v, 1)
			if len(costs) == 0 {
				continue
			}
			obj, _ := w.info.Defs[spec.Names[min(i, len(spec.Names)-1)]].(*types.Var)
			g.add(p, costs, spec.Names[0].Name, spec.Pos(), initVar{obj: obj, value: v})
		}
	}
}

// body weighs an init function; the package variables that it sets are known apart.
func (g *initGroup) body(p *load.Program, w *weigher, body *ast.BlockStmt) {
	for _, st := range body.List {
		costs := w.weigh(st, 1)
		if len(costs) == 0 {
			continue
		}
		v := initVar{}
		if a, ok := st.(*ast.AssignStmt); ok && a.Tok == token.ASSIGN && len(a.Lhs) == 1 {
			if id, ok := a.Lhs[0].(*ast.Ident); ok {
				if o, ok := w.info.Uses[id].(*types.Var); ok && o.Parent() == o.Pkg().Scope() {
					v = initVar{obj: o, value: a.Rhs[0]}
				}
			}
		}
		g.add(p, costs, "init", costs[0].node.Pos(), v)
	}
}

func (g *initGroup) add(p *load.Program, costs []cost, name string, pos token.Pos, v initVar) {
	dearest := 0.0
	for _, c := range costs {
		v.micro += c.micro
		if c.makes != "" {
			g.makes[c.makes]++
		}
		if c.makes != "" && c.micro > dearest {
			dearest, v.makes = c.micro, c.makes
		}
	}
	if g.line == 0 || v.makes != "" && !g.special() {
		g.name, g.line = name, p.Line(pos)
	}
	g.micro += v.micro
	g.vars = append(g.vars, v)
}

// special reports whether anything of the group so far makes something known to cost.
func (g *initGroup) special() bool {
	return slices.ContainsFunc(g.vars, func(v initVar) bool { return v.makes != "" })
}

// what says what the group makes: "69 regular expressions and 1 map literal".
func (g *initGroup) what() string {
	var parts []string
	for kind, n := range g.makes {
		if n > 1 {
			kind = plural(kind)
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, kind))
	}
	if len(parts) == 0 {
		return "what its calls return"
	}
	slices.SortFunc(parts, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	return strings.Join(parts, " and ")
}

// plural returns the word for several of what a price list makes.
func plural(s string) string {
	if strings.HasPrefix(s, "decoded ") || strings.HasSuffix(s, "data") || strings.HasPrefix(s, "data ") || strings.HasSuffix(s, "bytes") {
		return "pieces of " + s
	}
	if of, ok := strings.CutPrefix(s, "look-up of "); ok {
		return "look-ups of " + strings.TrimPrefix(of, "a ") + "s"
	}
	return s + "s"
}

// dearest returns the variable of the group that costs most, with its object.
func (g *initGroup) dearest() (initVar, bool) {
	var best initVar
	for _, v := range g.vars {
		if v.obj != nil && v.makes != "" && v.micro > best.micro {
			best = v
		}
	}
	return best, best.obj != nil
}

func (g *initGroup) location(s *analyze.Session, pkg *packages.Package, role string) analyze.Location {
	fn := pkg.PkgPath + ".init"
	if g.isVar {
		fn = "var " + pkg.PkgPath + "." + g.name
	}
	return analyze.Location{File: s.RelPath(g.file), Line: g.line, Func: fn, Role: role}
}

func eagerFinding(s *analyze.Session, in analyze.Init, pkg *packages.Package, groups []*initGroup, sum float64) analyze.Finding {
	top := groups[0]
	share := min(1, in.Sec/max(in.Total, 1e-9))
	movable := 0.0
	var locs []analyze.Location
	for i, g := range groups {
		part := g.micro / sum
		if i > 0 && (part < 0.05 || i > 5) {
			break
		}
		movable += part
		l := g.location(s, pkg, analyze.Cause)
		if i == 0 {
			l.Role = analyze.Primary
		}
		l.Note = fmt.Sprintf("makes %s, about %.0f %% of it by estimate", g.what(), 100*part)
		locs = append(locs, l)
	}
	f := analyze.Finding{
		Rule:        "creation/eager-init",
		Fingerprint: analyze.Fingerprint("creation/eager-init", in.Package, path.Base(top.file)+" "+top.name),
		Title:       fmt.Sprintf("package %s makes %s at each start: %.2g of %.2g ms", pkg.Name, top.what(), 1e3*in.Sec, 1e3*in.Total),
		Confidence:  analyze.Confidence{Level: analyze.Profiled, Why: []string{"the least of several starts", "which part of the package it is, is estimated from the source"}},
		Locations:   locs,
		Evidence: []analyze.Evidence{
			{Source: "init trace of " + in.Start, Metric: "initialization of " + in.Package, Value: in.Sec, Unit: "sec", Share: share},
			{Source: "init trace of " + in.Start, Metric: "allocated by it", Value: float64(in.Bytes), Unit: "B"},
			{Source: "init trace of " + in.Start, Metric: "allocations by it", Value: float64(in.Allocs), Unit: "1"},
		},
		Gain: analyze.Gain{
			Metric: "sec", Workload: "package initialization", Base: in.Total,
			Predicted: [2]float64{-0.7 * share * movable, -share * movable},
			How:       "the package's part of the initialization of all packages, for a run that needs none or few of these objects",
		},
		Repro: fmt.Sprintf("GODEBUG=inittrace=1 go test -run '^$' %s", in.Start),
	}
	f.Advice = lazy(s, pkg, top)
	if !s.Program.IsLocal(in.Package, "") {
		f.Advice.Do = fmt.Sprintf("see whether a newer version of %s starts cheaper, and report it if not; there: %s", in.Package, f.Advice.Do)
	}
	return f
}

// lazy says how to make the group's objects on first use.
func lazy(s *analyze.Session, pkg *packages.Package, g *initGroup) analyze.Advice {
	a := analyze.Advice{
		Do: fmt.Sprintf("make each of the %s of %s on its first use, with sync.OnceValue", g.what(), path.Base(g.file)),
		Doubts: []string{
			"the first use then pays, perhaps in a request: a server may prefer to pay at its start",
			"a mistake that panics at start, as of a regular expression, is then found at the first use only: keep a test that uses each",
			"each use then calls a function, which costs 1 to 2 ns",
		},
	}
	v, ok := g.dearest()
	if !ok {
		a.Do = fmt.Sprintf("do the work of %s on its first use, with sync.OnceFunc or sync.OnceValue", profileName(pkg, g))
		a.Snippet = fmt.Sprintf("var ready = sync.OnceFunc(func() {\n\t// what %s does now\n})\n\n// at the beginning of what needs it\nready()", profileName(pkg, g))
		return a
	}
	qualify := func(p *types.Package) string {
		if p == pkg.Types {
			return ""
		}
		return p.Name()
	}
	name := v.obj.Name()
	a.Snippet = fmt.Sprintf("var %s = sync.OnceValue(func() %s { return %s })\n\n// and where %s was used: %s()",
		name, types.TypeString(v.obj.Type(), qualify), short(s.Program, v.value), name, name)
	if n := len(g.vars); n > 1 {
		a.Snippet += fmt.Sprintf("; so for the other %d", n-1)
	}
	if v.obj.Exported() {
		a.Doubts = append(a.Doubts, name+" is exported: its type is part of the interface, so keep it and add a function")
	}
	if m := pkg.Module; m != nil && olderThan(m.GoVersion, 21) {
		a.Doubts = append(a.Doubts, "sync.OnceValue needs Go 1.21; the module says "+m.GoVersion+": there a sync.Once and a function do it")
	}
	return a
}

func profileName(pkg *packages.Package, g *initGroup) string {
	return pkg.Name + "." + g.name
}

// olderThan reports whether a go.mod's version is below 1.minor.
func olderThan(version string, minor int) bool {
	var major, have int
	n, _ := fmt.Sscanf(version, "%d.%d", &major, &have)
	return n == 2 && major == 1 && have < minor
}

// short returns the source of an expression; of a long one its beginning.
func short(p *load.Program, e ast.Expr) string {
	if lit, ok := ast.Unparen(e).(*ast.CompositeLit); ok && len(lit.Elts) > 4 {
		return load.Source(p.Fset, lit.Type) + "{ /* its " + fmt.Sprint(len(lit.Elts)) + " entries */ }"
	}
	text := strings.Join(strings.Fields(load.Source(p.Fset, e)), " ")
	if len(text) > 160 {
		return text[:strings.LastIndexByte(text[:160], ' ')+1] + "/* … */"
	}
	return text
}

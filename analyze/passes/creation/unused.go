package creation

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/internal/load"
)

const (
	leastUnused = 0.02 // of a package's initialization must a variable cost to be watched
	mostUsers   = 8    // functions may use it
)

// A dear is a package variable that is made at each start and costs.
type dear struct {
	pkg   *packages.Package
	name  string
	users []string // functions that mention it
}

// dears returns the variables whose users can be watched: those of packages under
// development that few functions mention, and nothing else does.
func dears(s *analyze.Session) []dear {
	var ds []dear
	for _, in := range s.Inits {
		pkg := packageOf(s.Program, in.Package)
		if pkg == nil || in.TestOnly || !s.Program.IsLocal(in.Package, "") || !costly(s, in) {
			continue
		}
		groups, sum := weighed(s.Program, pkg), 0.0
		for _, g := range groups {
			sum += g.micro
		}
		for _, g := range groups {
			for _, v := range g.vars {
				if v.obj == nil || v.makes == "" || v.micro < leastUnused*sum {
					continue
				}
				if users, ok := usersOf(s.Program, v.obj); ok {
					ds = append(ds, dear{pkg, v.obj.Name(), users})
				}
			}
		}
	}
	return ds
}

// usersOf returns the functions that mention a package variable. It is not ok if there are
// too many, or if something mentions it that cannot be watched.
func usersOf(p *load.Program, obj *types.Var) (users []string, ok bool) {
	is := func(info *types.Info, n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return false
		}
		o := info.Uses[id]
		return o != nil && o.Pkg() != nil && o.Name() == obj.Name() && o.Pkg().Path() == obj.Pkg().Path() && o.Parent() == o.Pkg().Scope()
	}
	for _, pkg := range p.Packages {
		for _, f := range pkg.Syntax {
			for _, d := range f.Decls {
				if d, ok := d.(*ast.GenDecl); ok && mentions(d, func(n ast.Node) bool { return is(pkg.TypesInfo, n) }) {
					return nil, false
				}
			}
		}
		for _, fn := range p.FuncsOf(pkg) {
			if fn.Decl.Body == nil || !mentions(fn.Decl.Body, func(n ast.Node) bool { return is(fn.Info(), n) }) {
				continue
			}
			if users = append(users, fn.Name); len(users) > mostUsers || fn.Decl.Name.Name == "init" {
				return nil, false
			}
		}
	}
	return users, true
}

func mentions(n ast.Node, is func(ast.Node) bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		found = found || n != nil && is(n)
		return !found
	})
	return found
}

// counted returns the candidates that tell whether dear variables are used.
func counted(s *analyze.Session) []probe.Candidate {
	var cs []probe.Candidate
	for _, d := range dears(s) {
		for _, u := range d.users {
			cs = append(cs, probe.Candidate{Func: u, Mode: probe.Count})
		}
	}
	return cs
}

// unused adds to findings of what a package makes at start what the watched runs never
// used of it.
func unused(s *analyze.Session, found *probe.Result, fs []analyze.Finding) {
	if len(found.Runs) == 0 || slices.ContainsFunc(found.Runs, func(r probe.Ran) bool { return r.Failed != "" }) {
		return
	}
	never := make(map[string][]string) // names, by package
	for _, d := range dears(s) {
		if neverCalled(found, d.users) {
			never[d.pkg.PkgPath] = append(never[d.pkg.PkgPath], d.name)
		}
	}
	for path, names := range never {
		i := slices.IndexFunc(fs, func(f analyze.Finding) bool {
			return f.Rule == "creation/eager-init" && ofPackage(f.Where(), path)
		})
		if i < 0 {
			continue
		}
		what := names[0]
		if n := len(names) - 1; n > 0 {
			what += fmt.Sprintf(" and %d more", n)
		}
		fs[i].Confidence.Level = analyze.Observed
		fs[i].Confidence.Why = append(fs[i].Confidence.Why, fmt.Sprintf("made and never used: %s; no function that mentions it was called in the watched runs", what))
		fs[i].Evidence = append(fs[i].Evidence, analyze.Evidence{Source: "runs with probes", Metric: "calls of the functions that use " + what, Unit: "1"})
	}
}

// ofPackage reports whether a location is a package's initialization.
func ofPackage(l analyze.Location, path string) bool {
	return l.Func == path+".init" || strings.HasPrefix(l.Func, "var "+path+".")
}

// neverCalled reports whether all the functions were watched, and none was called.
func neverCalled(found *probe.Result, users []string) bool {
	for _, u := range users {
		watched := false
		for _, r := range found.Records {
			if r.Func != u || r.Candidate.Callee != "" {
				continue
			}
			if watched = true; r.Calls > 0 {
				return false
			}
		}
		if !watched {
			return false
		}
	}
	return true
}

package probe

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze/probe/whetprobe"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A planting is the subject's source with the probes in it.
type planting struct {
	prog  *load.Program
	sites []*site // by number
	left  []Left
	race  bool
	plan  Plan
	pkgs  []*bench.Package // whose test files are marked
	at    *overlay
}

// plant finds the candidates in the source. What cannot be watched is left out.
func (r *run) plant(o *overlay) *planting {
	p := &planting{prog: r.prog, plan: r.plan, at: o, race: slices.ContainsFunc(r.subject.Flags, func(f string) bool {
		return strings.TrimLeft(f, "-") == "race" || strings.TrimLeft(f, "-") == "race=true"
	})}
	p.left = slices.Clone(r.left)
	f := &finder{prog: p.prog, files: make(map[*load.File]*source)}
	for _, c := range r.plan.Candidates {
		if slices.ContainsFunc(p.left, func(l Left) bool { return same(l.Candidate, c) }) {
			continue
		}
		if err := p.add(f, c); err != nil {
			p.left = append(p.left, Left{c, err.Error()})
		}
	}
	if r.plan.Operation != "" {
		if err := p.operation(f); err != nil {
			r.warn(r.plan.Operation, "it is not taken as an operation: %v", err)
		}
	}
	return p
}

// same reports whether two candidates are one.
func same(a, b Candidate) bool {
	return a.Func == b.Func && a.Line == b.Line && a.Callee == b.Callee
}

func (p *planting) add(f *finder, c Candidate) error {
	if load.IsStd(profile.Package(c.Func), "") && profile.Package(c.Func) != "main" {
		return fmt.Errorf("it is of the standard library: its calls can be watched, by Callee")
	}
	s, err := f.find(c)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(p.sites, func(o *site) bool { return o.src == s.src && o.body == s.body && o.call == s.call }); i >= 0 {
		return fmt.Errorf("it is planned twice")
	}
	if m := s.src.pkg.Pkg.Module; m == nil || m.Dir == "" && !p.at.std {
		return fmt.Errorf("it is of no module that the probe could be placed in")
	}
	s.number = uint32(len(p.sites))
	if c.Mode&Creation != 0 {
		s.number |= whetprobe.Creation
	}
	if c.Fresh {
		s.number |= whetprobe.Fresh
	}
	if s.call != nil {
		if err := s.probeCall(); err != nil {
			return err
		}
	} else {
		s.probeFunc(p.race)
	}
	p.sites = append(p.sites, s)
	return nil
}

func (p *planting) operation(f *finder) error {
	s, err := f.find(Candidate{Func: p.plan.Operation})
	if err != nil {
		return err
	}
	s.src.insert(s.src.offset(s.body.Lbrace)+1, " whet_.Op();")
	return nil
}

// overlay writes the edited files.
func (p *planting) overlay(ctx context.Context, o *overlay) error {
	done := make(map[*source]bool)
	for _, s := range p.sites {
		if err := p.file(o, s.src, done); err != nil {
			return err
		}
	}
	if p.plan.Operation != "" {
		return nil
	}
	for _, pkg := range p.pkgs {
		if err := p.mark(o, pkg); err != nil {
			return err
		}
	}
	return nil
}

func (p *planting) file(o *overlay, src *source, done map[*source]bool) error {
	if done[src] {
		return nil
	}
	done[src] = true
	m := src.pkg.Pkg.Module
	at, err := o.seen(m.Path, m.Version, m.Dir)
	if err != nil {
		return err
	}
	path, real := src.path, ""
	if at != m.Dir {
		rel, err := filepath.Rel(m.Dir, src.path)
		if err != nil {
			return fmt.Errorf("finding %s in its module: %w", src.path, err)
		}
		path = filepath.Join(at, rel)
		if !slices.ContainsFunc(o.flags, func(f string) bool { return strings.TrimLeft(f, "-") == "trimpath" }) {
			real = src.path
		}
	}
	importPath, err := o.probePath(m.Path, m.Dir)
	if err != nil {
		return err
	}
	o.language(src.pkg.Pkg.PkgPath, m.GoVersion, "go1.18", "go1.21")
	if !o.std {
		o.language(importPath, m.GoVersion, "go1.22", "go1.22")
	}
	return o.Put(path, src.edited(importPath, real))
}

// mark cuts the boundaries of operations into a package's test files. A file that cannot
// be read is left as it is: the build will say why.
func (p *planting) mark(o *overlay, pkg *bench.Package) error {
	modulePath, moduleDir := "", ""
	if !o.std {
		m := slices.IndexFunc(p.prog.Modules, func(m load.Module) bool { return pkg.Module != nil && m.Dir == pkg.Module.Dir })
		if m < 0 {
			return nil
		}
		modulePath, moduleDir = p.prog.Modules[m].Path, p.prog.Modules[m].Dir
	}
	importPath, err := o.probePath(modulePath, moduleDir)
	if err != nil {
		return err
	}
	for _, name := range slices.Concat(pkg.TestGoFiles, pkg.XTestGoFiles) {
		src, err := openTest(filepath.Join(pkg.Dir, name))
		if err != nil || !src.markOperations() {
			continue
		}
		if err := o.Put(src.path, src.edited(importPath, "")); err != nil {
			return err
		}
	}
	return nil
}

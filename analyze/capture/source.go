package capture

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

const (
	hotShare = 0.003 // of a profile, for a package's source to be read
	hotInit  = 20e-6 // seconds of initialization
	mostHot  = 80    // packages
)

// source reads the source of the packages that the profiles and the start showed to
// cost something.
func (c *capture) source(ctx context.Context) {
	paths := c.hot()
	if len(paths) == 0 {
		return
	}
	p, err := load.Load(ctx, c.Subject.Dir, c.Subject.Flags, c.s.Program.Modules, paths)
	if err != nil {
		c.s.Warn("", "%v", err)
	}
	c.s.Program = p
	for _, problem := range p.Problems {
		c.s.Warn("", "source of %s", problem)
	}
	if len(p.Packages) == 0 && len(c.s.Workloads) > 0 {
		c.s.Warn("", "none of the source of %s could be read: findings that need it are missing", strings.Join(paths, ", "))
	}
}

// hot returns the import paths worth reading, those of the reader first.
func (c *capture) hot() []string {
	share := make(map[string]float64)
	for _, w := range c.s.Workloads {
		for _, p := range w.Profiles {
			c.addHot(share, p)
		}
		for _, e := range w.Epochs {
			if e.Heap != nil {
				c.addHot(share, e.Heap)
			}
		}
	}
	for _, in := range c.s.Inits {
		if in.Sec >= hotInit && !in.TestOnly && !strings.HasSuffix(in.Package, "_test") && !load.IsStd(in.Package, "") {
			share[in.Package] += 1
		}
	}
	for pkg, s := range share {
		if s < hotShare {
			delete(share, pkg)
		}
	}
	paths := slices.SortedFunc(maps.Keys(share), func(a, b string) int {
		if share[a] != share[b] {
			if share[a] > share[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return paths[:min(len(paths), mostHot)]
}

func (c *capture) addHot(share map[string]float64, p *profile.Profile) {
	for i, t := range p.Types {
		total := float64(max(1, p.Total(t.Type)))
		for _, s := range p.Samples {
			seen := ""
			for _, fr := range s.Stack {
				if o := c.s.Owner(fr); o != profile.Own && o != profile.Library {
					continue
				}
				// Code that was inlined into a test outside of its package has a name in
				// that, which is no package of the go command's.
				pkg := strings.TrimSuffix(profile.Package(fr.Func), "_test")
				if pkg == seen {
					continue
				}
				seen = pkg
				if pkg == "main" {
					pkg = c.mainPackage()
				}
				share[pkg] = max(share[pkg], 0) + float64(s.Values[i])/total
			}
		}
	}
}

// mainPackage returns the pattern of the command that was run.
func (c *capture) mainPackage() string {
	if len(c.Subject.Patterns) == 1 {
		return c.Subject.Patterns[0]
	}
	return "."
}

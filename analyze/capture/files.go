package capture

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/profile"
)

// files takes profiles that the reader already has as one workload.
func (c *capture) files() error {
	w := &analyze.Workload{Name: "profile", Kind: analyze.File, Profiles: make(map[string]*profile.Profile)}
	var names []string
	for _, name := range c.Subject.Source {
		p, err := profile.ReadFile(name)
		if err != nil {
			return err
		}
		if err := c.adopt(w, name, p); err != nil {
			return err
		}
		names = append(names, filepath.Base(name))
	}
	w.Name = strings.Join(names, "+")
	w.Repro = "go tool pprof -top " + strings.Join(c.Subject.Source, " ")
	c.s.Workloads = append(c.s.Workloads, w)
	c.foreign(w)
	return nil
}

// adopt adds a profile to the workload under the name of its kind.
func (c *capture) adopt(w *analyze.Workload, source string, p *profile.Profile) error {
	kind := kindOf(p)
	switch {
	case kind == "":
		return fmt.Errorf("%s holds no kind of sample that whet knows (it has %v): take a cpu, heap, allocs, mutex, block or goroutine profile", source, p.Types)
	case len(p.Samples) == 0:
		c.s.Warn(source, "%s has no samples: was the program busy while it was taken?", source)
	case !p.Symbolized():
		return fmt.Errorf("%s names no functions: symbolize it first (go tool pprof -proto BINARY %s)", source, source)
	}
	if old := w.Profiles[kind]; old != nil {
		sum, err := profile.Merge(old, p)
		if err != nil {
			return fmt.Errorf("%s cannot be added to the other %s profile: %w", source, kind, err)
		}
		p = sum
	}
	w.Profiles[kind] = p
	return nil
}

// kindOf returns the name of a profile's kind, "" of one that whet has no use for.
func kindOf(p *profile.Profile) string {
	switch {
	case p.Index("cpu") >= 0:
		return "cpu"
	case p.Index("alloc_space") >= 0 || p.Index("inuse_space") >= 0:
		return "heap"
	case p.Index("delay") >= 0 && unlocks(p):
		return "mutex"
	case p.Index("delay") >= 0:
		return "block"
	case p.Index("goroutine") >= 0 || p.Index("goroutines") >= 0:
		return "goroutine"
	}
	return ""
}

// unlocks reports whether the samples of a contention profile are of unlocking, as a
// mutex profile's are; a block profile's are of waiting.
func unlocks(p *profile.Profile) bool {
	for _, s := range p.Samples {
		for _, f := range s.Stack {
			if strings.HasSuffix(f.Func, "nlock") || f.Func == "runtime.unlock" || f.Func == "runtime._LostContendedRuntimeLock" {
				return true
			}
		}
	}
	return false
}

// foreign warns of a profile in which no function is of the reader's modules.
func (c *capture) foreign(w *analyze.Workload) {
	samples := 0
	for _, p := range w.Profiles {
		for _, s := range p.Samples {
			samples++
			for _, fr := range s.Stack {
				if c.s.Owner(fr) == profile.Own {
					return
				}
			}
		}
	}
	if samples > 0 && len(c.s.Program.Modules) > 0 {
		c.s.Warn(w.Name, "no function in %s is of module %s: is it of another program? (run whet in the folder of its module)", w.Name, c.s.Program.Modules[0].Path)
	}
}

package creation

import (
	"context"

	"github.com/whetgo/whet/analyze"
)

// Pass is the pass creation.
var Pass = &analyze.Pass{
	Name: "creation",
	Doc:  "objects made at start though few runs need them, found under a lock on each access, or made anew with each holder; needs the init trace or a CPU profile, and source",
	Run:  run,
}

func run(ctx context.Context, s *analyze.Session) ([]analyze.Finding, error) {
	var all candidates
	eager(s, &all)
	for _, w := range s.Workloads {
		if ctx.Err() != nil {
			break
		}
		registries(s, w, &all)
		firstUse(s, w, &all)
		unsynchronized(s, w, &all)
	}
	return all.findings(), nil
}

// candidates keeps one finding for each place, of the workload where it saves most; the
// others become evidence.
type candidates struct {
	order []string
	byKey map[string]*analyze.Finding
}

func (c *candidates) add(n analyze.Finding) {
	if c.byKey == nil {
		c.byKey = make(map[string]*analyze.Finding)
	}
	old := c.byKey[n.Fingerprint]
	switch {
	case old == nil:
		c.order = append(c.order, n.Fingerprint)
		c.byKey[n.Fingerprint] = &n
	case n.Gain.Saving() > old.Gain.Saving():
		n.Evidence = append(n.Evidence, old.Evidence...)
		*old = n
	default:
		old.Evidence = append(old.Evidence, n.Evidence...)
	}
}

func (c *candidates) findings() []analyze.Finding {
	var fs []analyze.Finding
	for _, key := range c.order {
		fs = append(fs, *c.byKey[key])
	}
	return fs
}

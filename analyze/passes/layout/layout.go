package layout

import (
	"context"

	"github.com/whetgo/whet/analyze"
)

// Pass is the pass layout.
var Pass = &analyze.Pass{
	Name: "layout",
	Doc:  "struct types whose fields lie so that each object takes more of the heap than it needs, and maps with constant keys that could be structs",
	Run:  run,
}

// minShare is the least part of a workload that is worth a finding.
const minShare = 0.02

func run(ctx context.Context, s *analyze.Session) ([]analyze.Finding, error) {
	if s.Program == nil {
		return nil, nil
	}
	var all candidates
	known := anyMaps(s)
	for _, w := range s.Workloads {
		if ctx.Err() != nil {
			break
		}
		all.add(padding(s, w)...)
		all.add(mapsOfAny(s, w, known)...)
	}
	return all.findings(), nil
}

// candidates keeps one finding for each type, of the workload that it matters to most;
// the other workloads become evidence.
type candidates struct {
	order []string
	byKey map[string]*analyze.Finding
}

func (c *candidates) add(fs ...analyze.Finding) {
	if c.byKey == nil {
		c.byKey = make(map[string]*analyze.Finding)
	}
	for _, n := range fs {
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
}

func (c *candidates) findings() []analyze.Finding {
	var fs []analyze.Finding
	for _, key := range c.order {
		fs = append(fs, *c.byKey[key])
	}
	return fs
}

package growth

import (
	"context"
	"go/ast"
	"go/types"

	"github.com/whetgo/whet/analyze"
)

// Pass is the pass growth.
var Pass = &analyze.Pass{
	Name: "growth",
	Doc:  "memory that a package variable or a long-lived object only gathers, and goroutines that are left behind; needs the epochs of a watched run, is silent on what saturates",
	Run:  run,
}

// leastBytes is how much more must be alive at the end of a stretch than at its
// beginning.
const leastBytes = 64 << 10

// growth is one run of the pass.
type growth struct {
	s      *analyze.Session
	tests  *tests
	places map[string]*place
	known  map[string][]*keeper
	stmts  map[stmtKey]*keeper
	found  candidates
}

type stmtKey struct {
	stmt   ast.Node
	object *types.Var
}

func run(ctx context.Context, s *analyze.Session) ([]analyze.Finding, error) {
	g := &growth{
		s: s, tests: newTests(), places: make(map[string]*place),
		known: make(map[string][]*keeper), stmts: make(map[stmtKey]*keeper),
	}
	for _, w := range s.Workloads {
		if ctx.Err() != nil {
			break
		}
		left := g.goroutines(w)
		g.retained(w, left)
		g.waits(w)
	}
	return g.found.findings(), nil
}

// A candidate is a finding of one workload.
type candidate struct {
	analyze.Finding
	key string // of the place: the same in all workloads
}

// candidates keeps one finding for each place, of the workload where it saves most; the
// others become evidence.
type candidates struct {
	order []string
	byKey map[string]*candidate
}

func (c *candidates) add(n candidate) {
	if c.byKey == nil {
		c.byKey = make(map[string]*candidate)
	}
	old := c.byKey[n.key]
	switch {
	case old == nil:
		c.order = append(c.order, n.key)
		c.byKey[n.key] = &n
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
		fs = append(fs, c.byKey[key].Finding)
	}
	return fs
}

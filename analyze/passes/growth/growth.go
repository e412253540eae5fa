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
	found  analyze.Places
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
	return g.found.Findings(), nil
}

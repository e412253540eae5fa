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
	var all analyze.Places
	eager(s, &all)
	for _, w := range s.Workloads {
		if ctx.Err() != nil {
			break
		}
		registries(s, w, &all)
		firstUse(s, w, &all)
		unsynchronized(s, w, &all)
	}
	return all.Findings(), nil
}

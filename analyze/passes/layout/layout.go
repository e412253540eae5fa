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
	var all analyze.Places
	known := anyMaps(s)
	for _, w := range s.Workloads {
		if ctx.Err() != nil {
			break
		}
		all.Add(padding(s, w)...)
		all.Add(mapsOfAny(s, w, known)...)
	}
	return all.Findings(), nil
}

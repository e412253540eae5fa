package analyze

import (
	"context"
	"fmt"
	"runtime/debug"
)

// A Pass finds one kind of slowness.
type Pass struct {
	Name string // the category of its findings
	Doc  string // what it finds, what it needs, what it stays silent on
	// Run returns the findings in s. It must not change s, and returns what it has
	// when ctx ends.
	Run func(ctx context.Context, s *Session) ([]Finding, error)
}

// Run runs the passes one after the other over s. A pass that fails or panics costs
// its own findings, not the others': it is noted in s.Warnings.
func Run(ctx context.Context, s *Session, passes ...*Pass) []Finding {
	var all []Finding
	for _, p := range passes {
		if ctx.Err() != nil {
			s.Warn("", "pass %s was not run: %v", p.Name, context.Cause(ctx))
			continue
		}
		found, err := p.run(ctx, s)
		if err != nil {
			s.Warn("", "pass %s: %v", p.Name, err)
		}
		for i := range found {
			found[i].Schema = Schema
			found[i].Category = p.Name
		}
		all = append(all, found...)
	}
	return all
}

func (p *Pass) run(ctx context.Context, s *Session) (found []Finding, err error) {
	defer func() {
		if r := recover(); r != nil {
			found, err = nil, fmt.Errorf("internal error (please report it): %v\n%s", r, debug.Stack())
		}
	}()
	return p.Run(ctx, s)
}

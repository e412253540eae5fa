package passes

import (
	"context"
	"slices"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passes/creation"
	"github.com/whetgo/whet/analyze/passes/repeat"
	"github.com/whetgo/whet/analyze/probe"
)

// A Watch says whether and how the subject is run once more, with probes.
type Watch struct {
	All      bool          // watch colder functions too
	Budget   time.Duration // of the runs, builds apart; 0: 20 seconds
	NoText   bool          // keep the text of inputs out of what is found
	Progress func(doing string)
}

// Run runs the subject of s with probes in its best candidates, and returns the passes
// that make use of it. A subject that cannot be run again (profiles, a live process), or
// that has no candidates, gives the passes as they are; what goes wrong is a warning in s.
func (o Watch) Run(ctx context.Context, s *analyze.Session) []*analyze.Pass {
	if s.Subject.Mode != "packages" && s.Subject.Mode != "command" || ctx.Err() != nil {
		return All
	}
	study, plan := o.plan(ctx, s)
	if len(plan.Candidates) == 0 {
		return All
	}
	found, err := probe.Run(ctx, s.Subject, plan)
	if err != nil {
		s.Warn("", "nothing was watched: %v", err)
		return All
	}
	for _, w := range found.Warnings {
		s.Warn(w.About, "%s", w.Text)
	}
	ps := slices.Clone(All)
	for i, p := range ps {
		if p == creation.Pass {
			ps[i] = creation.With(found)
		}
	}
	return append(ps, study.Pass(found))
}

// plan says what of the subject is watched, and in which workloads.
func (o Watch) plan(ctx context.Context, s *analyze.Session) (*repeat.Study, probe.Plan) {
	o.tell("looking for what may be asked again")
	study := repeat.New(ctx, s, o.All)
	plan := probe.Plan{
		Candidates: together(append(study.Candidates(), creation.Candidates(ctx, s)...)), Workloads: study.Workloads(),
		Budget: o.Budget, NoText: o.NoText, Progress: o.Progress,
	}
	if len(plan.Workloads) == 0 {
		plan.Workloads = every(s)
	}
	return study, plan
}

// Overhead measures what the probes that Run would place add to the CPU time of the
// subject's workloads, over so many pairs of runs; none, if there is nothing to watch.
func (o Watch) Overhead(ctx context.Context, s *analyze.Session, pairs int) ([]probe.Overhead, error) {
	_, plan := o.plan(ctx, s)
	if len(plan.Candidates) == 0 {
		return nil, nil
	}
	return probe.MeasureOverhead(ctx, s.Subject, plan, pairs)
}

// together joins candidates that are the same but for what they are watched for.
func together(cs []probe.Candidate) []probe.Candidate {
	var joined []probe.Candidate
	for _, c := range cs {
		i := slices.IndexFunc(joined, func(o probe.Candidate) bool { return o.Func == c.Func && o.Line == c.Line && o.Callee == c.Callee })
		if i < 0 {
			joined = append(joined, c)
			continue
		}
		joined[i].Mode |= c.Mode
		joined[i].Fresh = joined[i].Fresh || c.Fresh
	}
	return joined
}

func (o Watch) tell(doing string) {
	if o.Progress != nil {
		o.Progress(doing)
	}
}

// every returns all workloads that can be run again.
func every(s *analyze.Session) []probe.Workload {
	var ws []probe.Workload
	for _, w := range s.Workloads {
		if pw, ok := repeat.Watched(s, w); ok {
			ws = append(ws, pw)
		}
	}
	return ws
}

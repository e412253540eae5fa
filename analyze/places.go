package analyze

// Places collects what a pass finds in several workloads: one finding for each place,
// by fingerprint, of the workload where it saves most. The evidence of the others is
// kept behind its own. The zero value is ready; it is not for concurrent use.
type Places struct {
	order []string
	best  map[string]*Finding
}

// Add adds findings. Each must have its Fingerprint.
func (p *Places) Add(fs ...Finding) {
	if p.best == nil {
		p.best = make(map[string]*Finding)
	}
	for _, f := range fs {
		old := p.best[f.Fingerprint]
		switch {
		case old == nil:
			p.order = append(p.order, f.Fingerprint)
			p.best[f.Fingerprint] = &f
		case f.Gain.Saving() > old.Gain.Saving():
			f.Evidence = append(f.Evidence, old.Evidence...)
			*old = f
		default:
			old.Evidence = append(old.Evidence, f.Evidence...)
		}
	}
}

// Findings returns the findings in the order in which their places were first added.
func (p *Places) Findings() []Finding {
	fs := make([]Finding, 0, len(p.order))
	for _, key := range p.order {
		fs = append(fs, *p.best[key])
	}
	return fs
}

package monitor

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// An Advice is something to change about the program, and why.
type Advice struct {
	Rule    string `json:"rule"`              // its name
	Subject string `json:"subject,omitempty"` // what it is about; empty: the whole program
	Text    string `json:"text"`              // what is wrong, with figures
	Do      string `json:"do"`                // what to do about it
	// Evidence is what was measured, the strongest first.
	Evidence []Evidence `json:"evidence"`
	Since    time.Time  `json:"since"` // when it was first given
}

// Evidence is a number that was measured.
type Evidence struct {
	What   string  `json:"what"`             // in words: "hit ratio of the last minute"
	Metric string  `json:"metric,omitempty"` // of which metric, if it is of one
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"` // "ratio", "seconds", "bytes", "count", "count/s", "bytes/s", ...
}

// String says what is wrong, and of what.
func (a Advice) String() string {
	if a.Subject == "" {
		return a.Text
	}
	return a.Subject + ": " + a.Text
}

// LogValue makes an Advice readable in a log.
func (a Advice) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("rule", a.Rule), slog.String("subject", a.Subject), slog.String("do", a.Do)}
	for _, e := range a.Evidence {
		attrs = append(attrs, slog.Float64(e.What, e.Value))
	}
	return slog.GroupValue(attrs...)
}

// Advice are all that stand, by what they are about.
type advice struct {
	standing []standing
}

type standing struct {
	Advice
	seen int // the number of the judgement that last gave it
}

const (
	judgeEvery   = 10 // samples
	adviceStands = 6  // judgements after which advice that is not given again falls
)

// due reports whether the rules are to be applied now.
func (h *History) due() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.samples%judgeEvery == 0
}

// judge applies the rules.
func (h *History) judge() {
	v := h.view()
	var given []Advice
	for _, r := range h.opts.Rules {
		for _, a := range r.Check(v) {
			a.Rule, a.Since = r.Name, v.Now.At
			given = append(given, a)
		}
	}
	h.mu.Lock()
	came, went := h.advice.update(given, h.samples/judgeEvery)
	h.mu.Unlock()
	if h.opts.Logger == nil {
		return
	}
	for _, a := range came {
		h.opts.Logger.LogAttrs(context.Background(), slog.LevelWarn, a.String(), slog.Any("advice", a))
	}
	for _, a := range went {
		h.opts.Logger.LogAttrs(context.Background(), slog.LevelInfo, "no longer: "+a.String(), slog.Any("advice", a))
	}
}

// update makes the given advice, of the n-th judgement, stand, and returns what has come
// and what has gone.
func (all *advice) update(given []Advice, n int) (came, went []Advice) {
	for _, a := range given {
		at := slices.IndexFunc(all.standing, func(s standing) bool { return s.Rule == a.Rule && s.Subject == a.Subject })
		if at < 0 {
			came = append(came, a)
			all.standing = append(all.standing, standing{a, n})
			continue
		}
		a.Since = all.standing[at].Since
		all.standing[at] = standing{a, n}
	}
	all.standing = slices.DeleteFunc(all.standing, func(s standing) bool {
		falls := n-s.seen >= adviceStands
		if falls {
			went = append(went, s.Advice)
		}
		return falls
	})
	return came, went
}

// Advice returns the advice that stands, sorted by what it is about. Rules are applied at
// every tenth sample; what they do not repeat for a minute, if the period is a second, falls.
func (h *History) Advice() []Advice {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Advice, 0, len(h.advice.standing))
	for _, s := range h.advice.standing {
		all = append(all, s.Advice)
	}
	slices.SortFunc(all, func(a, b Advice) int {
		if c := strings.Compare(a.Subject, b.Subject); c != 0 {
			return c
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	return all
}

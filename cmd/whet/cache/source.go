package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/format"
)

// source says where requests come from.
type source struct {
	format, column string
	truncated      bool

	opts     format.Options
	kind     string // of the trace that was read
	warnings []string
}

func (s *source) flags(cmd *cobra.Command) {
	var names []string
	for _, f := range format.Table {
		names = append(names, f.Name)
	}
	f := cmd.Flags()
	f.StringVar(&s.format, "format", "", "`FORMAT` of the trace, recognized by default: "+strings.Join(names, ", "))
	f.StringVar(&s.column, "column", "", "`COLUMN` of a CSV's keys, by name or number from 1; or key=C,size=C,time=C")
	f.BoolVar(&s.truncated, "truncated", false, "take what can be read of a file that was cut off")
}

func (s *source) check() error {
	s.opts = format.Options{Format: strings.ToLower(s.format)}
	if _, ok := format.Lookup(s.format); s.format != "" && !ok {
		return shell.Usage("whet cache", "--format is %q: there is no such format", s.format)
	}
	if s.column == "" {
		return nil
	}
	for part := range strings.SplitSeq(s.column, ",") {
		name, value, named := strings.Cut(part, "=")
		if !named {
			name, value = "key", name
		}
		at := map[string]*string{"key": &s.opts.Key, "size": &s.opts.Size, "time": &s.opts.Time}[name]
		if at == nil || value == "" {
			return shell.Usage("whet cache", "--column is %q: want a column, or key=C,size=C,time=C", s.column)
		}
		*at = value
	}
	return nil
}

// maxSpec is the most requests of a generated trace that are held in memory, 12 bytes each.
const maxSpec = 1 << 28

// specOf returns the trace that a command line describes in place of a file.
func specOf(arg string) (spec keytrace.Spec, is bool, err error) {
	kind, _, _ := strings.Cut(arg, ":")
	kind, _, _ = strings.Cut(kind, "+")
	switch kind {
	case "zipf", "scan", "loop", "shifting":
		spec, err = keytrace.ParseSpec(arg)
		return spec, true, err
	}
	return spec, false, nil
}

// read returns the trace at a path or of a spec, and its name. Where reading may wait for
// ever, as from a pipe, ctx ends it all the same.
func (s *source) read(ctx context.Context, p *shell.LateProgress, path, arg string) (*keytrace.Trace, string, error) {
	type result struct {
		t    *keytrace.Trace
		name string
		err  error
	}
	got := make(chan result, 1)
	one := *s // the reader may outlive this call
	go func() {
		t, name, err := one.readNow(ctx, p, path, arg)
		got <- result{t, name, err}
	}()
	select {
	case <-ctx.Done():
		return nil, "", context.Cause(ctx)
	case r := <-got:
		*s = one
		if r.err == nil && r.t.Len() == 0 {
			r.err = &shell.Failure{Err: fmt.Errorf("%s: there are no requests in it", r.name), Hint: "a trace has a key for each request, such as one a line", Code: shell.ExitFailure}
		}
		return r.t, r.name, r.err
	}
}

func (s *source) readNow(ctx context.Context, p *shell.LateProgress, path, arg string) (*keytrace.Trace, string, error) {
	if arg == "-" {
		t, err := s.parse(ctx, os.Stdin, "", "standard input")
		return t, "standard input", err
	}
	if _, err := os.Stat(path); err != nil {
		if spec, is, err := specOf(arg); is {
			return s.generate(ctx, spec, err)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", &shell.Failure{Err: fmt.Errorf("opening the trace: %w", err), Hint: "a trace is a file, - or a spec such as zipf:n=1000", Code: shell.ExitFailure}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, "", err
	}
	if info.IsDir() {
		return nil, "", &shell.Failure{Err: fmt.Errorf("%s is a folder, not a trace", arg), Hint: "name one file in it", Code: shell.ExitFailure}
	}
	r := &counted{r: f, report: p.Part("reading " + arg), size: info.Size()}
	t, err := s.parse(ctx, r, path, arg)
	return t, info.Name(), err
}

func (s *source) generate(ctx context.Context, spec keytrace.Spec, err error) (*keytrace.Trace, string, error) {
	if err != nil {
		return nil, "", &shell.Failure{Err: err, Hint: "'whet cache --help' has examples", Code: shell.ExitFailure}
	}
	if spec.Len > maxSpec {
		return nil, "", &shell.Failure{Err: fmt.Errorf("len=%d: a simulation holds the trace in memory, at most %d requests", spec.Len, maxSpec),
			Hint: "'whet cache generate' writes longer ones", Code: shell.ExitFailure}
	}
	s.kind = "generated"
	t := &keytrace.Trace{}
	for key := range spec.Keys() {
		if len(t.Keys)&(1<<16-1) == 0 && ctx.Err() != nil {
			return nil, "", context.Cause(ctx)
		}
		t.Keys = append(t.Keys, key)
	}
	return t, spec.String(), nil
}

func (s *source) parse(ctx context.Context, in io.Reader, path, name string) (*keytrace.Trace, error) {
	r, err := format.NewReader(in, path, s.opts)
	if err != nil {
		return nil, s.explain(name, err)
	}
	s.kind = r.Format.Name
	t, err := keytrace.Read(ctx, r)
	if errors.Is(err, io.ErrUnexpectedEOF) && s.truncated && t != nil && t.Len() > 0 {
		s.warnings = append(s.warnings, fmt.Sprintf("%s was cut off: these are its first %d requests", name, t.Len()))
		return t, nil
	}
	if err != nil {
		return nil, s.explain(name, err)
	}
	return t, nil
}

func (s *source) explain(name string, err error) error {
	hint := "--format names the format, if it was not recognized"
	if errors.Is(err, format.ErrXZ) {
		hint = "xz -dc TRACE | whet cache - reads it from standard input"
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("it was cut off: %w", err)
		hint = "--truncated takes what can be read"
	}
	return &shell.Failure{Err: fmt.Errorf("reading %s: %w", name, err), Hint: hint, Code: shell.ExitFailure}
}

// counted tells how much of a file was read.
type counted struct {
	r      io.Reader
	report func(done, all int64)
	size   int64
	done   atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if done := c.done.Add(int64(n)); c.report != nil {
		c.report(done, c.size)
	}
	return n, err
}

// About is what a trace is.
type About struct {
	Name      string  `json:"name"`
	Format    string  `json:"format"`
	Requests  int     `json:"requests"`
	Keys      int     `json:"keys"`
	OneTimers int     `json:"oneTimers"` // keys that were asked for once
	Seconds   float64 `json:"seconds,omitempty"`
	Rate      float64 `json:"rate"` // the part of the keys that the file holds
}

func describe(t *keytrace.Trace, name, kind string) About {
	ids, unique := t.IDs()
	count := make([]uint8, unique)
	for _, id := range ids {
		count[id] = min(2, count[id]+1)
	}
	a := About{Name: name, Format: kind, Requests: t.Len(), Rate: t.Rate}
	if a.Rate == 0 {
		a.Rate = 1
	}
	for _, n := range count {
		if n == 1 {
			a.OneTimers++
		}
	}
	if t.Total > 0 {
		a.Requests = int(t.Total)
	}
	a.Keys = int(math.Round(float64(unique) / a.Rate))
	a.OneTimers = int(math.Round(float64(a.OneTimers) / a.Rate))
	if n := len(t.Times); n > 0 {
		a.Seconds = float64(t.Times[n-1]-t.Times[0]) * tick(t).Seconds()
	}
	return a
}

// tick returns the unit of a trace's times; where it is not known, a second, as
// simulations take it.
func tick(t *keytrace.Trace) time.Duration {
	if t.Tick <= 0 {
		return time.Second
	}
	return t.Tick
}

func (a About) span() time.Duration { return time.Duration(a.Seconds * float64(time.Second)) }

package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/profile"
)

// grace is what a command has for ending by itself when its time is over.
const grace = 3 * time.Second

// command builds the subject's command with the agent in it, runs it to its end or to
// the end of the budget, and takes what the agent wrote.
func (c *capture) command(ctx context.Context) error {
	pkgs, err := bench.List(ctx, c.Subject.Dir, c.Subject.Flags, c.Subject.Patterns)
	if err != nil {
		return err
	}
	if len(pkgs) != 1 || pkgs[0].Name != "main" {
		return fmt.Errorf("--run takes one main package, and %v is not one", c.Subject.Patterns)
	}
	bin, err := c.buildCommand(ctx, pkgs[0])
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(c.temp, "command")
	if err != nil {
		return fmt.Errorf("making a scratch folder: %w", err)
	}
	c.clock.start(c.Budget)
	c.progress("running "+pkgs[0].ImportPath, 0, 1)
	period := min(2*time.Second, max(100*time.Millisecond, c.Budget/20))
	env := append(agentEnv(dir, period), "WHET_CPU=1", "GODEBUG="+godebug("memprofilerate=65536,inittrace=1"))
	e := bench.Exec{Path: bin, Args: c.Subject.Args, Dir: c.Subject.Dir, Env: env, Timeout: c.Budget, Grace: grace}
	filter := &traceFilter{to: c.Output}
	if c.Output != nil {
		e.Tee = filter
	}
	o := e.Run(ctx)
	filter.end()
	c.collect(pkgs[0], dir, o)
	if len(c.s.Workloads[0].Profiles) == 0 {
		return fmt.Errorf("%w: %s ended (%v) before it could be profiled%s", ErrNothing, pkgs[0].ImportPath, o.Err, said(withoutTrace(o.Output)))
	}
	return nil
}

func (c *capture) buildCommand(ctx context.Context, p *bench.Package) (string, error) {
	c.progress("building "+p.ImportPath, 0, 1)
	dir := filepath.Join(c.temp, "overlay")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("making a scratch folder: %w", err)
	}
	o, err := newOverlay(ctx, dir, c.Subject.Dir)
	if err != nil {
		return "", err
	}
	if err := o.addCommand(p); err != nil {
		return "", err
	}
	flag, err := o.Flag()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(c.temp, "command.bin")
	args := append([]string{"build", flag, "-o", bin}, c.Subject.Flags...)
	out := bench.Exec{Path: "go", Args: append(args, "--", p.ImportPath), Dir: c.Subject.Dir}.Run(ctx)
	if out.Err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", p.ImportPath, out.Err, bench.Complaint(out.Output, 12))
	}
	return bin, nil
}

// collect makes a workload of what the agent wrote.
func (c *capture) collect(p *bench.Package, dir string, o bench.Outcome) {
	w := &analyze.Workload{
		Name: "command", Package: p.ImportPath, Dir: p.Dir, Kind: analyze.Command,
		Repro:    c.again(),
		Profiles: make(map[string]*profile.Profile),
	}
	w.Epochs, _ = readEpochs(dir)
	n := len(w.Epochs)
	keep := func(name string, p *profile.Profile) {
		if p != nil && len(p.Samples) > 0 {
			w.Profiles[name] = p
		}
	}
	keep("cpu", mergeParts(dir, "cpu", n))
	if n > 0 {
		for _, name := range []string{"heap", "mutex", "block", "goroutine"} {
			keep(name, part(dir, name, n-1))
		}
	}
	if o.Err != nil && !errors.Is(o.Err, bench.ErrTimeout) {
		w.Failed = o.Err.Error()
		c.s.Warn("command", "the command ended with an error (%v)%s", o.Err, said(withoutTrace(o.Output)))
	}
	total := 0.0
	ins := parseInits(o.Stderr)
	for _, in := range ins {
		total += in.Sec
	}
	for _, in := range ins {
		in.Total, in.Start = total, p.ImportPath
		c.s.Inits = append(c.s.Inits, in)
	}
	c.s.Workloads = append(c.s.Workloads, w)
}

// again returns the command line that repeats this capture.
func (c *capture) again() string {
	words := append([]string{"whet analyze --run", c.Subject.Patterns[0]}, c.Subject.Flags...)
	for i, f := range words {
		if strings.HasPrefix(f, "-tags=") {
			words[i] = "-" + f
		}
	}
	if len(c.Subject.Args) > 0 {
		words = append(words, "--")
		for _, a := range c.Subject.Args {
			words = append(words, quote(a))
		}
	}
	return strings.Join(words, " ")
}

// quote returns a word as a shell takes it.
func quote(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$&|;<>()*?[]#~`!{}") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// A traceFilter passes on what a command prints, but for the lines of the init trace
// that it was started with.
type traceFilter struct {
	to   func([]byte)
	line []byte // begun
}

// Write passes whole lines on, as withoutTrace leaves them.
func (f *traceFilter) Write(b []byte) (int, error) {
	f.line = append(f.line, b...)
	if i := bytes.LastIndexByte(f.line, '\n'); i >= 0 {
		if rest := withoutTrace(f.line[:i+1]); len(rest) > 0 {
			f.to(rest)
		}
		f.line = append(f.line[:0], f.line[i+1:]...)
	}
	return len(b), nil
}

// end passes on a last line without an end.
func (f *traceFilter) end() {
	if len(f.line) > 0 {
		f.to(f.line)
	}
}

// withoutTrace returns output without the lines of an init trace.
func withoutTrace(output []byte) []byte {
	var rest []byte
	for line := range bytes.Lines(output) {
		if len(parseInits(line)) == 0 {
			rest = append(rest, line...)
		}
	}
	return rest
}

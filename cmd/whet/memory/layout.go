package memory

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/capture"
	"github.com/whetgo/whet/analyze/structs"
	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/cmd/whet/subject"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/internal/terminal"
	"github.com/whetgo/whet/profile"
)

const layoutHelp = `Draw the structs of packages whose fields lie so that they are larger than they need
be, the dearest first, with the best order of their fields.

What a struct costs is measured: its objects in a heap profile (--profile), or in runs
of the packages' benchmarks, else their tests, times what each would save in the
allocator's size classes. With --static nothing is run.

-w writes the best order, -d shows it as a diff. A struct is left as it is, and it is
said why, where anything in the module depends on the order of its fields: a literal
without their names, unsafe code, encoding/binary, reflection, a conversion between
struct types, cgo, assembly, atomic access, a comment that belongs to no field. The
module with the new order is type-checked, with its tests, before a file is touched.
What -w did is taken back by --undo, unless a file has changed since.

Exit codes: 0 done, 2 wrong usage or a failure, 130 interrupted.`

const layoutExamples = `  whet memory layout ./...
  whet memory layout --profile heap.pprof ./...
  whet memory layout --static -d ./store
  whet memory layout -w --type 'Order|Fill' ./store
  whet memory layout --undo`

// layout is what was asked of "whet memory layout".
type layout struct {
	subject.Asked
	profile, names                              string
	top                                         int
	static, all, json, quiet, write, diff, undo bool
	types                                       *regexp.Regexp
}

func layoutCommand(a *shell.App) *cobra.Command {
	l := &layout{Asked: subject.Asked{App: a, Command: "whet memory layout"}}
	cmd := &cobra.Command{
		Use:     "layout [packages]",
		Short:   "Draw structs with holes, price them, and write their fields in the best order",
		Long:    layoutHelp,
		Example: layoutExamples,
		RunE:    func(cmd *cobra.Command, args []string) error { return l.run(cmd.Context(), args) },
	}
	runFlags(cmd, &l.Asked)
	f := cmd.Flags()
	f.StringVar(&l.profile, "profile", "", "price with the heap profile in `FILE` instead of running anything")
	f.BoolVar(&l.static, "static", false, "run nothing: structs are not priced")
	f.StringVar(&l.names, "type", "", "only types whose name matches `REGEX`")
	f.IntVar(&l.top, "top", 10, "show the `N` dearest")
	f.BoolVar(&l.all, "all", false, "show every struct with padding, also where no order is better")
	f.BoolVar(&l.json, "json", false, "print a struct a line as JSON (schema whet/layout/1)")
	f.BoolVarP(&l.write, "write", "w", false, "write the best order of the structs that are shown, where it is safe")
	f.BoolVarP(&l.diff, "diff", "d", false, "show what -w would write as a diff")
	f.BoolVar(&l.undo, "undo", false, "take back what the last -w wrote")
	f.BoolVarP(&l.quiet, "quiet", "q", false, "no progress on stderr")
	cmd.MarkFlagsMutuallyExclusive("profile", "static")
	cmd.MarkFlagsMutuallyExclusive("write", "diff", "undo")
	cmd.MarkFlagsMutuallyExclusive("json", "write", "diff", "undo")
	cmd.MarkFlagsMutuallyExclusive("all", "top")
	return cmd
}

func (l *layout) run(ctx context.Context, args []string) error {
	dir, err := l.Dir()
	if err != nil {
		return err
	}
	if l.undo {
		return l.takeBack(dir, args)
	}
	subject, err := l.subject(args)
	if err != nil {
		return err
	}
	found, err := l.look(ctx, subject)
	if err != nil {
		return err
	}
	if l.write || l.diff {
		return l.rewrite(ctx, subject, found)
	}
	if l.json {
		err = writeLayoutJSON(l.Stdout, found)
	} else {
		err = showLayout(l.Stdout, found, l.Options(), l.most())
	}
	if err != nil {
		return fmt.Errorf("writing to standard output: %w", err)
	}
	return nil
}

func (l *layout) most() int {
	if l.all {
		return 1 << 30
	}
	return l.top
}

func (l *layout) subject(args []string) (analyze.Subject, error) {
	types, err := regexp.Compile(l.names)
	if err != nil {
		return analyze.Subject{}, shell.Usage(l.Command, "%w", err)
	}
	if l.top < 1 {
		return analyze.Subject{}, shell.Usage(l.Command, "--top is %d: show at least one, or use --json", l.top)
	}
	l.types = types
	if l.profile != "" {
		l.Profiles = []string{l.profile}
	}
	return l.Subject(args, -1)
}

// A layoutOf is a struct that is shown.
type layoutOf struct {
	*structs.Struct
	file   string // as shown
	line   int
	prices []price
}

// A price is what the padding of a struct costs a workload.
type price struct {
	Workload string  `json:"workload"`
	What     string  `json:"what"`    // "alive" or "allocated"
	Objects  int64   `json:"objects"` // in the profile
	Bytes    int64   `json:"bytes"`   // that they take
	Saved    int64   `json:"saved"`   // that the best order would not take
	Share    float64 `json:"share"`   // Saved of all bytes of the workload
}

// A layouts is what was found.
type layouts struct {
	s        *analyze.Session
	structs  []layoutOf // dearest first
	declared int
	warnings []string
}

// look reads the packages, measures them, and prices their structs.
func (l *layout) look(ctx context.Context, subject analyze.Subject) (*layouts, error) {
	var p *shell.Progress
	if !l.quiet {
		p = shell.NewProgress(l.Stderr)
		defer p.End()
	}
	found := &layouts{s: &analyze.Session{Subject: subject, Program: new(load.Program)}}
	p.Report(capture.Progress{Doing: "reading the packages"})
	prog, err := readPackages(ctx, subject, nil)
	if err != nil {
		return nil, shell.Interrupted(ctx, err)
	}
	if !l.static {
		s, err := capture.Run(ctx, capture.Options{Subject: subject, Budget: l.Budget, Progress: p.Report})
		switch {
		case ctx.Err() != nil:
			return nil, shell.Interrupted(ctx, ctx.Err())
		case errors.Is(err, capture.ErrNothing):
			found.warnings = append(found.warnings, "nothing could be run, so no struct is priced: "+firstLine(err.Error()))
		case err != nil && subject.Mode == "profile":
			return nil, &shell.Failure{Err: err, Hint: "a heap profile is made by 'go test -memprofile FILE', or curl -o FILE http://HOST/debug/pprof/heap", Code: shell.ExitFailure}
		case err != nil:
			return nil, err
		default:
			found.s = s
			if prog, err = readPackages(ctx, subject, s); err != nil {
				return nil, shell.Interrupted(ctx, err)
			}
		}
	}
	found.s.Program = prog
	found.pick(prog, subject, l)
	return found, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// readPackages reads the packages that were asked for, and those that a session found hot:
// their lines allocate the structs.
func readPackages(ctx context.Context, subject analyze.Subject, s *analyze.Session) (*load.Program, error) {
	modules, err := load.LocalModules(ctx, subject.Dir, subject.Flags)
	if err != nil {
		return nil, err
	}
	patterns := slices.Clone(subject.Patterns)
	if s != nil {
		for _, pkg := range s.Program.Packages {
			patterns = append(patterns, pkg.PkgPath)
		}
	}
	p, err := load.Load(ctx, subject.Dir, subject.Flags, modules, patterns)
	if err != nil {
		return nil, err
	}
	if len(p.Packages) == 0 || s == nil && len(p.Problems) > 0 && nothingDeclared(p) {
		return nil, &shell.Failure{Err: fmt.Errorf("the packages cannot be read: %s", firstProblem(p)), Hint: "see that 'go build' takes them", Code: shell.ExitFailure}
	}
	return p, nil
}

func firstProblem(p *load.Program) string {
	if len(p.Problems) == 0 {
		return "there are none"
	}
	return strings.Join(p.Problems[:min(3, len(p.Problems))], "\n")
}

func nothingDeclared(p *load.Program) bool { return len(structs.Survey(p)) == 0 }

// pick chooses the structs to show and prices them.
func (f *layouts) pick(p *load.Program, subject analyze.Subject, l *layout) {
	f.warnings = append(f.warnings, p.Problems...)
	for _, w := range f.s.Warnings {
		f.warnings = append(f.warnings, w.Text)
	}
	prices := f.prices()
	all := structs.Survey(p)
	structs.Sort(all)
	for _, s := range all {
		pos := p.Fset.Position(s.Obj.Pos())
		if !p.IsLocal(s.Pkg.PkgPath, pos.Filename) || !l.types.MatchString(s.Obj.Name()) {
			continue
		}
		f.declared++
		bytes, _ := s.Wasted()
		padded := slices.ContainsFunc(s.Holes, func(h int64) bool { return h > 0 })
		if bytes > 0 && !s.Meant || l.all && padded {
			f.structs = append(f.structs, layoutOf{Struct: s, file: f.s.RelPath(pos.Filename), line: pos.Line, prices: prices[s.Name]})
		}
	}
	slices.SortStableFunc(f.structs, func(a, b layoutOf) int {
		switch x, y := a.share(), b.share(); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
}

// share returns the largest part of a workload's bytes that the best order would save.
func (l layoutOf) share() float64 {
	most := 0.0
	for _, p := range l.prices {
		most = max(most, p.Share)
	}
	return most
}

// prices returns what the structs cost each workload, by their names.
func (f *layouts) prices() map[string][]price {
	prices := make(map[string][]price)
	for _, w := range f.s.Workloads {
		if heap := w.Profiles["heap"]; heap != nil && len(w.Epochs) == 0 {
			f.price(prices, w.Name, "alive", heap, "inuse")
		}
		if e := fullest(w.Epochs); e != nil {
			f.price(prices, w.Name, "alive", e.Heap, "inuse")
		}
		f.price(prices, w.Name, "allocated", w.Profiles["heap"], "alloc")
	}
	return prices
}

// fullest returns the epoch of the second half in which most was alive.
func fullest(es []analyze.Epoch) *analyze.Epoch {
	var most *analyze.Epoch
	for i := len(es) / 2; i < len(es); i++ {
		if es[i].Heap != nil && (most == nil || es[i].HeapBytes >= most.HeapBytes) {
			most = &es[i]
		}
	}
	return most
}

func (f *layouts) price(prices map[string][]price, workload, what string, p *profile.Profile, kind string) {
	if p == nil {
		return
	}
	whole := f.s.Attribute(p, kind+"_space").Total
	for _, t := range structs.Totals(f.s, p, kind) {
		if whole > 0 && t.Saved > 0 {
			name := structs.TypeName(t.Named)
			prices[name] = append(prices[name], price{workload, what, t.Objects, t.Bytes, t.Saved, min(1, float64(t.Saved)/float64(whole))})
		}
	}
}

// takeBack undoes the last -w.
func (l *layout) takeBack(dir string, args []string) error {
	if len(args) > 0 {
		return shell.Usage("whet memory layout", "--undo takes no packages: it takes back all of the last -w")
	}
	e, err := archive.Find(dir).Undo()
	switch {
	case errors.Is(err, archive.ErrNoEntry):
		return &shell.Failure{Err: err, Hint: "'whet memory layout -w' writes, and remembers what was before", Code: shell.ExitFailure}
	case errors.Is(err, archive.ErrChanged):
		return &shell.Failure{Err: err, Hint: "nothing was touched; 'git diff' and 'git checkout' may help", Code: shell.ExitFailure}
	case err != nil:
		return unwritable(err)
	}
	fmt.Fprintf(l.Stdout, "whet: took back: %s\n", terminal.Clean(e.What))
	for _, f := range e.Files {
		fmt.Fprintf(l.Stdout, "  %s\n", terminal.Clean(filepath.FromSlash(f.Path)))
	}
	return nil
}

// unwritable explains an error of writing.
func unwritable(err error) error {
	f := &shell.Failure{Err: err, Code: shell.ExitFailure}
	if errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "read-only file system") {
		f.Hint = "no file was changed: make the module's folder writable, or use -d"
	}
	return f
}

package memory

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/capture"
	"github.com/whetgo/whet/analyze/structs"
	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/internal/terminal"
)

// rewrite writes the best order of the structs that were found, or shows it as a diff.
func (l *layout) rewrite(ctx context.Context, subject analyze.Subject, found *layouts) error {
	safe, refused, err := l.separate(ctx, subject, found)
	if err != nil {
		return shell.Interrupted(ctx, err)
	}
	changes, err := reordered(safe)
	if err != nil {
		return &shell.Failure{Err: err, Code: shell.ExitFailure}
	}
	if len(changes) > 0 {
		if err := checkReordered(ctx, subject, found, changes); err != nil {
			return shell.Interrupted(ctx, err)
		}
	}
	for _, r := range refused {
		fmt.Fprintf(l.Stderr, "whet: %s is left as it is: %s\n", r.Obj.Name(), strings.Join(r.why, "; "))
	}
	for _, s := range safe {
		for _, risk := range s.Risks() {
			fmt.Fprintf(l.Stderr, "whet: %s: %s\n", s.Obj.Name(), risk)
		}
	}
	if l.diff {
		return showDiffs(l.Stdout, found, changes)
	}
	return l.apply(subject, found, safe, changes)
}

// A refusal is a struct that is not reordered.
type refusal struct {
	layoutOf
	why []string
}

// separate tells the structs that can be reordered from those that must not be.
func (l *layout) separate(ctx context.Context, subject analyze.Subject, found *layouts) (safe []layoutOf, refused []refusal, err error) {
	var p *shell.Progress
	if !l.quiet {
		p = shell.NewProgress(l.Stderr)
		defer p.End()
	}
	p.Report(capture.Progress{Doing: "looking for what depends on the order of fields"})
	m, err := structs.ReadModule(ctx, subject.Dir, subject.Flags, found.s.Program.Modules, nil)
	if err != nil {
		return nil, nil, &shell.Failure{Err: err, Hint: "no file was changed: who uses a struct is only known of a module that builds, tests included", Code: shell.ExitFailure}
	}
	for _, s := range found.structs[:min(len(found.structs), l.most())] {
		if bytes, _ := s.Wasted(); bytes == 0 {
			continue
		}
		obstacles := m.Obstacles(s.Struct)
		if len(obstacles) == 0 {
			safe = append(safe, s)
			continue
		}
		r := refusal{layoutOf: s}
		for _, o := range obstacles {
			r.why = append(r.why, found.say(o))
		}
		refused = append(refused, r)
	}
	return safe, refused, nil
}

// say writes an obstacle with its first places.
func (f *layouts) say(o structs.Obstacle) string {
	var where []string
	for _, w := range o.Where[:min(3, len(o.Where))] {
		where = append(where, fmt.Sprintf("%s:%d", f.s.RelPath(w.Filename), w.Line))
	}
	if len(where) == 0 {
		return o.Why
	}
	return o.Why + " (" + strings.Join(where, ", ") + ")"
}

// reordered returns the files with the structs in their best order.
func reordered(safe []layoutOf) ([]archive.Change, error) {
	byFile := make(map[string][]*structs.Struct)
	var files []string
	for _, s := range safe {
		name := s.Pkg.Fset.Position(s.File.FileStart).Filename
		if byFile[name] == nil {
			files = append(files, name)
		}
		byFile[name] = append(byFile[name], s.Struct)
	}
	slices.Sort(files)
	var changes []archive.Change
	for _, name := range files {
		before, after, err := structs.Reorder(name, byFile[name])
		if err != nil {
			return nil, err
		}
		changes = append(changes, archive.Change{Path: name, Before: before, After: after})
	}
	return changes, nil
}

// checkReordered type-checks the module as it would be.
func checkReordered(ctx context.Context, subject analyze.Subject, found *layouts, changes []archive.Change) error {
	overlay := make(map[string][]byte)
	for _, c := range changes {
		overlay[c.Path] = c.After
	}
	if _, err := structs.ReadModule(ctx, subject.Dir, subject.Flags, found.s.Program.Modules, overlay); err != nil {
		return &shell.Failure{Err: fmt.Errorf("with the new order the module would not build: %w", err), Hint: "no file was changed; please report this", Code: shell.ExitFailure}
	}
	return nil
}

func showDiffs(w io.Writer, found *layouts, changes []archive.Change) error {
	for _, c := range changes {
		name := filepath.ToSlash(found.s.RelPath(c.Path))
		if _, err := w.Write(diff.Diff("a/"+name, c.Before, "b/"+name, c.After)); err != nil {
			return fmt.Errorf("writing to standard output: %w", err)
		}
	}
	return nil
}

// apply writes the changes, and says so.
func (l *layout) apply(subject analyze.Subject, found *layouts, safe []layoutOf, changes []archive.Change) error {
	if len(changes) == 0 {
		_, err := fmt.Fprintln(l.Stdout, "whet: nothing to write")
		return err
	}
	var names []string
	for _, s := range safe {
		names = append(names, s.Obj.Name())
	}
	if _, err := archive.Find(subject.Dir).Write("order the fields of "+strings.Join(names, ", "), changes); err != nil {
		return unwritable(err)
	}
	for _, s := range safe {
		now, best := s.Block()
		fmt.Fprintf(l.Stdout, "whet: %s:%d %s: %d bytes became %d, an object on the heap %d became %d\n", terminal.Clean(s.file), s.line, s.Obj.Name(), s.Size, s.Best, now, best)
	}
	_, err := fmt.Fprintln(l.Stdout, "whet: run the tests; 'whet memory layout --undo' takes it back")
	return err
}

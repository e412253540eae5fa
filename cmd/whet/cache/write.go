package cache

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/internal/terminal"
	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/format"
)

// as is the format to write, where the name does not say it.
func asFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "as", "", "`FORMAT` to write: "+strings.Join(writable(), ", ")+"; by default what OUT's extension says, else keytrace")
}

func writable() []string {
	var names []string
	for _, f := range format.Table {
		if f.CanWrite() {
			names = append(names, f.Name)
		}
	}
	return names
}

// outFormat returns the name of the format to write.
func outFormat(command, as, out string) (string, error) {
	if as == "" {
		as = "keytrace"
		if name, ok := format.NameOf(out); ok {
			as = name
		}
	}
	f, ok := format.Lookup(as)
	if !ok || !f.CanWrite() {
		return "", shell.Usage(command, "%s cannot be written (%s can)", as, strings.Join(writable(), ", "))
	}
	return f.Name, nil
}

func convertCommand(a *shell.App) *cobra.Command {
	s := &source{}
	var as string
	cmd := &cobra.Command{
		Use:   "convert TRACE OUT",
		Short: "Write a trace in another format",
		Long: `Read a trace as 'whet cache' does, and write it to the file OUT. Only the format
keytrace keeps everything: sizes, times, and which part of the keys was recorded.`,
		Example: "  whet cache convert OLTP.lis.zst oltp.keytrace\n  whet cache convert access.csv keys.txt --column url --as plain",
		Args:    shell.Exactly("whet cache convert", 2, "a trace and a file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return convert(cmd.Context(), a, s, args[0], args[1], as)
		},
	}
	s.flags(cmd)
	asFlag(cmd, &as)
	return cmd
}

func convert(ctx context.Context, a *shell.App, s *source, arg, out, as string) error {
	dir, err := a.Dir()
	if err != nil {
		return err
	}
	if as, err = outFormat("whet cache convert", as, out); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	p := shell.NewLateProgress(a.Stderr)
	defer p.End()
	t, _, err := s.read(ctx, p, shell.In(dir, arg), arg)
	if err != nil {
		return shell.Interrupted(ctx, err)
	}
	p.End()
	for _, w := range s.warnings {
		fmt.Fprintf(a.Stderr, "whet: %s\n", w)
	}
	return writeTrace(ctx, a, shell.In(dir, out), out, t.Len(), func(w io.Writer) error { return t.Write(w, as) })
}

func generateCommand(a *shell.App) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "generate SPEC OUT",
		Short: "Write a generated trace",
		Long: `Write the trace that SPEC describes to the file OUT. The same SPEC gives the same
trace everywhere. Memory does not follow its length.

  zipf:n=100000,s=0.99,len=1000000,seed=1   a few keys are asked for often
  scan:len=1e6                              each key once
  loop:n=5000                               the same keys in the same order
  shifting:n=1e5,s=1,every=1e4,by=100       zipf whose popular keys change
  zipf:n=1e5,weight=9+scan:weight=1         a mix, by weight; len and seed in the first`,
		Example: "  whet cache generate zipf:n=1e5,len=1e6 zipf.keytrace\n  whet cache generate loop:n=5000,len=1e5 loop.keys",
		Args:    shell.Exactly("whet cache generate", 2, "a spec and a file to write"),
		RunE:    func(cmd *cobra.Command, args []string) error { return generate(cmd.Context(), a, args[0], args[1], as) },
	}
	asFlag(cmd, &as)
	return cmd
}

func generate(ctx context.Context, a *shell.App, text, out, as string) error {
	dir, err := a.Dir()
	if err != nil {
		return err
	}
	if as, err = outFormat("whet cache generate", as, out); err != nil {
		return err
	}
	spec, err := keytrace.ParseSpec(text)
	if err != nil {
		return shell.Usage("whet cache generate", "%w", err)
	}
	p := shell.NewLateProgress(a.Stderr)
	defer p.End()
	return writeTrace(ctx, a, shell.In(dir, out), out, spec.Len, func(w io.Writer) error {
		defer p.End()
		m := format.Meta{Rate: 1, Total: uint64(spec.Len)}
		return format.Write(w, as, m, until(ctx, spec, p.Part("writing "+out)))
	})
}

// until passes a spec's keys on as requests until ctx is done.
func until(ctx context.Context, spec keytrace.Spec, report func(done, all int64)) iter.Seq[format.Request] {
	return func(yield func(format.Request) bool) {
		n := 0
		for key := range spec.Keys() {
			if n&(1<<16-1) == 0 {
				if ctx.Err() != nil {
					return
				}
				report(int64(n), int64(spec.Len))
			}
			n++
			if !yield(format.Request{Key: key}) {
				return
			}
		}
	}
}

// writeTrace writes a file beside its place and moves it there when it is whole.
func writeTrace(ctx context.Context, a *shell.App, path, name string, n int, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".whet-*")
	if err != nil {
		return &shell.Failure{Err: fmt.Errorf("writing %s: %w", name, err), Hint: "the folder must be there and be writable", Code: shell.ExitFailure}
	}
	b := bufio.NewWriter(f)
	if err = write(b); err == nil {
		err = b.Flush()
	}
	err = errors.Join(err, f.Chmod(0o644), f.Close(), ctx.Err())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return shell.Interrupted(ctx, fmt.Errorf("writing %s: %w", name, err))
	}
	_, err = fmt.Fprintf(a.Stdout, "whet: wrote %s: %d requests\n", terminal.Clean(name), n)
	return err
}

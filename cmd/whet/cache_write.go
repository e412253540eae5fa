package main

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
		return "", usage(command, "%s cannot be written (%s can)", as, strings.Join(writable(), ", "))
	}
	return f.Name, nil
}

func (a *app) cacheConvert() *cobra.Command {
	s := &source{}
	var as string
	cmd := &cobra.Command{
		Use:   "convert TRACE OUT",
		Short: "Write a trace in another format",
		Long: `Read a trace as 'whet cache' does, and write it to the file OUT. Only the format
keytrace keeps everything: sizes, times, and which part of the keys was recorded.`,
		Example: "  whet cache convert OLTP.lis.zst oltp.keytrace\n  whet cache convert access.csv keys.txt --column url --as plain",
		Args:    exactly("whet cache convert", 2, "a trace and a file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.convert(cmd.Context(), s, args[0], args[1], as)
		},
	}
	s.flags(cmd)
	asFlag(cmd, &as)
	return cmd
}

func (a *app) convert(ctx context.Context, s *source, arg, out, as string) error {
	dir, err := a.dir()
	if err != nil {
		return err
	}
	if as, err = outFormat("whet cache convert", as, out); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	p := newLateProgress(a.stderr)
	defer p.end()
	t, _, err := s.read(ctx, p, in(dir, arg), arg)
	if err != nil {
		return interrupted(ctx, err)
	}
	p.end()
	for _, w := range s.warnings {
		fmt.Fprintf(a.stderr, "whet: %s\n", w)
	}
	return a.writeTrace(ctx, in(dir, out), out, t.Len(), func(w io.Writer) error { return t.Write(w, as) })
}

func (a *app) cacheGenerate() *cobra.Command {
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
		Args:    exactly("whet cache generate", 2, "a spec and a file to write"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.generate(cmd.Context(), args[0], args[1], as) },
	}
	asFlag(cmd, &as)
	return cmd
}

func (a *app) generate(ctx context.Context, text, out, as string) error {
	dir, err := a.dir()
	if err != nil {
		return err
	}
	if as, err = outFormat("whet cache generate", as, out); err != nil {
		return err
	}
	spec, err := keytrace.ParseSpec(text)
	if err != nil {
		return usage("whet cache generate", "%w", err)
	}
	p := newLateProgress(a.stderr)
	defer p.end()
	return a.writeTrace(ctx, in(dir, out), out, spec.Len, func(w io.Writer) error {
		defer p.end()
		m := format.Meta{Rate: 1, Total: uint64(spec.Len)}
		return format.Write(w, as, m, until(ctx, spec, p.part("writing "+out)))
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
func (a *app) writeTrace(ctx context.Context, path, name string, n int, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".whet-*")
	if err != nil {
		return &failure{err: fmt.Errorf("writing %s: %w", name, err), hint: "the folder must be there and be writable", code: exitFailure}
	}
	b := bufio.NewWriter(f)
	err = errors.Join(write(b), b.Flush(), f.Chmod(0o644), f.Close(), ctx.Err())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return interrupted(ctx, fmt.Errorf("writing %s: %w", name, err))
	}
	_, err = fmt.Fprintf(a.stdout, "whet: wrote %s: %d requests\n", plain(name), n)
	return err
}

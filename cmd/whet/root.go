package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/analyze"
	"github.com/whetgo/whet/cmd/whet/cache"
	"github.com/whetgo/whet/cmd/whet/claims"
	"github.com/whetgo/whet/cmd/whet/memory"
	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/cmd/whet/watch"
)

// Main runs the command with the arguments that follow its name, and returns its
// exit code. The first SIGINT or SIGTERM ends the work in order, the second at once.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the next signal is the system's
	a := &shell.App{Stdout: stdout, Stderr: stderr}
	root := root(a)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		return a.Fail(err)
	}
	return a.Code
}

func root(a *shell.App) *cobra.Command {
	root := &cobra.Command{
		Use:           "whet",
		Short:         "Find what slows a Go program",
		Long:          "Whet finds what slows a Go program, and says what to do about it.\n\n" + shell.ExitHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	a.Flags(root)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return shell.Usage(cmd.CommandPath(), "%w", err) })
	root.AddGroup(&cobra.Group{ID: "find", Title: "Find:"}, &cobra.Group{ID: "watch", Title: "Watch:"})
	root.AddCommand(analyze.Command(a), analyze.Show(a), cache.Command(a), memory.Command(a), claims.Command(a), watch.Command(a), version(a))
	for _, cmd := range root.Commands() {
		if !cmd.Runnable() {
			cmd.RunE, cmd.DisableFlagsInUseLine = holder, true
		}
	}
	return root
}

// holder runs a command that only holds others, where none of them was named.
func holder(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return shell.Usage(cmd.CommandPath(), "unknown command %q for %q", args[0], cmd.CommandPath())
	}
	return cmd.Help()
}

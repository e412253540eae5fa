// Package memory is "whet memory": structs that are larger than they need be, and what
// grows.
package memory

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/cmd/whet/subject"
)

// Command is "whet memory".
func Command(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "memory",
		GroupID: "find",
		Short:   "Say which structs are larger than they need be, and what grows",
		Long: `Look at the memory of Go code: how its structs lie and what their padding costs
(layout), and what is kept at each site over time (growth).`,
		Example: "  whet memory layout ./...\n  whet memory growth --bench Put ./store",
	}
	cmd.AddCommand(layoutCommand(a), growthCommand(a))
	return cmd
}

// runFlags gives cmd the flags that say what is run, how it is built and how long it may take.
func runFlags(cmd *cobra.Command, a *subject.Asked) {
	f := cmd.Flags()
	f.StringVar(&a.Bench, "bench", "", "run the benchmarks that match `REGEX`; all by default")
	f.StringVar(&a.Test, "test", "", "run the tests that match `REGEX` instead of benchmarks")
	f.StringVar(&a.Tags, "tags", "", "build with these comma-separated `TAGS`")
	f.DurationVar(&a.Budget, "budget", 20*time.Second, "`TIME` for the runs, builds apart")
}

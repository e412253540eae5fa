// Package memory is "whet memory": structs that are larger than they need be, and what
// grows.
package memory

import (
	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/shell"
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

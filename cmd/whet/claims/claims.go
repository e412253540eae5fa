// Package claims is "whet claims": what was claimed of the trading store, measured again.
package claims

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/store/claims"
)

// Command is "whet claims".
func Command(a *shell.App) *cobra.Command {
	var quick, asJSON, markdown bool
	var page string
	cmd := &cobra.Command{
		Use:     "claims [row...]",
		GroupID: "find",
		Short:   "Measure again what was claimed of the store",
		Long: `Measure again every row of the table of gains that was claimed of the trading store,
against the store as a hurried engineer and as a competent one writes it, in turn and in
one process. A claim that does not hold is printed as not held.

The rows are ` + strings.Join(claims.IDs(), ", ") + `.
All of them take some minutes.`,
		Example: "  whet claims --quick access\n  whet claims --markdown > claims.md",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, rows []string) error {
			if asJSON && markdown {
				return shell.Usage("whet claims", "--json and --markdown are two forms of one output")
			}
			for _, row := range rows {
				if !slices.Contains(claims.IDs(), row) {
					return shell.Usage("whet claims", "there is no row %q; there are %s", row, strings.Join(claims.IDs(), ", "))
				}
			}
			o := claims.Options{Quick: quick, Rows: rows, Progress: func(row string) { fmt.Fprintf(a.Stderr, "whet: %s\n", row) }}
			r, err := claims.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			if page != "" {
				dir, err := a.Dir()
				if err != nil {
					return err
				}
				if err := shell.WriteFile(shell.In(dir, page), func(w io.Writer) error { return claims.HTML(w, r) }); err != nil {
					return err
				}
			}
			switch {
			case asJSON:
				enc := json.NewEncoder(a.Stdout)
				enc.SetEscapeHTML(false)
				return enc.Encode(r)
			case markdown:
				return claims.Markdown(a.Stdout, r)
			}
			return claims.Text(a.Stdout, r)
		},
	}
	cmd.Flags().BoolVar(&quick, "quick", false, "few rounds: to see that it works, not to believe it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one object of JSON (schema whet/claims/1)")
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print Markdown, as in docs/claims.md")
	cmd.Flags().StringVar(&page, "html", "", "also write a page with plots to `FILE`")
	return cmd
}

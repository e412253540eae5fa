// Package claims is "whet claims": what was claimed of the trading store, measured again.
package claims

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/store/claims"
)

// asked is what was asked of "whet claims".
type asked struct {
	*shell.App
	quick, json, markdown bool
	page                  string // a file, "" for none
}

// Command is "whet claims".
func Command(a *shell.App) *cobra.Command {
	c := &asked{App: a}
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
		RunE:    func(cmd *cobra.Command, rows []string) error { return c.run(cmd.Context(), rows) },
	}
	f := cmd.Flags()
	f.BoolVar(&c.quick, "quick", false, "few rounds: to see that it works, not to believe it")
	f.BoolVar(&c.json, "json", false, "print one object of JSON (schema whet/claims/1)")
	f.BoolVar(&c.markdown, "markdown", false, "print Markdown, as in docs/claims.md")
	f.StringVar(&c.page, "html", "", "also write a page with plots to `FILE`")
	return cmd
}

func (c *asked) run(ctx context.Context, rows []string) error {
	dir, err := c.check(rows)
	if err != nil {
		return err
	}
	o := claims.Options{Quick: c.quick, Rows: rows, Progress: func(row string) { fmt.Fprintf(c.Stderr, "whet: %s\n", row) }}
	r, err := claims.Run(ctx, o)
	if err != nil {
		return shell.Interrupted(ctx, err)
	}
	if c.page != "" {
		if err := shell.WriteFile(shell.In(dir, c.page), func(w io.Writer) error { return claims.HTML(w, r) }); err != nil {
			return fmt.Errorf("writing the HTML file: %w", err)
		}
	}
	switch {
	case c.json:
		enc := json.NewEncoder(c.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	case c.markdown:
		return claims.Markdown(c.Stdout, r)
	}
	return claims.Text(c.Stdout, r)
}

// check refuses what makes no sense before minutes are spent, and returns the folder to
// work in.
func (c *asked) check(rows []string) (dir string, err error) {
	if c.json && c.markdown {
		return "", shell.Usage("whet claims", "--json and --markdown are two forms of one output")
	}
	for _, row := range rows {
		if !slices.Contains(claims.IDs(), row) {
			return "", shell.Usage("whet claims", "there is no row %q; there are %s", row, strings.Join(claims.IDs(), ", "))
		}
	}
	if dir, err = c.Dir(); err != nil {
		return "", err
	}
	return dir, shell.CanWrite(dir, c.page)
}

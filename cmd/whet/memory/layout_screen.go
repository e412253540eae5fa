package memory

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze/report"
	"github.com/whetgo/whet/internal/terminal"
)

// showLayout prints the first most structs.
func showLayout(w io.Writer, f *layouts, o report.Options, most int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "whet: %d of %d structs would be smaller in another order%s\n", f.smaller(), f.declared, f.priced())
	for i, s := range f.structs[:min(len(f.structs), most)] {
		b.WriteString("\n")
		s.show(&b, i+1)
	}
	if n := len(f.structs) - most; n > 0 {
		fmt.Fprintf(&b, "\nand %d more: --all shows them\n", n)
	}
	if len(f.warnings) > 0 {
		b.WriteString("\nmissing\n")
		for _, text := range f.warnings {
			fmt.Fprintf(&b, "  ! %s\n", terminal.Clean(firstLine(text)))
		}
	}
	if f.smaller() > 0 {
		fmt.Fprintf(&b, "\nnext: whet memory layout -d%s  shows what -w would write\n", samePatterns(f.s.Subject.Patterns))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func samePatterns(patterns []string) string {
	if slices.Equal(patterns, []string{"."}) {
		return ""
	}
	return " " + strings.Join(patterns, " ")
}

// smaller counts the structs that another order makes smaller.
func (f *layouts) smaller() int {
	n := 0
	for _, s := range f.structs {
		if bytes, _ := s.Wasted(); bytes > 0 && !s.Meant {
			n++
		}
	}
	return n
}

// priced says what the structs were priced by.
func (f *layouts) priced() string {
	switch n := len(f.s.Workloads); n {
	case 0:
		return ""
	case 1:
		return " · priced by " + terminal.Clean(f.s.Workloads[0].Name)
	default:
		return fmt.Sprintf(" · priced by %d workloads", n)
	}
}

// show prints a struct.
func (l layoutOf) show(b *strings.Builder, n int) {
	now, best := l.Block()
	bytes, block := l.Wasted()
	fmt.Fprintf(b, "%d  %s  %s:%d\n", n, terminal.Clean(l.Obj.Name()), terminal.Clean(l.file), l.line)
	switch {
	case l.Meant:
		fmt.Fprintf(b, "   %d bytes; its layout is meant\n", l.Size)
	case bytes == 0:
		fmt.Fprintf(b, "   %d bytes, and no order has less\n", l.Size)
	default:
		fmt.Fprintf(b, "   %d bytes, %d in the best order; an object on the heap takes %d, and would take %d\n", l.Size, l.Best, now, best)
	}
	for _, p := range l.prices {
		fmt.Fprintf(b, "   %s: %s of %s %s in %d objects would be saved, %.1f %% of the whole\n", terminal.Clean(p.Workload), report.Quantity(float64(p.Saved), "B"), report.Quantity(float64(p.Bytes), "B"), p.What, p.Objects, 100*p.Share)
	}
	if bytes > 0 && block == 0 && len(l.prices) == 0 {
		b.WriteString("   an object of its own saves nothing, its size class is the same; elements of slices do\n")
	}
	for _, line := range l.Draw() {
		b.WriteString(strings.TrimRight(fmt.Sprintf("   %5d |%s| %s", line.Offset, line.Bytes, terminal.Clean(line.Names)), " ") + "\n")
	}
	if bytes > 0 && !l.Meant {
		fmt.Fprintf(b, "   best order: %s\n", terminal.Clean(strings.Join(l.Names(), ", ")))
	}
}

// layoutJSON is the form of --json, schema whet/layout/1.
type layoutJSON struct {
	Schema    string      `json:"schema"`
	Type      string      `json:"type"` // "a/b.T"
	File      string      `json:"file"`
	Line      int         `json:"line"`
	Size      int64       `json:"size"` // bytes of a value
	Best      int64       `json:"best"`
	Block     int64       `json:"block"` // bytes of an object on the heap
	BestBlock int64       `json:"bestBlock"`
	Fields    []fieldJSON `json:"fields"` // in their present order
	Order     []string    `json:"order"`  // the best
	Meant     bool        `json:"meant,omitempty"`
	Prices    []price     `json:"prices,omitempty"`
}

type fieldJSON struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Offset int64  `json:"offset"`
	Size   int64  `json:"size"`
	Hole   int64  `json:"hole,omitempty"` // padding after it
}

func writeLayoutJSON(w io.Writer, f *layouts) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, l := range f.structs {
		now, best := l.Block()
		j := layoutJSON{Schema: "whet/layout/1", Type: l.Name, File: l.file, Line: l.line, Size: l.Size, Best: l.Best, Block: now, BestBlock: best, Order: l.Names(), Meant: l.Meant, Prices: l.prices}
		for _, fd := range l.Layout() {
			j.Fields = append(j.Fields, fieldJSON(fd))
		}
		if err := enc.Encode(j); err != nil {
			return err
		}
	}
	return nil
}

package plot

import (
	"fmt"
	"math"
	"strings"
)

// A Cell is one character of a chart in text. Line is the number of the line it belongs to,
// -1 for the frame.
type Cell struct {
	Char rune
	Line int
}

// marks draw the lines in text, in their order: what comes later lies above.
var marks = []rune("┄·●xo+%#&")

// Mark returns the character that draws the i-th line in text.
func Mark(i int) rune { return marks[i%len(marks)] }

// Text returns the chart in rows of characters, height of them for the lines and two for
// the scale of sizes. Each line of the chart has its own character; see [Mark].
func (c *Chart) Text(width, height int) [][]Cell {
	const margin = 6 // "100 % "
	top, _ := c.top()
	from, to := c.span()
	columns := max(10, width-margin-1)
	grid := make([][]Cell, height+2)
	for y := range grid {
		grid[y] = make([]Cell, margin+1+columns)
		for x := range grid[y] {
			grid[y][x] = Cell{' ', -1}
		}
	}
	for y := range height {
		grid[y][margin] = Cell{'│', -1}
	}
	for _, y := range []int{0, (height - 1) / 2, height - 1} {
		put(grid[y], 0, fmt.Sprintf("%4s %%", short(100*top*float64(height-1-y)/float64(height-1))))
		grid[y][margin] = Cell{'┤', -1}
	}
	for i, l := range c.Lines {
		for x := range columns {
			size := from
			if columns > 1 {
				size = from * math.Pow(to/from, float64(x)/float64(columns-1))
			}
			y := height - 1 - int(math.Round(l.ratioAt(size)/top*float64(height-1)))
			grid[min(height-1, max(0, y))][margin+1+x] = Cell{Mark(i), i}
		}
	}
	put(grid[height], margin, "└"+strings.Repeat("─", columns))
	left, right := c.size(from), c.size(to)
	put(grid[height+1], margin+1, left)
	if from < to {
		put(grid[height+1], margin+1+columns-len([]rune(right)), right)
	}
	return grid
}

func put(row []Cell, x int, text string) {
	for _, r := range text {
		if x >= 0 && x < len(row) {
			row[x] = Cell{r, -1}
		}
		x++
	}
}

// short writes a number with at most three digits.
func short(x float64) string {
	if x >= 10 || x == 0 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

// size writes a size for a scale.
func (c *Chart) size(n float64) string {
	units, step := []string{"", "k", "M", "G"}, 1000.0
	if c.Unit == "bytes" {
		units, step = []string{" B", " KiB", " MiB", " GiB", " TiB"}, 1024
	} else if n < 10000 {
		return fmt.Sprintf("%.0f", n)
	}
	i := 0
	for n >= step && i < len(units)-1 {
		n /= step
		i++
	}
	return fmt.Sprintf("%.3g%s", n, units[i])
}

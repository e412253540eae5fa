package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/internal/robust"
	"github.com/whetgo/whet/internal/terminal"
)

// comparison is what was asked of "whet cache compare".
type comparison struct {
	*shell.App
	calls, rounds int
	seed          uint64
	json, quiet   bool
}

func compareCommand(a *shell.App) *cobra.Command {
	c := &comparison{App: a}
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Measure no cache, a method cache and a shared instance on a real piece of work",
		Long: `Measure three ways to answer the same calls, here and now: an hour of one symbol's
bars, from files of a day's bars a minute that are read and parsed.

  no cache         each call reads and parses the symbol's file (package store/naive)
  method cache     the same function, wrapped by package memo
  shared instance  one instance for all callers, built at the first call from all
                   files (sync.OnceValues)

Which hours are asked for follows a Zipf distribution. All ways start empty in each round,
so that building is counted in; their order is drawn anew in each. All answers are
compared. Times and ratios are medians over the rounds, with a 95 % interval from six
rounds on; of fewer it is the least and the greatest. What is held is the live heap after
a collection, less what was live before.`,
		Example: "  whet cache compare\n  whet cache compare --calls 50 --rounds 5 --json",
		Args:    shell.Exactly("whet cache compare", 0, "none: what is measured is built in"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.IntVar(&c.calls, "calls", 400, "`N` calls a round")
	f.IntVar(&c.rounds, "rounds", 15, "`N` rounds")
	f.Uint64Var(&c.seed, "seed", 1, "`N` to draw calls and bars from")
	f.BoolVar(&c.json, "json", false, "print one object of JSON (schema whet/cache-compare/1)")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "no progress on stderr")
	return cmd
}

// compared is the form of --json, schema whet/cache-compare/1.
type compared struct {
	Schema string        `json:"schema"`
	Go     string        `json:"go"`
	Calls  int           `json:"calls"`
	Keys   int           `json:"keys"` // distinct calls
	Rounds int           `json:"rounds"`
	Ways   []comparedWay `json:"ways"`
}

// A comparedWay is what one way took; times are in seconds.
type comparedWay struct {
	Name  string   `json:"name"`
	Call  interval `json:"call"`            // of a call on average, building included
	Again float64  `json:"again"`           // of a call whose answer was given before, the median
	Ratio interval `json:"ratio"`           // to the first way, of the same round
	Hits  float64  `json:"hits,omitempty"`  // ratio, of the method cache
	Held  float64  `json:"held"`            // bytes of live heap, all in all
	Items int      `json:"items,omitempty"` // answers, or instances, that are held
	Bars  int      `json:"bars"`            // held, of 64 bytes each
}

// An interval is a median with its 95 % interval.
type interval struct {
	Value float64 `json:"mid"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
}

func (c *comparison) run(ctx context.Context) error {
	if c.calls < 1 || c.calls > 1e6 || c.rounds < 3 || c.rounds > 1000 {
		return shell.Usage("whet cache compare", "%d calls, %d rounds: want 1 to 1000000 calls, 3 to 1000 rounds", c.calls, c.rounds)
	}
	var p *shell.LateProgress
	if !c.quiet {
		p = shell.NewLateProgress(c.Stderr)
	}
	m, err := newMarket(c.seed, c.calls)
	if err != nil {
		return fmt.Errorf("making the bars: %w", err)
	}
	defer m.remove()
	result, err := c.measure(ctx, m, p.Part("comparing"))
	p.End()
	if err != nil {
		return shell.Interrupted(ctx, err)
	}
	if c.json {
		err = json.NewEncoder(c.Stdout).Encode(result)
	} else {
		err = c.tell(result)
	}
	if err != nil {
		return fmt.Errorf("writing to standard output: %w", err)
	}
	return nil
}

// measure runs the rounds.
func (c *comparison) measure(ctx context.Context, m *market, report func(done, all int64)) (*compared, error) {
	ways := []way{m.plain, m.memo, m.shared}
	times := make([][]float64, len(ways)) // seconds a call, by way and round
	again := make([][]float64, len(ways))
	result := &compared{Schema: "whet/cache-compare/1", Go: runtime.Version(), Calls: c.calls, Keys: m.distinct(), Rounds: c.rounds, Ways: make([]comparedWay, len(ways))}
	for round := range c.rounds {
		sums := make([]uint64, len(ways))
		for _, i := range m.rng.Perm(len(ways)) {
			t, err := m.time(ctx, ways[i])
			if err != nil {
				return nil, err
			}
			times[i], again[i], sums[i] = append(times[i], t.call), append(again[i], t.again), t.sum
			w := &result.Ways[i]
			w.Name, w.Held, w.Hits, w.Items, w.Bars = t.name, t.held, t.hits, t.items, t.bars
		}
		for i, sum := range sums {
			if sum != sums[0] {
				return nil, fmt.Errorf("round %d: %s gave other answers than %s", round+1, result.Ways[i].Name, result.Ways[0].Name)
			}
		}
		if report != nil {
			report(int64(round+1), int64(c.rounds))
		}
	}
	for i := range ways {
		ratios := make([]float64, c.rounds)
		for r := range ratios {
			ratios[r] = times[i][r] / times[0][r]
		}
		w := &result.Ways[i]
		w.Call, w.Ratio, w.Again = interval(robust.MedianInterval(times[i])), interval(robust.MedianInterval(ratios)), robust.Median(again[i])
	}
	return result, nil
}

func (c *comparison) tell(r *compared) error {
	s := newScreen(c.Options())
	s.Wrap(s.Bold("whet: "), fmt.Sprintf("%d calls for %d distinct hours of bars · %d rounds, interleaved · all answers equal · %s", r.Calls, r.Keys, r.Rounds, r.Go))
	bounds := "95 % interval"
	if r.Rounds < 6 {
		bounds = "least-greatest"
	}
	fmt.Fprintf(s, "\n%s\n", s.Bold(strings.TrimRight(terminal.Pad("", 18)+terminal.Pad(" a call ("+bounds+")", 30)+terminal.Pad("of no cache", 25)+"  again", " ")))
	for _, w := range r.Ways {
		ratio := "1"
		if w.Ratio.Value != 1 {
			ratio = fmt.Sprintf("%.4f (%.4f-%.4f)", w.Ratio.Value, w.Ratio.Lo, w.Ratio.Hi)
		}
		fmt.Fprintf(s, "%s%8s %s%s%8s\n", terminal.Pad(w.Name, 17), seconds(w.Call.Value),
			terminal.Pad(fmt.Sprintf("(%s-%s)", seconds(w.Call.Lo), seconds(w.Call.Hi)), 22), terminal.Pad(ratio, 25), seconds(w.Again))
	}
	s.WriteString(s.Dim("  a call: on average, building included; again: of an answer that was given before") + "\n")
	s.WriteString("\n" + s.Bold("memory") + "\n")
	for _, w := range r.Ways {
		text := w.Name + ": " + memoryOf(w.Held) + " held"
		if w.Items > 0 && w.Bars > 0 {
			bare := float64(w.Bars) * barBytes
			text += fmt.Sprintf(" by %d, %s each; %d bars in it are %s, so the rest is %+.1f %%", w.Items, memoryOf(w.Held/float64(w.Items)), w.Bars, memoryOf(bare), 100*(w.Held-bare)/bare)
		}
		if w.Hits > 0 {
			text += fmt.Sprintf("; hit ratio %s", percentOf(w.Hits))
		}
		s.Wrap("  - ", text)
	}
	_, err := s.WriteTo(c.Stdout)
	return err
}

func seconds(x float64) string {
	d := time.Duration(x * float64(time.Second))
	switch {
	case d >= time.Millisecond:
		return fmt.Sprintf("%.3g ms", 1e3*x)
	case d >= time.Microsecond:
		return fmt.Sprintf("%.3g µs", 1e6*x)
	}
	return fmt.Sprintf("%.3g ns", 1e9*x)
}

var errEmpty = errors.New("an hour without bars")

// Command shared measures packages singleton and hist side by side with what else does their
// work. It prints a Markdown table for each row.
//
//	go run ./shared
//	go run ./shared -rows 'keyed.*' -rounds 30
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/whetgo/whet/internal/robust"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "shared:", err)
		os.Exit(2)
	}
}

// A row is an operation that all its peers do. The first peer is ours.
type row struct {
	name, title string
	goroutines  []int
	peers       func() []peer // made anew for each row, so that nothing is kept alive
}

// A peer does the operation n times; who is the number of the goroutine. Its result is used, so
// that nothing is optimized away.
type peer struct {
	name string
	loop func(n, who int) int
}

// A plan says how much to measure.
type plan struct {
	rounds int
	sample time.Duration
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("shared", flag.ContinueOnError)
	fs.SetOutput(stderr)
	names := fs.String("rows", ".*", "rows to measure: a regular expression of whole names")
	rounds := fs.Int("rounds", 15, "rounds of samples")
	sample := fs.Duration("sample", 20*time.Millisecond, "length of a sample")
	if err := fs.Parse(args); err != nil {
		return err
	}
	want, err := regexp.Compile("^(?:" + *names + ")$")
	if err != nil {
		return fmt.Errorf("-rows: %w", err)
	}
	if *rounds < 1 || *sample <= 0 {
		return errors.New("a round and a sample must be longer than nothing")
	}
	p := plan{*rounds, *sample}
	fmt.Fprintf(stdout, "%s, %d processors, %d rounds of %v\n", runtime.Version(), runtime.GOMAXPROCS(0), p.rounds, p.sample)
	found := false
	for _, r := range rows {
		if want.MatchString(r.name) {
			found = true
			if err := r.measure(ctx, p, stdout, stderr); err != nil {
				return err
			}
		}
	}
	for _, w := range weights {
		if want.MatchString(w.name) {
			found = true
			w.print(stdout)
		}
	}
	if !found {
		return fmt.Errorf("there is no row %q", *names)
	}
	return nil
}

// measure times the peers in turn, round by round, in an order that changes.
func (r row) measure(ctx context.Context, p plan, stdout, stderr io.Writer) error {
	ps := r.peers()
	fmt.Fprintf(stdout, "\n%s: %s\n", r.name, r.title)
	for _, g := range r.goroutines {
		sizes := make([]int, len(ps))
		for i := range ps {
			sizes[i] = size(ps[i], g, p.sample)
		}
		ns := make([][]float64, len(ps))
		for round := range p.rounds {
			fmt.Fprintf(stderr, "%s, %d goroutines: round %d of %d\n", r.name, g, round+1, p.rounds)
			for j := range ps {
				if err := ctx.Err(); err != nil {
					return err
				}
				i := (j*7 + round) % len(ps)
				ns[i] = append(ns[i], perOp(ps[i], g, sizes[i]))
			}
		}
		table(stdout, g, ps, ns)
	}
	return nil
}

// size returns how many operations of each goroutine take about the time of a sample.
func size(p peer, goroutines int, sample time.Duration) int {
	n := 1
	for {
		if ns := perOp(p, goroutines, n) * float64(n); ns > float64(sample)/10 || n > 1<<30 {
			return max(1, int(float64(n)*float64(sample)/max(ns, 1)))
		}
		n *= 4
	}
}

// perOp returns the time that an operation takes one core.
func perOp(p peer, goroutines, n int) float64 {
	cores := min(goroutines, runtime.GOMAXPROCS(0))
	ends := make(chan int, goroutines)
	start := make(chan struct{})
	for who := range goroutines {
		go func() {
			<-start
			ends <- p.loop(n, who)
		}()
	}
	runtime.Gosched()
	began := time.Now()
	close(start)
	for range goroutines {
		if <-ends < 0 {
			panic("shared: a wrong result of " + p.name)
		}
	}
	return float64(time.Since(began)) * float64(cores) / float64(n*goroutines)
}

// table prints the medians, and ours in parts of each of the others, with a 95 % interval.
func table(w io.Writer, goroutines int, ps []peer, ns [][]float64) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n| goroutines: %d | ns | %s, in parts of it |\n|---|---:|---:|\n", goroutines, ps[0].name)
	for i, p := range ps {
		r := robust.Ratio(ns[0], ns[i])
		ratio := fmt.Sprintf("%.2f (%.2f–%.2f)", r.Value, r.Lo, r.Hi)
		if i == 0 {
			ratio = ""
		}
		fmt.Fprintf(&b, "| %s | %.2f | %s |\n", p.name, robust.Median(ns[i]), ratio)
	}
	io.WriteString(w, b.String())
}

package capture

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/profile"
)

const (
	starts        = 5 // of each binary; the least cost counts
	startedMost   = 4 // binaries that are started for it
	startPatience = 10 * time.Second
)

// inits measures what the initialization of each package costs when the binaries
// start.
func (c *capture) inits(ctx context.Context, binaries []*bench.Binary) {
	for i, b := range binaries[:min(len(binaries), startedMost)] {
		c.progress("starting "+b.ImportPath, i, len(binaries))
		ins := c.initsOf(ctx, b.ImportPath, bench.Exec{Path: b.Path, Args: []string{"-test.run=^$"}, Dir: b.Dir})
		c.s.Inits = append(c.s.Inits, c.markTestOnly(ctx, b, ins)...)
	}
}

// markTestOnly marks the packages that the binary needs for its tests alone, which a
// program that imports the package never starts. Where the package is made of tests,
// they are what is measured, and nothing is marked.
func (c *capture) markTestOnly(ctx context.Context, b *bench.Binary, ins []analyze.Init) []analyze.Init {
	args := append([]string{"list", "-e", "-deps", "-f", "{{.ImportPath}} {{len .GoFiles}} {{len .CgoFiles}}"}, c.Subject.Flags...)
	o := bench.Exec{Path: "go", Args: append(args, "--", b.ImportPath), Dir: c.Subject.Dir}.Run(ctx)
	if o.Err != nil {
		return ins
	}
	needed := make(map[string]bool)
	for line := range strings.Lines(string(o.Stdout)) {
		pkg, files, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pkg == b.ImportPath && files == "0 0" {
			return ins
		}
		needed[pkg] = true
	}
	for i := range ins {
		ins[i].TestOnly = !needed[ins[i].Package]
	}
	return ins
}

// initsOf starts e some times, and returns the least that each package's initialization
// cost, the dearest first.
func (c *capture) initsOf(ctx context.Context, name string, e bench.Exec) []analyze.Init {
	e.Env, e.Timeout = append(e.Env, "GODEBUG="+godebug("inittrace=1")), startPatience
	best := make(map[string]analyze.Init)
	total := 0.0
	for n := range starts {
		o := e.Run(ctx)
		if ctx.Err() != nil || o.Err != nil && n == 0 {
			break
		}
		sum := 0.0
		for _, in := range parseInits(o.Stderr) {
			sum += in.Sec
			if old, ok := best[in.Package]; !ok || in.Sec < old.Sec {
				best[in.Package] = in
			}
		}
		if n == 0 || sum < total {
			total = sum
		}
	}
	var ins []analyze.Init
	for _, in := range best {
		in.Total, in.Start = total, name
		ins = append(ins, in)
	}
	slices.SortFunc(ins, func(a, b analyze.Init) int {
		return cmp.Or(cmp.Compare(b.Sec, a.Sec), strings.Compare(a.Package, b.Package))
	})
	return ins
}

// parseInits reads the lines that GODEBUG=inittrace=1 prints:
//
//	init regexp @0.26 ms, 0.002 ms clock, 16 bytes, 1 allocs
func parseInits(stderr []byte) []analyze.Init {
	var ins []analyze.Init
	for sc := bufio.NewScanner(bytes.NewReader(stderr)); sc.Scan(); {
		if !strings.HasPrefix(sc.Text(), "init ") {
			continue
		}
		var in analyze.Init
		var at, ms float64
		n, _ := fmt.Sscanf(sc.Text(), "init %s @%g ms, %g ms clock, %d bytes, %d allocs", &in.Package, &at, &ms, &in.Bytes, &in.Allocs)
		if n == 5 {
			in.Package = profile.Unescape(in.Package)
			in.Sec = ms / 1e3
			ins = append(ins, in)
		}
	}
	return ins
}

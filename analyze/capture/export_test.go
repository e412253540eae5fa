package capture

import (
	"context"
	"os"
	"path/filepath"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/bench"
)

// ParseInits is parseInits.
var ParseInits = parseInits

// WatchInPackage builds the package's tests with the agent inside the package itself,
// as for a toolchain that cannot be overlaid, runs its benchmarks and returns the
// epochs.
func WatchInPackage(ctx context.Context, temp, dir string) ([]analyze.Epoch, error) {
	pkgs, err := bench.List(ctx, dir, nil, []string{"."})
	if err != nil {
		return nil, err
	}
	o := &overlay{Overlay: bench.NewOverlay(temp)}
	if err := o.addTest(pkgs[0]); err != nil {
		return nil, err
	}
	flag, err := o.Flag()
	if err != nil {
		return nil, err
	}
	b, err := bench.Build(ctx, dir, []string{flag}, pkgs[0], filepath.Join(temp, "x.test"))
	if err != nil {
		return nil, err
	}
	out := filepath.Join(temp, "out")
	if err := os.Mkdir(out, 0o700); err != nil {
		return nil, err
	}
	args := bench.Args{"-test.run=^$", "-test.bench=.", "-test.benchtime=300ms"}
	if o := b.Run(ctx, args, append(agentEnv(out, 20e6), "WHET_GC=1"), 0); o.Err != nil {
		return nil, o.Err
	}
	epochs, _ := readEpochs(out)
	return epochs, nil
}

package capture

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/profile"
)

// readEpochs returns what the agent wrote into dir, and the seconds that goroutines
// had waited for mutexes by the last epoch. Epochs that were cut off are left out.
func readEpochs(dir string) (epochs []analyze.Epoch, wait float64) {
	data, err := os.ReadFile(filepath.Join(dir, "epochs"))
	if err != nil {
		return nil, 0
	}
	for line := range strings.Lines(string(data)) {
		var n, goroutines int
		var at, live int64
		var waited float64
		if _, err := fmt.Sscan(line, &n, &at, &live, &goroutines, &waited); err != nil {
			continue
		}
		e := analyze.Epoch{At: time.Duration(at), HeapBytes: live, Goroutines: goroutines}
		e.Heap = part(dir, "heap", n)
		e.Goroutine = part(dir, "goroutine", n)
		epochs, wait = append(epochs, e), waited
	}
	return epochs, wait
}

// part returns the agent's profile of one epoch, nil if it is missing or cut off.
func part(dir, name string, n int) *profile.Profile {
	p, err := profile.ReadFile(filepath.Join(dir, fmt.Sprintf("%s.%d.pprof", name, n)))
	if err != nil {
		return nil
	}
	return p
}

// mergeParts returns the sum of the agent's successive profiles of one name, nil if
// there is none.
func mergeParts(dir, name string, n int) *profile.Profile {
	var ps []*profile.Profile
	for i := range n {
		if p := part(dir, name, i); p != nil {
			ps = append(ps, p)
		}
	}
	if len(ps) == 0 {
		return nil
	}
	sum, err := profile.Merge(ps...)
	if err != nil {
		return nil
	}
	return sum
}

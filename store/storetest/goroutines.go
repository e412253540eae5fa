package storetest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// noGoroutines fails if goroutines of stores or drivers are left, but for those named and what these
// have started: a venue in the process has some of its own.
func noGoroutines(t *testing.T, but map[string]bool) {
	var left []string
	for deadline := time.Now().Add(patience / 4); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if left = goroutines(but); len(left) == 0 {
			return
		}
	}
	t.Errorf("%d goroutines are left:\n%s", len(left), fmt.Sprint(strings.Join(left, "\n\n")))
}

// goroutines returns the stacks of those that run code of a store or a driver, the caller's
// own, those of tests and those of others left out.
func goroutines(but map[string]bool) []string {
	all := stacks()
	theirs := descendants(all, but)
	var left []string
	for i, g := range all {
		id, _ := family(g)
		if i > 0 && !theirs[id] && strings.Contains(g, "whetgo/whet/store") && !strings.Contains(g, "testing.tRunner") {
			left = append(left, g)
		}
	}
	return left
}

// stacks returns the stack of each goroutine, the caller's first.
func stacks() []string {
	buf := make([]byte, 1<<22)
	return strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
}

// ids names the goroutines that there are, those of tests left out.
func ids() map[string]bool {
	named := make(map[string]bool)
	for _, g := range stacks() {
		if id, _ := family(g); !strings.Contains(g, "testing.tRunner") {
			named[id] = true
		}
	}
	return named
}

// descendants returns some goroutines and all that come from them.
func descendants(all []string, of map[string]bool) map[string]bool {
	found := make(map[string]bool, len(of))
	for id := range of {
		found[id] = true
	}
	for more := len(of) > 0; more; {
		more = false
		for _, g := range all {
			if id, parent := family(g); found[parent] && !found[id] {
				found[id], more = true, true
			}
		}
	}
	return found
}

// family returns a goroutine's number, and that of the one that started it.
func family(stack string) (id, parent string) {
	id, _, _ = strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
	if _, after, ok := strings.Cut(stack, " in goroutine "); ok {
		parent, _, _ = strings.Cut(after, "\n")
	}
	return id, parent
}

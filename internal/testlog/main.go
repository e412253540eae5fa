// Command testlog reads the output of go test -json for ./check: it prints what failed
// and counts the rest.
//
//	testlog LOG SKIPS COUNTS
//
// SKIPS receives a line for each test that was skipped because it "needs" something,
// COUNTS the numbers of top-level tests that passed, failed and were skipped.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// An event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: testlog LOG SKIPS COUNTS")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "testlog:", err)
		os.Exit(2)
	}
}

func run(log, skips, counts string) error {
	f, err := os.Open(log)
	if err != nil {
		return err
	}
	defer f.Close()
	t := tally{output: make(map[string][]string)}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var e event
		if json.Unmarshal(sc.Bytes(), &e) != nil {
			fmt.Println(sc.Text()) // of the go command itself
			continue
		}
		t.add(e)
	}
	if err := sc.Err(); err != nil {
		return err
	}
	if err := os.WriteFile(skips, []byte(strings.Join(t.needs, "")), 0o600); err != nil {
		return err
	}
	return os.WriteFile(counts, fmt.Appendf(nil, "%d %d %d\n", t.passed, t.failed, t.skipped), 0o600)
}

// A tally is what the events so far add up to.
type tally struct {
	output                  map[string][]string // of tests that have not ended
	needs                   []string
	passed, failed, skipped int
}

func (t *tally) add(e event) {
	key := e.Package + "\x00" + e.Test
	top := e.Test != "" && !strings.Contains(e.Test, "/")
	switch e.Action {
	case "output", "build-output":
		t.output[key] = append(t.output[key], e.Output)
		return
	case "pass":
		if top {
			t.passed++
		}
	case "fail":
		if top {
			t.failed++
		}
		fmt.Print(strings.Join(t.output[key], ""))
	case "skip":
		if e.Test == "" {
			break // a package without tests
		}
		if top {
			t.skipped++
		}
		for _, line := range t.output[key] {
			if _, reason, ok := strings.Cut(line, ": needs "); ok {
				t.needs = append(t.needs, fmt.Sprintf("%s %s needs %s\n", e.Package, e.Test, strings.TrimSpace(reason)))
			}
		}
	default:
		return
	}
	delete(t.output, key)
}

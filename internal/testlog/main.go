// Command testlog reads the output of go test -json for ./check: it prints what failed
// and counts the rest.
//
//	testlog LOG SKIPS COUNTS
//
// SKIPS receives a line for each test that was skipped, with the reason that it gave;
// COUNTS the numbers of top-level tests that passed, failed and were skipped. A package
// that fails although none of its tests did (it does not build, it exits) is counted as
// one failure.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// An event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	ImportPath, FailedBuild       string
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
	t, err := read(f, os.Stdout)
	if err != nil {
		return fmt.Errorf("reading %s: %w", log, err)
	}
	if err := os.WriteFile(skips, []byte(strings.Join(t.skips, "")), 0o600); err != nil {
		return err
	}
	return os.WriteFile(counts, fmt.Appendf(nil, "%d %d %d\n", t.passed, t.failed, t.skipped), 0o600)
}

// read adds up a log and writes the output of what failed to w.
func read(log io.Reader, w io.Writer) (tally, error) {
	t := tally{w: w, output: make(map[string][]string), failures: make(map[string]int)}
	sc := bufio.NewScanner(log)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var e event
		if json.Unmarshal(sc.Bytes(), &e) != nil {
			fmt.Fprintln(w, sc.Text()) // of the go command itself
			continue
		}
		t.add(e)
	}
	return t, sc.Err()
}

// A tally is what the events so far add up to.
type tally struct {
	w                       io.Writer
	output                  map[string][]string // of builds, and of tests and packages that have not ended
	failures                map[string]int      // failed top-level tests by package
	skips                   []string
	passed, failed, skipped int
}

func (t *tally) add(e event) {
	key := e.Package + "\x00" + e.Test
	switch e.Action {
	case "build-output":
		t.output[e.ImportPath] = append(t.output[e.ImportPath], e.Output)
		return
	case "output":
		t.output[key] = append(t.output[key], e.Output)
		return
	case "pass":
		if e.isTop() {
			t.passed++
		}
	case "fail":
		t.fail(e, key)
	case "skip":
		t.skip(e, key)
	default:
		return
	}
	delete(t.output, key)
}

// isTop reports whether the event is of a test, not of a part of one or of a package.
func (e event) isTop() bool { return e.Test != "" && !strings.Contains(e.Test, "/") }

func (t *tally) fail(e event, key string) {
	switch {
	case e.isTop():
		t.failures[e.Package]++
		t.failed++
	case e.Test == "" && t.failures[e.Package] == 0:
		t.failed++
	}
	for _, k := range []string{e.FailedBuild, key} {
		fmt.Fprint(t.w, strings.Join(t.output[k], ""))
	}
}

func (t *tally) skip(e event, key string) {
	if e.Test == "" {
		return // a package without tests
	}
	if e.isTop() {
		t.skipped++
	}
	t.skips = append(t.skips, fmt.Sprintf("%s %s: %s\n", e.Package, e.Test, reason(t.output[key])))
}

// A position stands before what a test logs.
var position = regexp.MustCompile(`^\s*[^\s:]+\.go:\d+: `)

// reason returns the last thing that a test logged before it was skipped, of several
// lines the first.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		if at := position.FindStringIndex(line); at != nil {
			return strings.TrimSpace(line[at[1]:])
		}
	}
	return "no reason given"
}

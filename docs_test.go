package whet_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

// TestDoc runs every command that the documents show, in their order, in this folder:
// each line "$ ..." in a block fenced as sh or console. Words after that say how:
//
//	exit=1             the command must exit so, not with 0
//	norun=some-reason  a reader's command; only a few may be shown and not run
func TestDoc(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the documents' commands, which measure")
	}
	bin := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./cmd/whet").CombinedOutput(); err != nil {
		t.Fatalf("building whet: %v\n%s", err, out)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, doc := range append([]string{"README.md", "CONTRIBUTING.md"}, docs...) {
		ran += runDoc(t, doc)
	}
	if ran == 0 {
		t.Error("the documents show no command that can be run")
	}
}

// runDoc runs a document's commands and returns their number.
func runDoc(t *testing.T, doc string) (ran int) {
	text, err := os.ReadFile(doc)
	if err != nil {
		t.Error(err)
		return 0
	}
	cs, err := commands(string(text))
	if err != nil {
		t.Errorf("%s: its commands are not run: %v", doc, err)
		return 0
	}
	for _, c := range cs {
		if c.norun != "" {
			t.Logf("%s: not run: %s (%s)", doc, c.line, c.norun)
			continue
		}
		ran++
		t.Run(filepath.Base(doc)+"/"+c.line, c.run)
	}
	return ran
}

// covered are the programs that must not run here, and need not: whoever runs this test
// has the repository, and ./check runs this test.
var covered = []string{"./check", ".ci/run", "git", "cd"}

// A command is one that a document shows.
type command struct {
	line  string
	exit  int
	norun string // why it is not run
}

// commands returns the commands that a document shows; an error names those that are
// marked in a way that is not allowed.
func commands(doc string) ([]command, error) {
	var cs []command
	var errs []error
	var block command
	fenced, shown := false, false
	for line := range strings.Lines(doc) {
		line = strings.TrimRight(line, "\r\n")
		if info, ok := strings.CutPrefix(line, "```"); ok {
			words := strings.Fields(info)
			fenced = !fenced
			shown = fenced && len(words) > 0 && (words[0] == "sh" || words[0] == "console")
			if shown {
				var err error
				block, err = parseInfo(words[1:])
				errs = append(errs, err)
			}
			continue
		}
		cmd, ok := strings.CutPrefix(line, "$ ")
		if !ok || !shown {
			continue
		}
		c := block
		c.line = cmd
		words := split(cmd)
		switch is := len(words) > 0 && slices.Contains(covered, words[0]); {
		case len(words) == 0:
			errs = append(errs, errors.New("a prompt without a command"))
		case c.norun != "" && !is:
			errs = append(errs, fmt.Errorf("%q is shown and not run", cmd))
		case c.norun == "" && is:
			errs = append(errs, fmt.Errorf("%q is not marked norun=reason", cmd))
		}
		cs = append(cs, c)
	}
	return cs, errors.Join(errs...)
}

// parseInfo reads the words after a block's language.
func parseInfo(words []string) (command, error) {
	var c command
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		code, err := strconv.Atoi(value)
		switch {
		case name == "exit" && err == nil:
			c.exit = code
		case name == "norun" && value != "":
			c.norun = value
		default:
			return c, fmt.Errorf("a block is marked %q, want exit=N or norun=reason", w)
		}
	}
	return c, nil
}

func (c command) run(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	words := split(c.line)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it cleans up
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%s: not done within 3 minutes\n%s", c.line, out)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != c.exit {
		t.Errorf("%s: exit status %d, want %d\n%s", c.line, code, c.exit, out)
	}
}

func TestCommands(t *testing.T) {
	const doc = "text\n$ not this\n```sh\n$ a b\nout\n```\n```go\n$ nor this\n```\n" +
		"```console exit=3\n$ c\n$ d\n```\n```sh norun=runs-this\n$ ./check\n```\n"
	got, err := commands(doc)
	want := []command{{line: "a b"}, {line: "c", exit: 3}, {line: "d", exit: 3}, {line: "./check", norun: "runs-this"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, bad := range []string{
		"```sh norun=too-long\n$ whet analyze\n```\n",
		"```sh norun\n$ ./check\n```\n",
		"```sh\n$ ./check --short\n```\n", // would run itself
		"```sh\n$ \n```\n",
		"```sh exit=x\n$ a\n```\n",
	} {
		if _, err := commands(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

// split cuts a command line into words as a shell does that knows quotes only.
func split(line string) []string {
	var words []string
	var word strings.Builder
	quote, started := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, started = r, true
		case quote == 0 && unicode.IsSpace(r):
			if started {
				words = append(words, word.String())
				word.Reset()
				started = false
			}
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if started {
		words = append(words, word.String())
	}
	return words
}

func TestSplit(t *testing.T) {
	got := split(`go test -bench '^Benchmark X$' "a b"c ''`)
	want := []string{"go", "test", "-bench", "^Benchmark X$", "a bc", ""}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

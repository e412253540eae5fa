package whet_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
)

// TestDocs runs every command that the documents show: each line "$ …" in a block
// fenced as sh. A block fenced as "sh exit=1" must exit so; one fenced as "sh norun" is
// for a reader's machine, and only ./check and git may be in it.
func TestDocs(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the documents' commands, which measure")
	}
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + string(os.PathListSeparator) + os.Getenv("PATH")
	bin, _, _ := strings.Cut(path, string(os.PathListSeparator))
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./cmd/whet").CombinedOutput(); err != nil {
		t.Fatalf("building whet: %v\n%s", err, out)
	}
	t.Setenv("PATH", path)
	n := 0
	for _, doc := range append([]string{"README.md", "CONTRIBUTING.md"}, docs...) {
		for _, c := range commands(t, doc) {
			n++
			t.Run(filepath.Base(doc)+"/"+c.line, c.run)
		}
	}
	if n < 5 {
		t.Errorf("only %d commands were found in the documents", n)
	}
}

// A command is one that a document shows.
type command struct {
	line string
	exit int
	skip bool
}

func commands(t *testing.T, doc string) []command {
	t.Helper()
	f, err := os.Open(doc)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cs []command
	var block command
	in := false
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := sc.Text()
		if info, ok := strings.CutPrefix(line, "```"); ok {
			words := strings.Fields(info)
			in = len(words) > 0 && words[0] == "sh"
			block = command{}
			for _, w := range words {
				block.skip = block.skip || w == "norun"
				if w == "exit=1" {
					block.exit = 1
				}
			}
			continue
		}
		if cmd, ok := strings.CutPrefix(line, "$ "); in && ok {
			c := block
			c.line = cmd
			cs = append(cs, c)
		}
	}
	return cs
}

func (c command) run(t *testing.T) {
	words := split(c.line)
	if c.skip {
		if words[0] != "./check" && words[0] != "git" && words[0] != "cd" {
			t.Errorf("%s is shown and not run", c.line)
		}
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput()
	var exit *exec.ExitError
	code := 0
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if code != c.exit {
		t.Errorf("%s: exit status %d, want %d\n%s", c.line, code, c.exit, out)
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

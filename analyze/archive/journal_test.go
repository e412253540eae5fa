package archive

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestJournal(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")
	write(t, a, "a1")
	write(t, b, "b1")
	f := Folder(filepath.Join(dir, ".whet"))
	if _, err := f.Undo(); !errors.Is(err, ErrNoEntry) {
		t.Errorf("nothing to undo: %v", err)
	}
	first := []Change{{a, []byte("a1"), []byte("a2")}, {b, []byte("b1"), []byte("b2")}}
	if e, err := f.Write("first", first); err != nil || len(e.Files) != 2 || text(t, a)+text(t, b) != "a2b2" {
		t.Fatalf("%v, %v: %s %s", e, err, text(t, a), text(t, b))
	}
	if _, err := f.Write("late", first); !errors.Is(err, ErrChanged) {
		t.Errorf("what is not as it was is changed: %v", err)
	}
	if _, err := f.Write("second", []Change{{a, []byte("a2"), []byte("a3")}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a2b2", "a1b1"} {
		if _, err := f.Undo(); err != nil || text(t, a)+text(t, b) != want {
			t.Errorf("undone: %s%s, %v, want %s", text(t, a), text(t, b), err, want)
		}
	}
	if _, err := f.Undo(); !errors.Is(err, ErrNoEntry) {
		t.Errorf("all is undone: %v", err)
	}
	if got := text(t, filepath.Join(dir, ".whet", ".gitignore")); got != "*\n" {
		t.Errorf("git is told to ignore %q", got)
	}
}

// TestJournalChanged edits a file by hand after it was changed: it is not touched.
func TestJournalChanged(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")
	write(t, a, "a1")
	write(t, b, "b1")
	f := Folder(filepath.Join(dir, ".whet"))
	if _, err := f.Write("x", []Change{{a, []byte("a1"), []byte("a2")}, {b, []byte("b1"), []byte("b2")}}); err != nil {
		t.Fatal(err)
	}
	write(t, b, "by hand")
	if _, err := f.Undo(); !errors.Is(err, ErrChanged) || text(t, a)+text(t, b) != "a2by hand" {
		t.Errorf("%v: %s%s", err, text(t, a), text(t, b))
	}
}

// TestJournalHostile reads entries that name what they must not.
func TestJournalHostile(t *testing.T) {
	for _, entry := range []string{
		`{"files":[{"path":"../a.go","copy":"0.txt"}]}`,
		`{"files":[{"path":"/etc/passwd","copy":"0.txt"}]}`,
		`{"files":[{"path":".git/config","copy":"0.txt"}]}`,
		`{"files":[{"path":"a.go","copy":"../0.txt"}]}`,
		`{`,
	} {
		dir := t.TempDir()
		e := filepath.Join(dir, ".whet", "journal", "1")
		if err := os.MkdirAll(e, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "a.go"), "a")
		write(t, filepath.Join(e, "0.txt"), "bad")
		write(t, filepath.Join(e, "entry.json"), entry)
		if _, err := Folder(filepath.Join(dir, ".whet")).Undo(); err == nil || text(t, filepath.Join(dir, "a.go")) != "a" {
			t.Errorf("%s: %v", entry, err)
		}
	}
}

// TestJournalHalf cannot write the second of two files, and puts the first back.
func TestJournalHalf(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")
	write(t, a, "a1")
	write(t, b, "b1")
	if err := os.Chmod(b, 0o444); err != nil {
		t.Fatal(err)
	}
	f := Folder(filepath.Join(dir, ".whet"))
	_, err := f.Write("x", []Change{{a, []byte("a1"), []byte("a2")}, {b, []byte("b1"), []byte("b2")}})
	if !errors.Is(err, os.ErrPermission) || text(t, a)+text(t, b) != "a1b1" {
		t.Errorf("%v: %s%s", err, text(t, a), text(t, b))
	}
	left, err := filepath.Glob(filepath.Join(dir, ".whet*", "*", "*"))
	if err != nil || len(left) > 0 || strings.Contains(strings.Join(left, ""), "journal") {
		t.Errorf("left: %v, %v", left, err)
	}
}

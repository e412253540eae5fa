package structs

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/whetgo/whet/internal/load"
)

// survey reads the module in a folder.
func survey(t *testing.T, dir string) (*load.Program, *Module, map[string]*Struct) {
	t.Helper()
	modules, err := load.LocalModules(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := load.Load(t.Context(), dir, nil, modules, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadModule(t.Context(), dir, nil, modules, nil)
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]*Struct)
	for _, s := range Survey(p) {
		byName[s.Obj.Name()] = s
	}
	return p, m, byName
}

// TestObstacles wants each struct of testdata/orders to be left as it is for its own
// reason alone.
func TestObstacles(t *testing.T) {
	_, m, all := survey(t, "testdata/orders")
	for name, want := range map[string]string{
		"Safe": "", "Safe2": "",
		"Unkeyed": whyUnkeyed, "Tested": whyUnkeyed, "Other": whyIgnored, "Offset": whyUnsafe, "Cast": whyUnsafe,
		"Wire": whyBinary, "Reflected": whyReflect, "Counter": whyAtomic, "Twin": whyConverted, "Nameless": whyAnonymous,
		"Commented": whyComment, "OneLine": whyOneLine, "Padded": whyMeant,
	} {
		s := all[name]
		if s == nil {
			t.Errorf("%s was not found", name)
			continue
		}
		var got []string
		for _, o := range m.Obstacles(s) {
			got = append(got, o.Why)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestReorder writes the best order, and reads it again: it is the best, and nothing but
// the order of lines has changed.
func TestReorder(t *testing.T) {
	_, _, all := survey(t, "testdata/orders")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/orders")); err != nil {
		t.Fatal(err)
	}
	path := all["Safe"].Pkg.Fset.Position(all["Safe"].File.FileStart).Filename
	before, after, err := Reorder(path, []*Struct{all["Safe2"], all["Safe"]})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), after, 0o644); err != nil {
		t.Fatal(err)
	}
	_, _, now := survey(t, dir)
	for _, name := range []string{"Safe", "Safe2"} {
		if was, is := all[name], now[name]; is.Size > was.Best || is.Best != is.Size { // Safe2 lies in Safe
			t.Errorf("%s has %d bytes, had %d, want %d", name, is.Size, was.Size, was.Best)
		}
	}
	if now["Unkeyed"].Size != all["Unkeyed"].Size {
		t.Error("another struct was changed too")
	}
	if a, b := words(before), words(after); a != b {
		t.Errorf("words were lost or added: %s\nwas\n%s", after, before)
	}
	for _, want := range []string{"	// A is the first.\n	A", "`json:\"a\"`", "B, C int64 // two of a kind", "D bool /* and\n", "	f func(\n		a int,\n	) error\n"} {
		if !strings.Contains(squeeze(string(after)), squeeze(want)) {
			t.Errorf("there is no %q in\n%s", want, after)
		}
	}
	if _, _, err := Reorder(path, []*Struct{now["Safe"]}); err != nil {
		// The struct's places are of another file: whatever comes out, it must not panic.
		t.Log(err)
	}
}

// words returns how often each word occurs, in the order of the words.
func words(src []byte) string {
	count := make(map[string]int)
	for _, w := range strings.Fields(string(src)) {
		count[w]++
	}
	var b strings.Builder
	for _, w := range slices.Sorted(maps.Keys(count)) {
		b.WriteString(w + " ")
		b.WriteByte(byte('0' + count[w]%10))
	}
	return b.String()
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestReadModuleBroken: who uses what is not known of what does not build.
func TestReadModuleBroken(t *testing.T) {
	dir, err := filepath.Abs("testdata/orders")
	if err != nil {
		t.Fatal(err)
	}
	modules, err := load.LocalModules(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string][]byte{filepath.Join(dir, "inside_test.go"): []byte("package orders\n\nvar tested = Tested{no: 1}\n")}
	if _, err := ReadModule(t.Context(), dir, nil, modules, overlay); err == nil || !strings.Contains(err.Error(), "does not build") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadModule(ctx, dir, nil, modules, nil); err == nil {
		t.Error("a module is read although the context has ended")
	}
}

func TestDraw(t *testing.T) {
	_, _, all := survey(t, "testdata/orders")
	var got []string
	for _, l := range all["Safe2"].Draw() {
		got = append(got, l.Bytes+" "+l.Names)
	}
	want := "a....... a bool\nbbbbbbbb b *int\nc....... c bool"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if l := all["Padded"].Layout(); len(l) != 6 || l[1].Hole != 0 || l[2].Offset != 8 || l[3].Hole != 7 {
		t.Errorf("Padded lies as %+v", l)
	}
}

package archive_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/profile"
)

var started = time.Date(2026, 11, 23, 1, 27, 25, 0, time.UTC)

// cpu returns a profile with one sample of n nanoseconds.
func cpu(n int64) *profile.Profile {
	fn := &pprof.Function{ID: 1, Name: "example.com/m.F", Filename: "/m/f.go"}
	loc := &pprof.Location{ID: 1, Line: []pprof.Line{{Function: fn, Line: 7}}}
	return profile.New(&pprof.Profile{
		SampleType: []*pprof.ValueType{{Type: "cpu", Unit: "nanoseconds"}},
		Sample:     []*pprof.Sample{{Location: []*pprof.Location{loc}, Value: []int64{n}}},
		Location:   []*pprof.Location{loc}, Function: []*pprof.Function{fn},
	})
}

func session(dir string) *analyze.Session {
	return &analyze.Session{
		Subject: analyze.Subject{Dir: dir, Patterns: []string{"./..."}, Mode: "packages"},
		Machine: bench.Machine{Go: "go1.26", Cores: 2, Noise: "low"},
		Workloads: []*analyze.Workload{
			{Name: "BenchmarkF", Package: "example.com/m", Kind: analyze.Benchmark, Repro: "go test",
				Results:  []bench.Result{{Name: "BenchmarkF", Procs: 2, Iters: 3, Values: map[string]float64{"sec/op": 1e-6, "x/op": math.NaN()}}},
				Profiles: map[string]*profile.Profile{"cpu": cpu(5), "heap": nil}},
			{Name: "BenchmarkF", Package: "example.com/m/n", Kind: analyze.Benchmark, Profiles: map[string]*profile.Profile{"cpu": cpu(6)}},
			{Name: "../../x y", Package: "example.com/m/o", Kind: analyze.Test, Profiles: map[string]*profile.Profile{"cpu": cpu(7)}},
		},
		Warnings: []analyze.Warning{{About: "x", Text: "y"}},
	}
}

func findings() []analyze.Finding {
	return []analyze.Finding{
		{Schema: analyze.Schema, ID: "hot-1", Fingerprint: "f1", Title: "a < b && c > d", Gain: analyze.Gain{Base: math.Inf(1)},
			Evidence: []analyze.Evidence{{Value: math.NaN()}}},
		{Schema: analyze.Schema, ID: "hot-2", Fingerprint: "f2"},
	}
}

func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRoundTrip(t *testing.T) {
	dir := module(t)
	sub := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(sub, 0o777); err != nil {
		t.Fatal(err)
	}
	folder := archive.Find(sub)
	if want := archive.Folder(filepath.Join(dir, ".whet")); folder != want {
		t.Fatalf("Find: got %s, want %s", folder, want)
	}
	run := archive.New(session(dir), findings(), started, 3*time.Second)
	if err := folder.Save(run); err != nil {
		t.Fatal(err)
	}
	got, err := folder.Last()
	if err != nil {
		t.Fatal(err)
	}
	checkProfiles(t, filepath.Join(string(folder), "runs", run.ID), got.Profiles)
	got.Profiles = nil
	for _, w := range run.Workloads {
		w.Profiles = nil // they are not read back
	}
	if !reflect.DeepEqual(got, run) {
		t.Errorf("got %+v, want %+v", got, run)
	}
	if _, ok := got.Workloads[0].Results[0].Values["x/op"]; ok || got.Findings[0].Evidence[0].Value != 0 {
		t.Error("a number that is none was kept")
	}
}

// checkProfiles checks that each workload's profile is in a file of its own, inside
// the run's folder.
func checkProfiles(t *testing.T, dir string, files []archive.ProfileFile) {
	t.Helper()
	var totals []int64
	for _, f := range files {
		if !filepath.IsLocal(f.File) || !strings.HasPrefix(f.File, "profiles/") {
			t.Errorf("profile file %q", f.File)
		}
		p, err := profile.ReadFile(filepath.Join(dir, f.File))
		if err != nil {
			t.Fatal(err)
		}
		totals = append(totals, p.Total("cpu"))
	}
	if want := []int64{5, 6, 7}; !slices.Equal(totals, want) {
		t.Errorf("profiles: got totals %v, want %v", totals, want)
	}
}

func TestKeepsTheNewest(t *testing.T) {
	folder := archive.Find(module(t))
	var last string
	for i := range archive.Keep + 3 {
		run := archive.New(session(""), nil, started.Add(time.Duration(i)*time.Minute), 0)
		if err := folder.Save(run); err != nil {
			t.Fatal(err)
		}
		last = run.ID
	}
	entries, err := os.ReadDir(filepath.Join(string(folder), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != archive.Keep || entries[len(entries)-1].Name() != last {
		t.Errorf("got %d runs, the last %s; want %d, %s", len(entries), entries[len(entries)-1].Name(), archive.Keep, last)
	}
	if r, err := folder.Last(); err != nil || r.ID != last {
		t.Errorf("Last: got %v, %v", r, err)
	}
}

func TestGitDoesNotSeeIt(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	dir := module(t)
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	git("init", "-q")
	if err := archive.Find(dir).Save(archive.New(session(dir), findings(), started, 0)); err != nil {
		t.Fatal(err)
	}
	if got := git("status", "--porcelain"); got != "?? go.mod\n" {
		t.Errorf("git status: got %q", got)
	}
}

// Whatever stands in the way, nothing half-written is left and the error names the folder.
func TestCannotKeep(t *testing.T) {
	dir := module(t)
	if err := os.WriteFile(filepath.Join(dir, ".whet"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	err := archive.Find(dir).Save(archive.New(session(dir), nil, started, 0))
	if err == nil || !strings.Contains(err.Error(), ".whet") {
		t.Errorf(".whet is a file: got error %v", err)
	}

	dir = module(t)
	if err := os.MkdirAll(filepath.Join(dir, ".whet", "last", "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := archive.Find(dir).Save(archive.New(session(dir), nil, started, 0)); err == nil {
		t.Error("last is a folder: got no error")
	}
	left, err := filepath.Glob(filepath.Join(dir, ".whet", "runs", "*"))
	if hidden, _ := filepath.Glob(filepath.Join(dir, ".whet", "runs", ".tmp-*")); err != nil || len(left)+len(hidden) > 0 {
		t.Errorf("left behind: %v %v (%v)", left, hidden, err)
	}
}

func TestNone(t *testing.T) {
	if _, err := archive.Find(module(t)).Last(); !errors.Is(err, archive.ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
}

// A repository may bring a .whet of its own.
func TestHostileFolder(t *testing.T) {
	dir := module(t)
	folder := archive.Find(dir)
	write := func(name, text string) {
		name = filepath.Join(string(folder), filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("runs/x/findings.jsonl", "")
	for _, last := range []string{"", "..", "../../..", "/etc", ".", "x/y"} {
		write("last", last)
		if _, err := folder.Last(); err == nil {
			t.Errorf("last is %q: got no error", last)
		}
	}
	write("last", "x")
	for _, text := range []string{"", "{", "null", "[]", `{"schema":"whet-run/9"}`, `{"schema":"whet-run/1","workloads":[7]}`} {
		write("runs/x/run.json", text)
		if _, err := folder.Last(); err == nil {
			t.Errorf("run.json is %q: got no error", text)
		}
	}
	write("runs/x/run.json", `{"schema":"whet-run/1","workloads":[null]}`)
	if r, err := folder.Last(); err != nil || len(r.Workloads) != 0 {
		t.Errorf("a null workload: got %v, %v", r, err)
	}
	for _, text := range []string{"x", "{}", "null", `{"schema":"whet/2"}`, `{"schema":"whet/1","locations":7}`} {
		write("runs/x/findings.jsonl", text)
		if _, err := folder.Last(); err == nil {
			t.Errorf("findings.jsonl is %q: got no error", text)
		}
	}
}

func TestFindingsAreLines(t *testing.T) {
	var b bytes.Buffer
	run := archive.New(session(""), findings(), started, 0)
	if err := archive.EncodeFindings(&b, run.Findings); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if strings.Contains(b.String(), "null") {
		t.Errorf("a list is null: %s", b.String())
	}
	if len(lines) != 2 || !strings.Contains(lines[0], `"a < b && c > d"`) {
		t.Errorf("got %q", lines)
	}
	for _, l := range lines {
		if !json.Valid([]byte(l)) {
			t.Errorf("not JSON: %s", l)
		}
	}
	back, err := archive.DecodeFindings(&b)
	if err != nil || !reflect.DeepEqual(back, run.Findings) {
		t.Errorf("got %v, %v, want %v", back, err, run.Findings)
	}
}

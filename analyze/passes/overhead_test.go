package passes_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/capture"
	"github.com/whetgo/whet/analyze/passes"
)

// A program is one whose run is watched.
type program struct {
	name, module, sum string
	pkg               string // folder in the module
	bench, test       string
	extra             string // a test file laid beside, from testdata/overhead
}

var programs = []program{
	{name: "gjson", module: "github.com/tidwall/gjson@v1.19.0", sum: "h1:xwxm7n691Uf3u5OFjzngavjGTh55KX5q/9w9xHW88JU=", pkg: ".", bench: "^BenchmarkValid(Bytes)?$"},
	{name: "casbin", module: "github.com/casbin/casbin/v3@v3.10.0", sum: "h1:039ORla55vCeIZWd0LfzWFt1yiEA5X4W41xBW2bQuHs=", pkg: ".", bench: "^BenchmarkKeyMatchModel$"},
	{name: "casbin-tests", module: "github.com/casbin/casbin/v3@v3.10.0", sum: "h1:039ORla55vCeIZWd0LfzWFt1yiEA5X4W41xBW2bQuHs=", pkg: ".", test: "^Test"},
	{name: "pgx", module: "github.com/jackc/pgx/v5@v5.2.0", sum: "h1:NdPpngX0Y6z6XDFKqmFQaE+bCtkqzvQIOt1wvBlAqs8=", pkg: "pgtype", bench: "^BenchmarkEncodeLine$", extra: "pgtype_test.go.txt"},
}

// BenchmarkOverhead measures what the probes of an analysis with the default budget add to
// the CPU time of whole runs of real programs: the median, least and greatest ratio of six
// pairs. Another checkout is measured with WHET_PROGRAM=FOLDER and WHET_BENCH or WHET_TEST.
func BenchmarkOverhead(b *testing.B) {
	if dir := os.Getenv("WHET_PROGRAM"); dir != "" {
		program{bench: os.Getenv("WHET_BENCH"), test: os.Getenv("WHET_TEST")}.measure(b, dir)
		return
	}
	for _, p := range programs {
		b.Run(p.name, func(b *testing.B) { p.measure(b, filepath.Join(p.download(b), p.pkg)) })
	}
}

// measure captures the program, as whet analyze does, and then runs it plain and probed.
func (p program) measure(b *testing.B, dir string) {
	subject := analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"."}, Bench: p.bench, Test: p.test}
	for b.Loop() {
		s, err := capture.Run(b.Context(), capture.Options{Subject: subject, Budget: 10 * time.Second})
		if err != nil {
			b.Fatal(err)
		}
		all, err := passes.Watch{}.Overhead(b.Context(), s, 6)
		if err != nil {
			b.Fatal(err)
		}
		if len(all) == 0 {
			b.Fatal("there is nothing to watch")
		}
		for _, o := range all {
			median, least, greatest := o.Ratio()
			b.ReportMetric(median, "probed/plain")
			b.ReportMetric(least, "least")
			b.ReportMetric(greatest, "greatest")
			b.Logf("%s %q: plain %v, probed %v", o.Workload.Package, o.Args, o.Plain, o.Probed)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// download returns a copy of the program's module, and skips where it cannot be had.
func (p program) download(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module m\n\ngo 1.26\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), "go", "mod", "download", "-json", p.module)
	cmd.Dir = dir
	out, err := cmd.Output()
	var m struct{ Dir, Sum, Error string }
	if json.Unmarshal(out, &m) != nil || err != nil || m.Error != "" {
		b.Skipf("needs %s, which cannot be downloaded: %s", p.module, m.Error)
	}
	if m.Sum != p.sum {
		b.Fatalf("%s has the sum %s, want %s", p.module, m.Sum, p.sum)
	}
	to := filepath.Join(dir, "copy")
	if err := os.CopyFS(to, os.DirFS(m.Dir)); err != nil {
		b.Fatal(err)
	}
	if p.extra != "" {
		text, err := os.ReadFile(filepath.Join("testdata/overhead", p.extra))
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, p.pkg, "whet_"+strings.TrimSuffix(p.extra, ".txt")), text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return to
}

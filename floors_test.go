package whet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// floors says who may import whom inside this module, in the notation of the standard
// library's depsRules: a line "a < b" lets b import a, and what a may import. "x/*" is
// any package right below x. A package on no floor fails.
const floors = `
NONE < lru, cache, hist, singleton, profile, bench, internal/testlog;
lru, cache < memo;
cache, singleton < store;
hist < monitor;
profile < memprof, internal/load;
profile, bench, internal/load < analyze;
analyze < analyze/archive, analyze/capture, analyze/probe, analyze/passes/*, analyze/rank, analyze/fix;
analyze/capture < analyze/passtest;
analyze/passes/* < analyze/passes;
analyze/fix < analyze/verify;
analyze/archive, analyze/rank < analyze/report;
lru, cache < keytrace;
store < store/*;
monitor, memprof, analyze/report < dash;
analyze/capture, analyze/passes, analyze/report, dash, keytrace, store < cmd/whet;
NONE < whet, examples, store/naive;
`

// libraries are what a user links: they use the standard library alone.
var libraries = []string{"lru", "cache", "memo", "singleton", "hist", "monitor", "memprof"}

const module = "github.com/whetgo/whet"

// A rule lets the packages of above import those of below.
type rule struct{ below, above []string }

func parseFloors(t *testing.T, text string) []rule {
	t.Helper()
	var rules []rule
	for line := range strings.SplitSeq(text, ";") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		below, above, ok := strings.Cut(line, "<")
		if !ok {
			t.Fatalf("floors: no < in %q", line)
		}
		rules = append(rules, rule{names(below), names(above)})
	}
	return rules
}

func names(list string) []string {
	var ns []string
	for n := range strings.SplitSeq(list, ",") {
		if n = strings.TrimSpace(n); n != "NONE" {
			ns = append(ns, n)
		}
	}
	return ns
}

func matches(pattern, pkg string) bool {
	if dir, ok := strings.CutSuffix(pattern, "/*"); ok {
		return path.Dir(pkg) == dir
	}
	return pattern == pkg
}

// allowed returns the patterns of what pkg may import, and whether it is on a floor.
func allowed(rules []rule, pkg string) (may map[string]bool, known bool) {
	may = make(map[string]bool)
	var add func(name string)
	add = func(name string) {
		for _, r := range rules {
			if !slices.ContainsFunc(r.above, func(a string) bool { return a == name || matches(a, name) }) {
				continue
			}
			known = true
			for _, b := range r.below {
				if !may[b] {
					may[b] = true
					add(b)
				}
			}
		}
	}
	add(pkg)
	return may, known
}

// violations returns what is wrong with the imports of a module: import paths within it
// by package.
func violations(rules []rule, imports map[string][]string) []string {
	var bad []string
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		may, known := allowed(rules, pkg)
		if !known {
			bad = append(bad, pkg+" is on no floor")
			continue
		}
		for _, imp := range imports[pkg] {
			ok := false
			for pattern := range may {
				ok = ok || matches(pattern, imp)
			}
			if !ok {
				bad = append(bad, pkg+" may not import "+imp)
			}
		}
	}
	return bad
}

// A listed is a package as go list prints it.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var ps []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return ps
		} else if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
}

func inside(importPath string) (string, bool) {
	if importPath == module {
		return "whet", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

func TestFloors(t *testing.T) {
	imports := make(map[string][]string)
	for _, p := range list(t) {
		pkg, _ := inside(p.ImportPath)
		imports[pkg] = nil
		for _, imp := range p.Imports {
			if in, ok := inside(imp); ok {
				imports[pkg] = append(imports[pkg], in)
			}
		}
		checkLinks(t, pkg, p.Deps)
	}
	for _, bad := range violations(parseFloors(t, floors), imports) {
		t.Error(bad)
	}
}

// checkLinks fails for a library that links more than the standard library, and for
// anything that links testing into a program.
func checkLinks(t *testing.T, pkg string, deps []string) {
	for _, d := range deps {
		first, _, _ := strings.Cut(d, "/")
		if _, in := inside(d); slices.Contains(libraries, pkg) && strings.Contains(first, ".") && !in {
			t.Errorf("%s links %s: libraries use the standard library alone", pkg, d)
		}
		if d == "testing" && pkg != "analyze/passtest" {
			t.Errorf("%s links testing", pkg)
		}
	}
}

func TestViolations(t *testing.T) {
	rules := parseFloors(t, "NONE < ground; ground < first, passes/*; first < second;")
	for _, tt := range []struct {
		pkg, imp, want string
	}{
		{"ground", "", ""},
		{"first", "ground", ""},
		{"second", "ground", ""}, // what first may, second may
		{"passes/hot", "ground", ""},
		{"ground", "first", "ground may not import first"},
		{"passes/hot", "passes/cold", "passes/hot may not import passes/cold"},
		{"attic", "", "attic is on no floor"},
	} {
		imports := map[string][]string{tt.pkg: {}}
		if tt.imp != "" {
			imports[tt.pkg] = []string{tt.imp}
		}
		if got := strings.Join(violations(rules, imports), "; "); got != tt.want {
			t.Errorf("%s importing %q: got %q, want %q", tt.pkg, tt.imp, got, tt.want)
		}
	}
}

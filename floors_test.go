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
// library's depsRules: "a < b" lets b import a, and what a may import. "x/*" is any
// package right below x; a package that is named outright above others keeps to the rules
// that name it. ALL is every package. A package on no floor fails.
const floors = `
NONE < lru, hist, profile, internal/*;
internal/keyhash < cache, singleton;
lru, cache < memo;
cache, singleton < store;
hist, internal/robust < monitor;
internal/robust < bench;
internal/sizeclass, internal/robust < memprof;
profile < internal/load;
profile, bench, internal/* < analyze;
analyze < analyze/structs, analyze/archive, analyze/capture, analyze/probe, analyze/passes/*, analyze/rank, analyze/fix;
internal/* < analyze/effects;
analyze/effects, analyze/probe < analyze/passes/*;
analyze/effects, analyze/probe, memo < analyze/passes/repeat;
analyze/probe/whetprobe < analyze/probe;
analyze/capture < analyze/passtest;
analyze/structs < analyze/passes/layout;
analyze/passes/* < analyze/passes;
analyze/fix, bench < analyze/verify;
analyze/* < analyze/report;
NONE < keytrace/format, keytrace/policy;
lru, cache, keytrace/* < keytrace;
keytrace < keytrace/plot;
store < store/*;
internal/robust, store, store/sim, store/fault < store/storetest;
internal/robust, store/*, keytrace, keytrace/policy < store/claims;
monitor, memprof, analyze/report < dash;
analyze/* < cmd/whet/shell;
cmd/whet/shell < cmd/whet/subject;
ALL < cmd/whet, cmd/whet/*, examples/*;
NONE < whet, examples, store/naive, analyze/probe/whetprobe;
`

// libraries are what a user links: they use the standard library alone.
var libraries = []string{"lru", "cache", "memo", "singleton", "hist", "monitor", "memprof", "store"}

// forTests are the packages that only tests import.
var forTests = []string{"analyze/passtest", "store/storetest"}

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
	return pattern == pkg || pattern == "ALL"
}

// above returns the rules that stand for a package or pattern: those that name it, and
// only if there are none, those whose pattern it matches.
func above(rules []rule, name string) []rule {
	var named, matched []rule
	for _, r := range rules {
		switch {
		case slices.Contains(r.above, name):
			named = append(named, r)
		case slices.ContainsFunc(r.above, func(a string) bool { return matches(a, name) }):
			matched = append(matched, r)
		}
	}
	if len(named) > 0 {
		return named
	}
	return matched
}

// allowed returns the patterns of what pkg may import, and whether it is on a floor.
func allowed(rules []rule, pkg string) (may map[string]bool, known bool) {
	may = make(map[string]bool)
	var add func(name string)
	add = func(name string) {
		for _, r := range above(rules, name) {
			for _, below := range r.below {
				for _, b := range append(meant(rules, below), below) {
					if !may[b] {
						may[b] = true
						add(b)
					}
				}
			}
		}
	}
	add(pkg)
	return may, len(above(rules, pkg)) > 0
}

// meant returns the names on the floors that a pattern "x/*" stands for.
func meant(rules []rule, pattern string) []string {
	var ns []string
	for _, r := range rules {
		for _, n := range r.above {
			if strings.HasSuffix(pattern, "/*") && n != pattern && matches(pattern, n) {
				ns = append(ns, n)
			}
		}
	}
	return ns
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

// list lists the packages of this module, those that do not build (an import cycle) too.
func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,Deps", "./...").Output()
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
		for _, bad := range badLinks(pkg, p.Deps) {
			t.Error(bad)
		}
	}
	for _, bad := range violations(parseFloors(t, floors), imports) {
		t.Error(bad)
	}
}

// badLinks returns what is wrong with all that a package links: more than the standard
// library for a library, testing for anything that is not there for tests.
func badLinks(pkg string, deps []string) []string {
	var bad []string
	for _, d := range deps {
		first, _, _ := strings.Cut(d, "/")
		if _, in := inside(d); slices.Contains(libraries, pkg) && strings.Contains(first, ".") && !in {
			bad = append(bad, pkg+" links "+d+": libraries use the standard library alone")
		}
		if d == "testing" && !slices.Contains(forTests, pkg) {
			bad = append(bad, pkg+" links testing")
		}
	}
	return bad
}

func TestBadLinks(t *testing.T) {
	for _, tt := range []struct {
		pkg, dep, want string
	}{
		{"memo", "sync", ""},
		{"memo", "vendor/golang.org/x/net/idna", ""}, // the standard library's own
		{"memo", module + "/cache", ""},
		{"memo", "golang.org/x/sync/errgroup", "memo links golang.org/x/sync/errgroup: libraries use the standard library alone"},
		{"analyze", "golang.org/x/tools/go/packages", ""},
		{"analyze", "testing", "analyze links testing"},
		{"analyze/passtest", "testing", ""},
	} {
		if got := strings.Join(badLinks(tt.pkg, []string{tt.dep}), "; "); got != tt.want {
			t.Errorf("%s linking %s: got %q, want %q", tt.pkg, tt.dep, got, tt.want)
		}
	}
}

func TestViolations(t *testing.T) {
	rules := parseFloors(t, `
NONE < ground, cellar, passes/old;
cellar < stairs/up;
ground < first, passes/*;
passes/* < passes;
first < second;
stairs/* < attic;
ALL < roof;`)
	for _, tt := range []struct {
		pkg, imp, want string
	}{
		{"ground", "", ""},
		{"first", "ground", ""},
		{"second", "ground", ""}, // what first may, second may
		{"passes/hot", "ground", ""},
		{"passes", "passes/hot", ""},
		{"passes", "ground", ""},
		{"attic", "stairs/up", ""},
		{"attic", "cellar", ""}, // what stairs/up may, attic may
		{"roof", "passes/hot", ""},
		{"ground", "first", "ground may not import first"},
		{"first", "cellar", "first may not import cellar"},
		{"first", "roof", "first may not import roof"},
		{"attic", "ground", "attic may not import ground"},
		{"passes/hot", "passes/cold", "passes/hot may not import passes/cold"},
		{"passes/hot", "passes", "passes/hot may not import passes"},
		{"passes/old", "ground", "passes/old may not import ground"}, // named outright
		{"shed", "", "shed is on no floor"},
		{"passes/hot/deep", "", "passes/hot/deep is on no floor"},
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

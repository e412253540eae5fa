package effects_test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze/effects"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

func program(t *testing.T, dir string) *load.Program {
	t.Helper()
	ms, err := load.LocalModules(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := load.Load(t.Context(), dir, nil, ms, []string{"./..."})
	if err != nil || len(p.Problems) > 0 {
		t.Fatalf("%v %v", err, p.Problems)
	}
	return p
}

var kinds = map[string]effects.Kind{
	"Time": effects.Time, "Random": effects.Random, "MapOrder": effects.MapOrder, "Reads": effects.Reads, "Environment": effects.Environment,
	"Writes": effects.Writes, "Goroutines": effects.Goroutines, "ReadsState": effects.ReadsState, "WritesState": effects.WritesState,
	"ReadsArgs": effects.ReadsArgs, "WritesArgs": effects.WritesArgs, "Unknown": effects.Unknown, "Fills": effects.Fills,
}

var sharings = map[string]effects.Sharing{
	"SharesArgs": effects.SharesArgs, "SharesState": effects.SharesState, "SharesUnknown": effects.SharesUnknown, "SharesResult": effects.SharesResult,
}

var said = regexp.MustCompile(`// effects: ([A-Za-z? ]+)`)

// TestTraps holds each function of testdata/traps to what its comment says. A kind with a
// question mark may be found, and need not be.
func TestTraps(t *testing.T) {
	p := program(t, "testdata/traps")
	a := effects.New(p)
	checked := 0
	for _, pkg := range p.Packages {
		for _, fn := range p.FuncsOf(pkg) {
			text := comment(p, fn)
			if text == "" {
				continue
			}
			checked++
			want, may, shares := parse(t, text)
			s := a.Of(fn.Name)
			if s == nil {
				t.Errorf("%s: nothing is known", fn.Name)
				continue
			}
			if s.Kinds&^may != want {
				t.Errorf("%s: got %v, want %v", profile.Short(fn.Name), s.Kinds, want)
				for _, r := range s.Reasons {
					t.Logf("   %v", r)
				}
			}
			if shares != 0 && s.Results != shares {
				t.Errorf("%s: results share %b, want %b", profile.Short(fn.Name), s.Results, shares)
			}
			for _, r := range s.Reasons {
				if r.What == "" || len(r.Chain) == 0 || r.Chain[0].Func != fn.Name {
					t.Errorf("%s: the reason %v does not begin there", profile.Short(fn.Name), r)
				}
			}
		}
	}
	if checked < 60 {
		t.Errorf("%d functions were checked: comments are not seen", checked)
	}
}

// comment returns what is said behind the first line of a function.
func comment(p *load.Program, fn *load.Func) string {
	line := p.Line(fn.Decl.Pos())
	if fn.Decl.Doc != nil {
		line = p.Line(fn.Decl.Type.Pos())
	}
	var found string
	for _, g := range fn.File.Syntax.Comments {
		for _, c := range g.List {
			if m := said.FindStringSubmatch(c.Text); m != nil && p.Line(c.Pos()) == line {
				found = m[1]
			}
		}
	}
	return found
}

func parse(t *testing.T, text string) (want, may effects.Kind, shares effects.Sharing) {
	t.Helper()
	for word := range strings.FieldsSeq(text) {
		name, maybe := strings.CutSuffix(word, "?")
		switch {
		case name == "pure" || name == "shares":
		case sharings[name] != 0:
			shares |= sharings[name]
		case kinds[name] == 0:
			t.Fatalf("%q is no kind of effect", word)
		case maybe:
			may |= kinds[name]
		default:
			want |= kinds[name]
		}
	}
	return want, may &^ want, shares
}

func TestReasonFollowsTheCalls(t *testing.T) {
	a := effects.New(program(t, "testdata/traps"))
	r := a.Of("example.com/traps.Age").Why(effects.Time)
	var way []string
	for _, s := range r.Chain {
		way = append(way, profile.Short(s.Func))
	}
	if want := []string{"traps.Age", "traps.elapsed"}; !slices.Equal(way, want) || r.What != "time.Since" {
		t.Errorf("got %v to %q, want %v to time.Since", way, r.What, want)
	}
	if got := r.String(); !strings.HasPrefix(got, "depends on time: time.Since (traps.Age:") {
		t.Errorf("got %q", got)
	}
	if got := a.Of("example.com/traps.Serial").State; !slices.Equal(got, []string{"var example.com/traps.counter"}) {
		t.Errorf("the state that Serial reads is %v", got)
	}
}

func TestNothingIsKnownOfWhatIsNotThere(t *testing.T) {
	if s := effects.New(nil).Of("a/b.F"); s != nil {
		t.Errorf("of no program: %+v", s)
	}
	if s := effects.New(program(t, "testdata/traps")).Of("example.com/traps.nanotime"); s != nil {
		t.Errorf("of a function without a body: %+v", s)
	}
}

var _ ast.Node

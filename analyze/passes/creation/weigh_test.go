package creation

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"golang.org/x/tools/go/packages"
)

const weighed1 = `package p

import "regexp"

var small = regexp.MustCompile("a")
var large = regexp.MustCompile("^[a-z]{1,400}$")
var helped = help("a")
var table = func() (t [256]int) { for i := range t { t[i] = i * i }; return }()
var later = func() *regexp.Regexp { return regexp.MustCompile("a") }
var constant = [...]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
var sum = loop(func() {})

func help(s string) *regexp.Regexp { return regexp.MustCompile(s) }

func loop(f func()) int { return loop(f) }
`

func TestWeigh(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", weighed1, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object)}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	if _, err := conf.Check("p", fset, []*ast.File{f}, info); err != nil {
		t.Fatal(err)
	}
	w := newWeigher(&packages.Package{Syntax: []*ast.File{f}, TypesInfo: info})
	micro, makes := make(map[string]float64), make(map[string]string)
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		spec := g.Specs[0].(*ast.ValueSpec)
		for _, c := range w.weigh(spec.Values[0], 1) {
			micro[spec.Names[0].Name] += c.micro
			makes[spec.Names[0].Name] += c.makes
		}
	}
	if micro["small"] < 5 || micro["large"] < 10*micro["small"] {
		t.Errorf("small %g, large %g µs: the repetitions are not counted", micro["small"], micro["large"])
	}
	if micro["helped"] < 5 || makes["helped"] != "regular expression" {
		t.Errorf("helped: %g µs, %q; the helper is not followed", micro["helped"], makes["helped"])
	}
	if micro["table"] < 255*perRound || makes["table"] != "computed table" {
		t.Errorf("table: %g µs, %q", micro["table"], makes["table"])
	}
	for _, name := range []string{"later", "constant", "sum"} {
		if micro[name] != 0 {
			t.Errorf("%s: %g µs, want nothing at start", name, micro[name])
		}
	}
}

func TestPlural(t *testing.T) {
	for in, want := range map[string]string{
		"regular expression": "regular expressions", "decoded JSON": "pieces of decoded JSON",
		"look-up of a host": "look-ups of hosts", "data read": "pieces of data read", "key": "keys",
	} {
		if got := plural(in); got != want {
			t.Errorf("plural of %q is %q, want %q", in, got, want)
		}
	}
}

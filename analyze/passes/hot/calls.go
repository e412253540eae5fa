package hot

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A callRule is about a standard library function whose result could be kept.
type callRule struct {
	rule   string
	names  []string // as profiles spell them
	makes  string   // what the call makes: "a regexp"
	remedy string   // how to keep it: keep once, keep by argument, pool
	min    float64
}

const (
	once = "once" // depends on its arguments alone, is immutable, safe for concurrent use
	pool = "pool" // has state: one user at a time
)

// callRules lists what is dear to make and can be kept.
//
// Not listed: hashes and ciphers (cheap to make), bufio (the pass alloc sees its
// buffer), net.Dial and exec.Command (whose answer changes).
var callRules = []callRule{
	{"hot/compile-per-call", []string{"regexp.MustCompile", "regexp.Compile", "regexp.MustCompilePOSIX", "regexp.CompilePOSIX"}, "a regexp", once, minShare},
	{"hot/compile-per-call", []string{"regexp.MatchString", "regexp.Match", "regexp.MatchReader"}, "a regexp", once, minShare},
	{"hot/compile-per-call", []string{"text/template.(*Template).Parse", "html/template.(*Template).Parse", "html/template.ParseFiles", "text/template.ParseFiles", "html/template.ParseFS", "text/template.ParseFS", "html/template.ParseGlob", "text/template.ParseGlob"}, "a template", once, minShare},
	{"hot/compile-per-call", []string{"strings.NewReplacer", "strings.(*Replacer).buildOnce"}, "a strings.Replacer", once, minShare},
	{"hot/compile-per-call", []string{"time.LoadLocation"}, "a time zone", once, minShare},
	{"hot/compile-per-call", []string{"go/parser.ParseExpr", "go/parser.ParseExprFrom", "go/parser.ParseFile"}, "a syntax tree", once, minShare},
	{"hot/compile-per-call", []string{"crypto/tls.X509KeyPair", "crypto/tls.LoadX509KeyPair", "crypto/x509.ParseCertificate", "crypto/x509.SystemCertPool", "crypto/x509.ParsePKCS8PrivateKey", "crypto/x509.ParsePKCS1PrivateKey", "crypto/x509.ParsePKIXPublicKey"}, "a certificate or key", once, minShare},
	{"hot/writer-per-call", []string{"compress/flate.NewWriter", "compress/gzip.NewWriterLevel", "compress/flate.(*compressor).init"}, "a compressor", pool, minShare},
	{"hot/writer-per-call", []string{"compress/flate.NewReader", "compress/gzip.NewReader", "compress/zlib.NewReader"}, "a decompressor", pool, 0.1},
	{"hot/seed-per-call", []string{"math/rand.NewSource", "math/rand.(*rngSource).Seed"}, "a random source", pool, minShare},
}

// calls finds lines that make, on every call, what could be kept.
func calls(sp spot) []analyze.Finding {
	var found []analyze.Finding
	for _, r := range callRules {
		share, callee := sp.below(r.names)
		if share < r.min {
			continue
		}
		sp.share, sp.note = share, "time in "+profile.Short(callee)+" below this line"
		found = append(found, sp.finding(sp.keep(r, callee)))
	}
	return found
}

// keep says how to keep what the rule's callee makes.
func (sp spot) keep(r callRule, callee string) remedy {
	short := profile.Short(callee)
	where := profile.Short(sp.s.FuncName(sp.line.Frame))
	re := remedy{
		rule: r.rule, statement: callee, how: "the time spent in " + short + " and collecting its garbage, times what remains of it once its result is kept",
		title: fmt.Sprintf("%s makes %s on every call (%s)", where, r.makes, short),
	}
	call := sp.call(callee)
	if call != nil {
		re.statement = sp.statement(call)
	}
	switch {
	case r.remedy == pool:
		re.do = fmt.Sprintf("take %s from a sync.Pool and Reset it, instead of making it in %s", r.makes, where)
		re.saved = [2]float64{0.6, 1}
		re.doubts = []string{"a pooled object must be reset before use and not be kept by anybody after Put"}
	case call != nil && sp.constant(call):
		name := keptName(where, r.makes)
		re.do = fmt.Sprintf("make %s once, in a package variable, instead of in %s", r.makes, where)
		re.snippet = fmt.Sprintf("var %s = %s\n\n// in %s: use %s", name, load.Source(sp.s.Program.Fset, sp.whole(call)), where, name)
		re.saved = [2]float64{0.9, 1}
		re.why = []string{"its arguments are constants: the result is the same each time"}
		re.doubts = []string{"a package variable is made at start, used or not; use sync.OnceValue where that matters"}
	default:
		re.do = fmt.Sprintf("remember %s by its argument (a bounded cache, or the last one) instead of making it in each call of %s", r.makes, where)
		re.saved = [2]float64{0.3, 0.98}
		re.how += "; how often an argument comes again was not observed"
		re.doubts = []string{"pays only if the same arguments come again; a cache of arguments that come from outside must be bounded"}
		if call != nil {
			re.snippet = fmt.Sprintf("var kept sync.Map // argument → result; bound it if the arguments are not yours\n\n// in %s, before %s:\n//   if v, ok := kept.Load(%s); ok { … }", where, re.statement, arguments(sp, call))
		}
	}
	return re
}

// call returns the call of the named function on the spot's line, nil if the source
// does not show it.
func (sp spot) call(callee string) *ast.CallExpr {
	if sp.fn == nil {
		return nil
	}
	var found *ast.CallExpr
	for _, n := range sp.s.Program.Nodes(sp.fn, sp.line.Line) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			continue
		}
		if f := load.Callee(sp.fn.Info(), call); f != nil && load.FuncName(f) == callee {
			found = call
		}
	}
	return found
}

// constant reports whether all arguments of the call are constants, so that hoisting
// it is safe.
func (sp spot) constant(call *ast.CallExpr) bool {
	info := sp.fn.Info()
	for _, arg := range call.Args {
		if tv := info.Types[arg]; tv.Value == nil || tv.Value.Kind() == constant.Unknown {
			return false
		}
	}
	// A method's receiver must be as constant: template.New("x").Parse("…").
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if inner, ok := ast.Unparen(sel.X).(*ast.CallExpr); ok {
			return sp.constant(inner)
		}
		if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
			_, isPackage := info.Uses[id].(*types.PkgName)
			return isPackage
		}
		return false
	}
	return true
}

// whole returns the expression around a call that belongs to it: template.Must(…).
func (sp spot) whole(call *ast.CallExpr) ast.Node {
	nodes := load.Around(sp.fn, call.Pos())
	for i := len(nodes) - 1; i >= 0; i-- {
		outer, ok := nodes[i].(*ast.CallExpr)
		if !ok || outer == call {
			continue
		}
		if f := load.Callee(sp.fn.Info(), outer); f != nil && f.Name() == "Must" {
			return outer
		}
	}
	return call
}

func arguments(sp spot, call *ast.CallExpr) string {
	var args []string
	for _, a := range call.Args {
		if sp.fn.Info().Types[a].Value == nil {
			args = append(args, load.Source(sp.s.Program.Fset, a))
		}
	}
	return strings.Join(args, ", ")
}

// keptName proposes a name for a package variable: "lookupRegexp".
func keptName(where, makes string) string {
	fn := where[strings.LastIndexByte(where, '.')+1:]
	what := makes[strings.LastIndexAny(makes, " .")+1:]
	name := strings.ToLower(fn[:1]) + fn[1:] + strings.ToUpper(what[:1]) + what[1:]
	if !token.IsIdentifier(name) {
		return "kept"
	}
	return name
}

package creation

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/internal/load"
)

// A price is a guess of what a call costs at start, in microseconds on one core of
// 2020's making: good enough to tell which of a package's statements matters.
type price struct {
	base    float64
	perByte float64 // of a constant string argument
	makes   string  // what it makes: "regexp"
}

var prices = map[string]price{
	"regexp.MustCompile":                         {10, 0.6, "regular expression"},
	"regexp.Compile":                             {10, 0.6, "regular expression"},
	"regexp.MustCompilePOSIX":                    {10, 0.6, "regular expression"},
	"regexp.CompilePOSIX":                        {10, 0.6, "regular expression"},
	"text/template.(*Template).Parse":            {15, 0.1, "template"},
	"html/template.(*Template).Parse":            {15, 0.1, "template"},
	"text/template.ParseFS":                      {100, 0, "template"},
	"html/template.ParseFS":                      {100, 0, "template"},
	"text/template.(*Template).ParseFS":          {100, 0, "template"},
	"html/template.(*Template).ParseFS":          {100, 0, "template"},
	"strings.NewReplacer":                        {1, 0, "replacer"},
	"time.LoadLocation":                          {60, 0, "time zone"},
	"encoding/json.Unmarshal":                    {10, 0.01, "decoded JSON"},
	"encoding/xml.Unmarshal":                     {10, 0.02, "decoded XML"},
	"encoding/gob.Register":                      {3, 0, "gob registration"},
	"encoding/base64.(*Encoding).DecodeString":   {1, 0.002, "decoded base64"},
	"encoding/hex.DecodeString":                  {1, 0.002, "decoded hex"},
	"compress/gzip.NewReader":                    {20, 0, "decompressed data"},
	"compress/flate.NewReader":                   {20, 0, "decompressed data"},
	"io.ReadAll":                                 {20, 0, "data read"},
	"os.ReadFile":                                {30, 0, "file read"},
	"os.Open":                                    {10, 0, "file read"},
	"os.Hostname":                                {15, 0, "host name"},
	"os/user.Current":                            {60, 0, "user looked up"},
	"net.Interfaces":                             {80, 0, "network interfaces"},
	"net.LookupHost":                             {500, 0, "look-up of a host"},
	"os/exec.(*Cmd).Output":                      {2000, 0, "child process"},
	"os/exec.(*Cmd).Run":                         {2000, 0, "child process"},
	"os/exec.(*Cmd).CombinedOutput":              {2000, 0, "child process"},
	"time.Sleep":                                 {1000, 0, "sleep"},
	"crypto/x509.SystemCertPool":                 {3000, 0, "certificate pool"},
	"crypto/x509.ParseCertificate":               {30, 0, "certificate"},
	"crypto/x509.(*CertPool).AppendCertsFromPEM": {100, 0, "certificate pool"},
	"crypto/rsa.GenerateKey":                     {100000, 0, "key"},
	"crypto/ecdsa.GenerateKey":                   {50, 0, "key"},
	"crypto/rand.Read":                           {1, 0, "random bytes"},
	"math/big.(*Int).SetString":                  {1, 0.01, "big number"},
	"math/big.(*Int).Exp":                        {50, 0, "big number"},
	"math/rand.NewSource":                        {8, 0, "random source"},
	"go/parser.ParseFile":                        {50, 0.02, "syntax tree"},
	"go/parser.ParseExpr":                        {5, 0.05, "syntax tree"},
	"reflect.TypeOf":                             {0.01, 0, ""},
	"errors.New":                                 {0.03, 0, ""},
	"fmt.Errorf":                                 {0.3, 0, ""},
	"fmt.Sprintf":                                {0.2, 0, ""},
	"sort.Slice":                                 {5, 0, "sorted table"},
	"sort.Strings":                               {5, 0, "sorted table"},
	"hash/crc32.MakeTable":                       {2, 0, "checksum table"},
	"hash/crc64.MakeTable":                       {2, 0, "checksum table"},
	"google.golang.org/protobuf/internal/impl.(*TypeBuilder).Build": {60, 0, "protobuf file"},
	"google.golang.org/protobuf/internal/impl.TypeBuilder.Build":    {60, 0, "protobuf file"},
}

const (
	perEntry   = 0.06 // microseconds for an entry of a map literal
	perRound   = 0.01 // for a round of a loop, besides its calls
	perCall    = 0.1  // for a call of whose price nothing is known
	unknownFor = 20   // rounds of a loop whose number the source does not tell
	mostRounds = 1 << 16
	deepest    = 4 // calls that are followed within the package
)

// A cost is one thing done at start.
type cost struct {
	node  ast.Node // where
	micro float64
	makes string // "regular expression"; "" for nothing special
}

// weigher estimates what statements of one package cost at start.
type weigher struct {
	info  *types.Info
	funcs map[types.Object]*ast.FuncDecl
	depth int
}

func newWeigher(pkg *packages.Package) *weigher {
	w := &weigher{info: pkg.TypesInfo, funcs: make(map[types.Object]*ast.FuncDecl)}
	for _, f := range pkg.Syntax {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				w.funcs[pkg.TypesInfo.Defs[fn.Name]] = fn
			}
		}
	}
	return w
}

// weigh returns what is done in n, times the given number of rounds.
func (w *weigher) weigh(n ast.Node, rounds float64) []cost {
	var costs []cost
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // it is not run here
		case *ast.ForStmt, *ast.RangeStmt:
			costs = append(costs, w.loop(n, rounds)...)
			return false
		case *ast.CompositeLit:
			if t := w.info.TypeOf(n); t != nil && len(n.Elts) > 8 {
				if _, ok := t.Underlying().(*types.Map); ok {
					costs = append(costs, cost{n, rounds * perEntry * float64(len(n.Elts)), "map literal"})
				}
			}
		case *ast.CallExpr:
			costs = append(costs, w.call(n, rounds)...)
			if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				costs = append(costs, w.weigh(lit.Body, rounds)...)
			}
		}
		return true
	})
	return costs
}

func (w *weigher) loop(n ast.Node, rounds float64) []cost {
	var body *ast.BlockStmt
	times := float64(unknownFor)
	switch n := n.(type) {
	case *ast.ForStmt:
		body = n.Body
		if b, ok := n.Cond.(*ast.BinaryExpr); ok && (b.Op == token.LSS || b.Op == token.LEQ) {
			times = w.number(b.Y, times)
		}
	case *ast.RangeStmt:
		body = n.Body
		times = w.number(n.X, times)
	}
	rounds = min(mostRounds*16, rounds*min(times, mostRounds))
	return append(w.weigh(body, rounds), cost{n, rounds * perRound, "computed table"})
}

// number returns the number of rounds over e, or other if the source does not tell.
func (w *weigher) number(e ast.Expr, other float64) float64 {
	tv := w.info.Types[e]
	if tv.Value != nil && tv.Value.Kind() == constant.Int {
		f, _ := constant.Float64Val(tv.Value)
		return max(0, f)
	}
	if tv.Value != nil && tv.Value.Kind() == constant.String {
		return float64(len(constant.StringVal(tv.Value)))
	}
	if lit, ok := ast.Unparen(e).(*ast.CompositeLit); ok {
		return float64(len(lit.Elts))
	}
	if tv.Type != nil {
		if a, ok := tv.Type.Underlying().(*types.Array); ok {
			return float64(a.Len())
		}
	}
	return other
}

// call returns what a call costs: by the list, or by what the called function of the
// same package does.
func (w *weigher) call(call *ast.CallExpr, rounds float64) []cost {
	f := load.Callee(w.info, call)
	if f == nil {
		return nil
	}
	if decl := w.funcs[f.Origin()]; decl != nil {
		return w.inside(call, decl, rounds)
	}
	p, ok := prices[load.FuncName(f)]
	if !ok {
		return []cost{{call, rounds * perCall, ""}}
	}
	micro := p.base
	for _, arg := range call.Args {
		if tv := w.info.Types[arg]; tv.Value != nil && tv.Value.Kind() == constant.String {
			text := constant.StringVal(tv.Value)
			micro += p.perByte * float64(len(text)+repeated(text))
		}
	}
	return []cost{{call, rounds * micro, p.makes}}
}

// inside returns what the called function does as costs of the call. What it is given
// is not known there: a pattern's length, for instance, which is added here.
func (w *weigher) inside(call *ast.CallExpr, decl *ast.FuncDecl, rounds float64) []cost {
	if w.depth == deepest {
		return nil
	}
	w.depth++
	defer func() { w.depth-- }()
	var costs []cost
	for _, c := range w.weigh(decl.Body, rounds) {
		c.node = call
		costs = append(costs, c)
	}
	return costs
}

// repeated returns how many bytes counted repetitions, as in x{1,64}, add to a regular
// expression: each is compiled as often as it says.
func repeated(pattern string) int {
	extra := 0
	for i := range len(pattern) {
		if pattern[i] != '{' {
			continue
		}
		n, most := 0, 0
		for j := i + 1; j < len(pattern) && j < i+10 && strings.IndexByte("0123456789,", pattern[j]) >= 0; j++ {
			if pattern[j] == ',' {
				n = 0
				continue
			}
			n = n*10 + int(pattern[j]-'0')
			most = max(most, n)
		}
		extra += 4 * min(most, 1000)
	}
	return extra
}

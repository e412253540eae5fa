package repeat

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A kind is a kind of remedy, the simplest first.
type kind int

const (
	hoist   kind = iota // out of the loop
	once                // once for ever
	last                // remember the last
	bounded             // a memory of a size
	flight              // one call at a time for the same input
)

var rules = map[kind]string{
	hoist: "repeat/loop-invariant", once: "repeat/compute-once", last: "repeat/remember-last",
	bounded: "repeat/memoize", flight: "repeat/single-flight",
}

// A remedy is what to do, in words.
type remedy struct {
	kind    kind
	do      string
	snippet string
}

// choose picks the simplest remedy that saves nearly all that any would.
func (c *instance) choose() {
	r := c.r
	hit := max(r.All.Share(), c.across)
	lastOf := 0.0
	if r.All.Calls > 0 && len(r.All.Distance) > 0 {
		lastOf = max(r.All.Distance[0], float64(r.All.Last)) / float64(r.All.Calls)
	}
	joined := float64(r.Joined) / float64(max(1, r.All.Calls))
	switch {
	case c.loop != "" && r.Within.Share() >= 0.5*hit && r.Within.Share() > 0:
		c.remedy.kind = hoist
	case c.single() && c.ttl == 0:
		c.remedy.kind = once
	case lastOf >= 0.9*hit && c.size <= 1 && r.Distinct > 1.5:
		c.remedy.kind = last
	case joined >= 0.3*hit && joined > 0.05 && c.ttl > 0:
		c.remedy.kind = flight
	default:
		c.remedy.kind = bounded
	}
}

// single reports whether there can be one answer only, whoever asks: the input is a
// constant, or there is none.
func (c *instance) single() bool {
	if c.sp.call != nil {
		return c.sp.call.constant
	}
	return len(c.r.Inputs) == 0
}

// words says what to do in the program's names.
func (c *instance) words(st *Study) {
	name, where := c.sp.name(), profile.Short(st.s.FuncName(c.where))
	switch c.remedy.kind {
	case hoist:
		c.remedy.do = fmt.Sprintf("call %s once before %s, and use the result in it", name, c.loop)
		if c.sp.call != nil {
			c.remedy.snippet = fmt.Sprintf("v := %s // before the loop", load.Source(st.s.Program.Fset, c.sp.call.expr))
		}
	case once:
		c.remedy.do = fmt.Sprintf("keep the result of %s in a package variable, made once", name)
		if c.sp.call != nil {
			c.remedy.do += fmt.Sprintf(", instead of in each call of %s", where)
			v := variable(c.sp.call.callee)
			c.remedy.snippet = fmt.Sprintf("var %s = sync.OnceValue(func() %s { return %s })\n\n// in %s\n%s()", v, c.resultType(), load.Source(st.s.Program.Fset, c.sp.call.expr), where, v)
		} else {
			v := variable(c.sp.fn.Name)
			c.remedy.snippet = fmt.Sprintf("var %sOnce = sync.OnceValue(%s)", v, c.sp.fn.Decl.Name.Name)
		}
	case last:
		c.remedy.do = fmt.Sprintf("remember the last input of %s and its result: the next call mostly asks the same", name)
		c.remedy.snippet = fmt.Sprintf("// beside what calls %s\nif key == lastKey {\n\treturn lastResult\n}", name)
	case flight:
		c.remedy.do = fmt.Sprintf("let one call of %s at a time run for the same input, and the others wait for its result%s", name, c.until())
		c.remedy.snippet = c.wrapped()
	default:
		c.remedy.do = fmt.Sprintf("remember the results of %s by %s%s%s", name, c.key(), c.bound(), c.until())
		c.remedy.snippet = c.wrapped()
	}
}

// until says after which time answers are to be asked for again.
func (c *instance) until() string {
	if c.ttl == 0 {
		return ""
	}
	return fmt.Sprintf(", for no longer than %v or until what it reads has changed", c.ttl)
}

func (c *instance) bound() string {
	if c.size == 0 {
		return fmt.Sprintf(", in a memory with a bound: %.0f inputs were seen", c.r.Distinct)
	}
	if c.size == 1 {
		return ", of which a few are enough"
	}
	return fmt.Sprintf(", %d of them", c.size)
}

// key names the inputs that a memory would go by.
func (c *instance) key() string {
	var names []string
	for _, p := range c.r.Inputs {
		switch {
		case p.Level == probe.Ignored:
		case len(p.Reads) > 0 && p.Level == probe.Fields:
			names = append(names, p.Reads...)
		default:
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 || len(names) > 6 {
		return "its input"
	}
	return strings.Join(names, " and ")
}

// wrapped shows package memo around the function, where its form allows that.
func (c *instance) wrapped() string {
	opts := "nil"
	var set []string
	if c.size > 0 {
		set = append(set, fmt.Sprintf("Capacity: %d", max(16, c.size)))
	}
	if c.ttl > 0 {
		set = append(set, fmt.Sprintf("TTL: %s", goDuration(c.ttl.String())))
	}
	if len(set) > 0 {
		opts = "&memo.Options{" + strings.Join(set, ", ") + "}"
	}
	fn := profile.Short(c.sp.fn.Name)
	if c.sp.call != nil {
		fn = profile.Short(c.sp.call.callee)
	}
	v := variable(fn)
	return fmt.Sprintf("var %s, _ = memo.%s(%s, %s) // github.com/whetgo/whet/memo; errors are not kept", v, c.wrapper(), fn, opts)
}

// wrapper names the function of package memo for the signature.
func (c *instance) wrapper() string {
	sig := c.signature()
	if sig == nil {
		return "Wrap"
	}
	params := sig.Params()
	n := params.Len()
	if sig.Recv() != nil {
		n++
	}
	name := "Wrap"
	switch {
	case params.Len() > 0 && types.TypeString(params.At(0).Type(), nil) == "context.Context":
		name, n = "WrapCtx", n-1
	case failing(sig):
		name = "WrapErr"
	}
	if n > 1 && n <= 4 {
		name += fmt.Sprint(n)
	}
	return name
}

func failing(sig *types.Signature) bool {
	n := sig.Results().Len()
	return n > 0 && types.TypeString(sig.Results().At(n-1).Type(), nil) == "error"
}

func (c *instance) signature() *types.Signature {
	if c.sp.call != nil {
		if f := load.Callee(c.sp.fn.Info(), c.sp.call.expr); f != nil {
			return f.Signature()
		}
		return nil
	}
	obj, ok := c.sp.fn.Info().Defs[c.sp.fn.Decl.Name].(*types.Func)
	if !ok {
		return nil
	}
	return obj.Signature()
}

func (c *instance) resultType() string {
	sig := c.signature()
	if sig == nil || sig.Results().Len() != 1 {
		return "…"
	}
	return types.TypeString(sig.Results().At(0).Type(), func(p *types.Package) string {
		if p == c.sp.fn.File.Pkg.Types {
			return ""
		}
		return p.Name()
	})
}

// variable proposes a name for what is kept: "keptParse".
func variable(name string) string {
	base := strings.TrimSuffix(name[strings.LastIndexByte(strings.TrimSuffix(name, "[...]"), '.')+1:], "[...]")
	if base == "" {
		return "kept"
	}
	v := "kept" + strings.ToUpper(base[:1]) + base[1:]
	if !token.IsIdentifier(v) {
		return "kept"
	}
	return v
}

// goDuration writes "5s" as Go source: 5 * time.Second.
func goDuration(text string) string {
	for _, u := range []struct{ suffix, name string }{{"h0m0s", "Hour"}, {"m0s", "Minute"}, {"ms", "Millisecond"}, {"s", "Second"}} {
		if n, ok := strings.CutSuffix(text, u.suffix); ok {
			return n + " * time." + u.name
		}
	}
	return text
}

package growth

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/whetgo/whet/internal/load"
)

// A remedy is what to do about a container that only grows.
type remedy struct {
	title, do, snippet string
	doubts             []string
}

// remedy says it in the names of the source: what is the container, where the function.
func (k *keeper) remedy(what, where string, v verdict) remedy {
	switch {
	case k.kind == sends:
		return remedy{
			title:   fmt.Sprintf("%s sends to %s faster than anybody receives", where, what),
			do:      fmt.Sprintf("make %s smaller, so that %s waits or drops, or receive in more goroutines", what, where),
			snippet: fmt.Sprintf("select {\ncase %s:\ndefault: // full: drop, count, or wait\n}", k.text()),
			doubts:  []string{"a channel is bounded by its capacity: whether that is too much depends on what one value holds"},
		}
	case v.same:
		return k.once(what, where)
	case k.isMapLike():
		return k.evict(what, where)
	}
	return k.bound(what, where)
}

func (k *keeper) isMapLike() bool {
	return k.kind == maps || k.kind == methods && strings.HasSuffix(k.object.Type().String(), "sync.Map")
}

// once is for a call that keeps another value each time it is made with equal arguments.
func (k *keeper) once(what, where string) remedy {
	r := remedy{
		title:  fmt.Sprintf("%s adds to %s on every call, even the same call", where, what),
		do:     fmt.Sprintf("look for an equal entry before adding to %s, and return that one", what),
		doubts: []string{"callers that got objects of their own so far then share one: it must be safe for concurrent use"},
	}
	var keys []string
	for _, p := range k.identity() {
		keys = append(keys, p.Name())
	}
	key, typ := strings.Join(keys, ", "), "any"
	if len(keys) == 0 {
		key = "key"
	}
	if k.isMapLike() {
		r.snippet = fmt.Sprintf("// in %s, before making a new one:\nif v, ok := %s[%s]; ok {\n\treturn v\n}", where, what, key)
		return r
	}
	if s, ok := k.object.Type().Underlying().(*types.Slice); ok {
		typ = types.TypeString(s.Elem(), types.RelativeTo(k.fn.File.Pkg.Types))
	}
	base, _, _ := cutLast(what)
	byKey := k.object.Name() + "ByKey"
	if base != "" {
		byKey = base + "." + byKey
	}
	r.snippet = fmt.Sprintf("type %sKey struct { %s } // what makes two of them equal\n\n// %s map[%sKey]%s\nif v, ok := %s[%sKey{%s}]; ok {\n\treturn v, nil // instead of %s\n}",
		k.object.Name(), k.fields(), byKey, k.object.Name(), typ, byKey, k.object.Name(), key, k.text())
	return r
}

// fields returns the parameters that identify a value, as the fields of a struct.
func (k *keeper) fields() string {
	var fs []string
	for _, v := range k.identity() {
		fs = append(fs, v.Name()+" "+types.TypeString(v.Type(), types.RelativeTo(k.fn.File.Pkg.Types)))
	}
	if len(fs) == 0 {
		return "/* the values that make two of them equal */"
	}
	return strings.Join(fs, "; ")
}

// identity returns the parameters of the keeper's function that can be compared: what
// one of its results may be known by.
func (k *keeper) identity() []*types.Var {
	var vars []*types.Var
	sig, ok := k.fn.Info().Defs[k.fn.Decl.Name].(*types.Func)
	if !ok {
		return nil
	}
	for p := range sig.Signature().Params().Variables() {
		if _, basic := p.Type().Underlying().(*types.Basic); basic && p.Name() != "" && p.Name() != "_" {
			vars = append(vars, p)
		}
	}
	return vars
}

// evict is for maps.
func (k *keeper) evict(what, where string) remedy {
	drop := fmt.Sprintf("delete(%s, key)", what)
	if k.kind == methods {
		drop = what + ".Delete(key)"
	}
	return remedy{
		title:   fmt.Sprintf("%s keeps each new key in %s for ever", where, what),
		do:      fmt.Sprintf("let go of an entry of %s when it is used no more (a Close that deletes it, a count of its users, or a bound on their number)", what),
		snippet: fmt.Sprintf("// when the last user of an entry is done, under the lock that %s takes:\n%s", where, drop),
		doubts: []string{
			"if the keys are few in production, the map ends growing there: bound it all the same where keys come from outside",
			"an entry that is dropped and asked for again is made again, and is then another object",
		},
	}
}

// bound is for slices, lists, buffers and strings.
func (k *keeper) bound(what, where string) remedy {
	name := k.object.Name()
	limit := "max" + strings.ToUpper(name[:1]) + name[1:]
	r := remedy{
		title: fmt.Sprintf("%s only adds to %s: it grows for ever", where, what),
		do:    fmt.Sprintf("bound %s: drop the oldest entries, or those that everybody has seen", what),
		doubts: []string{
			"a reader that comes late no longer sees what was dropped: say so in the documentation, or count what it missed",
		},
	}
	switch k.object.Type().Underlying().(type) {
	case *types.Slice:
		r.snippet = fmt.Sprintf("if len(%s) == %s {\n\t%s = append(%s[:0], %s[%s/2:]...) // keeps the newer half, in the same array\n}\n%s", what, limit, what, what, what, limit, k.text())
	default:
		r.snippet = fmt.Sprintf("// after: %s\n// if it holds more than %s, drop its oldest part", k.text(), limit)
	}
	return r
}

// text returns the keeper's statement on one line, shortened.
func (k *keeper) text() string {
	t := strings.Join(strings.Fields(load.Source(k.fn.File.Pkg.Fset, k.stmt)), " ")
	if len(t) > 120 {
		t = t[:strings.LastIndexByte(t[:120], ' ')+1] + "…"
	}
	return t
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}

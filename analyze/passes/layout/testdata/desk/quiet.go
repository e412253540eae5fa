package desk

import (
	"encoding/json"
	"text/template"
)

// Tags has keys that come from outside.
type Tags map[string]any

// NewTags makes tags.
func NewTags(names ...string) Tags {
	t := Tags{"kind": "tag", "size": len(names)}
	for i, name := range names {
		t[name] = i
	}
	return t
}

// Decoded is filled by a decoder.
type Decoded map[string]any

// Decode reads what somebody has sent.
func Decode(data []byte) (int, error) {
	d := Decoded{"price": 1.0, "lots": 2.0}
	if err := json.Unmarshal(data, &d); err != nil {
		return 0, err
	}
	return int(d["price"].(float64)) + int(d["lots"].(float64)), nil
}

// Event has one or another set of keys.
func Event(quote bool, n int) map[string]any {
	if quote {
		return map[string]any{"bid": n, "ask": n + 1}
	}
	return map[string]any{"price": n, "lots": n}
}

// Funcs is of a type that another package asks for.
func Funcs(f, g func() string) template.FuncMap {
	return template.FuncMap{"first": f, "second": g}
}

// Sum goes over whatever map it is given.
func Sum(m map[string]any) int {
	n := 0
	for _, v := range m {
		n += v.(int)
	}
	return n
}

// Total hands a map to what takes any.
func Total(a, b int) int {
	return Sum(map[string]any{"a": a, "b": b})
}

// Keep is generic: its map is not of any.
func Keep[V any](a, b V) map[string]V {
	return map[string]V{"a": a, "b": b}
}

// Wrap is generic, and a struct of its values would have to be.
func Wrap[V any](a, b V) map[string]any {
	return map[string]any{"a": a, "b": b}
}

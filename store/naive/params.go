package naive

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Params says which store is wanted. The keys are driver, addr and account
// (string), client (int) and maxlots (int64, the largest order in lots);
// all five must be present. Two Params with equal values mean one store.
type Params map[string]any

// FileParams gives the parameters of a store over the bar files in dir.
func FileParams(dir, account string, client int) Params {
	return Params{
		"driver":  "file",
		"addr":    dir,
		"account": account,
		"client":  client,
		"maxlots": int64(100),
	}
}

// text returns the string held under name, or "" if there is none.
func (p Params) text(name string) string {
	v, _ := p[name].(string)
	return v
}

// check reports the first parameter that is missing or of the wrong type.
func (p Params) check() error {
	if d := p.text("driver"); d != "file" {
		return fmt.Errorf("unknown driver %q", d)
	}
	if p.text("addr") == "" {
		return errors.New("no addr")
	}
	if p.text("account") == "" {
		return errors.New("no account")
	}
	if _, ok := p["client"].(int); !ok {
		return fmt.Errorf("client is %T, want int", p["client"])
	}
	if n, ok := p["maxlots"].(int64); !ok || n <= 0 {
		return fmt.Errorf("maxlots is %v (%T), want a positive int64", p["maxlots"], p["maxlots"])
	}
	return nil
}

// key returns the identity of the store that p means. It does not depend on
// the order in which the parameters were set, and values of different types
// give different keys.
func (p Params) key() string {
	names := make([]string, 0, len(p))
	for name := range p {
		names = append(names, name)
	}
	sort.Strings(names)
	parts := make([]string, 0, len(names))
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%s=%#v", name, p[name]))
	}
	return strings.Join(parts, "&")
}

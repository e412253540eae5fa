package cache

import (
	"fmt"
	"slices"
	"strings"

	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/policy"
)

// own is package cache as a policy: the real thing.
var own = keytrace.Whet

// rare are the policies that are simulated only when they are asked for.
var rare = []string{"random", "arc-golang-lru"}

func policyNames() []string {
	var names []string
	for _, p := range keytrace.Policies() {
		names = append(names, p.Name)
	}
	return names
}

// choosePolicies returns the policies of a list of names. With bytes, those that count
// entries are left out of the default, and refused by name.
func choosePolicies(list string, bytes bool) ([]policy.Info, error) {
	unfit := func(p policy.Info) bool { return bytes && !p.Bytes }
	switch list {
	case "":
		return slices.DeleteFunc(keytrace.Policies(), func(p policy.Info) bool { return unfit(p) || slices.Contains(rare, p.Name) }), nil
	case "all":
		return slices.DeleteFunc(keytrace.Policies(), unfit), nil
	}
	var chosen []policy.Info
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		i := slices.IndexFunc(keytrace.Policies(), func(p policy.Info) bool { return p.Name == name })
		switch {
		case i < 0:
			return nil, fmt.Errorf("no policy %q (there are %s)", name, strings.Join(policyNames(), ", "))
		case unfit(keytrace.Policies()[i]):
			return nil, fmt.Errorf("%s counts entries, and sizes are in bytes", name)
		case slices.ContainsFunc(chosen, func(p policy.Info) bool { return p.Name == name }):
			continue
		}
		chosen = append(chosen, keytrace.Policies()[i])
	}
	return withBound(chosen, bytes), nil
}

// withBound puts OPT, the bound that figures are to be seen against, before the others.
func withBound(chosen []policy.Info, bytes bool) []policy.Info {
	opt, _ := policy.Lookup("opt")
	if bytes || slices.ContainsFunc(chosen, func(p policy.Info) bool { return p.Name == opt.Name }) {
		return chosen
	}
	return append([]policy.Info{opt}, chosen...)
}

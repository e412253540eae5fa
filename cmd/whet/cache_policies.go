package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/keytrace/policy"
)

const ownPolicy = "whet"

// own is package cache as a policy: the real thing.
var own = policy.Info{Name: ownPolicy, Title: "whet/cache", Source: "package cache itself: Get, then Set on a miss", Bytes: true, New: newOwn}

type ownCache struct{ c *cache.Cache[uint32, struct{}] }

func newOwn(w *policy.Workload, capacity int) policy.Policy {
	o := &cache.Options[uint32, struct{}]{}
	if w.Sizes != nil {
		o.Weight = func(id uint32, _ struct{}) int { return int(max(1, w.Sizes[id])) }
	}
	return ownCache{cache.New(capacity, o)}
}

func (p ownCache) Access(id uint32) bool {
	if _, ok := p.c.Get(id); ok {
		return true
	}
	p.c.Set(id, struct{}{})
	return false
}

func (p ownCache) Len() int { return p.c.Len() }

// rare are the policies that are simulated only when they are asked for.
var rare = []string{"random", "arc-golang-lru"}

func allPolicies() []policy.Info { return append(slices.Clone(policy.Table), own) }

func policyNames() []string {
	var names []string
	for _, p := range allPolicies() {
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
		return slices.DeleteFunc(allPolicies(), func(p policy.Info) bool { return unfit(p) || slices.Contains(rare, p.Name) }), nil
	case "all":
		return slices.DeleteFunc(allPolicies(), unfit), nil
	}
	var chosen []policy.Info
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		i := slices.IndexFunc(allPolicies(), func(p policy.Info) bool { return p.Name == name })
		switch {
		case i < 0:
			return nil, fmt.Errorf("no policy %q (there are %s)", name, strings.Join(policyNames(), ", "))
		case unfit(allPolicies()[i]):
			return nil, fmt.Errorf("%s counts entries, and sizes are in bytes", name)
		case slices.ContainsFunc(chosen, func(p policy.Info) bool { return p.Name == name }):
			continue
		}
		chosen = append(chosen, allPolicies()[i])
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

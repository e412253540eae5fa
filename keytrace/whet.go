package keytrace

import (
	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/keytrace/policy"
)

// Whet is package cache of this module, replayed as it is: not a model of its policy but
// the cache itself, asked by Get and told by Set what it did not have.
var Whet = policy.Info{
	Name:   "whet",
	Title:  "Whet (adaptive)",
	Source: "package cache of this module",
	New:    newWhet,
}

// Policies returns all that can be simulated: the table of package policy, and Whet.
func Policies() []policy.Info {
	return append(append([]policy.Info(nil), policy.Table...), Whet)
}

type whet struct{ *cache.Cache[uint32, struct{}] }

func newWhet(_ *policy.Workload, capacity int) policy.Policy {
	return whet{cache.New[uint32, struct{}](capacity, nil)}
}

func (w whet) Access(id uint32) (hit bool) {
	if _, hit = w.Get(id); !hit {
		w.Set(id, struct{}{})
	}
	return hit
}

package keytrace

import (
	"slices"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/keytrace/policy"
)

// Whet is package cache of this module, replayed as it is: not a model of its policy but
// the cache itself, asked by Get and told by Set what it did not have.
var Whet = policy.Info{
	Name:   "whet",
	Title:  "whet/cache",
	Source: "package cache of this module: Get, then Set on a miss",
	Bytes:  true,
	New:    newWhet,
}

// Policies returns all that can be simulated: the table of package policy, and Whet.
func Policies() []policy.Info { return append(slices.Clone(policy.Table), Whet) }

type whet struct{ *cache.Cache[uint32, struct{}] }

func newWhet(w *policy.Workload, capacity int) policy.Policy {
	o := &cache.Options[uint32, struct{}]{}
	if w.Sizes != nil {
		o.Weight = func(id uint32, _ struct{}) int { return int(max(1, w.Sizes[id])) }
	}
	return whet{cache.New(capacity, o)}
}

func (w whet) Access(id uint32) (hit bool) {
	if _, hit = w.Get(id); !hit {
		w.Set(id, struct{}{})
	}
	return hit
}

package linear

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/whetgo/whet/cache"
)

// A subject is what is checked: the cache, or one that is known to be wrong.
type subject interface {
	Get(key int) (int, bool)
	Peek(key int) (int, bool)
	Set(key, value int)
	SetTTL(key, value int, ttl time.Duration)
	GetOrSet(key, value int) (int, bool)
	Delete(key int) bool
	Clear()
	GetOrLoad(ctx context.Context, key int, load cache.Loader[int, int]) (int, error)
}

type kind int

const (
	get kind = iota
	peek
	set
	setTTL
	getOrSet
	remove
	removeAll   // of all keys: no answer
	removeAgain // which removeAll does if the entries have moved meanwhile
	getOrLoad
	getOrLoadCancelled // whose context is cancelled at some time
)

func (k kind) String() string {
	return [...]string{"Get", "Peek", "Set", "SetTTL", "GetOrSet", "Delete", "Clear", "Clear again", "GetOrLoad", "GetOrLoad, cancelled"}[k]
}

type call struct {
	kind  kind
	key   int
	value int // to set
}

type answer struct {
	value int
	ok    bool // found, deleted or loaded
	own   bool // the caller's loader brought the value
	left  bool // the caller did not wait for the answer
	keeps keeping
}

// keeping is whether the load that brought a value was kept, as far as its times tell.
type keeping int

const (
	perhaps keeping = iota
	kept            // nothing overtook it
	dropped         // the key was set or deleted while the loader was running
)

// none is the value of a key that is not in the cache. Values that are set are above it.
const none = 0

// model is a cache that evicts nothing, of one key. A load takes effect when it lands, or has
// none if it was overtaken.
var model = (&porcupine.NondeterministicModel{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		keys := map[int][]porcupine.Operation{}
		for _, op := range history {
			key := op.Input.(call).key
			keys[key] = append(keys[key], op)
		}
		return slices.Collect(maps.Values(keys))
	},
	Init: func() []any { return []any{none} },
	Step: func(state, input, output any) (next []any) {
		for _, held := range step(state.(int), input.(call), output.(answer)) {
			next = append(next, held)
		}
		return next
	},
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%v → %+v", input, output)
	},
}).ToModel()

// step returns what the key may hold after a call, nothing if the answer is wrong.
func step(held int, in call, out answer) []int {
	when := func(legal bool, next ...int) []int {
		if !legal {
			return nil
		}
		return next
	}
	found := held != none && out.value == held
	switch in.kind {
	case get, peek:
		return when(out.ok && found || !out.ok && held == none, held)
	case set, setTTL:
		return []int{in.value}
	case getOrSet:
		if out.ok {
			return when(found, held)
		}
		return when(held == none && out.value == in.value, in.value)
	case remove:
		return when(out.ok == (held != none), none)
	case removeAll:
		return []int{none}
	case removeAgain:
		return []int{none, held}
	}
	return stepLoad(held, out, when)
}

func stepLoad(held int, out answer, when func(bool, ...int) []int) []int {
	switch {
	case out.left && !out.own:
		return []int{held}
	case out.left && held == none:
		return []int{none, out.value}
	case out.left:
		return []int{held}
	case !out.ok:
		return when(held == none, none)
	case out.own && out.keeps == kept:
		return when(held == none, out.value)
	case out.own && out.keeps == dropped:
		return when(held == none, none)
	case out.own:
		return when(held == none, out.value, none)
	case held == none: // waited for a load that was overtaken
		return when(out.keeps != kept, none)
	}
	return when(out.value == held, held)
}

var errLoad = errors.New("load failed")

// A plan says which calls a history has.
type plan struct {
	clients, calls, keys int
	kinds                []kind
}

// A recorder makes calls and writes down when they began, how they ended and when.
type recorder struct {
	subject subject
	start   time.Time
	values  atomic.Int64
	keys    int

	mu      sync.Mutex
	history []porcupine.Operation
	loads   map[int]span // when the loader that brought a value ran
}

type span struct{ from, to int64 }

func (r *recorder) now() int64 { return int64(time.Since(r.start)) }

func record(s subject, p plan, seed uint64) []porcupine.Operation {
	r := &recorder{subject: s, start: time.Now(), keys: p.keys, loads: map[int]span{}}
	var wg sync.WaitGroup
	for client := range p.clients {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(client)))
			for range p.calls {
				r.call(client, call{p.kinds[random.IntN(len(p.kinds))], random.IntN(p.keys), int(r.values.Add(1))}, random)
				yield(random)
			}
		})
	}
	wg.Wait()
	r.judgeLoads()
	return r.history
}

// judgeLoads says of each answer that a load brought whether that must have been kept. The
// effect of a load whose caller has left may come after.
func (r *recorder) judgeLoads() {
	r.mu.Lock() // loads may be under way whose callers have all left
	defer r.mu.Unlock()
	for i := range r.history {
		op := &r.history[i]
		in, out := op.Input.(call), op.Output.(answer)
		ran, ok := r.loads[out.value]
		switch {
		case in.kind < getOrLoad:
		case out.left && ok:
			op.Return = math.MaxInt64
		case out.left:
			out.own = false
		case ok:
			out.keeps = r.keeps(in.key, out.value, ran)
		}
		op.Output = out
	}
}

func (r *recorder) keeps(key, value int, ran span) keeping {
	flight := ran // from the call that had the loader run until that returned
	for _, op := range r.history {
		if in, out := op.Input.(call), op.Output.(answer); in.kind >= getOrLoad && in.value == value {
			if out.left {
				return perhaps
			}
			flight = span{op.Call, op.Return}
		}
	}
	result := kept
	for _, op := range r.history {
		in, out := op.Input.(call), op.Output.(answer)
		overtakes := in.kind == set || in.kind == setTTL || in.kind == getOrSet && !out.ok || in.kind == remove || in.kind == removeAll
		switch {
		case in.key != key || !overtakes:
		case op.Call > ran.from && op.Return < ran.to:
			return dropped
		case op.Call <= flight.to && op.Return >= flight.from:
			result = perhaps
		}
	}
	return result
}

func yield(random *rand.Rand) {
	for range max(0, random.IntN(6)-3) {
		runtime.Gosched()
	}
}

func (r *recorder) call(client int, in call, random *rand.Rand) {
	began := r.now()
	out := r.do(in, random)
	ended := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := []int{in.key}
	if in.kind == removeAll {
		keys = keys[:0]
		for key := range r.keys {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		in.key = key
		r.history = append(r.history, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: began, Return: ended})
		if in.kind == removeAll {
			in := in
			in.kind = removeAgain
			r.history = append(r.history, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: began, Return: ended})
		}
	}
}

func (r *recorder) do(in call, random *rand.Rand) (out answer) {
	switch in.kind {
	case get:
		out.value, out.ok = r.subject.Get(in.key)
	case peek:
		out.value, out.ok = r.subject.Peek(in.key)
	case set:
		r.subject.Set(in.key, in.value)
	case setTTL:
		r.subject.SetTTL(in.key, in.value, time.Hour)
	case getOrSet:
		out.value, out.ok = r.subject.GetOrSet(in.key, in.value)
	case remove:
		out.ok = r.subject.Delete(in.key)
	case removeAll:
		r.subject.Clear()
	case getOrLoad:
		return r.load(context.Background(), in, random)
	case getOrLoadCancelled:
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if random.IntN(3) == 0 {
			go cancel()
		}
		return r.load(ctx, in, random)
	}
	return out
}

func (r *recorder) load(ctx context.Context, in call, random *rand.Rand) (out answer) {
	fails, pause := random.IntN(3) == 0, random.IntN(5)
	value, err := r.subject.GetOrLoad(ctx, in.key, func(context.Context, int) (int, error) {
		from := r.now()
		for range pause {
			runtime.Gosched()
		}
		if fails {
			return 0, errLoad
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.loads[in.value] = span{from, r.now()}
		return in.value, nil
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	_, own := r.loads[in.value]
	if errors.Is(err, context.Canceled) {
		return answer{value: in.value, own: true, left: true} // it may be loaded yet
	}
	return answer{value: value, ok: err == nil, own: own && value == in.value}
}

var plans = map[string]plan{
	"one key":    {clients: 3, calls: 12, keys: 1, kinds: []kind{get, get, set, remove, getOrLoad, getOrLoad}},
	"load":       {clients: 4, calls: 10, keys: 1, kinds: []kind{getOrLoad, getOrLoad, getOrLoad, remove, get}},
	"everything": {clients: 4, calls: 25, keys: 3, kinds: []kind{get, peek, set, setTTL, getOrSet, remove, removeAll, getOrLoad}},
	"cancelled":  {clients: 4, calls: 12, keys: 2, kinds: []kind{get, set, remove, getOrLoadCancelled, getOrLoadCancelled}},
}

// check records histories until the time is over or one is not linearizable.
func check(t *testing.T, p plan, long time.Duration, subject func() subject) (histories int, broken []porcupine.Operation) {
	t.Helper()
	for end := time.Now().Add(long); time.Now().Before(end); histories++ {
		history := record(subject(), p, rand.Uint64())
		switch porcupine.CheckOperationsTimeout(model, history, 20*time.Second) {
		case porcupine.Illegal:
			return histories, history
		case porcupine.Unknown:
			t.Fatal("a history too long to check")
		}
	}
	return histories, nil
}

func TestLinearizable(t *testing.T) {
	long := time.Second
	if testing.Short() {
		long /= 10
	}
	for name, p := range plans {
		for value, makes := range map[string]func() subject{
			"small":  func() subject { return cache.New[int, int](1000, nil) },
			"wide":   func() subject { return wide{cache.New[int, [3]int](1000, nil)} },
			"moving": func() subject { return newMoving() },
		} {
			t.Run(name+" "+value, func(t *testing.T) {
				n, broken := check(t, p, long/2, makes)
				if broken != nil {
					t.Fatalf("not linearizable:\n%s", list(broken))
				}
				t.Logf("%d histories", n)
			})
		}
	}
}

func list(history []porcupine.Operation) (s string) {
	for _, op := range history {
		s += fmt.Sprintf("\t%d: %8d–%8d  %s\n", op.ClientId, op.Call, op.Return, model.DescribeOperation(op.Input, op.Output))
	}
	return s
}

// wide has values of more than one word, which could be torn.
type wide struct {
	*cache.Cache[int, [3]int]
}

func widen(v int) [3]int { return [3]int{v, -v, v} }

func narrow(v [3]int) int {
	if v != widen(v[0]) {
		return -1
	}
	return v[0]
}

func (w wide) Get(key int) (int, bool)  { v, ok := w.Cache.Get(key); return narrow(v), ok }
func (w wide) Peek(key int) (int, bool) { v, ok := w.Cache.Peek(key); return narrow(v), ok }
func (w wide) Set(key, value int)       { w.Cache.Set(key, widen(value)) }
func (w wide) SetTTL(key, value int, ttl time.Duration) {
	w.Cache.SetTTL(key, widen(value), ttl)
}

func (w wide) GetOrSet(key, value int) (int, bool) {
	v, ok := w.Cache.GetOrSet(key, widen(value))
	return narrow(v), ok
}

func (w wide) GetOrLoad(ctx context.Context, key int, load cache.Loader[int, int]) (int, error) {
	v, err := w.Cache.GetOrLoad(ctx, key, func(ctx context.Context, key int) ([3]int, error) {
		v, err := load(ctx, key)
		return widen(v), err
	})
	return narrow(v), err
}

// moving grows while it is used, so that its entries move to other tables and shards.
type moving struct {
	*cache.Cache[int, int]
	calls atomic.Int64
}

func newMoving() *moving { return &moving{Cache: cache.New[int, int](1000, nil)} }

func (m *moving) Set(key, value int) {
	m.Cache.Set(key, value)
	switch m.calls.Add(1) {
	case 3:
		m.Resize(100_000)
	case 6:
		m.Resize(200_000)
	}
}

// broken is a cache whose loads overwrite what was set or deleted meanwhile.
type broken struct {
	subject
}

func (b broken) GetOrLoad(ctx context.Context, key int, load cache.Loader[int, int]) (int, error) {
	if v, ok := b.Get(key); ok {
		return v, nil
	}
	v, err := load(ctx, key)
	if err == nil {
		b.Set(key, v)
	}
	return v, err
}

// late is a cache whose deletions are seen a moment later than they return.
type late struct {
	subject
}

func (l late) Delete(key int) bool {
	_, ok := l.Get(key)
	go l.subject.Delete(key)
	return ok
}

// TestRejected: the checker finds what is wrong with caches that are.
func TestRejected(t *testing.T) {
	for name, makes := range map[string]func() subject{
		"loads that overwrite": func() subject { return broken{cache.New[int, int](1000, nil)} },
		"late deletion":        func() subject { return late{cache.New[int, int](1000, nil)} },
	} {
		t.Run(name, func(t *testing.T) {
			n, found := check(t, plans["one key"], 20*time.Second, makes)
			if found == nil {
				t.Errorf("%d histories of a broken cache pass", n)
			}
		})
	}
}

// TestRejectedByHand: histories without any doubt.
func TestRejectedByHand(t *testing.T) {
	at := func(from, to int64, in call, out answer) porcupine.Operation {
		return porcupine.Operation{Input: in, Output: out, Call: from, Return: to}
	}
	for name, history := range map[string][]porcupine.Operation{
		"a value nobody set":        {at(0, 1, call{kind: get}, answer{value: 5, ok: true})},
		"an old value":              {at(0, 1, call{kind: set, value: 1}, answer{}), at(2, 3, call{kind: set, value: 2}, answer{}), at(4, 5, call{kind: get}, answer{value: 1, ok: true})},
		"deleted, yet found":        {at(0, 1, call{kind: set, value: 1}, answer{}), at(2, 3, call{kind: remove}, answer{ok: true}), at(4, 5, call{kind: get}, answer{value: 1, ok: true})},
		"a load undoes a Delete":    {at(0, 5, call{kind: getOrLoad}, answer{value: 1, ok: true, own: true, keeps: dropped}), at(2, 3, call{kind: remove}, answer{}), at(6, 7, call{kind: get}, answer{value: 1, ok: true})},
		"a load is not kept":        {at(0, 1, call{kind: getOrLoad}, answer{value: 1, ok: true, own: true, keeps: kept}), at(2, 3, call{kind: get}, answer{})},
		"loaded though it is there": {at(0, 1, call{kind: set, value: 1}, answer{}), at(2, 3, call{kind: getOrLoad}, answer{value: 2, ok: true, own: true})},
	} {
		if porcupine.CheckOperations(model, history) {
			t.Errorf("%s: passes", name)
		}
	}
	fine := []porcupine.Operation{
		at(0, 9, call{kind: getOrLoad}, answer{value: 1, ok: true, own: true}),
		at(2, 8, call{kind: remove}, answer{}),
		at(3, 7, call{kind: getOrLoad}, answer{value: 1, ok: true}),
		at(10, 11, call{kind: get}, answer{}),
	}
	if !porcupine.CheckOperations(model, fine) {
		t.Error("a load that a Delete overtook does not pass")
	}
}

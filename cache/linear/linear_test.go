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
	"testing/synctest"
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
	value int           // to set
	ttl   time.Duration // of value, 0: for ever
	at    time.Duration // the time; 0 where there are no lifetimes
}

type answer struct {
	value int
	at    time.Duration
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

// A state is what a key holds, until when, and the time.
type state struct {
	value    int
	end, now time.Duration // end 0: for ever
}

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
	Init: func() []any { return []any{state{}} },
	Step: func(s, input, output any) (next []any) {
		for _, n := range step(s.(state), input.(call), output.(answer)) {
			next = append(next, n)
		}
		return next
	},
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%v → %+v", input, output)
	},
}).ToModel()

// passed returns the state at a later time.
func (s state) passed(at time.Duration) state {
	if s.now = at; s.end != 0 && at >= s.end {
		s.value, s.end = none, 0
	}
	return s
}

// holding returns the state after the key was given a value, or none.
func (s state) holding(value int, ttl time.Duration) state {
	s.value, s.end = value, 0
	if value != none && ttl > 0 {
		s.end = s.now + ttl
	}
	return s
}

func when(legal bool, next ...state) []state {
	if !legal {
		return nil
	}
	return next
}

// step returns what the key may hold after a call, nothing if the answer is wrong. Calls take
// no time but for loads, and these have asked for the key by the time they began.
func step(s state, in call, out answer) []state {
	if s.now > out.at {
		return nil
	}
	s = s.passed(max(s.now, in.at))
	found := s.value != none && out.value == s.value
	given := s.holding(in.value, in.ttl)
	switch in.kind {
	case get, peek:
		return when(out.ok && found || !out.ok && s.value == none, s)
	case set, setTTL:
		return []state{given}
	case getOrSet:
		if out.ok {
			return when(found, s)
		}
		return when(s.value == none && out.value == in.value, given)
	case remove:
		return when(out.ok == (s.value != none), s.holding(none, 0))
	case removeAll:
		return []state{s.holding(none, 0)}
	case removeAgain:
		return []state{s.holding(none, 0), s}
	}
	return stepLoad(s, in, out)
}

func stepLoad(s state, in call, out answer) []state {
	absent, end := s.value == none, s.passed(out.at)
	loaded := when(end.value == none, end.holding(out.value, in.ttl))
	switch {
	case out.left && !out.own:
		return []state{s}
	case out.left && absent:
		return append(loaded, s)
	case out.left:
		return []state{s}
	case !out.ok:
		return when(absent, s)
	case out.own && out.keeps == kept:
		return loaded
	case out.own && out.keeps == dropped:
		return when(absent, s)
	case out.own:
		return append(loaded, when(absent, s)...)
	case absent: // waited for a load that was overtaken
		return when(out.keeps != kept, s)
	}
	return when(out.value == s.value, s)
}

var errLoad = errors.New("load failed")

// A plan says which calls a history has.
type plan struct {
	clients, calls, keys int
	kinds                []kind
	lifetimes            bool // in a synctest bubble
}

// Where there are lifetimes, calls are made at whole steps of time and entries end between
// them, by more than the cache's clock may be late.
const (
	stepOfTime = 10 * time.Millisecond
	defaultTTL = 2*stepOfTime + stepOfTime/2
)

// A recorder makes calls and writes down when they began, how they ended and when.
type recorder struct {
	subject subject
	start   time.Time
	values  atomic.Int64
	ticks   atomic.Int64 // orders the calls where the clock stands still
	plan

	mu      sync.Mutex
	history []porcupine.Operation
	loads   map[int]span // when the loader that brought a value ran
}

type span struct{ from, to int64 }

func (r *recorder) now() int64 {
	if r.lifetimes {
		return r.ticks.Add(1)
	}
	return int64(time.Since(r.start))
}

// time returns the time that entries live by.
func (r *recorder) time() time.Duration {
	if r.lifetimes {
		return time.Since(r.start)
	}
	return 0
}

func record(t *testing.T, makes func() subject, p plan, seed uint64) (history []porcupine.Operation) {
	if p.lifetimes {
		synctest.Test(t, func(*testing.T) { history = recordNow(makes(), p, seed) })
		return history
	}
	return recordNow(makes(), p, seed)
}

func recordNow(s subject, p plan, seed uint64) []porcupine.Operation {
	r := &recorder{subject: s, start: time.Now(), plan: p, loads: map[int]span{}}
	var wg sync.WaitGroup
	for client := range p.clients {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(client)))
			for range p.calls {
				r.call(client, p.call(int(r.values.Add(1)), random), random)
				yield(random)
				r.sleep(random)
			}
		})
	}
	wg.Wait()
	r.judgeLoads()
	return r.history
}

// call returns a call of the plan.
func (p plan) call(value int, random *rand.Rand) call {
	in := call{kind: p.kinds[random.IntN(len(p.kinds))], key: random.IntN(p.keys), value: value}
	if p.lifetimes {
		in.ttl = defaultTTL
	}
	if in.kind == setTTL {
		in.ttl = time.Hour
	}
	if in.kind == setTTL && p.lifetimes {
		in.ttl = []time.Duration{time.Hour, 0, stepOfTime / 2, defaultTTL + stepOfTime}[random.IntN(4)]
	}
	return in
}

// sleep lets time pass, if it has any meaning.
func (r *recorder) sleep(random *rand.Rand) {
	if r.lifetimes {
		time.Sleep(stepOfTime * time.Duration(max(0, random.IntN(6)-3)))
	}
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
	in.at = r.time()
	began := r.now()
	out := r.do(in, random)
	ended := r.now()
	out.at = r.time()
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
		r.subject.SetTTL(in.key, in.value, in.ttl)
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
		r.sleep(random)
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
	"lifetimes":  {clients: 4, calls: 20, keys: 2, kinds: []kind{get, get, peek, set, setTTL, getOrSet, remove, getOrLoad, getOrLoad}, lifetimes: true},
	"cancelled":  {clients: 4, calls: 12, keys: 2, kinds: []kind{get, set, remove, getOrLoadCancelled, getOrLoadCancelled}},
}

// check records histories until the time is over or one is not linearizable.
func check(t *testing.T, p plan, long time.Duration, subject func() subject) (histories int, broken []porcupine.Operation) {
	t.Helper()
	for end := time.Now().Add(long); time.Now().Before(end); histories++ {
		history := record(t, subject, p, rand.Uint64())
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
		ttl := time.Duration(0)
		if p.lifetimes {
			ttl = defaultTTL
		}
		for value, makes := range map[string]func() subject{
			"small":  func() subject { return cache.New(1000, &cache.Options[int, int]{TTL: ttl}) },
			"wide":   func() subject { return wide{cache.New(1000, &cache.Options[int, [3]int]{TTL: ttl})} },
			"moving": func() subject { return newMoving(ttl) },
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

func newMoving(ttl time.Duration) *moving {
	return &moving{Cache: cache.New(1000, &cache.Options[int, int]{TTL: ttl})}
}

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

// undying is a cache that takes an hour for a lifetime that is shorter.
type undying struct {
	subject
}

func (u undying) SetTTL(key, value int, ttl time.Duration) {
	u.subject.SetTTL(key, value, max(ttl, time.Hour))
}

// hasty is a cache whose entries live for half their lifetime.
type hasty struct {
	subject
}

func (h hasty) SetTTL(key, value int, ttl time.Duration) { h.subject.SetTTL(key, value, ttl/2) }

// TestRejected: the checker finds what is wrong with caches that are.
func TestRejected(t *testing.T) {
	living := &cache.Options[int, int]{TTL: defaultTTL}
	for name, x := range map[string]struct {
		plan  string
		makes func() subject
	}{
		"loads that overwrite":        {"one key", func() subject { return broken{cache.New[int, int](1000, nil)} }},
		"late deletion":               {"one key", func() subject { return late{cache.New[int, int](1000, nil)} }},
		"no lifetime":                 {"lifetimes", func() subject { return cache.New[int, int](1000, nil) }},
		"a lifetime that is too long": {"lifetimes", func() subject { return undying{cache.New(1000, living)} }},
		"one that is too short":       {"lifetimes", func() subject { return hasty{cache.New(1000, living)} }},
	} {
		t.Run(name, func(t *testing.T) {
			n, found := check(t, plans[x.plan], 20*time.Second, x.makes)
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

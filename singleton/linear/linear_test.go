package linear_test

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

	"github.com/whetgo/whet/singleton"
)

// A subject is what is checked. Builds give numbers from 1.
type subject interface {
	Get(ctx context.Context, key int) (int, error)
	Peek(key int) (int, bool)
	Reset(key int) error
}

type builder func(ctx context.Context, key int) (int, error)

type kind int

const (
	get kind = iota
	getCancelled
	peek
	reset
	built // a build that brought an instance: it is kept at some time from then on, or never
)

func (k kind) String() string {
	return [...]string{"Get", "Get, cancelled", "Peek", "Reset", "build"}[k]
}

type call struct {
	kind kind
	key  int
}

// An answer is an instance, 0 for none.
type answer struct {
	value  int
	failed bool // with the build's own error or panic
}

// model is one key: the number of its instance, 0 if there is none.
var model = (&porcupine.NondeterministicModel{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		keys := map[int][]porcupine.Operation{}
		for _, op := range history {
			key := op.Input.(call).key
			keys[key] = append(keys[key], op)
		}
		return slices.Collect(maps.Values(keys))
	},
	Init: func() []any { return []any{0} },
	Step: func(state, input, output any) []any { return step(state.(int), input.(call), output.(answer)) },
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%v of %d → %+v", input.(call).kind, input.(call).key, output)
	},
}).ToModel()

// step returns what instance there may be after a call, nothing if the answer is wrong.
func step(held int, in call, out answer) []any {
	switch {
	case in.kind == built && held == 0:
		return []any{out.value, 0}
	case in.kind == built: // overtaken by Reset
		return []any{held}
	case in.kind == reset:
		return []any{0}
	case out.failed && held != 0: // one does not build what is there
		return nil
	case in.kind == peek && out.value != held, out.value != 0 && out.value != held:
		return nil
	}
	return []any{held}
}

var errBuild = errors.New("build failed")

// A recorder makes calls and writes down when they began, how they ended and when.
type recorder struct {
	start   time.Time
	values  atomic.Int64
	running [8]atomic.Int32 // builds of each key

	mu      sync.Mutex
	history []porcupine.Operation
	twice   bool // two builds of a key at once
}

func (r *recorder) now() int64 { return int64(time.Since(r.start)) }

func (r *recorder) note(client int, in call, out answer, from, to int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history = append(r.history, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: from, Return: to})
}

// build fails, panics, dawdles or brings an instance.
func (r *recorder) build(ctx context.Context, key int) (int, error) {
	if r.running[key].Add(1) > 1 {
		r.mu.Lock()
		r.twice = true
		r.mu.Unlock()
	}
	defer r.running[key].Add(-1)
	for range rand.IntN(5) {
		runtime.Gosched()
	}
	switch rand.IntN(6) {
	case 0:
		return 0, errBuild
	case 1:
		panic(errBuild)
	case 2:
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	value := int(r.values.Add(1))
	r.note(100+value, call{built, key}, answer{value: value}, r.now(), math.MaxInt64)
	return value, nil
}

func (r *recorder) call(client int, s subject, random *rand.Rand, keys int) {
	in := call{[]kind{get, get, getCancelled, peek, reset}[random.IntN(5)], random.IntN(keys)}
	from := r.now()
	out := r.do(in, s, random)
	r.note(client, in, out, from, r.now())
}

func (r *recorder) do(in call, s subject, random *rand.Rand) (out answer) {
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); !ok || !errors.Is(err, errBuild) {
				panic(v)
			}
			out = answer{failed: true}
		}
	}()
	ctx := context.Background()
	switch in.kind {
	case peek:
		out.value, _ = s.Peek(in.key)
		return out
	case reset:
		_ = s.Reset(in.key)
		return out
	case getCancelled:
		own, cancel := context.WithCancel(ctx)
		defer cancel()
		if ctx = own; random.IntN(2) == 0 {
			go cancel()
		}
	}
	value, err := s.Get(ctx, in.key)
	return answer{value, err != nil && errors.Is(err, errBuild)}
}

// record has a few goroutines call a subject and returns the history, and whether two builds
// of a key ran at once.
func record(makes func(builder) subject, clients, calls, keys int) ([]porcupine.Operation, bool) {
	r := &recorder{start: time.Now()}
	s := makes(r.build)
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(rand.Uint64(), 1))
			for range calls {
				r.call(client, s, random, keys)
			}
		})
	}
	wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.history), r.twice
}

// check records histories until the time is over or one is wrong.
func check(t *testing.T, makes func(builder) subject, long time.Duration) (histories int, wrong string) {
	t.Helper()
	for end := time.Now().Add(long); time.Now().Before(end); histories++ {
		history, twice := record(makes, 4, 8, 1+histories%2)
		switch porcupine.CheckOperationsTimeout(model, history, 20*time.Second) {
		case porcupine.Illegal:
			return histories, "not linearizable:\n" + list(history)
		case porcupine.Unknown:
			t.Fatal("a history too long to check")
		}
		if twice {
			return histories, "two builds at once"
		}
	}
	return histories, ""
}

func list(history []porcupine.Operation) (s string) {
	for _, op := range history {
		s += fmt.Sprintf("\t%3d: %8d–%8d  %s\n", op.ClientId, op.Call, op.Return, model.DescribeOperation(op.Input, op.Output))
	}
	return s
}

func TestLinearizable(t *testing.T) {
	n, wrong := check(t, func(b builder) subject { return singleton.NewKeyed(b, nil) }, 3*time.Second)
	if wrong != "" {
		t.Fatal(wrong)
	}
	t.Logf("%d histories", n)
}

// unguarded builds without asking whether somebody else does.
type unguarded struct {
	build builder
	m     sync.Map
}

func (u *unguarded) Peek(key int) (int, bool) {
	v, ok := u.m.Load(key)
	if !ok {
		return 0, false
	}
	return v.(int), true
}

func (u *unguarded) Get(ctx context.Context, key int) (int, error) {
	if v, ok := u.Peek(key); ok {
		return v, nil
	}
	v, err := u.build(ctx, key)
	if err == nil {
		u.m.Store(key, v)
	}
	return v, err
}

func (u *unguarded) Reset(key int) error { u.m.Delete(key); return nil }

// undead resets a moment later than it says.
type undead struct{ subject }

func (u undead) Reset(key int) error { go u.subject.Reset(key); return nil }

// TestRejected: the checker finds what is wrong with singletons that are.
func TestRejected(t *testing.T) {
	for name, makes := range map[string]func(builder) subject{
		"unguarded": func(b builder) subject { return &unguarded{build: b} },
		"undead":    func(b builder) subject { return undead{singleton.NewKeyed(b, nil)} },
	} {
		if n, wrong := check(t, makes, 20*time.Second); wrong == "" {
			t.Errorf("%s: %d histories pass", name, n)
		}
	}
}

// TestRejectedByHand: histories without any doubt.
func TestRejectedByHand(t *testing.T) {
	at := func(from, to int64, k kind, out answer) porcupine.Operation {
		return porcupine.Operation{Input: call{kind: k}, Output: out, Call: from, Return: to}
	}
	build := func(from int64, value int) porcupine.Operation {
		return at(from, math.MaxInt64, built, answer{value: value})
	}
	for name, history := range map[string][]porcupine.Operation{
		"of no build":       {at(0, 1, get, answer{value: 1})},
		"before its build":  {at(0, 1, get, answer{value: 1}), build(2, 1)},
		"two at once":       {build(0, 1), build(0, 2), at(1, 2, get, answer{value: 1}), at(3, 4, get, answer{value: 2}), at(5, 6, get, answer{value: 1})},
		"gone by itself":    {build(0, 1), at(1, 2, get, answer{value: 1}), at(3, 4, peek, answer{})},
		"reset, yet there":  {build(0, 1), at(1, 2, get, answer{value: 1}), at(3, 4, reset, answer{}), at(5, 6, peek, answer{value: 1})},
		"failed, yet there": {build(0, 1), at(1, 2, get, answer{value: 1}), at(3, 4, get, answer{failed: true}), at(5, 6, peek, answer{value: 1})},
	} {
		if porcupine.CheckOperations(model, history) {
			t.Errorf("%s: passes", name)
		}
	}
	fine := []porcupine.Operation{
		build(0, 1), at(0, 3, get, answer{value: 1}), at(1, 4, reset, answer{}), at(5, 6, peek, answer{}),
		build(6, 2), at(6, 9, get, answer{value: 2}), at(6, 7, getCancelled, answer{}), at(10, 11, peek, answer{value: 2}),
	}
	if !porcupine.CheckOperations(model, fine) {
		t.Error("a history that is right does not pass")
	}
}

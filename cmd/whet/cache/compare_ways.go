package cache

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"
	"unsafe"

	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/memo"
	"github.com/whetgo/whet/store/naive"
)

const (
	barBytes     = float64(unsafe.Sizeof(naive.Bar{}))
	hoursPerFile = 24
	barsPerHour  = 60
)

var (
	symbols = []string{"EURUSD.FX", "USDJPY.FX", "GBPUSD.FX", "ESZ6", "NQZ6", "CLF7"}
	opening = time.Date(2026, 9, 14, 0, 0, 0, 0, time.UTC)
)

// An hour is what a call asks for.
type hour struct{ symbol, hour int }

type answerFunc func(hour) ([]naive.Bar, error)

// A market is a folder of bar files, and the calls to be made.
type market struct {
	dir   string
	rng   *rand.Rand
	calls []hour
	store *naive.Store
}

func newMarket(seed uint64, calls int) (*market, error) {
	m := &market{rng: rand.New(rand.NewPCG(seed, 2))}
	spec := keytrace.Spec{Len: calls, Seed: seed, Parts: []keytrace.Part{{Kind: "zipf", N: len(symbols) * hoursPerFile, S: 1, Weight: 1}}}
	for key := range spec.Keys() {
		n := int(key * 0x9e3779b97f4a7c15 >> 32 % uint64(len(symbols)*hoursPerFile)) // popular hours of all symbols
		m.calls = append(m.calls, hour{n % len(symbols), n / len(symbols)})
	}
	var err error
	if m.dir, err = os.MkdirTemp("", "whet-compare-"); err != nil {
		return nil, err
	}
	for _, symbol := range symbols {
		if err := m.write(symbol); err != nil {
			m.remove()
			return nil, err
		}
	}
	if m.store, err = naive.Open(naive.FileParams(m.dir, "compare", 1)); err != nil {
		m.remove()
		return nil, err
	}
	return m, nil
}

func (m *market) remove() { os.RemoveAll(m.dir) }

// write writes a day of minutes, a random walk.
func (m *market) write(symbol string) error {
	f, err := os.Create(filepath.Join(m.dir, symbol+".csv"))
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	fmt.Fprintln(b, "time,open,high,low,close,volume")
	price := 100_000 + m.rng.Int64N(20_000)
	for i := range hoursPerFile * barsPerHour {
		open := price
		price += m.rng.Int64N(21) - 10
		fmt.Fprintf(b, "%s,%g,%g,%g,%g,%d\n", opening.Add(time.Duration(i)*time.Minute).Format("2006-01-02 15:04"),
			float64(open)/1e5, float64(max(open, price))/1e5, float64(min(open, price))/1e5, float64(price)/1e5, 1+m.rng.Int64N(5000))
	}
	if err := b.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func (m *market) distinct() int {
	seen := make(map[hour]bool)
	for _, h := range m.calls {
		seen[h] = true
	}
	return len(seen)
}

// read is the work: an hour's bars from the symbol's file. They are copied out, since a
// part of a slice would keep all of it.
func (m *market) read(h hour) ([]naive.Bar, error) {
	from := opening.Add(time.Duration(h.hour) * time.Hour)
	bars, err := m.store.Bars(symbols[h.symbol], from, from.Add(time.Hour))
	return slices.Clone(bars), err
}

// A way answers calls. It starts empty.
type way func() (name string, answer answerFunc, held func() (items, bars int, hits float64))

func (m *market) plain() (string, answerFunc, func() (int, int, float64)) {
	return "no cache", m.read, func() (int, int, float64) { return 0, 0, 0 }
}

func (m *market) memo() (string, answerFunc, func() (int, int, float64)) {
	answer, memory := memo.WrapErr(m.read, nil)
	return "method cache", answer, func() (int, int, float64) {
		s := memory.Stats()
		return s.Len, s.Len * barsPerHour, s.HitRatio()
	}
}

func (m *market) shared() (string, answerFunc, func() (int, int, float64)) {
	instance := sync.OnceValues(m.load)
	answer := func(h hour) ([]naive.Bar, error) {
		all, err := instance()
		if err != nil {
			return nil, err
		}
		from := h.hour * barsPerHour
		return all[h.symbol][from : from+barsPerHour : from+barsPerHour], nil
	}
	return "shared instance", answer, func() (int, int, float64) { return 1, len(symbols) * hoursPerFile * barsPerHour, 0 }
}

// load reads all files.
func (m *market) load() ([][]naive.Bar, error) {
	all := make([][]naive.Bar, len(symbols))
	for i, symbol := range symbols {
		bars, err := m.store.Bars(symbol, opening, opening.Add(hoursPerFile*time.Hour))
		if err != nil {
			return nil, err
		}
		all[i] = slices.Clone(bars)
	}
	return all, nil
}

// A timing is a way's round.
type timing struct {
	name        string
	call, again float64 // seconds
	sum         uint64  // of all answers
	held, hits  float64
	items, bars int
}

// time makes all calls in one way, then the first one over and over, then looks at what
// is held.
func (m *market) time(ctx context.Context, w way) (timing, error) {
	before := liveHeap()
	name, answer, held := w()
	t := timing{name: name}
	start := time.Now()
	for _, h := range m.calls {
		if ctx.Err() != nil {
			return t, context.Cause(ctx)
		}
		if _, err := answer(h); err != nil {
			return t, err
		}
	}
	t.call = time.Since(start).Seconds() / float64(len(m.calls))
	t.items, t.bars, t.hits = held()
	t.held = max(0, float64(liveHeap())-float64(before))
	var err error
	if t.again, err = again(ctx, answer, m.calls[0]); err == nil {
		t.sum, err = m.sum(ctx, answer)
	}
	runtime.KeepAlive(held)
	return t, err
}

// again returns the time of a call that was made before, from batches that are long enough
// for the clock.
func again(ctx context.Context, answer answerFunc, h hour) (float64, error) {
	for n := 1; ; n *= 4 {
		start := time.Now()
		for range n {
			if _, err := answer(h); err != nil {
				return 0, err
			}
		}
		if took := time.Since(start); took > time.Millisecond || ctx.Err() != nil {
			return took.Seconds() / float64(n), context.Cause(ctx)
		}
	}
}

// sum hashes the answers to all distinct calls.
func (m *market) sum(ctx context.Context, answer answerFunc) (uint64, error) {
	sum := fnv.New64a()
	var b [8]byte
	add := func(n uint64) { binary.LittleEndian.PutUint64(b[:], n); sum.Write(b[:]) }
	seen := make(map[hour]bool)
	for _, h := range m.calls {
		if seen[h] {
			continue
		}
		seen[h] = true
		bars, err := answer(h)
		if err != nil || ctx.Err() != nil {
			return 0, errOr(err, context.Cause(ctx))
		}
		if len(bars) == 0 {
			return 0, errEmpty
		}
		for _, bar := range bars {
			add(uint64(bar.Time.Unix()))
			for _, price := range []float64{bar.Open, bar.High, bar.Low, bar.Close} {
				add(math.Float64bits(price))
			}
			add(uint64(bar.Volume))
		}
	}
	return sum.Sum64(), nil
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// liveHeap returns the bytes of the heap that are in use. It collects twice: what has a
// finalizer goes with the second.
func liveHeap() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

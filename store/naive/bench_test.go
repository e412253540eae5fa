package naive

import (
	"sync/atomic"
	"testing"
)

const (
	strategies = 20  // that use one store
	window     = 500 // bars in a request
)

// parallel runs body in about as many goroutines as there are strategies, and
// gives each its number.
func parallel(b *testing.B, body func(strategy int, pb *testing.PB)) {
	b.SetParallelism(10)
	var last atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) { body(int(last.Add(1)), pb) })
}

// BenchmarkOpen has many strategies open one store; an operation is one Open.
func BenchmarkOpen(b *testing.B) {
	emptyRegistry()
	dir := b.TempDir()
	want := mustOpen(b, dir, 1)
	parallel(b, func(_ int, pb *testing.PB) {
		for pb.Next() {
			if s, err := Open(FileParams(dir, "paper", 1)); err != nil || s != want {
				b.Errorf("store %p, %v, want %p", s, err, want)
				return
			}
		}
	})
	if n := Stores(); n != 1 {
		b.Fatalf("%d stores are open, want 1", n)
	}
}

// BenchmarkOpenSessions opens a store under a new client id for each session;
// an operation is a session, in which every strategy opens the store.
func BenchmarkOpenSessions(b *testing.B) {
	emptyRegistry()
	dir := b.TempDir()
	b.ReportAllocs()
	sessions := 0
	for b.Loop() {
		sessions++
		first := mustOpen(b, dir, sessions)
		for range strategies - 1 {
			if mustOpen(b, dir, sessions) != first {
				b.Fatal("strategies of one session have different stores")
			}
		}
	}
	if n := Stores(); n != sessions {
		b.Fatalf("%d stores are open, want %d", n, sessions)
	}
}

// BenchmarkBars is one strategy that asks for windows of bars; an operation is
// one request.
func BenchmarkBars(b *testing.B) {
	emptyRegistry()
	dir, all := market(b)
	s := mustOpen(b, dir, 1)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		symbol, from := symbols[i%len(symbols)], i*7%(barsPerFile-window)
		bars, err := s.Bars(symbol, minute(from), minute(from+window))
		if err != nil {
			b.Fatal(err)
		}
		if err := sameBars(bars, all[symbol][from:from+window]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkBarsParallel is many strategies that ask for windows of bars, each
// of its own symbol; an operation is one request.
func BenchmarkBarsParallel(b *testing.B) {
	emptyRegistry()
	dir, all := market(b)
	s := mustOpen(b, dir, 1)
	parallel(b, func(strategy int, pb *testing.PB) {
		symbol := symbols[strategy%len(symbols)]
		for i := strategy; pb.Next(); i++ {
			from := i * 7 % (barsPerFile - window)
			bars, err := s.Bars(symbol, minute(from), minute(from+window))
			if err == nil {
				err = sameBars(bars, all[symbol][from:from+window])
			}
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkLookup looks symbols up in turn; an operation is one look-up.
func BenchmarkLookup(b *testing.B) {
	roots := []string{"EURUSD", "USDJPY", "ES", "NQ", "CL", "ZN"}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		in, err := Lookup(symbols[i%len(symbols)])
		if err != nil {
			b.Fatal(err)
		}
		if want := roots[i%len(roots)]; in.Root != want {
			b.Fatalf("root is %q, want %q", in.Root, want)
		}
		i++
	}
}

// BenchmarkNotify is a session of 256 notes on a store of its own, read by
// every strategy after each 64; an operation is a session.
func BenchmarkNotify(b *testing.B) {
	const notes, between = 256, 64
	emptyRegistry()
	dir := b.TempDir()
	b.ReportAllocs()
	sessions := 0
	for b.Loop() {
		sessions++
		s := mustOpen(b, dir, sessions)
		for n := 1; n <= notes; n++ {
			s.Put(symbols[n%len(symbols)], "live")
			if n%between != 0 {
				continue
			}
			for range strategies {
				got := s.Notes()
				if len(got) != n || got[n-1].Symbol != symbols[n%len(symbols)] {
					b.Fatalf("%d notes after %d were put, the last %+v", len(got), n, got[len(got)-1])
				}
			}
		}
	}
}

// BenchmarkStrategies is many strategies on one store; an operation is one
// step of one of them.
func BenchmarkStrategies(b *testing.B) {
	emptyRegistry()
	dir, _ := market(b)
	var traded [6]atomic.Int64
	parallel(b, func(strategy int, pb *testing.PB) {
		k := strategy % len(symbols)
		c := newCrossover(dir, symbols[k])
		for i := strategy; pb.Next(); i++ {
			lots, err := c.step(i * 7 % (barsPerFile - window))
			if err != nil {
				b.Error(err)
				return
			}
			traded[k].Add(lots)
		}
	})
	s := mustOpen(b, dir, 1)
	for k, symbol := range symbols {
		if got, want := s.Position(symbol).Lots, traded[k].Load(); got != want {
			b.Fatalf("position in %s is %d lots, want %d", symbol, got, want)
		}
	}
	if got := len(s.Notes()); got != b.N {
		b.Fatalf("%d notes after %d fills", got, b.N)
	}
}

// BenchmarkPositions trades a round turn in every symbol, one half by market
// and one by a limit; an operation is the round of all symbols.
func BenchmarkPositions(b *testing.B) {
	broker, positions := NewBroker(0), Positions{}
	fills := make([]Fill, 0, 4)
	b.ReportAllocs()
	rounds := int64(0)
	for b.Loop() {
		rounds++
		for _, symbol := range symbols {
			broker.Mark(fills, symbol, 1000)
			bought, err := broker.Submit(Order{Symbol: symbol, Lots: 2})
			if err != nil {
				b.Fatal(err)
			}
			positions.Apply(bought)
			if _, err := broker.Submit(Order{Symbol: symbol, Lots: -2, Limited: true, Limit: 1003}); err != nil {
				b.Fatal(err)
			}
			for _, f := range broker.Mark(fills, symbol, 1005) {
				positions.Apply(f)
			}
		}
	}
	for _, symbol := range symbols {
		if got, want := positions[symbol], (Position{Realized: 10 * rounds}); got != want {
			b.Fatalf("position in %s is %+v, want %+v", symbol, got, want)
		}
	}
}

// BenchmarkWindow keeps a strategy's ticks and their average; an operation is
// one tick.
func BenchmarkWindow(b *testing.B) {
	const span = 128
	ring, average := NewRing(span), NewAverage(span)
	b.ReportAllocs()
	n := int64(0)
	for b.Loop() {
		n++
		price := 20_000 + n*n%37
		ring.Push(Tick{Time: n, Price: price, Lots: 1})
		average.Add(price)
		mean, ok := average.Mean()
		if ok && (mean < 20_000 || mean > 20_036) {
			b.Fatalf("mean is %v", mean)
		}
	}
	var sum int64
	for i := range ring.Len() {
		tick, _ := ring.Last(i)
		sum += tick.Price
	}
	if mean, ok := average.Mean(); ok && mean != float64(sum)/span {
		b.Fatalf("mean is %v, want %v", mean, float64(sum)/span)
	}
}

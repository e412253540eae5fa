package sim

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
)

// Config says what a venue is like. The zero Config is a venue that trades nothing until it
// is told what by Bars and Ticks.
type Config struct {
	// Seed makes the market and what faults do by chance: equal seeds, equal venues.
	Seed uint64
	// Generate makes a market: every symbol is traded, for ever, and has bars of all times;
	// for the symbols that are subscribed to, a tick comes every Every (100 ms if that is 0),
	// and a bar whenever one closes.
	Generate bool
	Every    time.Duration
	// Cash is what an account begins with; a million if 0.
	Cash store.Money
	// Maker and Taker are the fees, in millionths of what is traded: of orders that rested in
	// the book, and of those that met them.
	Maker, Taker int64
	// Depth is how much of a symbol the market itself takes and gives at each quote; without bound if 0.
	Depth store.Qty
	// Limits are what the driver tells the store.
	Limits []store.Limit
}

// A Venue is a simulated exchange. Any goroutine may use it.
type Venue struct {
	addr     string
	config   Config
	sessions sync.WaitGroup // their goroutines

	mu       sync.Mutex // guards what follows
	rng      *rand.Rand
	open     map[*session]bool
	symbols  map[string]*symbol
	accounts map[string]*account
	faults   faults
	dials    int
	stop     func() // the generated market; nil: it is not running
}

// A symbol is what the venue knows of one instrument.
type symbol struct {
	name  string
	bars  map[time.Duration][]store.Bar
	ticks uint64 // published
	book  book
}

func newVenue(addr string, c Config) *Venue {
	if c.Every <= 0 {
		c.Every = 100 * time.Millisecond
	}
	if c.Cash == 0 {
		c.Cash = 1_000_000 * store.Unit
	}
	return &Venue{addr: addr, config: c, rng: rand.New(rand.NewPCG(c.Seed, 0x73696d)), open: make(map[*session]bool),
		symbols: make(map[string]*symbol), accounts: make(map[string]*account)}
}

// symbol returns what is known of a name; nil if it is not traded. The caller holds v.mu.
func (v *Venue) symbol(name string, add bool) *symbol {
	s := v.symbols[name]
	if s == nil && (add || v.config.Generate) {
		s = &symbol{name: name, bars: make(map[time.Duration][]store.Bar)}
		v.symbols[name] = s
	}
	return s
}

// Bars adds bars to the history of a symbol, and sends them to those who are subscribed. They
// must be in order of time, and later than those before; Bars panics if they are not.
func (v *Venue) Bars(name string, interval time.Duration, bars ...store.Bar) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.symbol(name, true)
	last := store.Time(0)
	if n := len(s.bars[interval]); n > 0 {
		last = s.bars[interval][n-1].Time
	}
	if err := store.CheckAfter(last, interval, bars); err != nil {
		panic("sim: " + err.Error())
	}
	s.bars[interval] = append(s.bars[interval], bars...)
	v.sendBars(store.Sub{Symbol: name, Kind: store.Bars, Interval: interval}, bars)
}

func (v *Venue) sendBars(sub store.Sub, bars []store.Bar) {
	events := make([]store.Event, len(bars))
	for i, b := range bars {
		events[i] = store.BarEvent(b)
	}
	v.market(sub, events)
}

// Ticks publishes ticks of a symbol, numbering them, and trades with them what rests in the book.
// It returns the number of the last.
func (v *Venue) Ticks(name string, ticks ...store.Tick) uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.ticks(v.symbol(name, true), ticks)
}

func (v *Venue) ticks(s *symbol, ticks []store.Tick) uint64 {
	events := make([]store.Event, len(ticks))
	for i, t := range ticks {
		s.ticks++
		t.Seq = s.ticks
		events[i] = store.TickEvent(t)
		v.quote(s, t)
	}
	v.market(store.Sub{Symbol: s.name, Kind: store.Ticks}, events)
	return s.ticks
}

// market sends events to those who are subscribed. The caller holds v.mu.
func (v *Venue) market(sub store.Sub, events []store.Event) {
	for s := range v.open {
		if s.subs[sub] {
			for _, e := range events {
				v.send(s, message{sub: sub, event: e})
			}
		}
	}
}

// dial makes a session.
func (v *Venue) dial(ctx context.Context, p store.Params, ev store.Sink) (*session, error) {
	v.mu.Lock()
	delay := v.faults.slow
	v.mu.Unlock()
	if err := sleep(ctx, delay); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.dials++
	if v.faults.refuse || time.Now().Before(v.faults.downUntil) {
		return nil, ErrRefused
	}
	s := newSession(v, p, ev)
	v.open[s] = true
	v.sessions.Go(s.deliver)
	if v.config.Generate && v.stop == nil {
		ctx, cancel := context.WithCancel(context.Background())
		v.stop = cancel
		v.sessions.Go(func() { v.generate(ctx) })
	}
	return s, nil
}

// leave forgets a session, and stops the market after the last. The caller holds v.mu.
func (v *Venue) leave(s *session) {
	delete(v.open, s)
	if len(v.open) == 0 && v.stop != nil {
		v.stop()
		v.stop = nil
	}
}

// Dials returns how often the venue was dialled.
func (v *Venue) Dials() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.dials
}

// Connections returns how many sessions are open.
func (v *Venue) Connections() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.open)
}

// Subscriptions returns what the sessions are subscribed to, one for each session that is.
func (v *Venue) Subscriptions() []store.Sub {
	v.mu.Lock()
	defer v.mu.Unlock()
	var subs []store.Sub
	for s := range v.open {
		for sub := range s.subs {
			subs = append(subs, sub)
		}
	}
	return subs
}

// history returns the bars of a query. The caller holds v.mu.
func (v *Venue) history(q store.Query) ([]store.Bar, error) {
	s := v.symbol(q.Symbol, false)
	if s == nil {
		return nil, store.ErrNoSymbol
	}
	closed := store.At(time.Now().Add(-q.Interval))
	if len(s.bars) == 0 && v.config.Generate {
		return v.generated(q, closed), nil
	}
	bars := s.bars[q.Interval]
	lo, _ := slices.BinarySearchFunc(bars, q.From, func(b store.Bar, t store.Time) int { return int(min(max(b.Time-t, -1), 1)) })
	hi, _ := slices.BinarySearchFunc(bars, q.To, func(b store.Bar, t store.Time) int { return int(min(max(b.Time-t, -1), 1)) })
	return bars[lo:max(lo, hi):max(lo, hi)], nil // what is added later is added behind it
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

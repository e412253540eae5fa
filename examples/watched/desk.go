package main

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/lru"
	"github.com/whetgo/whet/memo"
	"github.com/whetgo/whet/monitor"
	"github.com/whetgo/whet/singleton"
	"github.com/whetgo/whet/store"
	_ "github.com/whetgo/whet/store/sim"
)

// A quote is what an instrument costs.
type quote struct{ bid, ask float64 }

// A calendar says when a region trades. It takes a while to be made, so it is shared.
type calendar struct{ opens, closes time.Duration }

var regions = []string{"Asia", "Europe", "America"}

// A desk answers requests for quotes. Some things about it could be better: its cache of
// quotes is small, its sessions expire while they are still used, and its feed cannot keep up.
type desk struct {
	quotes    *cache.Cache[int, quote]
	sessions  *cache.Cache[int, string]
	recent    *lru.Cache[int, time.Time]
	calendars *singleton.Keyed[string, calendar] // by region
	venue     *store.Store
	price     func(int) float64

	served, dropped, ticks *monitor.Counter
	waiting                *monitor.Gauge
	answer                 *monitor.Timer
	feed                   chan quote

	mu   sync.Mutex // guards book
	book map[int]quote
}

func newDesk(ctx context.Context, r *monitor.Registry) (*desk, error) {
	venue, err := store.Open(ctx, store.Params{Driver: "sim", Addr: "watched", Account: "DU1"})
	if err != nil {
		return nil, err
	}
	if err := venue.Start(ctx); err != nil { // a desk before may have stopped it
		return nil, err
	}
	d := &desk{
		venue:    venue,
		quotes:   cache.New[int, quote](2000, &cache.Options[int, quote]{Curve: true}),
		sessions: cache.New[int, string](5000, &cache.Options[int, string]{TTL: 300 * time.Millisecond, Curve: true}),
		recent:   lru.New[int, time.Time](500, nil),
		served:   r.Counter("/desk/served:requests"),
		dropped:  r.Counter("/desk/feed/dropped:quotes"),
		ticks:    r.Counter("/desk/ticks:ticks"),
		waiting:  r.Gauge("/desk/feed/waiting:quotes"),
		answer:   r.Timer("/desk/answer:seconds"),
		feed:     make(chan quote, 64),
		book:     make(map[int]quote),
	}
	d.calendars = singleton.NewKeyed(newCalendar, &singleton.KeyedOptions[calendar]{Count: true})
	price, memory := memo.Wrap(model, &memo.Options{Capacity: 4000})
	d.price = price
	monitor.Watch(r, "/cache/quotes", d.quotes)
	monitor.Watch(r, "/cache/sessions", d.sessions)
	monitor.Watch(r, "/lru/recent", d.recent)
	monitor.Watch(r, "/memo/price", memory)
	monitor.Watch(r, "/singleton/calendars", d.calendars)
	monitor.Watch(r, "/store/venue", d.venue)
	return d, nil
}

func newCalendar(_ context.Context, region string) (calendar, error) {
	time.Sleep(20 * time.Millisecond)
	return calendar{opens: time.Duration(len(region)) * time.Hour, closes: 17 * time.Hour}, nil
}

// model is a function that is worth remembering.
func model(n int) float64 {
	x := float64(n)
	for range 400 {
		x = math.Sqrt(x*x + 1)
	}
	return x
}

var errVenue = errors.New("the venue does not answer")

// fetch is the source of quotes. It takes a moment, and fails now and then.
func (d *desk) fetch(ctx context.Context, n int) (quote, error) {
	time.Sleep(time.Duration(rand.ExpFloat64() * float64(300*time.Microsecond)))
	if rand.IntN(200) == 0 {
		return quote{}, errVenue
	}
	if _, err := d.venue.Bars(ctx, yesterday("ES")); err != nil {
		return quote{}, err
	}
	p := d.price(n % 6000)
	return quote{p - .01, p + .01}, nil
}

// yesterday asks for the bars of the last day but the one that goes on.
func yesterday(symbol string) store.Query {
	today := time.Now().Truncate(24 * time.Hour)
	return store.Query{Symbol: symbol, Interval: time.Minute, From: store.At(today.Add(-24 * time.Hour)), To: store.At(today)}
}

// open begins the work, which lasts until ctx ends.
func (d *desk) open(ctx context.Context) {
	for worker := range 4 {
		go d.serve(ctx, uint64(worker))
	}
	go d.publish(ctx)
	go d.follow(ctx)
}

// close ends the connection to the venue.
func (d *desk) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(d.calendars.Close(), d.venue.Stop(ctx))
}

// follow counts the ticks of the venue.
func (d *desk) follow(ctx context.Context) {
	feed, err := d.venue.Feed(ctx, store.Sub{Symbol: "ES", Kind: store.Ticks})
	if err != nil {
		return
	}
	defer feed.Close()
	for _, err := range feed.All(ctx) {
		if err != nil {
			return
		}
		d.ticks.Inc()
	}
}

// serve answers requests, more in some moments than in others.
func (d *desk) serve(ctx context.Context, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 2))
	popular := rand.NewZipf(r, 1.07, 8, 20_000)
	for n := 0; ctx.Err() == nil; n++ {
		span := d.answer.Start()
		key := int(popular.Uint64())
		d.sessions.GetOrLoad(ctx, key%800, func(context.Context, int) (string, error) { return "open", nil })
		d.recent.Set(key, time.Now())
		d.calendars.Get(ctx, regions[key%len(regions)])
		if q, err := d.quotes.GetOrLoad(ctx, key, d.fetch); err == nil {
			d.keep(key, q)
		}
		span.End()
		d.served.Inc()
		if wave := 1 + math.Sin(float64(time.Now().UnixMilli())/15_000); n%20 == 0 {
			time.Sleep(time.Duration((1 + 4*wave) * float64(time.Millisecond)))
		}
	}
}

// keep writes a quote into the book and tells the feed, which may not keep up.
func (d *desk) keep(key int, q quote) {
	d.mu.Lock()
	d.book[key%1000] = q
	d.mu.Unlock()
	select {
	case d.feed <- q:
	default:
		d.dropped.Inc()
	}
	d.waiting.Set(float64(len(d.feed)))
}

// publish takes quotes from the feed, in turns of hurrying and of dawdling.
func (d *desk) publish(ctx context.Context) {
	for {
		select {
		case <-d.feed:
			if time.Now().Unix()%60 < 8 {
				time.Sleep(5 * time.Millisecond)
			}
		case <-ctx.Done():
			return
		}
	}
}

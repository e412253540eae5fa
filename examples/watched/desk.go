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
)

// A quote is what an instrument costs.
type quote struct{ bid, ask float64 }

// A desk answers requests for quotes. Some things about it could be better: its cache of
// quotes is small, its sessions expire while they are still used, and its feed cannot keep up.
type desk struct {
	quotes   *cache.Cache[int, quote]
	sessions *cache.Cache[int, string]
	recent   *lru.Cache[int, time.Time]
	price    func(int) float64

	served, dropped *monitor.Counter
	waiting         *monitor.Gauge
	answer          *monitor.Timer
	feed            chan quote

	mu   sync.Mutex // guards book
	book map[int]quote
}

func newDesk(r *monitor.Registry) *desk {
	d := &desk{
		quotes:   cache.New[int, quote](2000, &cache.Options[int, quote]{Curve: true}),
		sessions: cache.New[int, string](5000, &cache.Options[int, string]{TTL: 300 * time.Millisecond, Curve: true}),
		recent:   lru.New[int, time.Time](500, nil),
		served:   r.Counter("/desk/served:requests"),
		dropped:  r.Counter("/desk/feed/dropped:quotes"),
		waiting:  r.Gauge("/desk/feed/waiting:quotes"),
		answer:   r.Timer("/desk/answer:seconds"),
		feed:     make(chan quote, 64),
		book:     make(map[int]quote),
	}
	price, memory := memo.Wrap(model, &memo.Options{Capacity: 4000})
	d.price = price
	monitor.Watch(r, "/cache/quotes", d.quotes)
	monitor.Watch(r, "/cache/sessions", d.sessions)
	monitor.Watch(r, "/lru/recent", d.recent)
	monitor.Watch(r, "/memo/price", memory)
	return d
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
	p := d.price(n % 6000)
	return quote{p - .01, p + .01}, nil
}

// open begins the work, which lasts until ctx ends.
func (d *desk) open(ctx context.Context) {
	for worker := range 4 {
		go d.serve(ctx, uint64(worker))
	}
	go d.publish(ctx)
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

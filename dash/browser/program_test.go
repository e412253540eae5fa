package browser_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime/trace"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/dash"
	"github.com/whetgo/whet/lru"
	"github.com/whetgo/whet/memo"
	"github.com/whetgo/whet/monitor"
)

// A program is one that is watched: caches under load, and instruments of its own.
type program struct {
	url      string
	registry *monitor.Registry
	history  *monitor.History
}

// start starts a program that takes a sample each period, until the test ends.
func start(t *testing.T, period time.Duration) *program {
	t.Helper()
	p := &program{registry: new(monitor.Registry)}
	p.registry.Add(monitor.Runtime())
	ctx, cancel := context.WithCancel(context.Background())
	var busy sync.WaitGroup
	busy.Go(func() { p.load(ctx, p.watch()) })
	p.history = monitor.NewHistory(p.registry, &monitor.HistoryOptions{Period: period})
	busy.Go(func() { _ = p.history.Run(ctx) })

	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Second})
	if err := recorder.Start(); err != nil {
		t.Fatal(err)
	}
	page := dash.New(p.history, &dash.Options{Profiles: true, Trace: recorder})
	mux := http.NewServeMux()
	mux.Handle("/debug/whet/", page)
	server := httptest.NewServer(mux)
	p.url = server.URL + "/debug/whet/"
	t.Cleanup(func() {
		page.Close()
		server.Close()
		recorder.Stop()
		cancel()
		busy.Wait()
	})
	return p
}

// watch returns a request that the program answers.
func (p *program) watch() func(key int) {
	quotes := cache.New[int, int](300, &cache.Options[int, int]{Curve: true})
	recent := lru.New[int, int](50, nil)
	price, memory := memo.Wrap(func(n int) int { return n * n }, nil)
	monitor.Watch(p.registry, "/cache/quotes", quotes)
	monitor.Watch(p.registry, "/lru/recent", recent)
	monitor.Watch(p.registry, "/memo/price", memory)
	served, answer := p.registry.Counter("/desk/served:requests"), p.registry.Timer("/desk/answer:seconds")
	return func(key int) {
		defer answer.Start().End()
		v, _ := quotes.GetOrLoad(context.Background(), key, func(_ context.Context, key int) (int, error) { return price(key % 100), nil })
		if _, ok := recent.Get(key); !ok {
			recent.Set(key, v)
		}
		served.Inc()
	}
}

func (p *program) load(ctx context.Context, request func(int)) {
	r := rand.New(rand.NewPCG(1, 2))
	keys := rand.NewZipf(r, 1.05, 4, 3000)
	for ctx.Err() == nil {
		for range 500 {
			request(int(keys.Uint64()))
		}
		time.Sleep(5 * time.Millisecond)
	}
}

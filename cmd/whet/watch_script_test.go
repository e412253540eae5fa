//go:build unix

package main

import (
	"context"
	"expvar"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/dash"
	"github.com/whetgo/whet/monitor"
)

// serveSelf KIND... starts a web server that tells of this process, and sets $URL: "whet" by
// package dash, "vars" by expvar, "pprof" by net/http/pprof, "metrics" as Prometheus does;
// "hostile" has names that would move a terminal's cursor, "broken" answers with half a
// report, "endless" never stops answering, "dies" answers twice and then drops connections.
func serveSelf(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "serveself kind...")
	mux := http.NewServeMux()
	var handler http.Handler = mux
	text := func(path, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
	}
	for _, kind := range args {
		switch kind {
		case "whet":
			mux.Handle("/debug/whet/", dash.New(history(ts), nil))
		case "vars":
			mux.Handle("/debug/vars", expvar.Handler())
		case "pprof":
			mux.HandleFunc("/debug/pprof/", pprof.Index)
		case "metrics":
			mux.HandleFunc("/metrics", metrics())
		case "hostile":
			text("/debug/vars", "{\"cmdline\":[\"/bin/\\u001b[2Jevil\", \"--password=secret\"],\"a\\u001b]0;title\\u0007\\r\\nb\":1,\"deep\":{\"x\":{\"y\":2}}}")
		case "broken":
			text("/debug/whet/report.json", `{"schema":"whet/monitor/1","metrics":[{"name":`)
			text("/metrics", "# TYPE a counter\na 1\nnot a sample\n")
			text("/later/report.json", `{"schema":"whet/monitor/9"}`)
		case "endless":
			mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
				for line := []byte("a_total 1\n"); ; {
					if _, err := w.Write(line); err != nil {
						return
					}
				}
			})
		case "dies":
			handler = mortal(handler, 2)
		default:
			ts.Fatalf("nothing is served as %q", kind)
		}
	}
	s := httptest.NewServer(handler)
	ts.Defer(func() { s.CloseClientConnections(); s.Close() })
	ts.Setenv("URL", s.URL)
	ts.Setenv("HOST", s.Listener.Addr().String())
}

// history watches a cache until the script ends.
func history(ts *testscript.TestScript) *monitor.History {
	var registry monitor.Registry
	c := cache.New[int, int](100, nil)
	c.Set(1, 1)
	c.Get(1)
	monitor.Watch(&registry, "/cache/quotes", c)
	registry.Counter("/orders/filled:orders").Add(7)
	registry.Timer("/orders/fill:seconds").Observe(3 * time.Millisecond)
	registry.Add(monitor.Runtime())
	h := monitor.NewHistory(&registry, &monitor.HistoryOptions{Period: 50 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.Run(ctx) }()
	ts.Defer(func() { cancel(); <-done })
	return h
}

// metrics answers as a client library of Prometheus does, with a counter that grows.
func metrics() http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		n += 1000
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		io.WriteString(w, `# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{path="/a b",code="200"} `+strconv.Itoa(n)+`
http_requests_total{path="\"{}"} 1027 1395066363000

# TYPE go_goroutines gauge
go_goroutines 12
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 3
latency_seconds_bucket{le="+Inf"} 4
latency_seconds_sum 1.5
latency_seconds_count 4
process_resident_memory_bytes 1.5e+07
nothing NaN
`)
	}
}

// mortal answers n requests and drops the connections of all others.
func mortal(h http.Handler, n int) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n--
		dead := n < 0
		mu.Unlock()
		if dead {
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	})
}

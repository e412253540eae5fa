package prom_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/monitor"
	"github.com/whetgo/whet/monitor/prom"
)

// A real Prometheus scrapes the handler and answers questions about what it says.
func TestPrometheus(t *testing.T) {
	path, err := exec.LookPath("prometheus")
	if err != nil && os.Getenv("WHET_ALL") == "" {
		t.Skip("needs a Prometheus")
	}
	if err != nil {
		t.Fatal(err)
	}
	var r monitor.Registry
	quotes := cache.New[int, int](10, nil)
	quotes.Set(1, 1)
	for range 5 {
		quotes.Get(1)
	}
	monitor.Watch(&r, "/cache/quotes", quotes)
	r.Add(monitor.Runtime())
	for range 100 {
		r.Timer("/call:seconds").Observe(time.Millisecond)
	}
	target := httptest.NewServer(prom.Handler(&r))
	defer target.Close()
	address := startPrometheus(t, path, strings.TrimPrefix(target.URL, "http://"))
	for query, want := range map[string]string{
		`whet_cache_hits_total{name="/cache/quotes"}`:               "5",
		`call_seconds_count`:                                        "100",
		`call_seconds_bucket{le="0.001048575"}`:                     "100",
		`call_seconds_bucket{le="0.000524287"}`:                     "0",
		`go_sched_gomaxprocs_threads > bool 0`:                      "1",
		`up{job="whet"}`:                                            "1",
		`count(go_gc_heap_live_bytes{job="whet"})`:                  "1",
		`scrape_samples_scraped{job="whet"} > bool 100`:             "1",
		`histogram_quantile(0.5, call_seconds_bucket) < bool 0.002`: "1",
	} {
		if got := ask(t, address, query, want); got != want {
			t.Errorf("%s is %s, want %s", query, got, want)
		}
	}
}

// startPrometheus starts a server that scrapes a target, until the test ends.
func startPrometheus(t *testing.T, path, target string) (address string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global:\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\nscrape_configs:\n  - job_name: whet\n    metrics_path: /\n    static_configs:\n      - targets: [%q]\n", target)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("prometheus says\n%.4000s", log.String())
		}
	})
	return address
}

// ask asks for the value of a query until it is the one that is wanted, or a minute is over.
func ask(t *testing.T, address, query, want string) (got string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got = value(address, query); got == want {
			return got
		}
	}
	return got
}

// value returns the one value that a query has.
func value(address, query string) string {
	answer, err := http.Get("http://" + address + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	var a struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if err := json.Unmarshal(body, &a); err != nil || len(a.Data.Result) != 1 {
		return fmt.Sprintf("%v in %.300s", err, body)
	}
	return fmt.Sprint(a.Data.Result[0].Value[1])
}

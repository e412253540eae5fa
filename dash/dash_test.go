package dash_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/dash"
	"github.com/whetgo/whet/monitor"
)

// A site serves a history of one counter.
type site struct {
	*testing.T
	server  *httptest.Server
	handler *dash.Handler
	history *monitor.History
	counter *monitor.Counter
}

func serve(t *testing.T, opts *dash.Options) *site {
	t.Helper()
	var r monitor.Registry
	s := &site{T: t, counter: r.Counter("/c:count"), history: monitor.NewHistory(&r, nil)}
	r.Gauge("/g/1:bytes").Set(5)
	s.history.Sample()
	s.handler = dash.New(s.history, opts)
	s.server = httptest.NewServer(s.handler)
	t.Cleanup(func() {
		s.handler.Close()
		s.server.Close()
	})
	return s
}

// ask makes a request and returns its answer, and its body unless that does not end.
func (s *site) ask(method, path string, change func(*http.Request)) (*http.Response, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.server.URL+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	answer, err := s.server.Client().Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer, string(body)
}

func TestServes(t *testing.T) {
	s := serve(t, nil)
	for path, kind := range map[string]string{
		"/debug/whet/": "text/html; charset=utf-8", "/debug/whet/static/app.js": "text/javascript; charset=utf-8",
		"/debug/whet/static/style.css": "text/css; charset=utf-8", "/debug/whet/static/icon.svg": "image/svg+xml",
		"/debug/whet/report.json": "application/json", "/debug/whet/series.json": "application/json",
	} {
		answer, body := s.ask("GET", path, nil)
		if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != kind || len(body) < 50 {
			t.Errorf("%s: %s, %q, %d bytes", path, answer.Status, answer.Header.Get("Content-Type"), len(body))
		}
		policy := answer.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") || strings.Contains(policy, "unsafe") || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: the policy is %q", path, policy)
		}
	}
	for _, path := range []string{"/", "/debug/whet/nothing", "/debug/whet/static/", "/debug/whet/static/page.html", "/debug/whet/static/..%2Fdoc.go", "/debug/pprof/"} {
		if answer, _ := s.ask("GET", path, nil); answer.StatusCode != 404 {
			t.Errorf("%s: %s, want not found", path, answer.Status)
		}
	}
	if answer, _ := s.ask("POST", "/debug/whet/report.json", nil); answer.StatusCode != 405 {
		t.Errorf("a POST of the report: %s", answer.Status)
	}
}

func TestPath(t *testing.T) {
	s := serve(t, &dash.Options{Path: "/x/"})
	if answer, _ := s.ask("GET", "/x/report.json", nil); answer.StatusCode != 200 {
		t.Error(answer.Status)
	}
	if answer, _ := s.ask("GET", "/debug/whet/report.json", nil); answer.StatusCode != 404 {
		t.Error(answer.Status)
	}
	defer func() {
		if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "dash: Options.Path") {
			t.Errorf("a path without a slash at its end: %s", p)
		}
	}()
	dash.New(s.history, &dash.Options{Path: "/x"})
}

// The page names no other place: all it needs lies beside it.
func TestPageIsItsOwn(t *testing.T) {
	s := serve(t, nil)
	for _, path := range []string{"", "static/app.js", "static/chart.js", "static/sections.js", "static/table.js", "static/past.js", "static/format.js", "static/profiles.js", "static/style.css"} {
		answer, body := s.ask("GET", "/debug/whet/"+path, nil)
		if answer.StatusCode != 200 {
			t.Errorf("%s: %s", path, answer.Status)
		}
		body = strings.ReplaceAll(body, "http://www.w3.org/2000/svg", "") // a name, not a place
		if strings.Contains(body, "://") || strings.Contains(body, `src="//`) {
			t.Errorf("%s names another place", path)
		}
	}
}

func TestReport(t *testing.T) {
	s := serve(t, nil)
	s.counter.Add(41)
	s.history.Sample()
	s.counter.Add(1) // not sampled yet
	_, body := s.ask("GET", "/debug/whet/report.json", nil)
	var r struct {
		Schema  string
		Metrics []struct {
			Name  string
			Value float64
		}
	}
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.Schema != monitor.ReportSchema || len(r.Metrics) != 2 || r.Metrics[0].Value != 41 {
		t.Errorf("%v: %s", err, body)
	}
	s.history.Sample()
	if _, body := s.ask("GET", "/debug/whet/report.json", nil); !strings.Contains(body, `"value":42`) {
		t.Errorf("after the next sample it says %s", body)
	}
}

func TestSeries(t *testing.T) {
	s := serve(t, nil)
	var r struct {
		Step   float64
		Times  []float64
		Values map[string][]*float64
	}
	_, body := s.ask("GET", "/debug/whet/series.json?seconds=300&name=/g/", nil)
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.Step != 1 || len(r.Times) != 1 || len(r.Values) != 1 || *r.Values["/g/1:bytes"][0] != 5 {
		t.Errorf("%v: %s", err, body)
	}
	for _, bad := range []string{"x", "-1", "NaN", "1e99", "0"} {
		if answer, _ := s.ask("GET", "/debug/whet/series.json?seconds="+bad, nil); answer.StatusCode != 400 {
			t.Errorf("seconds=%s: %s", bad, answer.Status)
		}
	}
}

// events opens a stream and returns a function that reads its next report.
func (s *site) events(ctx context.Context) (next func() (string, error), status int) {
	s.Helper()
	req, _ := http.NewRequestWithContext(ctx, "GET", s.server.URL+"/debug/whet/events", nil)
	answer, err := s.server.Client().Do(req)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { answer.Body.Close() })
	lines := bufio.NewReader(answer.Body)
	return func() (string, error) {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return "", err
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				return data, nil
			}
		}
	}, answer.StatusCode
}

func TestEvents(t *testing.T) {
	s := serve(t, &dash.Options{Streams: 2})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	next, status := s.events(ctx)
	if first, err := next(); status != 200 || err != nil || !strings.Contains(first, `"schema":"whet/monitor/1"`) || !json.Valid([]byte(first)) {
		t.Fatalf("%d, %v: %s", status, err, first)
	}
	for n := range 3 {
		s.counter.Add(1)
		s.history.Sample()
		if report, err := next(); err != nil || !strings.Contains(report, fmt.Sprintf(`"name":"/c:count","kind":"counter","value":%d,`, n+1)) {
			t.Errorf("%v: %s", err, report)
		}
	}
	// There is room for two. Who goes makes room.
	next2, _ := s.events(t.Context())
	if _, err := next2(); err != nil {
		t.Error(err)
	}
	if _, status := s.events(t.Context()); status != http.StatusServiceUnavailable {
		t.Errorf("a third stream: %d", status)
	}
	cancel()
	for {
		next3, status := s.events(t.Context())
		if status == 200 {
			if _, err := next3(); err != nil {
				t.Error(err)
			}
			break
		}
	}
	// Close ends them all.
	s.handler.Close()
	if _, err := next2(); err == nil {
		t.Error("a stream goes on after Close")
	}
}

// On a loopback address the handler answers to no name that a page of the web could have.
func TestNames(t *testing.T) {
	s := serve(t, &dash.Options{Hosts: []string{"proxy.test"}})
	for host, want := range map[string]int{
		"127.0.0.1:80": 200, "localhost": 200, "LOCALHOST:8080": 200, "[::1]:80": 200, "127.9.9.9": 200, "proxy.test": 200,
		"evil.test": 403, "evil.test:80": 403, "192.0.2.1": 403, "localhost.evil.test": 403, "": 403,
	} {
		if host == "" {
			continue // the client would put the address in
		}
		answer, _ := s.ask("GET", "/debug/whet/report.json", func(r *http.Request) { r.Host = host })
		if answer.StatusCode != want {
			t.Errorf("asked for as %q: %s, want %d", host, answer.Status, want)
		}
	}
}

func TestProfilesAreOptIn(t *testing.T) {
	s := serve(t, nil)
	for _, kind := range []string{"cpu", "heap", "trace", "nothing"} {
		if answer, _ := s.ask("POST", "/debug/whet/profile/"+kind, nil); answer.StatusCode != 403 {
			t.Errorf("%s: %s", kind, answer.Status)
		}
	}
	if _, page := s.ask("GET", "/debug/whet/", nil); !strings.Contains(page, `<meta name="profiles" content="">`) {
		t.Error("the page offers profiles")
	}
}

func TestProfiles(t *testing.T) {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
	if err := recorder.Start(); err != nil {
		t.Fatal(err)
	}
	defer recorder.Stop()
	s := serve(t, &dash.Options{Profiles: true, Trace: recorder})
	if _, page := s.ask("GET", "/debug/whet/", nil); !strings.Contains(page, `content="cpu heap allocs goroutine mutex block trace"`) {
		t.Error("the page does not offer all")
	}
	for _, kind := range []string{"cpu?seconds=1", "heap", "allocs", "goroutine", "mutex", "block"} {
		answer, body := s.ask("POST", "/debug/whet/profile/"+kind, nil)
		if answer.StatusCode != 200 || !strings.HasPrefix(answer.Header.Get("Content-Disposition"), `attachment; filename="whet-`) {
			t.Errorf("%s: %s %v", kind, answer.Status, answer.Header)
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Errorf("%s is no profile: %v", kind, err)
			continue
		}
		if text, err := io.ReadAll(z); err != nil || len(text) < 50 {
			t.Errorf("%s: %d bytes, %v", kind, len(text), err)
		}
	}
	if _, body := s.ask("POST", "/debug/whet/profile/trace", nil); !strings.HasPrefix(body, "go 1.") {
		t.Errorf("the trace begins with %.20q", body)
	}
	for path, want := range map[string]int{"cpu?seconds=0": 400, "cpu?seconds=61": 400, "cpu?seconds=x": 400, "nothing": 403} {
		if answer, _ := s.ask("POST", "/debug/whet/profile/"+path, nil); answer.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, answer.Status, want)
		}
	}
	// No other site's page can have one taken, and no link.
	foreign := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	if answer, _ := s.ask("POST", "/debug/whet/profile/heap", foreign); answer.StatusCode != 403 {
		t.Errorf("from another site: %s", answer.Status)
	}
	if answer, _ := s.ask("GET", "/debug/whet/profile/heap", nil); answer.StatusCode != 405 {
		t.Errorf("by GET: %s", answer.Status)
	}
}

// A CPU profile ends when nobody waits for it, and while one is taken there is no other.
func TestOneProfile(t *testing.T) {
	s := serve(t, &dash.Options{Profiles: true})
	var own bytes.Buffer
	if err := pprof.StartCPUProfile(&own); err != nil {
		t.Fatal(err)
	}
	if answer, _ := s.ask("POST", "/debug/whet/profile/cpu", nil); answer.StatusCode != http.StatusConflict {
		t.Errorf("while the program profiles itself: %s", answer.Status)
	}
	pprof.StopCPUProfile()

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for { // it is refused while busy, below, takes its own
			req, _ := http.NewRequestWithContext(ctx, "POST", s.server.URL+"/debug/whet/profile/cpu?seconds=60", nil)
			answer, err := s.server.Client().Do(req)
			if err != nil {
				return
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusServiceUnavailable {
				return
			}
		}
	}()
	busy := func() bool {
		answer, _ := s.ask("POST", "/debug/whet/profile/heap", nil)
		return answer.StatusCode == http.StatusServiceUnavailable
	}
	for !busy() {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
	for busy() { // it would be for a minute, if the profile did not end
		time.Sleep(time.Millisecond)
	}
}

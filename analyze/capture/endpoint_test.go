package capture_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/capture"
)

func live() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	return mux
}

func ask(t *testing.T, url string) (*analyze.Session, error) {
	return capture.Run(t.Context(), capture.Options{
		Subject: analyze.Subject{Dir: ".", Mode: "url", Source: []string{url}, Patterns: []string{"."}},
		Budget:  4 * time.Second,
	})
}

func TestEndpoint(t *testing.T) {
	srv := httptest.NewServer(live())
	defer srv.Close()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				_ = strings.Repeat("busy", 1000)
			}
		}
	}()
	s, err := ask(t, srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	w := s.Workloads[0]
	if w.Profiles["cpu"] == nil || w.Profiles["heap"] == nil || w.Profiles["goroutine"] == nil || len(w.Epochs) != 4 {
		t.Errorf("profiles %v, %d epochs, warnings %v", w.Profiles, len(w.Epochs), s.Warnings)
	}
}

func TestEndpointBad(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("<html>hello")) }))
	defer page.Close()
	none := httptest.NewServer(http.NotFoundHandler())
	defer none.Close()
	elsewhere := httptest.NewServer(http.RedirectHandler("http://example.com/", http.StatusFound))
	defer elsewhere.Close()
	for _, tt := range []struct{ name, url, want string }{
		{"down", gone.URL, "connection refused"},
		{"a page", page.URL, "does not serve profiles"},
		{"no pprof", none.URL, "404"},
		{"redirects", elsewhere.URL, "redirects to http://example.com/"},
		{"no address", "ftp://x", "not the address"},
	} {
		if _, err := ask(t, tt.url); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want it to say %q", tt.name, err, tt.want)
		}
	}
}

func TestFiles(t *testing.T) {
	rec := httptest.NewRecorder()
	live().ServeHTTP(rec, httptest.NewRequest("GET", "/debug/pprof/heap", nil))
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	take := func(files ...string) (*analyze.Session, error) {
		return capture.Run(t.Context(), capture.Options{Subject: analyze.Subject{Dir: ".", Mode: "profile", Source: files, Patterns: []string{"."}}})
	}
	heap := rec.Body.Bytes()
	s, err := take(write("heap.pprof", heap))
	if err != nil || s.Workloads[0].Profiles["heap"] == nil {
		t.Fatalf("got %v", err)
	}
	for _, tt := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "empty", nil},
		{"truncated", "truncated", heap[:len(heap)/2]},
		{"garbage", "not a profile", []byte("garbage")},
	} {
		if _, err := take(write(tt.name, tt.data)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

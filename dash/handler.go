package dash

import (
	"bytes"
	"net/http"
	"runtime/trace"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/whetgo/whet/monitor"
)

// Options change what a Handler serves. Nil, or the zero Options, are the defaults.
type Options struct {
	// Path is where it is served, and ends with a slash; "" is /debug/whet/.
	Path string
	// Profiles lets those who see the page take CPU, heap, goroutine, mutex and block
	// profiles, one at a time.
	Profiles bool
	// Trace, if set, lets them take what this recorder holds. It must have been started.
	Trace *trace.FlightRecorder
	// Hosts are the names, beside those of a loopback address, by which the handler may be
	// asked for on one. A proxy on the same machine may need it.
	Hosts []string
	// Streams is how many pages can be kept up to date at the same time; 0: 16.
	Streams int
}

// A Handler serves the page and its data. Make one with New.
type Handler struct {
	history *monitor.History
	opts    Options
	mux     *http.ServeMux
	origin  *http.CrossOriginProtection
	streams chan struct{} // a place for each
	taking  chan struct{} // one place: a profile is being taken
	done    chan struct{} // closed by Close
	close   sync.Once
	encoded encoded
}

// New returns a handler of what the history knows, which somebody else must Run. It panics
// if Options.Path does not begin and end with a slash.
func New(h *monitor.History, opts *Options) *Handler {
	d := &Handler{
		history: h, mux: http.NewServeMux(), origin: http.NewCrossOriginProtection(),
		taking: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if opts != nil {
		d.opts = *opts
	}
	if d.opts.Path == "" {
		d.opts.Path = "/debug/whet/"
	}
	if !strings.HasPrefix(d.opts.Path, "/") || !strings.HasSuffix(d.opts.Path, "/") {
		panic("dash: Options.Path " + strconv.Quote(d.opts.Path) + " does not begin and end with a slash")
	}
	if d.opts.Streams <= 0 {
		d.opts.Streams = 16
	}
	d.streams = make(chan struct{}, d.opts.Streams)
	d.route()
	return d
}

func (d *Handler) route() {
	at := d.opts.Path
	d.mux.HandleFunc("GET "+at+"{$}", d.page)
	d.mux.HandleFunc("GET "+at+"static/{name}", d.static)
	d.mux.HandleFunc("GET "+at+"report.json", d.report)
	d.mux.HandleFunc("GET "+at+"series.json", d.series)
	d.mux.HandleFunc("GET "+at+"events", d.events)
	d.mux.HandleFunc("POST "+at+"profile/{kind}", d.profile)
}

// Close ends the streams, which otherwise last as long as the pages are open:
// server.RegisterOnShutdown(handler.Close).
func (d *Handler) Close() { d.close.Do(func() { close(d.done) }) }

// policy lets the page load what comes from its own origin, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP implements http.Handler.
func (d *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if !d.named(r) {
		http.Error(w, "dash: asked for by a name that is not this machine's; see Options.Hosts", http.StatusForbidden)
		return
	}
	if err := d.origin.Check(r); err != nil {
		http.Error(w, "dash: "+err.Error(), http.StatusForbidden)
		return
	}
	d.mux.ServeHTTP(w, r)
}

// report serves what is known now.
func (d *Handler) report(w http.ResponseWriter, r *http.Request) {
	text, err := d.encoded.report(d.history)
	if err != nil {
		http.Error(w, "dash: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text)
}

// series serves what is known of the past.
func (d *Handler) series(w http.ResponseWriter, r *http.Request) {
	back := 300.
	query := r.URL.Query()
	if text := query.Get("seconds"); text != "" {
		var err error
		if back, err = strconv.ParseFloat(text, 64); err != nil || !(back > 0 && back <= 1e9) {
			http.Error(w, "dash: seconds must be a number above 0", http.StatusBadRequest)
			return
		}
	}
	var keep func(string) bool
	if names := query["name"]; len(names) > 0 {
		keep = func(name string) bool {
			for _, n := range names {
				if strings.HasPrefix(name, n) {
					return true
				}
			}
			return false
		}
	}
	text, err := d.history.Series(time.Duration(back*float64(time.Second)), keep).MarshalJSON()
	if err != nil {
		http.Error(w, "dash: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text)
}

// encoded keeps the report of the latest sample, so that many who ask cost no more than one.
type encoded struct {
	mu   sync.Mutex
	at   time.Time
	text []byte // never changed
}

func (e *encoded) report(h *monitor.History) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at := h.Last().At; e.text != nil && at.Equal(e.at) {
		return e.text, nil
	}
	r := h.Report()
	var b bytes.Buffer
	if err := encode(&b, r); err != nil {
		return nil, err
	}
	e.at, e.text = r.At, b.Bytes()
	return e.text, nil
}

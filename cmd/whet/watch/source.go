package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// A sample is what a process said of itself at one moment.
type sample struct {
	At      time.Time `json:"at"`
	Source  string    `json:"source"` // where it was read
	Kind    string    `json:"kind"`   // "whet", "prometheus", "expvar" or "pprof"
	Process string    `json:"process,omitempty"`
	Advice  []advice  `json:"advice,omitempty"`
	Metrics []metric  `json:"metrics"` // in the order of the source
}

// A metric is one number, with its rate per second where that means more.
type metric struct {
	Name    string   `json:"name"`
	Unit    string   `json:"unit,omitempty"`
	Value   float64  `json:"value"`
	Counter bool     `json:"counter,omitempty"` // it only grows
	Rate    *float64 `json:"rate,omitempty"`    // of a counter, since the sample before
	Note    string   `json:"note,omitempty"`
}

// A advice is what the process itself says should be changed.
type advice struct {
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text"`
	Do      string `json:"do,omitempty"`
}

// A trouble is an endpoint that cannot be watched, and what to do about it.
type trouble struct {
	text, hint string
	otherPath  bool // another path of the host may do
}

func (e *trouble) Error() string { return e.text }

// A reader reads one kind of endpoint.
type reader struct {
	kind string
	path string // where it usually is
	// reads reports whether it can read what was answered.
	reads func(path string, body []byte) bool
	// parse reads an answer. More may be asked for by get, from a path relative to the first.
	parse func(ctx context.Context, body []byte, get getter) (*sample, error)
}

// A getter gets what is at a path that is relative to what is watched.
type getter func(ctx context.Context, ref string) ([]byte, error)

// readers are all, those that say most first.
var readers = []reader{
	{"whet", "/debug/whet/report.json", isReport, parseReport},
	{"prometheus", "/metrics", isPrometheus, parsePrometheus},
	{"expvar", "/debug/vars", isVars, parseVars},
	{"pprof", "/debug/pprof/", isPprof, parsePprof},
}

// A source is a process to watch.
type source struct {
	asked   *url.URL // as typed, completed
	at      *url.URL // where it was found
	reader  *reader
	client  *http.Client
	timeout time.Duration
	before  *sample
}

func newSource(at *url.URL, timeout time.Duration) *source {
	return &source{asked: at, timeout: timeout, client: &http.Client{
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if r.URL.Host != at.Host || r.URL.Scheme != at.Scheme {
				return &trouble{
					text: fmt.Sprintf("%s redirects to %s, another place", show(via[0].URL), show(r.URL)),
					hint: "if that is the process you mean, watch its URL",
				}
			}
			if len(via) >= 5 {
				return &trouble{text: show(via[0].URL) + " redirects in a circle", hint: "see what it answers: curl -v URL"}
			}
			return nil
		},
	}}
}

// show returns a URL as it may be shown: without a password.
func show(u *url.URL) string { return u.Redacted() }

// open finds the endpoint and takes the first sample.
func (s *source) open(ctx context.Context) (*sample, error) {
	if s.asked.Path != "" && s.asked.Path != "/" {
		at := *s.asked
		if strings.HasSuffix(strings.TrimSuffix(at.Path, "/"), "/debug/whet") {
			at.Path = strings.TrimSuffix(at.Path, "/") + "/report.json"
		}
		return s.try(ctx, &at)
	}
	var tried []string
	for _, r := range readers {
		at := *s.asked
		at.Path = r.path
		sample, err := s.try(ctx, &at)
		var bad *trouble
		if err == nil || !errors.As(err, &bad) || !bad.otherPath {
			return sample, err
		}
		tried = append(tried, r.path)
	}
	return nil, &trouble{
		text: fmt.Sprintf("%s has nothing to watch: none of %s", show(s.asked), strings.Join(tried, ", ")),
		hint: "serve dash.New(...) there, or import expvar or net/http/pprof, or give the path of its metrics",
	}
}

// try takes a sample from a URL, whatever it is, and settles for it if that succeeds.
func (s *source) try(ctx context.Context, at *url.URL) (*sample, error) {
	body, at, err := s.get(ctx, at)
	if err != nil {
		return nil, err
	}
	for i := range readers {
		if r := &readers[i]; r.reads(at.Path, body) {
			s.at, s.reader = at, r
			return s.read(ctx, body)
		}
	}
	return nil, &trouble{
		text: show(at) + " answers, but neither with a report of whet, nor metrics of Prometheus, expvar or pprof",
		hint: "give the URL of one of them, or only the host and port to have them looked for", otherPath: true,
	}
}

// sample takes another sample.
func (s *source) sample(ctx context.Context) (*sample, error) {
	body, _, err := s.get(ctx, s.at)
	if err != nil {
		return nil, err
	}
	if !s.reader.reads(s.at.Path, body) {
		return nil, &trouble{text: show(s.at) + " answers with something else than before"}
	}
	return s.read(ctx, body)
}

// read makes a sample of an answer.
func (s *source) read(ctx context.Context, body []byte) (*sample, error) {
	sample, err := s.reader.parse(ctx, body, func(ctx context.Context, ref string) ([]byte, error) {
		u, err := s.at.Parse(ref)
		if err != nil {
			return nil, err
		}
		body, _, err := s.get(ctx, u)
		return body, err
	})
	if err != nil {
		return nil, &trouble{text: show(s.at) + ": " + err.Error()}
	}
	if sample.At.IsZero() {
		sample.At = time.Now()
	}
	sample.Source, sample.Kind = show(s.at), s.reader.kind
	sample.rates(s.before)
	s.before = sample
	return sample, nil
}

// rates fills in what counters became more, per second, since the sample before.
func (s *sample) rates(before *sample) {
	if before == nil {
		return
	}
	seconds := s.At.Sub(before.At).Seconds()
	if seconds <= 0 {
		return
	}
	values := map[string]float64{}
	for _, m := range before.Metrics {
		values[m.Name] = m.Value
	}
	for i := range s.Metrics {
		m := &s.Metrics[i]
		if old, ok := values[m.Name]; m.Counter && m.Rate == nil && ok && m.Value >= old {
			m.Rate = new((m.Value - old) / seconds)
		}
	}
}

// maxAnswer bounds an answer: a hundred thousand metrics.
const maxAnswer = 32 << 20

// get gets a URL, and where it led to on the same host. It says in plain words what is wrong
// if that fails.
func (s *source) get(ctx context.Context, at *url.URL) (body []byte, end *url.URL, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Accept", "application/json, text/plain;version=0.0.4, */*;q=0.1")
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, nil, s.trouble(at, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, nil, &trouble{
			text: fmt.Sprintf("%s answers %s", show(at), answer.Status),
			hint: "see what it says: curl " + show(at), otherPath: answer.StatusCode >= 400 && answer.StatusCode < 500,
		}
	}
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, nil, s.trouble(at, err)
	case len(body) > maxAnswer:
		return nil, nil, &trouble{text: fmt.Sprintf("%s answers with more than %d MB", show(at), maxAnswer>>20)}
	}
	return body, answer.Request.URL, nil
}

// trouble puts an error of the network into words.
func (s *source) trouble(at *url.URL, err error) error {
	var bad *trouble
	var name *net.DNSError
	switch {
	case errors.As(err, &bad):
		return bad
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return &trouble{text: fmt.Sprintf("%s does not answer within %v", show(at), s.timeout), hint: "--timeout waits longer"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &trouble{text: at.Host + " refuses the connection", hint: "is the process running, and does it listen there?"}
	case errors.As(err, &name):
		return &trouble{text: fmt.Sprintf("there is no host %q", name.Name), hint: "is the name right?"}
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return &trouble{text: fmt.Sprintf("%s: %v", show(at), err), hint: "see what it says: curl -v " + show(at)}
}

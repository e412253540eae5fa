package dash

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

const (
	beat    = 15 * time.Second // between signs of life, if there is no sample
	patient = 10 * time.Second // to wait for who reads
)

// encode writes v on one line.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// events serves the report at every sample, until the reader goes, or does not read.
func (d *Handler) events(w http.ResponseWriter, r *http.Request) {
	select {
	case d.streams <- struct{}{}:
		defer func() { <-d.streams }()
	default:
		w.Header().Set("Retry-After", "10")
		http.Error(w, "dash: too many pages are open", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // of a proxy that would hold events back
	s := stream{w, http.NewResponseController(w)}
	for {
		changed := d.history.Changed() // before the report: a sample in between is not missed
		if text, err := d.encoded.report(d.history); err != nil || s.report(text) != nil {
			return
		}
		if !d.wait(r, s, changed) {
			return
		}
	}
}

// wait waits for the next sample and reports whether there is one to come.
func (d *Handler) wait(r *http.Request, s stream, changed <-chan struct{}) bool {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-changed:
			return true
		case <-tick.C:
			if s.send(":\n\n") != nil {
				return false
			}
		case <-r.Context().Done():
			return false
		case <-d.done:
			return false
		}
	}
}

// A stream is a response that lasts.
type stream struct {
	w  io.Writer
	rc *http.ResponseController
}

func (s stream) report(text []byte) error {
	return s.send("event: report\ndata: ", string(text), "\n") // text ends its line
}

// send sends parts, and gives up on a reader who does not take them.
func (s stream) send(parts ...string) error {
	// A writer that knows no deadlines is one that does not block, such as a test's.
	_ = s.rc.SetWriteDeadline(time.Now().Add(patient))
	for _, part := range parts {
		if _, err := io.WriteString(s.w, part); err != nil {
			return err
		}
	}
	return s.rc.Flush()
}

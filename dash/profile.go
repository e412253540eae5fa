package dash

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// The kinds of profiles that runtime/pprof has by name.
var lookups = []string{"heap", "allocs", "goroutine", "mutex", "block"}

const (
	cpuSeconds    = 10 // if it is not said
	cpuMaxSeconds = 60
)

// kinds returns what may be taken.
func (d *Handler) kinds() []string {
	var all []string
	if d.opts.Profiles {
		all = append(append(all, "cpu"), lookups...)
	}
	if d.opts.Trace != nil {
		all = append(all, "trace")
	}
	return all
}

// profile takes a profile and hands it to who asked.
func (d *Handler) profile(w http.ResponseWriter, r *http.Request) {
	kind := r.PathValue("kind")
	allowed := false
	for _, k := range d.kinds() {
		allowed = allowed || k == kind
	}
	if !allowed {
		http.Error(w, "dash: this program does not let that be taken; see Options", http.StatusForbidden)
		return
	}
	select {
	case d.taking <- struct{}{}:
		defer func() { <-d.taking }()
	default:
		w.Header().Set("Retry-After", "10")
		http.Error(w, "dash: another profile is being taken", http.StatusServiceUnavailable)
		return
	}
	var b bytes.Buffer
	if err := d.take(r, kind, &b); err != nil {
		http.Error(w, "dash: "+err.Error(), status(err))
		return
	}
	name := "whet-" + kind + "-" + time.Now().UTC().Format("20060102T150405Z") + extension(kind)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.Write(b.Bytes())
}

func extension(kind string) string {
	if kind == "trace" {
		return ".trace"
	}
	return ".pprof"
}

// errUsage is the fault of who asked.
var errUsage = errors.New("seconds must be a whole number from 1 to " + strconv.Itoa(cpuMaxSeconds))

func status(err error) int {
	switch {
	case errors.Is(err, errUsage):
		return http.StatusBadRequest
	case strings.Contains(err.Error(), "already in use"):
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// take writes a profile to b.
func (d *Handler) take(r *http.Request, kind string, b *bytes.Buffer) error {
	switch kind {
	case "cpu":
		n := cpuSeconds
		if text := r.URL.Query().Get("seconds"); text != "" {
			var err error
			if n, err = strconv.Atoi(text); err != nil || n < 1 || n > cpuMaxSeconds {
				return errUsage
			}
		}
		return d.cpu(r.Context(), time.Duration(n)*time.Second, b)
	case "trace":
		_, err := d.opts.Trace.WriteTo(b)
		return err
	}
	return pprof.Lookup(kind).WriteTo(b, 0)
}

// cpu profiles for a time, or less if nobody waits for it any more.
func (d *Handler) cpu(ctx context.Context, length time.Duration, b *bytes.Buffer) error {
	if err := pprof.StartCPUProfile(b); err != nil {
		return err // another one, of the program itself or of /debug/pprof
	}
	defer pprof.StopCPUProfile()
	select {
	case <-time.After(length):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-d.done:
		return errors.New("the handler is closing")
	}
}

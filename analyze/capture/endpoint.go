package capture

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/profile"
)

// endpoint profiles a live process through its net/http/pprof handlers.
func (c *capture) endpoint(ctx context.Context) error {
	base, err := endpointURL(c.Subject.Source[0])
	if err != nil {
		return err
	}
	w := &analyze.Workload{
		Name: base.Host, Kind: analyze.Endpoint, Profiles: make(map[string]*profile.Profile),
		Repro: "whet analyze --url " + base.String(),
	}
	c.clock.start(c.Budget)
	start := time.Now()
	// The first answer tells whether there is anybody, before the long wait.
	if err := c.epochOf(ctx, base, w, start); err != nil {
		return err
	}
	seconds := max(1, int(c.Budget.Seconds()/4))
	for i := range 3 {
		c.progress(fmt.Sprintf("profiling %s for %d s", base.Host, seconds), i, 3)
		p, err := c.fetch(ctx, base, "profile", seconds)
		if err != nil {
			c.s.Warn(w.Name, "no CPU profile: %v", err)
			break
		}
		if err := c.adopt(w, "its CPU profile", p); err != nil {
			c.s.Warn(w.Name, "%v", err)
		}
		if err := c.epochOf(ctx, base, w, start); err != nil {
			c.s.Warn(w.Name, "no further heap profile: %v", err)
			break
		}
	}
	c.contention(ctx, base, w)
	last := w.Epochs[len(w.Epochs)-1]
	w.Profiles["heap"], w.Profiles["goroutine"] = last.Heap, last.Goroutine
	c.s.Workloads = append(c.s.Workloads, w)
	c.foreign(w)
	return nil
}

func (c *capture) contention(ctx context.Context, base *url.URL, w *analyze.Workload) {
	for _, name := range []string{"mutex", "block"} {
		p, err := c.fetch(ctx, base, name, 0)
		if err != nil {
			c.s.Warn(w.Name, "no %s profile: %v", name, err)
			continue
		}
		if len(p.Samples) == 0 {
			c.s.Warn(w.Name, "its %s profile is empty: the process does not record one (runtime.Set%s)", name,
				map[string]string{"mutex": "MutexProfileFraction", "block": "BlockProfileRate"}[name])
			continue
		}
		w.Profiles[name] = p
	}
}

// epochOf adds what is alive in the process now.
func (c *capture) epochOf(ctx context.Context, base *url.URL, w *analyze.Workload, start time.Time) error {
	heap, err := c.fetch(ctx, base, "heap", 0)
	if err != nil {
		return err
	}
	goroutine, err := c.fetch(ctx, base, "goroutine", 0)
	if err != nil {
		return err
	}
	w.Epochs = append(w.Epochs, analyze.Epoch{
		At: time.Since(start), HeapBytes: heap.Total("inuse_space"), Goroutines: int(goroutine.Total("goroutine")),
		Heap: heap, Goroutine: goroutine,
	})
	return nil
}

// endpointURL returns the URL under which the profiles are: the given one, completed.
func endpointURL(s string) (*url.URL, error) {
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the address of a pprof endpoint, such as http://localhost:6060/debug/pprof/", s)
	}
	if i := strings.Index(u.Path, "/debug/pprof"); i >= 0 {
		u.Path = u.Path[:i]
	}
	u.Path, u.RawQuery, u.Fragment = strings.TrimRight(u.Path, "/")+"/debug/pprof/", "", ""
	return u, nil
}

// fetch gets one profile; a redirect is an error, for it could lead the reader's
// credentials or their question anywhere.
func (c *capture) fetch(ctx context.Context, base *url.URL, name string, seconds int) (*profile.Profile, error) {
	u := base.JoinPath(name)
	if seconds > 0 {
		u.RawQuery = "seconds=" + strconv.Itoa(seconds)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, time.Duration(seconds)*time.Second+15*time.Second, errors.New("no answer in time"))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", u.String(), nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, fmt.Errorf("asking %s: %w", u.Host, err)
	}
	defer resp.Body.Close()
	if to := resp.Header.Get("Location"); to != "" {
		return nil, fmt.Errorf("%s redirects to %s: pass the address that serves /debug/pprof/ itself", u, to)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s: does the process import net/http/pprof?", u, resp.Status)
	}
	p, err := profile.Read(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%s does not serve profiles: %w", u, err)
	}
	return p, nil
}

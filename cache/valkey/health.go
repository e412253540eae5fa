package valkey

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	client "github.com/valkey-io/valkey-go"
)

var (
	// ErrResting is what calls return while the tier rests from a failure.
	ErrResting = errors.New("valkey: the server failed and is not asked")
	// ErrClosed is what calls return after Close.
	ErrClosed = errors.New("valkey: the tier is closed")
)

// Health says whether the server is asked.
type health struct {
	resting atomic.Bool // written under mu

	mu        sync.Mutex
	open      bool // between New and Close
	losses    int  // of connections
	delay     time.Duration
	recovered time.Time
}

const shortestRest = 10 * time.Millisecond

// isFailure reports whether an error of the client says that the server is of no use now,
// rather than that it refuses a command.
func isFailure(err error) bool {
	if refusal, ok := client.IsValkeyErr(err); ok {
		return !refusal.IsNil() && strings.HasPrefix(refusal.Error(), "LOADING")
	}
	return err != nil
}

// fail makes the tier rest after a call that failed. A server that fails again soon after
// it was thought well is given a longer rest.
func (t *Tier[K, V]) fail() {
	h := &t.health
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.resting.Load() {
		return
	}
	if time.Since(h.recovered) > t.opts.Rest {
		h.delay = 0
	}
	h.delay = min(max(2*h.delay, shortestRest), t.opts.Rest)
	t.rest(h.delay)
}

// lost notes that messages may have been missed: the connection ended, or all keys did. A
// probe makes a new connection, so that it listens again even if nobody asks for a key.
func (t *Tier[K, V]) lost() {
	t.health.mu.Lock()
	defer t.health.mu.Unlock()
	t.health.losses++
	t.rest(0)
}

// rest starts the probe, unless there is one. Under the lock.
func (t *Tier[K, V]) rest(delay time.Duration) {
	if h := &t.health; h.open && !h.resting.Load() {
		h.resting.Store(true)
		t.running.Add(1)
		go t.recover(delay)
	}
}

// recover waits until the server answers. What caches hold was loaded while nobody
// listened, so they are cleared before the rest ends.
func (t *Tier[K, V]) recover(delay time.Duration) {
	defer t.running.Done()
	for {
		select {
		case <-t.ctx.Done():
			return
		case <-time.After(jitter(delay)):
		}
		losses := t.lossCount()
		if t.ping() != nil {
			delay = min(max(2*delay, shortestRest), t.opts.Rest)
			continue
		}
		t.clear()
		if t.resume(losses) {
			return
		}
	}
}

// jitter returns something between half of d and d, so that not all processes ask at once.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

func (t *Tier[K, V]) lossCount() int {
	t.health.mu.Lock()
	defer t.health.mu.Unlock()
	return t.health.losses
}

// resume ends the rest, unless another connection was lost since.
func (t *Tier[K, V]) resume(losses int) bool {
	h := &t.health
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.losses != losses {
		return false
	}
	h.recovered = time.Now()
	h.resting.Store(false)
	t.counts.recoveries.Add(1)
	return true
}

func (t *Tier[K, V]) ping() error {
	ctx, cancel := context.WithTimeout(t.ctx, t.opts.Timeout)
	defer cancel()
	return t.client.Do(ctx, t.client.B().Ping().Build()).Error()
}

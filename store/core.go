package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/whetgo/whet/cache"
)

// A core is the part of a store that its goroutines keep alive: what is not the handle that
// users hold. It has no goroutine until it is started.
type core struct {
	params Params
	opts   options
	driver Driver
	handle weak.Pointer[Store] // which users hold
	bars   *cache.Cache[Query, Series]
	counts counters
	board  *board

	mu       sync.Mutex // guards what follows
	state    State
	down     time.Time // since when it is not Live, after it was
	downFor  time.Duration
	bell     bell // rung when the state changes
	run      *run // nil: Idle or Stopped
	link     *link
	topics   map[Sub]*topic
	books    map[string]*book
	degraded map[trouble]error // what is wrong while connected, by what it is about
	closed   FeedStats         // of feeds that are closed

	market atomic.Pointer[map[Sub]*topic] // topics, for the sinks
	subs   chan struct{}                  // capacity 1: who changes subscriptions at the venue
}

// A run is from Start to Stop.
type run struct {
	ctx    context.Context
	cancel context.CancelFunc
	kick   chan struct{} // capacity 1: the watchdog's rates have changed
	done   chan struct{}
	pacer  *pacer

	stopping bool // guarded by core.mu, as is what follows
	calls    int  // requests that Stop waits for
}

type counters struct {
	slowBars                 atomic.Uint64 // calls of slowBars, each of which the cache has counted as a miss too many
	dials, lost              atomic.Uint64
	loads                    atomic.Uint64
	waited                   atomic.Int64
	waits                    atomic.Uint64
	gaps, filled, duplicates atomic.Uint64
	orders, orderDuplicates  atomic.Uint64
	replays                  atomic.Uint64
}

func newCore(p Params, o options, d Driver) *core {
	c := &core{params: p, opts: o, driver: d, subs: make(chan struct{}, 1)}
	c.state = State{Phase: Idle, Since: time.Now()}
	c.bars = newBarCache(o)
	c.board = newBoard(o.notes)
	c.reset()
	return c
}

// reset forgets all that belongs to a run.
func (c *core) reset() {
	for _, t := range c.topics {
		for _, r := range *t.feeds.Load() {
			r.close(ErrStopped, true)
			c.closed.add(r.total())
		}
	}
	c.topics = make(map[Sub]*topic)
	c.market.Store(new(map[Sub]*topic))
	c.books = make(map[string]*book)
	c.degraded = make(map[trouble]error)
}

// start begins a run if there is none.
func (c *core) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.startLocked()
}

// startLocked is start for who holds c.mu; it returns the run.
func (c *core) startLocked() *run {
	if c.run != nil {
		return c.run
	}
	if c.state.Phase == Stopped {
		c.reset()
		c.board.reset()
		c.tell(false)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &run{ctx: ctx, cancel: cancel, kick: make(chan struct{}, 1), done: make(chan struct{}), pacer: pacerOf(c.params)}
	c.run = r
	c.enter(State{Phase: Connecting})
	go func() {
		defer close(r.done)
		defer r.pacer.remember()
		if c.claim(r) {
			defer r.unclaim(c.params)
			c.keep(r)
		}
	}()
	return r
}

// tell tells Open whether the store is over. The caller holds c.mu.
func (c *core) tell(over bool) {
	if s := c.handle.Value(); s != nil {
		s.over.Store(over)
	}
}

// keep keeps the store connected until the run ends or a fatal error comes.
func (c *core) keep(r *run) {
	failed := 0
	for r.ctx.Err() == nil {
		lost := uint64(0)
		l, err := c.connect(r)
		if err == nil {
			up := time.Now()
			err = c.watch(r, l)
			c.disconnect(l)
			lost = 1
			if time.Since(up) >= c.wait(failed) {
				failed = 0 // it was no storm
			}
		}
		if r.ctx.Err() != nil {
			c.counts.lost.Add(lost)
			break
		}
		err = c.opts.secrets.hide(err)
		if IsFatal(err) {
			c.end(r, err)
			c.counts.lost.Add(lost)
			return
		}
		failed++
		d := c.jittered(c.wait(failed))
		c.enterRun(r, State{Phase: Backoff, Cause: err, Attempt: failed, Wait: d})
		c.counts.lost.Add(lost) // not before: who sees it must not see the phase Live that went before it
		if sleep(r.ctx, d) == nil {
			c.enterRun(r, State{Phase: Connecting, Cause: err, Attempt: failed})
		}
	}
}

// wait returns the longest wait after so many failures.
func (c *core) wait(failures int) time.Duration {
	d := c.opts.backoffMin
	for range failures - 1 {
		if d *= 2; d >= c.opts.backoffMax || d <= 0 {
			return c.opts.backoffMax
		}
	}
	return min(d, c.opts.backoffMax)
}

func (c *core) jittered(d time.Duration) time.Duration {
	random := time.Duration(c.opts.jitter * float64(d))
	return d - random + rand.N(random+1)
}

// put hangs up a note.
func (c *core) put(n Note) {
	if c.board.put(&n) {
		c.slowNotes()
	}
}

// slowNotes notes that a reader of lossless notes was overtaken.
func (c *core) slowNotes() {
	c.degrade(trouble{kind: slowNotes}, errors.New("a reader of order or account notes is too slow"))
}

// A use is the right to ask a session for something, until done is called.
type use struct {
	*link
	done func()
}

// use returns the session that is up, starting the store if it was not, and waiting while it
// connects.
func (c *core) use(ctx context.Context) (use, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.state.Phase == Stopped || c.run != nil && c.run.stopping:
			return use{}, because(ErrStopped, c.state.Cause)
		case c.run == nil:
			c.startLocked()
		case c.link != nil:
			r := c.run
			r.calls++
			return use{c.link, func() { c.release(r) }}, nil
		case c.state.Phase == Backoff:
			return use{}, because(ErrOffline, c.state.Cause)
		case ctx.Err() != nil:
			return use{}, ctx.Err()
		default:
			c.bell.wait(ctx, &c.mu)
		}
	}
}

func (c *core) release(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.calls--; r.calls == 0 {
		c.bell.ring()
	}
}

func because(err, cause error) error {
	if cause == nil {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// settle waits until the store is up, or has failed to come up, and returns what is wrong.
func (c *core) settle(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.state.Phase == Connecting && ctx.Err() == nil {
		c.bell.wait(ctx, &c.mu)
	}
	switch c.state.Phase {
	case Connecting:
		return ctx.Err()
	case Live, Degraded:
		return nil
	case Backoff:
		return because(ErrOffline, c.state.Cause)
	}
	return because(ErrStopped, c.state.Cause)
}

// stopped waits until no Stop is under way.
func (c *core) stopped(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.run != nil && c.run.stopping {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.bell.wait(ctx, &c.mu)
	}
	return nil
}

// stop ends the run, after the requests under way or ctx.
func (c *core) stop(ctx context.Context) error {
	c.mu.Lock()
	c.tell(true)
	r := c.run
	if c.state.Phase == Idle {
		c.enter(State{Phase: Stopped})
	}
	c.mu.Unlock()
	if r == nil {
		return nil
	}
	return c.halt(ctx, r)
}

// halt is stop of one run.
func (c *core) halt(ctx context.Context, r *run) error {
	c.mu.Lock()
	if c.run != r {
		c.mu.Unlock()
		return nil
	}
	c.tell(true)
	r.stopping = true
	for r.calls > 0 && ctx.Err() == nil {
		c.bell.wait(ctx, &c.mu)
	}
	c.mu.Unlock()
	r.cancel()
	select {
	case <-r.done:
	case <-ctx.Done():
		go func() { <-r.done; c.end(r, nil) }()
		return ctx.Err()
	}
	c.end(r, nil)
	return nil
}

// end makes the store Stopped: feeds and readers get the reason once they have read all.
func (c *core) end(r *run, cause error) {
	c.mu.Lock()
	if c.run != r {
		c.mu.Unlock()
		return
	}
	r.cancel()
	c.run = nil
	c.tell(true)
	c.enter(State{Phase: Stopped, Cause: cause})
	topics, books := maps.Clone(c.topics), maps.Clone(c.books) // feeds may leave meanwhile
	c.mu.Unlock()
	reason := because(ErrStopped, cause)
	for _, t := range topics {
		for _, ring := range *t.feeds.Load() {
			ring.close(reason, false)
		}
	}
	for _, b := range books {
		b.close(reason)
	}
	c.board.close(reason)
	c.bars.Clear()
}

package store

import (
	"context"
	"crypto/rand"
	"runtime"
)

func newOrderID() OrderID { return OrderID(rand.Text()) }

// Start connects the store, and returns when the first session is up, or has failed with the
// reason: then it goes on trying. It does nothing if the store is started. Nobody needs to call it but
// after Stop: what needs a connection starts the store. If Open has made another store since Stop, the
// error wraps ErrStopped: one store of equal Params is live.
func (s *Store) Start(ctx context.Context) error {
	defer runtime.KeepAlive(s)
	c := s.core()
	if err := c.stopped(ctx); err != nil {
		return err
	}
	if err := stores.again(s, c.start); err != nil {
		return err
	}
	return c.settle(ctx)
}

// Stop ends the connection, when the requests that are under way have ended or ctx has: then
// it returns its error, and ends all the same. Feeds, cursors and readers of order events get
// ErrStopped once they have read what is pending. What was subscribed, cached and journalled
// is forgotten. Open does not return the store any more, but another; Start works again until it has.
func (s *Store) Stop(ctx context.Context) error {
	defer runtime.KeepAlive(s)
	return s.core().stop(ctx)
}

// State returns the phase of the store, since when, and why.
func (s *Store) State() State {
	defer runtime.KeepAlive(s)
	c := s.core()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Bars returns the bars that begin in [q.From, q.To), as far as they are closed. They are
// cached: until the next bar closes if more are to come, else for as long as there is room. All who ask
// for the same bars at once share one request. A hit takes no lock and does not allocate.
// Errors are not cached; when the store is in Backoff it is ErrOffline.
func (s *Store) Bars(ctx context.Context, q Query) (Series, error) {
	c := s.core()
	series, ok := c.bars.Get(q) // what is cached is checked and aligned
	runtime.KeepAlive(s)
	if ok {
		return series, nil
	}
	return s.slowBars(ctx, q)
}

// slowBars is Bars of a query that is not cached, or not in the form of those that are.
func (s *Store) slowBars(ctx context.Context, q Query) (Series, error) {
	defer runtime.KeepAlive(s)
	if err := q.Check(); err != nil {
		return Series{}, err
	}
	if err := ctx.Err(); err != nil { // the answer may be faster than it is seen to be unwanted
		return Series{}, err
	}
	c, a := s.core(), q.aligned()
	c.counts.slowBars.Add(1)
	series, err := c.bars.GetOrLoad(ctx, a, c.load)
	if err != nil || a == q {
		return series, err
	}
	return series.within(q.From, q.To), nil
}

// Feed returns a feed of a subscription. All feeds of equal Subs share one subscription at the
// venue. Where the store is offline the feed is made all the same, and gets events once it is not.
// A symbol the venue doesn't know is ErrNoSymbol, a venue without live data ErrNoFeed.
func (s *Store) Feed(ctx context.Context, sub Sub, opts ...FeedOption) (*Feed, error) {
	if err := sub.Check(); err != nil {
		return nil, err
	}
	defer runtime.KeepAlive(s)
	o := feedOptions{events: 1024}
	for _, opt := range opts {
		opt(&o)
	}
	c := s.core()
	t, r, err := c.feed(ctx, sub, o)
	if err != nil {
		return nil, err
	}
	f := &Feed{s, t, r}
	runtime.AddCleanup(f, func(r *ring) { c.leave(t, r) }, r) // if it is forgotten
	return f, nil
}

// Broker returns the trading of an account; "" is that of Params. All order events of the account since the
// venue knows it are in its Orders.
func (s *Store) Broker(ctx context.Context, account string) (Broker, error) {
	defer runtime.KeepAlive(s)
	c := s.core()
	if account == "" {
		account = c.params.Account
	}
	u, err := c.use(ctx)
	if err != nil {
		return nil, err
	}
	defer u.done()
	if _, err := u.desk(account); err != nil {
		return nil, c.opts.secrets.hide(err)
	}
	b := c.book(account)
	if err := b.first(ctx, u.link); err != nil {
		return nil, c.opts.secrets.hide(err)
	}
	return &broker{s, b}, nil
}

// Notes returns a cursor at the oldest note of the classes that is still kept.
func (s *Store) Notes(c Class) *Cursor { return s.core().board.open(s, c) }

// Put hangs up a note for all who listen. It does not allocate once as many notes are kept as
// may be. The note's time is left as it is.
func (s *Store) Put(n Note) {
	c := s.core()
	if c.board.put(&n) {
		c.slowNotes()
	}
	runtime.KeepAlive(s)
}

// Params returns the identity of the store.
func (s *Store) Params() Params { return s.params }

// Stats returns what the store has done since it was made.
func (s *Store) Stats() Stats {
	defer runtime.KeepAlive(s)
	return s.core().stats()
}

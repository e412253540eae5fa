package store

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"time"
)

// An Option changes how a store behaves. Stores are shared by Params, so all who give options
// for the same Params must give equal ones, else Open fails with ErrOptions; who gives none
// takes the store as it is.
type Option func(*options)

type options struct {
	backoffMin, backoffMax time.Duration
	jitter                 float64
	dialTimeout            time.Duration
	ping                   time.Duration
	cacheBars              int
	empty                  time.Duration
	notes, journal         int
	secrets                Secrets
}

func defaults() options {
	return options{
		backoffMin: 250 * time.Millisecond, backoffMax: 30 * time.Second, jitter: 1,
		dialTimeout: 10 * time.Second, ping: 15 * time.Second,
		cacheBars: 1 << 20, empty: time.Second,
		notes: 1024, journal: 1 << 16,
	}
}

// WithBackoff sets the wait before dialling again: at most lo after the first failure, and twice
// as much after each, up to hi. jitter is the part of it that is random, in [0,1]. It is
// 250 ms, 30 s and 1 (full jitter) otherwise. It panics if they make no sense.
func WithBackoff(lo, hi time.Duration, jitter float64) Option {
	if lo <= 0 || hi < lo || !(jitter >= 0 && jitter <= 1) {
		panic(fmt.Sprintf("store: back-off from %v to %v with jitter %v", lo, hi, jitter))
	}
	return func(o *options) { o.backoffMin, o.backoffMax, o.jitter = lo, hi, jitter }
}

// WithTimeout sets how long dialling, subscribing again and reconciling may take together; it
// is 10 s otherwise. It panics if d is not positive.
func WithTimeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("store: timeout %v", d))
	}
	return func(o *options) { o.dialTimeout = d }
}

// WithPing sets after which time of silence the venue is pinged, and the connection dropped if
// it does not answer within as long again; it is 15 s otherwise, and 0 is never. As often,
// a venue that numbers its order events is asked whether some were lost.
func WithPing(d time.Duration) Option { return func(o *options) { o.ping = max(d, 0) } }

// WithCache sets how many bars are kept for Bars; it is 2^20 otherwise, 48 MB when full. It panics if
// it is below 1.
func WithCache(bars int) Option {
	if bars < 1 {
		panic(fmt.Sprintf("store: cache of %d bars", bars))
	}
	return func(o *options) { o.cacheBars = bars }
}

// WithNotes sets how many notes are kept for readers, of the lossless classes and of the others;
// it is 1,024 otherwise. It panics if it is below 1.
func WithNotes(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("store: %d notes", n))
	}
	return func(o *options) { o.notes = n }
}

// WithJournal sets how many order events are kept for each account; it is 65,536 otherwise. It
// panics if it is below 1.
func WithJournal(events int) Option {
	if events < 1 {
		panic(fmt.Sprintf("store: journal of %d events", events))
	}
	return func(o *options) { o.journal = events }
}

// WithSecret gives the driver a password, token or key under a name the driver's
// documentation says. It is not printed, and not part of the identity of the store; another value for a store that is
// open is ErrOptions.
func WithSecret(name, value string) Option {
	return func(o *options) {
		byName := maps.Clone(o.secrets.byName)
		if byName == nil {
			byName = make(map[string]string)
		}
		byName[name] = value
		o.secrets.byName = byName
	}
}

// sum returns a hash that is equal for equal options.
func (o options) sum() [sha256.Size]byte {
	h := sha256.New()
	o.secrets.sum(h)
	o.secrets = Secrets{}
	fmt.Fprintf(h, "%v", o)
	return [sha256.Size]byte(h.Sum(nil))
}

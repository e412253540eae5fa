package valkey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	client "github.com/valkey-io/valkey-go"
	"github.com/whetgo/whet/cache"
)

// A Tier is a cache.Tier in a server; see the package's documentation. Make one with New.
// It is safe for concurrent use.
type Tier[K comparable, V any] struct {
	client client.Client
	prefix string
	keys   Keys[K]
	codec  Codec[V]
	opts   Options[K, V]

	missed misses[K]
	inbox  inbox
	health health
	counts counts

	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	caches []*cache.Cache[K, V] // replaced, never changed
}

// New connects to a server. The tier's keys begin with prefix and a "|", which the prefix
// must not contain; two tiers with one prefix share their values. New fails if the server
// can't be reached, refuses the credentials, or knows no client-side caching.
func New[K comparable, V any](server client.ClientOption, prefix string, opts *Options[K, V]) (*Tier[K, V], error) {
	if err := checkPrefix(prefix); err != nil {
		return nil, err
	}
	o, err := opts.complete()
	if err != nil {
		return nil, err
	}
	t := &Tier[K, V]{prefix: prefix + separator, keys: o.Keys, codec: o.Codec, opts: o}
	t.inbox.wake = make(chan struct{}, 1)
	server, err = tracking(server, t.prefix, t.hear)
	if err != nil {
		return nil, err
	}
	t.ctx, t.stop = context.WithCancel(context.Background())
	c, err := client.NewClient(server)
	if err != nil {
		t.stop()
		if c != nil {
			c.Close()
		}
		return nil, fmt.Errorf("valkey: connecting to %s: %w", strings.Join(server.InitAddress, ", "), err)
	}
	t.start(c)
	return t, nil
}

func (t *Tier[K, V]) start(c client.Client) {
	t.health.mu.Lock()
	defer t.health.mu.Unlock()
	t.client = c
	t.health.open = true
	t.running.Add(1)
	go t.heed(t.ctx)
	if t.health.losses > 0 { // already
		t.rest(0)
	}
}

// hear takes a message of the server's.
func (t *Tier[K, V]) hear(messages []client.ValkeyMessage) {
	t.inbox.put(messages)
	if messages == nil {
		t.lost()
	}
}

// Attach makes the tier remove from c what changes in the server. It is to be called before
// c is used; what is in c already is not known to be current. A tier may serve many caches,
// and refers to them until Close.
func (t *Tier[K, V]) Attach(c *cache.Cache[K, V]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.caches = append(t.caches[:len(t.caches):len(t.caches)], c)
}

func (t *Tier[K, V]) attached() []*cache.Cache[K, V] {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.caches
}

// Get returns the value of key, or cache.ErrNotFound.
func (t *Tier[K, V]) Get(ctx context.Context, key K) (none V, err error) {
	data, err := t.do(ctx, t.client.B().Get().Key(t.name(key)).Build()).AsBytes()
	switch {
	case client.IsValkeyNil(err), err == nil && bytes.HasPrefix(data, []byte(deletion)):
		t.counts.misses.Add(1)
		t.missed.add(key)
		return none, cache.ErrNotFound
	case err != nil && !isWrongType(err):
		return none, wrap("get", err)
	}
	t.missed.take(key)
	if err == nil {
		var value V
		if value, err = t.codec.Decode(data); err == nil {
			t.counts.hits.Add(1)
			return value, nil
		}
	}
	t.counts.misses.Add(1)
	t.counts.garbage.Add(1)
	return none, fmt.Errorf("%w: %w", cache.ErrNotFound, err)
}

// isWrongType reports whether the server has a list or the like where a value should be.
func isWrongType(err error) bool {
	refusal, ok := client.IsValkeyErr(err)
	return ok && strings.HasPrefix(refusal.Error(), "WRONGTYPE")
}

// ErrOvertaken is what Set returns if the key was written or deleted by others since Get
// did not find it. What they did stands.
var ErrOvertaken = errors.New("valkey: written by others meanwhile")

// Set stores the value for ttl, 0 for ever; below a millisecond it is one. If Get of this
// tier did not find the key in the last half minute, the value is taken to have been loaded
// since, and ErrOvertaken is returned if the key is there by now. Other processes are told;
// caches attached to this tier are not.
func (t *Tier[K, V]) Set(ctx context.Context, key K, value V, ttl time.Duration) error {
	if ttl < 0 {
		return t.Delete(ctx, key)
	}
	loaded := t.missed.take(key)
	data, err := t.codec.Encode(value)
	if err != nil {
		return wrap("set", err)
	}
	err = t.do(ctx, t.setting(t.name(key), client.BinaryString(data), ttl, loaded)).Error()
	if client.IsValkeyNil(err) {
		t.counts.overtaken.Add(1)
		return ErrOvertaken
	}
	if err == nil {
		t.counts.stores.Add(1)
	}
	return wrap("set", err)
}

func (t *Tier[K, V]) setting(name, text string, ttl time.Duration, absent bool) client.Completed {
	args := []string{text}
	if absent {
		args = append(args, "NX")
	}
	if ttl > 0 {
		args = append(args, "PX", fmt.Sprint(max(ttl.Milliseconds(), 1)))
	}
	return t.client.B().Arbitrary("SET").Keys(name).Args(args...).Build()
}

// Delete removes the value, if there is one, and tells other processes even if there is
// none: they may have it, or be about to store it.
func (t *Tier[K, V]) Delete(ctx context.Context, key K) error {
	t.missed.take(key)
	err := t.do(ctx, t.setting(t.name(key), deletion, t.opts.Settle, false)).Error()
	if err == nil {
		t.counts.deletes.Add(1)
	}
	return wrap("delete", err)
}

// Close ends the connection and waits for calls under way. The attached caches are cleared,
// since they are no longer told of changes.
func (t *Tier[K, V]) Close() {
	t.health.mu.Lock()
	wasOpen := t.health.open
	t.health.open = false
	t.health.mu.Unlock()
	if !wasOpen {
		return
	}
	t.stop()
	t.client.Close()
	t.running.Wait()
	t.clear()
}

func (t *Tier[K, V]) name(key K) string { return t.prefix + t.keys.Encode(key) }

// do sends a command, unless the tier rests.
func (t *Tier[K, V]) do(ctx context.Context, cmd client.Completed) client.ValkeyResult {
	if t.ctx.Err() != nil {
		return client.NewErrorResult(ErrClosed)
	}
	if t.health.resting.Load() {
		t.counts.skipped.Add(1)
		return client.NewErrorResult(ErrResting)
	}
	own, cancel := context.WithTimeout(ctx, t.opts.Timeout)
	defer cancel()
	result := t.client.Do(own, cmd)
	err := result.Error()
	if err == nil || client.IsValkeyNil(err) {
		return result
	}
	if given := ctx.Err(); given != nil {
		return client.NewErrorResult(given) // the caller's haste says nothing about the server
	}
	t.counts.failures.Add(1)
	if isFailure(err) {
		t.fail()
	}
	return result
}

// wrap says what failed, except for errors that say it all.
func wrap(what string, err error) error {
	if err == nil || err == ErrResting || err == ErrClosed {
		return err
	}
	return fmt.Errorf("valkey: %s: %w", what, err)
}

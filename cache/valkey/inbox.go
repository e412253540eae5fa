package valkey

import (
	"context"
	"strings"
	"sync"

	client "github.com/valkey-io/valkey-go"
)

// An inbox holds what the server said until a goroutine acts on it. The connection's reader
// must not: a listener of the cache may use the tier, and so wait for the reader.
type inbox struct {
	mu   sync.Mutex
	keys []string
	all  bool
	wake chan struct{} // holds one: something is there
}

// inboxRoom bounds the keys that wait. Beyond it, clearing is cheaper.
const inboxRoom = 1 << 16

// put takes a message; nil is about all keys.
func (b *inbox) put(messages []client.ValkeyMessage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = b.all || messages == nil || len(b.keys)+len(messages) > inboxRoom
	if b.all {
		b.keys = nil
	}
	for i := 0; i < len(messages) && !b.all; i++ {
		if key, err := messages[i].ToString(); err == nil {
			b.keys = append(b.keys, key)
		}
	}
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *inbox) empty() (keys []string, all bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	keys, all = b.keys, b.all
	b.keys, b.all = nil, false
	return keys, all
}

// heed acts on messages until ctx ends.
func (t *Tier[K, V]) heed(ctx context.Context) {
	defer t.running.Done()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.inbox.wake:
		}
		keys, all := t.inbox.empty()
		if all {
			t.clear()
			continue
		}
		for _, text := range keys {
			t.invalidate(text)
		}
	}
}

func (t *Tier[K, V]) invalidate(text string) {
	text, ok := strings.CutPrefix(text, t.prefix)
	if !ok {
		return
	}
	key, err := t.keys.Decode(text)
	if err != nil {
		return // no key of ours is written so
	}
	t.counts.invalidations.Add(1)
	for _, c := range t.attached() {
		c.Delete(key)
	}
}

func (t *Tier[K, V]) clear() {
	t.counts.clears.Add(1)
	for _, c := range t.attached() {
		c.Clear()
	}
}

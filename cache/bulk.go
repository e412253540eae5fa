package cache

import (
	"context"
	"errors"
)

// A BulkLoader finds the values of keys that are not in the cache. It leaves out those that
// have none.
type BulkLoader[K comparable, V any] func(ctx context.Context, keys []K) (map[K]V, error)

// LoadAll returns the values of keys, calling load once with those that are not there and
// that nobody else is loading. Those without a value are not in the result, and remembered
// as GetOrLoad does. load runs in the caller's goroutine, with ctx. If it fails, or
// another's load of one of the keys does, so does LoadAll, with the values it has.
func (c *Cache[K, V]) LoadAll(ctx context.Context, keys []K, load BulkLoader[K, V]) (map[K]V, error) {
	b := bulk[K, V]{c: c, found: make(map[K]V, len(keys))}
	var others []K
	seen := make(map[K]struct{}, len(keys))
	for _, key := range keys {
		if _, again := seen[key]; again {
			continue
		}
		seen[key] = struct{}{}
		if value, ok := c.Get(key); ok {
			b.found[key] = value
		} else if !b.book(key) {
			others = append(others, key)
		}
	}
	err := b.load(ctx, load)
	for _, key := range others {
		value, e := c.GetOrLoad(ctx, key, load.one)
		if e == nil {
			b.found[key] = value
		} else if err == nil && !errors.Is(e, ErrNotFound) {
			err = e
		}
	}
	return b.found, err
}

// one loads one key.
func (load BulkLoader[K, V]) one(ctx context.Context, key K) (V, error) {
	values, err := load(ctx, []K{key})
	value, ok := values[key]
	if err == nil && !ok {
		err = ErrNotFound
	}
	return value, err
}

// A bulk is a load of many keys.
type bulk[K comparable, V any] struct {
	c     *Cache[K, V]
	keys  []K
	own   []*flight[K, V]
	found map[K]V
}

// book starts a flight of key, unless there is one, or a value, or known to be none.
func (b *bulk[K, V]) book(key K) bool {
	c := b.c
	h := c.hasher.Hash(key)
	s := c.lock(h)
	defer s.mu.Unlock()
	if _, ok := c.present(s, h, key); ok || c.known(key) || s.flights.find(h, key) != nil {
		return false
	}
	f := c.depart(s, h, key)
	f.lent = true
	b.keys, b.own = append(b.keys, key), append(b.own, f)
	return true
}

// load loads the keys with one call and lands their flights.
func (b *bulk[K, V]) load(ctx context.Context, load BulkLoader[K, V]) (err error) {
	if len(b.keys) == 0 {
		return nil
	}
	var values map[K]V
	var panicked *PanicError
	returned := false
	defer func() {
		if !returned {
			panicked, err = caught(recover())
		}
		for i, f := range b.own {
			f.err, f.panicked = err, panicked
			if e := b.land(ctx, f, b.keys[i], values); e != nil && panicked == nil {
				panicked = e
			}
		}
		if panicked != nil {
			panic(panicked)
		}
	}()
	values, err = load(ctx, b.keys)
	returned = true
	return err
}

// land lands the flight of key, whatever the user's functions do, and returns what they
// panicked with.
func (b *bulk[K, V]) land(ctx context.Context, f *flight[K, V], key K, values map[K]V) (panicked *PanicError) {
	x := item[K, V]{hash: f.hash, key: key}
	if f.err == nil && f.panicked == nil {
		f.panicked = b.complete(f, &x, values)
	}
	panicked = f.panicked
	defer func() {
		if v := recover(); v != nil { // of the listener
			panicked, _ = caught(v)
		}
	}()
	b.c.land(ctx, f, &x)
	return panicked
}

// complete makes x what values has for its key.
func (b *bulk[K, V]) complete(f *flight[K, V], x *item[K, V], values map[K]V) (panicked *PanicError) {
	defer func() {
		if v := recover(); v != nil {
			panicked, _ = caught(v)
		}
	}()
	value, ok := values[x.key]
	if !ok {
		f.err = ErrNotFound
		return nil
	}
	f.value, x.value = value, value
	b.c.complete(x)
	b.found[x.key] = value
	return nil
}

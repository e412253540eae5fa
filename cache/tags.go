package cache

import "sync"

// Tags knows the keys of each tag. Its lock may be taken under a shard's.
type tags[K comparable] struct {
	mu   sync.Mutex
	keys map[string]map[K]struct{}
	of   map[K][]string
}

func newTags[K comparable]() *tags[K] {
	return &tags[K]{keys: map[string]map[K]struct{}{}, of: map[K][]string{}}
}

// set makes names the tags of key.
func (t *tags[K]) set(key K, names []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop(key)
	if len(names) == 0 {
		return
	}
	t.of[key] = names
	for _, name := range names {
		if t.keys[name] == nil {
			t.keys[name] = map[K]struct{}{}
		}
		t.keys[name][key] = struct{}{}
	}
}

func (t *tags[K]) forget(key K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop(key)
}

func (t *tags[K]) namesOf(key K) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.of[key]
}

func (t *tags[K]) drop(key K) {
	for _, name := range t.of[key] {
		delete(t.keys[name], key)
		if len(t.keys[name]) == 0 {
			delete(t.keys, name)
		}
	}
	delete(t.of, key)
}

// keysOf returns the keys of a tag.
func (t *tags[K]) keysOf(name string) []K {
	t.mu.Lock()
	defer t.mu.Unlock()
	keys := make([]K, 0, len(t.keys[name]))
	for key := range t.keys[name] {
		keys = append(keys, key)
	}
	return keys
}

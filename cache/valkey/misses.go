package valkey

import (
	"sync"
	"time"
)

// Misses remembers the keys that Get did not find, so that Set knows that what it is given
// was loaded since. A loader that fails never takes its key out: the older of two
// generations is forgotten when the younger is full or as old as memory.
type misses[K comparable] struct {
	mu         sync.Mutex
	young, old map[K]struct{}
	began      time.Time
}

const (
	missMemory = 30 * time.Second
	missRoom   = 1 << 14 // keys of a generation
)

func (m *misses[K]) add(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.young == nil || len(m.young) >= missRoom || time.Since(m.began) > missMemory {
		m.old, m.young, m.began = m.young, make(map[K]struct{}), time.Now()
	}
	m.young[key] = struct{}{}
}

// take forgets key and reports whether it was there.
func (m *misses[K]) take(key K) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, young := m.young[key]
	_, old := m.old[key]
	delete(m.young, key)
	delete(m.old, key)
	return young || old
}

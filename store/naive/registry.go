package naive

import (
	"fmt"
	"sync"
)

var (
	mu     sync.Mutex            // guards stores, and the state of every store in it
	stores = map[string]*Store{} // by Params.key
)

// Open returns the store that p means, making it at the first call. Every
// caller with equal parameters gets the same store. A store that could not be
// made is not kept, so that Open may be tried again.
func Open(p Params) (*Store, error) {
	mu.Lock()
	defer mu.Unlock()
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("opening store: %w", err)
	}
	key := p.key()
	if s, ok := stores[key]; ok {
		return s, nil
	}
	s, err := newStore(p)
	if err != nil {
		return nil, fmt.Errorf("opening store: %w", err)
	}
	stores[key] = s
	return s, nil
}

// Stores returns how many stores are open.
func Stores() int {
	mu.Lock()
	defer mu.Unlock()
	return len(stores)
}

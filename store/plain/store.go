package plain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/whetgo/whet/store"
)

const (
	cachedSeries = 512
	barsTTL      = time.Minute
	redial       = time.Second
	buffer       = 64 // of the channels of readers
)

var (
	mu     sync.Mutex // guards stores
	stores = make(map[store.Params]*Store)
)

// A Store is one connection to a venue, for all who open it.
type Store struct {
	params store.Params
	flight singleflight.Group
	cache  *lru.Cache[store.Query, cached]

	mu      sync.Mutex // guards what follows
	session store.Session
	notes   []chan store.Note
	feeds   map[store.Sub][]chan store.Event
	closed  bool
}

type cached struct {
	bars  []store.Bar
	until time.Time
}

// Open returns the store of p, making it at the first call.
func Open(p store.Params) (*Store, error) {
	mu.Lock()
	defer mu.Unlock()
	if s, ok := stores[p]; ok {
		return s, nil
	}
	cache, err := lru.New[store.Query, cached](cachedSeries)
	if err != nil {
		return nil, err
	}
	s := &Store{params: p, cache: cache, feeds: make(map[store.Sub][]chan store.Event)}
	stores[p] = s
	return s, nil
}

// Len returns how many stores are open.
func Len() int {
	mu.Lock()
	defer mu.Unlock()
	return len(stores)
}

// connected returns the session, dialling if there is none.
func (s *Store) connected(ctx context.Context) (store.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("plain: closed")
	}
	if s.session == nil {
		session, err := store.Dial(ctx, s.params, s)
		if err != nil {
			return nil, fmt.Errorf("plain: dialling: %w", err)
		}
		s.session = session
	}
	return s.session, nil
}

// Bars returns the bars of a query, which the caller must not change. They are kept for a
// minute.
func (s *Store) Bars(ctx context.Context, q store.Query) ([]store.Bar, error) {
	if c, ok := s.cache.Get(q); ok && time.Now().Before(c.until) {
		return c.bars, nil
	}
	v, err, _ := s.flight.Do(fmt.Sprint(q), func() (any, error) {
		session, err := s.connected(ctx)
		if err != nil {
			return nil, err
		}
		var bars []store.Bar
		err = session.History(ctx, q, func(b []store.Bar) error {
			bars = append(bars, b...)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("plain: history of %s: %w", q.Symbol, err)
		}
		s.cache.Add(q, cached{bars, time.Now().Add(barsTTL)})
		return bars, nil
	})
	if err != nil {
		return nil, err
	}
	return v.([]store.Bar), nil
}

// Feed returns a channel of the events of a subscription. Those for which there is no room are
// dropped.
func (s *Store) Feed(ctx context.Context, sub store.Sub) (<-chan store.Event, error) {
	session, err := s.connected(ctx)
	if err != nil {
		return nil, err
	}
	if err := session.Subscribe(ctx, sub); err != nil {
		return nil, err
	}
	c := make(chan store.Event, buffer)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feeds[sub] = append(s.feeds[sub], c)
	return c, nil
}

// Notes returns a channel of the notes that are put from now on. Those for which there is no room are
// dropped.
func (s *Store) Notes() <-chan store.Note {
	c := make(chan store.Note, buffer)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, c)
	return c
}

// Put tells all readers a note.
func (s *Store) Put(n store.Note) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.notes {
		select {
		case c <- n:
		default:
		}
	}
}

// Close ends the connection. The store stays in the registry.
func (s *Store) Close() error {
	s.mu.Lock()
	session := s.session
	s.session, s.closed = nil, true
	s.mu.Unlock()
	if session == nil {
		return nil
	}
	return session.Close()
}

// Market implements store.Sink.
func (s *Store) Market(sub store.Sub, events ...store.Event) {
	s.mu.Lock()
	readers := slices.Clone(s.feeds[sub])
	s.mu.Unlock()
	for _, e := range events {
		for _, c := range readers {
			select {
			case c <- e:
			default:
			}
		}
	}
}

// Order implements store.Sink.
func (s *Store) Order(e store.OrderEvent) {
	s.Put(store.Note{Time: e.Time, Class: store.OrderNotes, Symbol: e.Symbol, Text: string(e.ID) + " " + e.Status.String()})
}

// Account implements store.Sink.
func (s *Store) Account(store.Account) {}

// Note implements store.Sink.
func (s *Store) Note(n store.Note) { s.Put(n) }

// Alive implements store.Sink.
func (s *Store) Alive() {}

// Lost implements store.Sink: it dials again every second, and subscribes again.
func (s *Store) Lost(error) {
	s.mu.Lock()
	old := s.session
	s.session = nil
	closed := s.closed
	s.mu.Unlock()
	if closed || old == nil {
		return
	}
	go func() {
		old.Close()
		for s.again() != nil {
			time.Sleep(redial)
		}
	}()
}

func (s *Store) again() error {
	session, err := s.connected(context.Background())
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed {
			return nil
		}
		return err
	}
	s.mu.Lock()
	var subs []store.Sub
	for sub := range s.feeds {
		subs = append(subs, sub)
	}
	s.mu.Unlock()
	return session.Subscribe(context.Background(), subs...)
}

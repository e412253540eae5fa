package file

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
)

func init() { store.Register("file", driver{}) }

type driver struct{}

// Limits implements store.Driver.
func (driver) Limits(store.Params) []store.Limit { return nil }

// Dial implements store.Driver.
func (driver) Dial(ctx context.Context, p store.Params, _ store.Secrets, _ store.Sink) (store.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	zone := time.UTC
	if name, ok := p.Get("tz"); ok {
		var err error
		if zone, err = time.LoadLocation(name); err != nil {
			return nil, store.Fatal(&store.ParamError{Name: "tz", Problem: "no such time zone"})
		}
	}
	root, err := os.OpenRoot(p.Addr) // so that no symbol leads out of it
	if err != nil {
		return nil, store.Fatal(fmt.Errorf("file: %w", err))
	}
	return &session{root: root, zone: zone, texts: make(map[string]text)}, nil
}

// A session is an open folder.
type session struct {
	root *os.Root
	zone *time.Location

	mu     sync.Mutex // guards what follows
	texts  map[string]text
	closed bool
}

// Subscribe implements store.Session.
func (*session) Subscribe(context.Context, ...store.Sub) error { return store.ErrNoFeed }

// Unsubscribe implements store.Session.
func (*session) Unsubscribe(context.Context, ...store.Sub) error { return nil }

// Desk implements store.Session.
func (*session) Desk(string) (store.Desk, error) { return nil, store.ErrNoBroker }

// Ping implements store.Session.
func (s *session) Ping(ctx context.Context) error {
	if _, err := s.root.Stat("."); err != nil {
		return err
	}
	return ctx.Err()
}

// Close implements store.Session.
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.texts = true, nil
	return s.root.Close()
}

package parquet

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
)

func init() { store.Register("parquet", folders{}) }

type folders struct{}

// Limits are none: the files are ours.
func (folders) Limits(store.Params) []store.Limit { return nil }

// Dial implements store.Driver.
func (folders) Dial(ctx context.Context, p store.Params, _ store.Secrets, _ store.Sink) (store.Session, error) {
	if p.Addr == "" || p.Extra != "" {
		return nil, store.Fatal(&store.ParamError{Name: "addr or extra", Problem: "want the path of a folder, and nothing else"})
	}
	info, err := os.Stat(p.Addr)
	if err == nil && !info.IsDir() {
		err = errors.New(filepath.Base(p.Addr) + " is not a folder")
	}
	if err != nil {
		return nil, store.Fatal(fmt.Errorf("parquet: %w", err))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &session{dir: p.Addr}, nil
}

// Path returns the path of the file of a symbol and interval in a folder.
func Path(dir, symbol string, interval time.Duration) string {
	return filepath.Join(dir, stem(symbol)+interval.String()+".parquet")
}

// stem returns what the names of a symbol's files begin with.
func stem(symbol string) string { return url.PathEscape(symbol) + "_" }

// A session is a folder that was there when it was dialled.
type session struct {
	dir string

	mu     sync.RWMutex // held for reading while files are read
	closed bool
}

// enter begins a request; leave ends it.
func (s *session) enter(ctx context.Context) error {
	s.mu.RLock()
	err := ctx.Err()
	if err == nil && s.closed {
		err = store.ErrClosed
	}
	if err != nil {
		s.mu.RUnlock()
	}
	return err
}

func (s *session) leave() { s.mu.RUnlock() }

// Ping implements store.Session.
func (s *session) Ping(ctx context.Context) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	_, err := os.Stat(s.dir)
	return err
}

// Close implements store.Session.
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// Subscribe implements store.Session.
func (s *session) Subscribe(context.Context, ...store.Sub) error { return store.ErrNoFeed }

// Unsubscribe implements store.Session.
func (s *session) Unsubscribe(context.Context, ...store.Sub) error { return nil }

// Desk implements store.Session.
func (s *session) Desk(string) (store.Desk, error) { return nil, store.ErrNoBroker }

// History implements store.Session.
func (s *session) History(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	file, err := s.open(q)
	if file == nil {
		return err
	}
	defer file.Close()
	return readFile(ctx, file, q, f)
}

// open opens the file of a query. It is nil, and no error, if the symbol is known by other intervals only.
func (s *session) open(q store.Query) (*os.File, error) {
	path := Path(s.dir, q.Symbol, q.Interval)
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		if err := s.known(q.Symbol); err != nil {
			return nil, err
		}
		if file, err = os.Open(path); errors.Is(err, os.ErrNotExist) { // else known has seen this one, just written
			return nil, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("parquet: %w", err)
	}
	return file, nil
}

// known returns nil if there is a file of a symbol.
func (s *session) known(symbol string) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), stem(symbol)) {
			return nil
		}
	}
	return fmt.Errorf("parquet: %.40q: %w", symbol, store.ErrNoSymbol)
}

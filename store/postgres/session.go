package postgres

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/whetgo/whet/store"
)

// A session is a pool of connections for requests, and one that listens.
type session struct {
	target target
	pool   *pgxpool.Pool
	sink   store.Sink
	ctx    context.Context // ends with Close, or when the session is lost; its cause is why
	end    context.CancelCauseFunc
	ears   ears

	mu      sync.Mutex // guards what follows
	waiting map[orderKey]chan struct{}
}

// bind returns a context that ends with the session, too.
func (s *session) bind(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// wrap says what failed, and why if it was that the session ended.
func (s *session) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(s.ctx); cause != nil {
		err = cause
	}
	return fmt.Errorf("postgres: %s: %w", what, err)
}

// Ping implements store.Session.
func (s *session) Ping(ctx context.Context) error {
	ctx, done := s.bind(ctx)
	defer done()
	_, err := s.pool.Exec(ctx, "select 1")
	return s.wrap("ping", err)
}

// Close implements store.Session.
func (s *session) Close() error {
	s.end(store.ErrClosed)
	s.ears.running.Wait()
	s.pool.Close()
	return nil
}

// lose ends the session, and tells.
func (s *session) lose(err error) {
	if s.ctx.Err() == nil {
		err = fmt.Errorf("postgres: listening: %w", err)
		s.end(err)
		s.sink.Lost(err)
	}
}

package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/whetgo/whet/store"
)

func init() { store.Register("postgres", tablesDriver{}) }

type tablesDriver struct{}

// Limits are none: the database keeps its own.
func (tablesDriver) Limits(store.Params) []store.Limit { return nil }

// Dial implements store.Driver.
func (tablesDriver) Dial(ctx context.Context, p store.Params, secrets store.Secrets, ev store.Sink) (store.Session, error) {
	password, _ := secrets.Get("password")
	t, err := parse(p, password)
	if err != nil {
		return nil, store.Fatal(err)
	}
	pool, err := connect(ctx, t)
	if err != nil {
		return nil, err
	}
	s := &session{target: t, pool: pool, sink: ev, waiting: make(map[orderKey]chan struct{})}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	s.ears.follows = make(map[string]follower)
	if err := s.listen(ctx); err != nil {
		pool.Close()
		return nil, judge(err)
	}
	return s, nil
}

// connect returns a pool of connections to tables that are ours.
func connect(ctx context.Context, t target) (*pgxpool.Pool, error) {
	pool, err := pgxpool.NewWithConfig(ctx, t.config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if err = t.check(ctx, pool); err != nil {
		pool.Close()
		return nil, judge(err)
	}
	return pool, nil
}

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
)

// A session is one opening of a file for reading.
type session struct {
	db    *sql.DB
	table table
	file  string // its name, for errors
	sink  store.Sink
	poll  time.Duration

	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup

	mu   sync.Mutex
	tail *tail // nil until there is a subscription
}

func (s *session) Desk(string) (store.Desk, error) { return nil, store.ErrNoBroker }

func (s *session) Ping(ctx context.Context) error {
	var n int
	if err := s.db.QueryRowContext(ctx, "select count(*) from pragma_table_info(?)", s.table.name).Scan(&n); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	return nil
}

func (s *session) Close() error {
	s.mu.Lock() // nobody starts a tail after this
	s.stop()
	s.mu.Unlock()
	s.running.Wait()
	return s.db.Close()
}

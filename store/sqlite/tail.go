package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/whetgo/whet/store"
)

// A tail tells of bars that are appended while a session is open.
type tail struct {
	last map[store.Sub]store.Time // the time of the newest bar that is known, under session.mu
}

// Subscribe tells of the bars that come from now on.
func (s *session) Subscribe(ctx context.Context, subs ...store.Sub) error {
	for _, sub := range subs {
		if sub.Kind != store.Bars {
			return fmt.Errorf("sqlite: %v: %w", sub, store.ErrNoFeed)
		}
	}
	for _, sub := range subs {
		if err := s.follow(ctx, sub); err != nil {
			return err
		}
	}
	return nil
}

// follow notes a subscription, and where its bars begin to be new.
func (s *session) follow(ctx context.Context, sub store.Sub) error {
	var last sql.NullInt64
	err := s.db.QueryRowContext(ctx, "select max(time) from "+s.table.name+" where symbol = ? and interval = ?",
		sub.Symbol, int64(sub.Interval)).Scan(&last)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ctx.Err(); err != nil {
		return store.ErrClosed
	}
	if s.tail == nil {
		s.tail = &tail{last: make(map[store.Sub]store.Time)}
		s.running.Go(s.watch)
	}
	if _, ok := s.tail.last[sub]; !ok {
		s.tail.last[sub] = store.Time(last.Int64)
	}
	return nil
}

func (s *session) Unsubscribe(_ context.Context, subs ...store.Sub) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tail != nil {
		for _, sub := range subs {
			delete(s.tail.last, sub)
		}
	}
	return nil
}

// watch looks for changes of the file until the session ends.
func (s *session) watch() {
	c, err := s.db.Conn(s.ctx) // data_version is that of a connection
	if err == nil {
		defer c.Close()
		err = s.look(c)
	}
	if err != nil && s.ctx.Err() == nil {
		s.sink.Lost(fmt.Errorf("sqlite: looking for new bars: %w", err))
	}
}

func (s *session) look(c *sql.Conn) error {
	ticker := time.NewTicker(s.poll)
	defer ticker.Stop()
	for seen := int64(-1); ; {
		var version int64
		if err := c.QueryRowContext(s.ctx, "pragma data_version").Scan(&version); err != nil {
			return err
		}
		if version != seen {
			seen = version
			if err := s.tell(); err != nil {
				return err
			}
		}
		s.sink.Alive()
		select {
		case <-s.ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// tell gives the sink the new bars of all subscriptions.
func (s *session) tell() error {
	for sub, last := range s.followed() {
		q := store.Query{Symbol: sub.Symbol, Interval: sub.Interval, From: last + 1, To: 1<<63 - 1}
		err := s.bars(s.ctx, q, func(bars []store.Bar) error {
			events := make([]store.Event, len(bars))
			for i, b := range bars {
				events[i] = store.BarEvent(b)
			}
			s.reached(sub, bars[len(bars)-1].Time)
			s.sink.Market(sub, events...)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// followed returns the subscriptions and the newest bars of them that are known.
func (s *session) followed() map[store.Sub]store.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := make(map[store.Sub]store.Time, len(s.tail.last))
	for sub, last := range s.tail.last {
		m[sub] = last
	}
	return m
}

func (s *session) reached(sub store.Sub, t store.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.tail.last[sub]; ok {
		s.tail.last[sub] = t
	}
}

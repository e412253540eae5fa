package postgres

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/whetgo/whet/store"
)

// Notifications say what has changed:
//
//	t ES             ticks of ES
//	b 60000000000 ES bars of ES of a minute
//	e DU1            order events of DU1
//	v DU1 c1         the verdict on order c1 of DU1
//	o DU1            orders of DU1 that wait for who serves it
func tickTopic(symbol string) string { return "t " + symbol }
func barTopic(symbol string, interval int64) string {
	return "b " + strconv.FormatInt(interval, 10) + " " + symbol
}
func eventTopic(account string) string { return "e " + account }
func orderTopic(account string) string { return "o " + account }
func verdictTopic(k orderKey) string   { return "v " + k.account + " " + k.id }

// topicOf returns the topic of a subscription.
func topicOf(sub store.Sub) string {
	if sub.Kind == store.Bars {
		return barTopic(sub.Symbol, int64(sub.Interval))
	}
	return tickTopic(sub.Symbol)
}

// maxTopic is what a notification may hold.
const maxTopic = 7999

// ears are what hears of changes: one connection, and one goroutine that uses it.
type ears struct {
	running sync.WaitGroup
	conn    *pgx.Conn

	mu      sync.Mutex          // guards what follows
	heard   map[string]bool     // topics to look after
	follows map[string]follower // by topic
}

// A follower reads what is new in a topic and gives it to the sink.
type follower func(ctx context.Context, db querier) error

// subscribeTo makes the connection of a config listen, and each notification be handed to hear.
func (t target) listener(ctx context.Context, hear func(topic string)) (*pgx.Conn, error) {
	config := t.config.ConnConfig.Copy()
	config.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) { hear(n.Payload) }
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if _, err = conn.Exec(ctx, "listen "+t.schema); err != nil {
		hangUp(conn)
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return conn, nil
}

// hangUp closes a connection without waiting for a server that may be mute.
func hangUp(c *pgx.Conn) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	_ = c.Close(done)
}

// listen starts the session's ears.
func (s *session) listen(ctx context.Context) (err error) {
	s.ears.heard = make(map[string]bool)
	if s.ears.conn, err = s.target.listener(ctx, s.ears.hear); err != nil {
		return err
	}
	s.ears.running.Go(func() {
		defer hangUp(s.ears.conn)
		s.lose(s.heed(s.ctx))
	})
	return nil
}

func (e *ears) hear(topic string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard[topic] = true
}

// take returns a topic that was heard of, and who follows it.
func (e *ears) take() (topic string, f follower, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for topic = range e.heard {
		delete(e.heard, topic)
		return topic, e.follows[topic], true
	}
	return "", nil, false
}

// heed looks after what is heard, until there is an error.
func (s *session) heed(ctx context.Context) error {
	for {
		for topic, f, ok := s.ears.take(); ok; topic, f, ok = s.ears.take() {
			if key, ok := strings.CutPrefix(topic, "v "); ok {
				s.judged(key)
			}
			if f != nil {
				if err := f(ctx, s.ears.conn); err != nil {
					return err
				}
			}
		}
		if err := s.ears.conn.PgConn().WaitForNotification(ctx); err != nil {
			return err
		}
		s.sink.Alive()
	}
}

// follow adds a follower of a topic, if there is none, and makes it look at once.
func (s *session) follow(ctx context.Context, topic string, f follower) error {
	if len(topic) > maxTopic {
		return store.ErrNoSymbol
	}
	s.ears.mu.Lock()
	_, had := s.ears.follows[topic]
	if !had {
		s.ears.follows[topic] = f
	}
	s.ears.mu.Unlock()
	if had {
		return nil
	}
	return s.notify(ctx, topic)
}

// notify makes all who listen look after a topic.
func (s *session) notify(ctx context.Context, topic string) error {
	_, err := s.pool.Exec(ctx, "select pg_notify($1, $2)", s.target.schema, topic)
	return err
}

// Subscribe implements store.Session. What comes after it has returned is told.
func (s *session) Subscribe(ctx context.Context, subs ...store.Sub) error {
	ctx, done := s.bind(ctx)
	defer done()
	for _, sub := range subs {
		if err := s.known(ctx, sub.Symbol); err != nil {
			return s.wrap(sub.String(), err)
		}
	}
	for _, sub := range subs {
		f, err := s.follower(ctx, sub)
		if err == nil {
			err = s.follow(ctx, topicOf(sub), f)
		}
		if err != nil {
			return s.wrap(sub.String(), err)
		}
	}
	return nil
}

// follower returns one that goes on from what is newest now.
func (s *session) follower(ctx context.Context, sub store.Sub) (follower, error) {
	var last int64
	if sub.Kind == store.Ticks {
		err := s.pool.QueryRow(ctx, s.target.in("select coalesce(max(seq), 0) from $.ticks where symbol = $1"), sub.Symbol).Scan(&last)
		return s.tickFollower(sub, uint64(last)), err
	}
	err := s.pool.QueryRow(ctx, s.target.in("select coalesce(max(time), $3) from $.bars where symbol = $1 and interval = $2"),
		sub.Symbol, int64(sub.Interval), int64(math.MinInt64)).Scan(&last)
	return s.barFollower(sub, store.Time(last)), err
}

func (s *session) tickFollower(sub store.Sub, last uint64) follower {
	return func(ctx context.Context, db querier) error {
		return s.target.ticks(ctx, db, sub.Symbol, last, func(events []store.Event) {
			last = events[len(events)-1].Tick().Seq
			s.sink.Market(sub, events...)
		})
	}
}

func (s *session) barFollower(sub store.Sub, last store.Time) follower {
	return func(ctx context.Context, db querier) error {
		q := store.Query{Symbol: sub.Symbol, Interval: sub.Interval, From: last + 1, To: math.MaxInt64}
		return s.target.bars(ctx, db, q, func(bars []store.Bar) error {
			last = bars[len(bars)-1].Time
			events := make([]store.Event, len(bars))
			for i, b := range bars {
				events[i] = store.BarEvent(b)
			}
			s.sink.Market(sub, events...)
			return nil
		})
	}
}

// Unsubscribe implements store.Session.
func (s *session) Unsubscribe(_ context.Context, subs ...store.Sub) error {
	s.ears.mu.Lock()
	defer s.ears.mu.Unlock()
	for _, sub := range subs {
		delete(s.ears.follows, topicOf(sub))
	}
	return nil
}

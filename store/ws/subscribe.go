package ws

import (
	"context"
	"errors"

	"github.com/whetgo/whet/store"
)

const maxSubs = 1 << 10 // of one request

// Subscribe implements store.Session.
func (s *session) Subscribe(ctx context.Context, subs ...store.Sub) error {
	for len(subs) > maxSubs {
		if err := s.Subscribe(ctx, subs[:maxSubs]...); err != nil {
			return err
		}
		subs = subs[maxSubs:]
	}
	id, more := s.announce(subs)
	if len(more) == 0 {
		return nil
	}
	m, err := s.askAs(ctx, id, request{Op: "subscribe", Subs: more})
	if err == nil && len(m.Feeds) != len(more) {
		err = errors.New("ws: the venue did not number the feeds")
	}
	if err != nil {
		s.retract(more)
	}
	return err
}

// announce notes subscriptions that are asked for by a request to come, with numbers below 0 by which
// the answer finds them, and returns those that are new.
func (s *session) announce(subs []store.Sub) (id uint64, more []store.Sub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id++
	for _, sub := range subs {
		if _, had := s.numbers[sub]; !had {
			s.numbers[sub] = -int(s.id)*maxSubs - len(more)
			more = append(more, sub)
		}
	}
	return s.id, more
}

// retract forgets subscriptions, and returns those that there were.
func (s *session) retract(subs []store.Sub) (had []store.Sub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range subs {
		if n, ok := s.numbers[sub]; ok {
			delete(s.numbers, sub)
			delete(s.feeds, n)
			had = append(had, sub)
		}
	}
	return had
}

// Unsubscribe implements store.Session.
func (s *session) Unsubscribe(ctx context.Context, subs ...store.Sub) error {
	had := s.retract(subs)
	if len(had) == 0 {
		return nil
	}
	_, err := s.ask(ctx, request{Op: "unsubscribe", Subs: had})
	return err
}

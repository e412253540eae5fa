package nats

import (
	"context"
	"errors"
	"fmt"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/whetgo/whet/store"
)

func init() { store.Register("nats", bus{}) }

type bus struct{}

// Limits are none: the server keeps its own.
func (bus) Limits(store.Params) []store.Limit { return nil }

// Dial implements store.Driver.
func (bus) Dial(ctx context.Context, p store.Params, secrets store.Secrets, ev store.Sink) (store.Session, error) {
	t, err := parse(p)
	if err != nil {
		return nil, store.Fatal(err)
	}
	password, _ := secrets.Get("password")
	token, _ := secrets.Get("token")
	s := &session{target: t, sink: ev, subs: make(map[store.Sub]*client.Subscription), desks: make(map[string]*client.Subscription)}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	s.nc, err = t.connect(ctx, password, token, client.NoReconnect(), client.ClosedHandler(s.closed), client.ErrorHandler(s.trouble))
	if err != nil {
		return nil, judge(err)
	}
	if err := s.open(ctx); err != nil {
		_ = s.Close()
		return nil, judge(err)
	}
	return s, nil
}

// open finds the streams.
func (s *session) open(ctx context.Context) error {
	js, err := jetstream.New(s.nc)
	if err != nil {
		return err
	}
	if s.bars, err = js.Stream(ctx, s.target.barStream()); err != nil {
		return fmt.Errorf("nats: stream %s: %w", s.target.barStream(), err)
	}
	if s.events, err = js.Stream(ctx, s.target.eventStream()); err != nil {
		return fmt.Errorf("nats: stream %s: %w", s.target.eventStream(), err)
	}
	s.js = js
	return nil
}

// judge marks the errors that trying again can't mend.
func judge(err error) error {
	for _, final := range []error{client.ErrAuthorization, client.ErrAuthExpired, jetstream.ErrJetStreamNotEnabled} {
		if errors.Is(err, final) {
			return store.Fatal(err)
		}
	}
	return err
}

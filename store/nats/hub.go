package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

// A Hub publishes for all others. Its connection is made again whenever it is lost. Any goroutine
// may use it.
type Hub struct {
	target target
	nc     *client.Conn
	js     jetstream.JetStream
	bars   jetstream.Stream
	events jetstream.Stream
}

// Open connects to a server for publishing, and makes the streams if they are not there. The password is that of
// the user in the parameters, "" if there is none.
func Open(ctx context.Context, p store.Params, password string) (*Hub, error) {
	t, err := parse(p)
	if err != nil {
		return nil, err
	}
	nc, err := t.connect(ctx, password, "", client.MaxReconnects(-1), client.ReconnectWait(50*time.Millisecond), client.ReconnectBufSize(64<<20))
	if err != nil {
		return nil, err
	}
	h := &Hub{target: t, nc: nc}
	if err := h.open(ctx); err != nil {
		nc.Close()
		return nil, fmt.Errorf("nats: %w", err)
	}
	return h, nil
}

func (h *Hub) open(ctx context.Context) (err error) {
	if h.js, err = jetstream.New(h.nc); err != nil {
		return err
	}
	h.bars, err = h.stream(ctx, h.target.barStream(), h.target.prefix+".bars.*.*")
	if err == nil {
		h.events, err = h.stream(ctx, h.target.eventStream(), h.target.prefix+".events.*")
	}
	return err
}

func (h *Hub) stream(ctx context.Context, name, subject string) (jetstream.Stream, error) {
	s, err := h.js.Stream(ctx, name)
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return s, err
	}
	return h.js.CreateStream(ctx, jetstream.StreamConfig{Name: name, Subjects: []string{subject}, Storage: jetstream.FileStorage, AllowDirect: true, DenyDelete: true})
}

// Close ends the connection.
func (h *Hub) Close() { h.nc.Close() }

// Ticks publishes ticks of a symbol, which must be numbered, to those who are subscribed. It returns at once; Flush
// waits until the server has them.
func (h *Hub) Ticks(symbol string, ticks ...store.Tick) error {
	if err := (store.Sub{Symbol: symbol}).Check(); err != nil {
		return err
	}
	for len(ticks) > 0 {
		n := min(len(ticks), perMessage)
		data := make([]byte, 0, n*wire.Size)
		for _, t := range ticks[:n] {
			data = wire.AppendTick(data, t)
		}
		if err := h.nc.Publish(h.target.ticks(symbol), data); err != nil {
			return fmt.Errorf("nats: ticks of %.40q: %w", symbol, err)
		}
		ticks = ticks[n:]
	}
	return nil
}

// Flush returns when the server has all that was published.
func (h *Hub) Flush(ctx context.Context) error { return h.nc.FlushWithContext(ctx) }

const (
	perMessage = 1024        // records: 48 KiB
	patience   = time.Second // with a server that may have lost the question when it was restarted
)

// Bars publishes bars of a symbol and interval, and returns when the server keeps them. They must be in
// order and begin after the bars that are there: a *store.DataError says which does not. If
// it fails, some of them may be kept, oldest first; more than 1,024 are published in pieces.
func (h *Hub) Bars(ctx context.Context, symbol string, interval time.Duration, bars ...store.Bar) error {
	if err := (store.Sub{Symbol: symbol, Kind: store.Bars, Interval: interval}).Check(); err != nil {
		return err
	}
	subject := h.target.bars(symbol, interval)
	last, seq, err := h.last(ctx, subject)
	if err == nil {
		err = store.CheckAfter(last, interval, bars)
	}
	for err == nil && len(bars) > 0 {
		n := min(len(bars), perMessage)
		var data []byte
		for _, b := range bars[:n] {
			data = wire.AppendBar(data, b)
		}
		seq, err = h.keep(ctx, subject, data, seq)
		bars = bars[n:]
	}
	if err != nil {
		return fmt.Errorf("nats: bars of %.40q: %w", symbol, err)
	}
	return nil
}

// last returns when the last bar of a subject begins, and the number of its message.
func (h *Hub) last(ctx context.Context, subject string) (store.Time, uint64, error) {
	m, err := h.bars.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	t, err := lastBar(m)
	return t, m.Sequence, err
}

// keep publishes a message that must be the next of its subject after the one of a number.
func (h *Hub) keep(ctx context.Context, subject string, data []byte, after uint64) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ack, err := h.js.Publish(ctx, subject, data, jetstream.WithExpectLastSequencePerSubject(after), jetstream.WithRetryAttempts(0))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// Publish publishes the ticks or bars of a store's subscription as they come, until ctx ends. Those who
// read them are told by the numbers of ticks if it was too slow.
func (h *Hub) Publish(ctx context.Context, s *store.Store, sub store.Sub) error {
	return wire.Follow(ctx, s, sub, func(events []store.Event) error {
		if sub.Kind == store.Ticks {
			return h.nc.Publish(h.target.ticks(sub.Symbol), wire.Append(nil, events))
		}
		bars := make([]store.Bar, len(events))
		for i, e := range events {
			bars[i] = e.Bar()
		}
		return h.Bars(ctx, sub.Symbol, sub.Interval, bars...)
	}, store.WithRing(1<<14, store.DropOldest))
}

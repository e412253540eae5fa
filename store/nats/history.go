package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

// History implements store.Session.
func (s *session) History(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	ctx, done := s.bind(ctx)
	defer done()
	subject := s.target.bars(q.Symbol, q.Interval)
	first, err := findBars(ctx, s.bars, subject, q.From)
	if err == nil && first > 0 {
		err = read(ctx, s.bars, subject, first, func(data []byte) (more bool, err error) {
			bars, err := wire.Bars(nil, data)
			if err != nil {
				return false, err
			}
			wanted := within(bars, q)
			if len(wanted) > 0 {
				err = f(wanted)
			}
			return err == nil && bars[len(bars)-1].Time < q.To, err
		})
	}
	return s.wrap("history", err)
}

// within returns the bars of a query.
func within(bars []store.Bar, q store.Query) []store.Bar {
	for len(bars) > 0 && bars[0].Time < q.From {
		bars = bars[1:]
	}
	for len(bars) > 0 && bars[len(bars)-1].Time >= q.To {
		bars = bars[:len(bars)-1]
	}
	return bars
}

// findBars returns the number in a stream of the first message of a subject that has bars that begin
// at a time or later, or 0. The bars of a subject are in order, so that it is found by halving, in about
// log2 of the stream's length requests.
func findBars(ctx context.Context, stream jetstream.Stream, subject string, from store.Time) (uint64, error) {
	last, err := stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if ends, err := lastBar(last); err != nil || ends < from {
		return 0, err
	}
	lo, hi := uint64(1), last.Sequence
	for lo < hi {
		m, err := stream.GetMsg(ctx, lo+(hi-lo)/2, jetstream.WithGetMsgSubject(subject))
		if err != nil {
			return 0, err
		}
		ends, err := lastBar(m)
		switch {
		case err != nil:
			return 0, err
		case ends < from:
			lo = m.Sequence + 1
		default:
			hi = lo + (hi-lo)/2
		}
	}
	return lo, nil
}

// lastBar returns when the last bar of a message begins.
func lastBar(m *jetstream.RawStreamMsg) (store.Time, error) {
	if len(m.Data) == 0 || len(m.Data)%wire.Size != 0 {
		return 0, fmt.Errorf("message %d of the stream: %w", m.Sequence, wire.ErrSize)
	}
	return wire.Bar(m.Data[len(m.Data)-wire.Size:]).Time, nil
}

const fetched = 64 // messages at once

// read calls f with the messages of a subject from a number of the stream on, until f has enough or there
// are no more.
func read(ctx context.Context, stream jetstream.Stream, subject string, first uint64, f func(data []byte) (more bool, err error)) error {
	m, err := stream.GetMsg(ctx, first, jetstream.WithGetMsgSubject(subject))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	more, err := f(m.Data) // most questions are answered by this one
	if !more || err != nil {
		return err
	}
	c, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{FilterSubject: subject, DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq: m.Sequence + 1, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, InactiveThreshold: 30 * time.Second})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = stream.DeleteConsumer(ctx, c.CachedInfo().Name) // it dies of idleness, too
	}()
	for pending := c.CachedInfo().NumPending; pending > 0; {
		if pending, err = readSome(ctx, c, pending, f); err != nil {
			return err
		}
	}
	return nil
}

// readSome calls f with some messages, and returns how many there are after them.
func readSome(ctx context.Context, c jetstream.Consumer, pending uint64, f func(data []byte) (more bool, err error)) (uint64, error) {
	messages, err := c.Fetch(int(min(fetched, pending)), jetstream.FetchContext(ctx))
	if err != nil {
		return 0, err
	}
	got := false
	for m := range messages.Messages() {
		meta, err := m.Metadata()
		if err != nil {
			return 0, err
		}
		got, pending = true, meta.NumPending
		more, err := f(m.Data())
		if !more || err != nil {
			return 0, err
		}
	}
	if err := messages.Error(); err != nil {
		return 0, err
	}
	if !got {
		return 0, errors.Join(ctx.Err(), errors.New("the server sent no messages"))
	}
	return pending, nil
}

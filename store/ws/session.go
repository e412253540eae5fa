package ws

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

// A session is one connection.
type session struct {
	conn    *websocket.Conn
	sink    store.Sink
	ctx     context.Context // ends with Close, or when the session is lost; its cause is why
	end     context.CancelCauseFunc
	running sync.WaitGroup

	mu      sync.Mutex // guards what follows
	id      uint64     // of the last request
	waiting map[uint64]chan message
	feeds   map[int]store.Sub // by the venue's number
	numbers map[store.Sub]int
	desks   map[string]bool // accounts that are listened to
}

// listen takes what the venue sends, until the session is over.
func (s *session) listen() {
	var data []byte
	var rows []row
	var events []store.Event
	for {
		var err error
		data, err = s.read(data)
		var m message
		if err == nil {
			m, err = decode(data, rows[:0])
		}
		if err == nil && m.ID == 0 {
			rows = m.rows // an answer's rows are its own
			events, err = s.take(m, events[:0])
		} else if err == nil {
			rows = nil
			s.answered(m)
		}
		if err != nil {
			s.lose(err)
			return
		}
	}
}

// read reads a message into a buffer, or a larger one, and returns it. Close ends it, and no context: the library would
// wait for one anew in each part of a message, which takes an eighth of the time.
func (s *session) read(buf []byte) ([]byte, error) {
	_, r, err := s.conn.Reader(context.Background())
	if err != nil {
		return nil, err
	}
	if cap(buf) > maxKept {
		buf = nil
	}
	for buf = buf[:0]; ; {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 1<<12)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// take gives the sink what the venue sent by itself.
func (s *session) take(m message, events []store.Event) ([]store.Event, error) {
	if m.Event != nil {
		s.sink.Order(*m.Event)
		return events, nil
	}
	s.mu.Lock()
	sub, ok := s.feeds[m.Feed]
	s.mu.Unlock()
	if !ok {
		return events, nil // it was on its way when it was unsubscribed from
	}
	for _, r := range m.rows {
		if sub.Kind == store.Bars {
			events = append(events, store.BarEvent(r.bar()))
			continue
		}
		t, err := r.tick()
		if err != nil {
			return events, err
		}
		events = append(events, store.TickEvent(t))
	}
	s.sink.Market(sub, events...)
	return events, nil
}

// answered hands an answer to who waits for it.
func (s *session) answered(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.waiting[m.ID]; c != nil {
		delete(s.waiting, m.ID)
		s.heed(m)
		c <- m
	}
}

// heed notes the numbers of feeds before anything that follows is read. The caller holds s.mu.
func (s *session) heed(m message) {
	for i := range m.Feeds {
		for sub, n := range s.numbers {
			if n == -int(m.ID)*maxSubs-i {
				s.numbers[sub], s.feeds[m.Feeds[i]] = m.Feeds[i], sub
			}
		}
	}
}

// lose ends the session, and tells.
func (s *session) lose(err error) {
	if s.ctx.Err() == nil {
		err = fmt.Errorf("ws: %w", err)
		s.end(err)
		s.sink.Lost(err)
	}
}

// ask sends a request and returns the answer.
func (s *session) ask(ctx context.Context, q request) (message, error) {
	return s.askAs(ctx, s.next(), q)
}

func (s *session) next() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id++
	return s.id
}

func (s *session) askAs(ctx context.Context, id uint64, q request) (m message, err error) {
	q.ID = id
	answer := make(chan message, 1)
	s.mu.Lock()
	s.waiting[id] = answer
	s.mu.Unlock()
	defer s.forget(id)
	if err := s.write(q); err != nil {
		return m, s.wrap(q.Op, err)
	}
	select {
	case m = <-answer:
		return m, wire.Error(m.Code, m.Text)
	case <-ctx.Done():
		return m, s.wrap(q.Op, ctx.Err())
	case <-s.ctx.Done():
		return m, s.wrap(q.Op, s.ctx.Err())
	}
}

func (s *session) forget(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, id)
}

// write sends a request. The connection ends if that takes too long, since a frame can't be taken back.
func (s *session) write(q request) error {
	data, err := json.Marshal(q)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, data)
}

// wrap says what failed, and why if it was that the session ended.
func (s *session) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(s.ctx); cause != nil {
		err = cause
	}
	return fmt.Errorf("ws: %s: %w", what, err)
}

// Ping implements store.Session.
func (s *session) Ping(ctx context.Context) error {
	_, err := s.ask(ctx, request{Op: "ping"})
	return err
}

// Close implements store.Session.
func (s *session) Close() error {
	s.end(store.ErrClosed)
	_ = s.conn.CloseNow()
	s.running.Wait()
	return nil
}

// History implements store.Session.
func (s *session) History(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	for {
		m, err := s.ask(ctx, request{Op: "history", Query: &q})
		if err != nil {
			return err
		}
		bars := make([]store.Bar, len(m.rows))
		for i, r := range m.rows {
			bars[i] = r.bar()
		}
		if len(bars) > 0 {
			if err := f(bars); err != nil {
				return err
			}
		}
		if !m.More || len(bars) == 0 {
			return nil
		}
		if last := bars[len(bars)-1].Time; last >= q.From {
			q.From = last + 1
		} else {
			return &store.DataError{Problem: store.Backwards, Time: last}
		}
	}
}

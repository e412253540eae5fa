package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/whetgo/whet/store"
)

// intervals are how names of files say what is in them.
var intervals = []struct {
	of    time.Duration
	names []string
}{
	{time.Minute, []string{"M1", "1m", "1min"}},
	{5 * time.Minute, []string{"M5", "5m", "5min"}},
	{15 * time.Minute, []string{"M15", "15m", "15min"}},
	{30 * time.Minute, []string{"M30", "30m", "30min"}},
	{time.Hour, []string{"H1", "1h", "60min"}},
	{4 * time.Hour, []string{"H4", "4h"}},
	{24 * time.Hour, []string{"D1", "1d", "Daily"}},
	{7 * 24 * time.Hour, []string{"W1", "1w", "Weekly"}},
}

// names returns where the bars of a query may be, best first.
func names(q store.Query) []string {
	var stems []string
	for _, i := range intervals {
		if i.of == q.Interval {
			for _, n := range i.names {
				stems = append(stems, q.Symbol+"_"+n)
			}
		}
	}
	var names []string
	for _, stem := range append(stems, q.Symbol) {
		for _, ext := range []string{".bars", ".csv", ".txt"} {
			names = append(names, stem+ext)
		}
	}
	return names
}

// History implements store.Session.
func (s *session) History(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	if strings.ContainsAny(q.Symbol, "/\\\x00") || q.Symbol == "." || q.Symbol == ".." {
		return store.ErrNoSymbol
	}
	for _, name := range names(q) {
		file, err := s.root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("file: %w", err)
		}
		defer file.Close()
		if strings.HasSuffix(name, ".bars") {
			return flat(ctx, name, file, q, f)
		}
		return s.text(ctx, name, file, q, f)
	}
	return store.ErrNoSymbol
}

// text gives f the bars of a text file.
func (s *session) text(ctx context.Context, name string, file *os.File, q store.Query, f func([]store.Bar) error) error {
	bars, err := s.load(ctx, name, file, q)
	if err != nil {
		return err
	}
	lo := sort.Search(len(bars), func(i int) bool { return bars[i].Time >= q.From })
	hi := sort.Search(len(bars), func(i int) bool { return bars[i].Time >= q.To })
	return batches(ctx, bars[lo:max(lo, hi)], f)
}

const batch = 4096 // bars

func batches(ctx context.Context, bars []store.Bar, f func([]store.Bar) error) error {
	for len(bars) > 0 {
		n := min(batch, len(bars))
		if err := errors.Join(ctx.Err(), f(bars[:n:n])); err != nil {
			return err
		}
		bars = bars[n:]
	}
	return ctx.Err()
}

// A text is what a text file has, which is kept until it changes.
type text struct {
	modified time.Time
	size     int64
	interval time.Duration
	bars     []store.Bar
}

const keepAtMost = 1 << 22 // bars of all texts

// load returns the bars of a text file, from memory if it is as it was.
func (s *session) load(ctx context.Context, name string, file *os.File, q store.Query) ([]store.Bar, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("file: %w", err)
	}
	s.mu.Lock()
	t, ok := s.texts[name]
	s.mu.Unlock()
	if ok && t.modified.Equal(info.ModTime()) && t.size == info.Size() && t.interval == q.Interval {
		return t.bars, nil
	}
	bars, err := Read(ctx, file, name, q.Interval, s.zone)
	if err != nil {
		return nil, err
	}
	if apart := closest(bars); len(bars) > 2 && apart >= 2*q.Interval {
		return nil, &store.QueryError{Query: q, Problem: fmt.Sprintf("%s has bars that are at least %v apart", name, apart)}
	}
	s.keep(name, text{info.ModTime(), info.Size(), q.Interval, bars})
	return bars, nil
}

// keep keeps a text in memory, and lets go of others to make room.
func (s *session) keep(name string, t text) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(t.bars) > keepAtMost {
		return
	}
	s.texts[name] = t
	sum := 0
	for _, other := range s.texts {
		sum += len(other.bars)
	}
	for other := range s.texts {
		if sum <= keepAtMost {
			return
		}
		if other != name {
			sum -= len(s.texts[other].bars)
			delete(s.texts, other)
		}
	}
}

// closest returns the least time between two bars.
func closest(bars []store.Bar) time.Duration {
	least := time.Duration(1<<63 - 1)
	for i := 1; i < len(bars); i++ {
		least = min(least, bars[i].Time.Sub(bars[i-1].Time))
	}
	return least
}

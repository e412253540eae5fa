package file

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"time"

	"github.com/whetgo/whet/store"
)

const (
	magic  = "WHETBAR1"
	header = 16 // bytes
	record = 48 // bytes
)

var order = binary.LittleEndian

// Write writes bars as a flat file, which is a .bars file. The bars are checked as they are
// when they are read.
func Write(w io.Writer, interval time.Duration, bars []store.Bar) error {
	if err := store.CheckAfter(0, interval, bars); err != nil {
		return fmt.Errorf("file: %w", err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	out.Write(order.AppendUint64([]byte(magic), uint64(interval)))
	var buf [record]byte
	for _, b := range bars {
		encode(&buf, b)
		out.Write(buf[:])
	}
	return out.Flush() // which has the first error
}

func encode(buf *[record]byte, b store.Bar) {
	for i, v := range [6]uint64{uint64(b.Time), uint64(b.Open), uint64(b.High), uint64(b.Low), uint64(b.Close), math.Float64bits(float64(b.Volume))} {
		order.PutUint64(buf[8*i:], v)
	}
}

func decode(buf []byte) store.Bar {
	_ = buf[record-1]
	at := func(i int) uint64 { return order.Uint64(buf[8*i:]) }
	return store.Bar{Time: store.Time(at(0)), Open: store.Price(at(1)), High: store.Price(at(2)), Low: store.Price(at(3)),
		Close: store.Price(at(4)), Volume: store.Volume(math.Float64frombits(at(5)))}
}

// flat gives f the bars of a flat file, found by bisection.
func flat(ctx context.Context, name string, file *os.File, q store.Query, f func([]store.Bar) error) error {
	n, err := records(name, file, q)
	if err != nil {
		return err
	}
	var failed error
	search := func(t store.Time) int {
		return sort.Search(n, func(i int) bool {
			var buf [8]byte
			if _, err := file.ReadAt(buf[:], header+int64(i)*record); err != nil {
				failed = err
			}
			return store.Time(order.Uint64(buf[:])) >= t
		})
	}
	lo, hi := search(q.From), search(q.To)
	if failed != nil {
		return fmt.Errorf("file: %s: %w", name, failed)
	}
	return readFlat(ctx, name, file, q, lo, hi, f)
}

// records returns how many there are, if the file is of the query's kind.
func records(name string, file *os.File, q store.Query) (int, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, fmt.Errorf("file: %w", err)
	}
	var head [header]byte
	if _, err := file.ReadAt(head[:], 0); err != nil || string(head[:8]) != magic {
		return 0, &store.RowError{File: name, Line: 0, Err: errors.New("not a flat file of bars")}
	}
	if has := time.Duration(order.Uint64(head[8:])); has != q.Interval {
		return 0, &store.QueryError{Query: q, Problem: fmt.Sprintf("%s has bars of %v", name, has)}
	}
	size := info.Size() - header
	if size%record != 0 {
		return 0, &store.RowError{File: name, Line: int(size/record) + 1, Err: io.ErrUnexpectedEOF}
	}
	return int(size / record), nil
}

// readFlat reads the records in [lo, hi).
func readFlat(ctx context.Context, name string, file *os.File, q store.Query, lo, hi int, f func([]store.Bar) error) error {
	buf := make([]byte, record*min(batch, max(hi-lo, 0)))
	bars := make([]store.Bar, 0, min(batch, max(hi-lo, 0)))
	last := store.Time(0)
	for lo < hi {
		n := min(batch, hi-lo)
		if _, err := file.ReadAt(buf[:n*record], header+int64(lo)*record); err != nil {
			return fmt.Errorf("file: %s: %w", name, err)
		}
		bars = bars[:0]
		for i := range n {
			b := decode(buf[i*record:])
			if err := store.CheckAfter(last, q.Interval, []store.Bar{b}); err != nil {
				return &store.RowError{File: name, Line: lo + i + 1, Err: err}
			}
			bars, last = append(bars, b), b.Time
		}
		if err := errors.Join(ctx.Err(), f(bars)); err != nil {
			return err
		}
		lo += n
	}
	return ctx.Err()
}

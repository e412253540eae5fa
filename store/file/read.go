package file

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/whetgo/whet/store"
)

const (
	maxRows = 1 << 24
	maxLine = 1 << 16 // bytes; of the first, which is looked at as a whole
	checkAt = 1 << 12 // rows, between two looks at the context
)

// columns says where in a row things are; −1 is nowhere.
type columns struct {
	date, time, open, high, low, close, volume int
	layout                                     string // of the last time that was read
}

// Read reads all bars of a text file, whose name is for errors. What is wrong is a
// *store.RowError. See the package's documentation.
func Read(ctx context.Context, r io.Reader, name string, interval time.Duration, zone *time.Location) ([]store.Bar, error) {
	in := bufio.NewReaderSize(r, maxLine)
	first, err := in.Peek(maxLine)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("file: %s: %w", name, err)
	}
	rows := csv.NewReader(in)
	rows.Comma, rows.FieldsPerRecord, rows.ReuseRecord, rows.TrimLeadingSpace = divider(first), -1, true, true
	var c columns
	var bars []store.Bar
	last := store.Time(0)
	for n := 0; ; n++ {
		if n%checkAt == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return bars, nil
		}
		if err != nil {
			return nil, rowError(name, 0, err)
		}
		line, _ := rows.FieldPos(0)
		if n == 0 {
			var header bool
			if c, header, err = find(row); err != nil {
				return nil, rowError(name, line, err)
			}
			if header {
				continue
			}
		}
		b, err := c.bar(row, zone)
		if err == nil {
			err = store.CheckAfter(last, interval, []store.Bar{b})
		}
		if err == nil && len(bars) == maxRows {
			err = fmt.Errorf("more than %d rows", maxRows)
		}
		if err != nil {
			return nil, rowError(name, line, err)
		}
		bars, last = append(bars, b), b.Time
	}
}

// rowError names the row of an error; an error of the csv reader knows it better.
func rowError(name string, line int, err error) error {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		line, err = bad.Line, bad.Err
	}
	return &store.RowError{File: name, Line: line, Err: err}
}

// divider returns what divides the columns of the first line.
func divider(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', 0
	for _, d := range ",;\t" {
		if n := bytes.Count(line, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}

// find finds the columns by the first row, and says whether that is a header.
func find(row []string) (c columns, header bool, err error) {
	c = columns{-1, -1, -1, -1, -1, -1, -1, ""}
	for i, name := range row {
		name = strings.ToLower(strings.Trim(strings.TrimPrefix(name, "\ufeff"), "<> "))
		switch strings.NewReplacer(" ", "", "_", "").Replace(name) {
		case "date", "datetime", "timestamp", "opentime", "gmttime":
			c.date = i
		case "time":
			c.time = i
		case "open":
			c.open = i
		case "high":
			c.high = i
		case "low":
			c.low = i
		case "close", "last":
			c.close = i
		case "volume", "vol", "tickvol", "tickvolume":
			if c.volume < 0 || name == "volume" || name == "vol" && c.volume < 0 {
				c.volume = i
			}
		}
	}
	if c.date < 0 {
		c.date, c.time = c.time, -1
	}
	if c.date >= 0 && c.open >= 0 && c.high >= 0 && c.low >= 0 && c.close >= 0 {
		return c, true, nil
	}
	return plain(row)
}

// plain returns the columns of a file without a header.
func plain(row []string) (columns, bool, error) {
	if len(row) >= 6 && strings.Contains(row[1], ":") {
		return columns{0, 1, 2, 3, 4, 5, at(6, row), ""}, false, nil
	}
	if len(row) >= 5 && row[0] != "" && row[0][0] >= '0' && row[0][0] <= '9' {
		return columns{0, -1, 1, 2, 3, 4, at(5, row), ""}, false, nil
	}
	return columns{}, false, errors.New("neither a header with date, open, high, low and close, nor a row of them")
}

func at(i int, row []string) int {
	if i < len(row) {
		return i
	}
	return -1
}

// bar reads a row.
func (c *columns) bar(row []string, zone *time.Location) (b store.Bar, err error) {
	need := max(c.date, c.time, c.open, c.high, c.low, c.close, c.volume)
	if need >= len(row) {
		return b, fmt.Errorf("%d columns, want %d", len(row), need+1)
	}
	when := row[c.date]
	if c.time >= 0 {
		when += " " + row[c.time]
	}
	if b.Time, err = c.when(when, zone); err != nil {
		return b, err
	}
	for _, p := range []struct {
		to *store.Price
		at int
	}{{&b.Open, c.open}, {&b.High, c.high}, {&b.Low, c.low}, {&b.Close, c.close}} {
		if *p.to, err = store.ParsePrice(row[p.at]); err != nil {
			return b, &store.DataError{Problem: store.BadPrice, Time: b.Time, Detail: fmt.Sprintf("%.40q", row[p.at])}
		}
	}
	if c.volume >= 0 {
		v, err := strconv.ParseFloat(row[c.volume], 64)
		if err != nil {
			return b, &store.DataError{Problem: store.BadVolume, Time: b.Time, Detail: fmt.Sprintf("%.40q", row[c.volume])}
		}
		b.Volume = store.Volume(v)
	}
	return b, nil
}

// layouts are the forms of times, of one length each but for the fractions.
var layouts = []string{
	"2006-01-02", "2006-01-02 15:04:05", "2006-01-02 15:04", time.RFC3339, "2006-01-02T15:04:05", "2006.01.02",
	"2006.01.02 15:04", "2006.01.02 15:04:05", "20060102", "20060102 150405", "20060102 15:04:05", "20060102 15:04",
	"01/02/2006", "01/02/2006 15:04", "01/02/2006 15:04:05", "2006/01/02", "2006/01/02 15:04:05", "2006/01/02 15:04",
}

// when reads a time, in the form of the one before if it is.
func (c *columns) when(s string, zone *time.Location) (store.Time, error) {
	if c.layout != "" {
		if t, err := time.ParseInLocation(c.layout, s, zone); err == nil {
			return whole(t)
		}
	}
	if t, ok := epoch(s); ok {
		return t, nil
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, s, zone); err == nil {
			c.layout = l
			return whole(t)
		}
	}
	return 0, fmt.Errorf("%.40q is not a time", s)
}

// whole returns t if it can be told.
func whole(t time.Time) (store.Time, error) {
	if y := t.Year(); y < 1700 || y > 2200 {
		return 0, fmt.Errorf("the year %d is out of range", y)
	}
	return store.At(t), nil
}

// epoch reads seconds, milliseconds or nanoseconds since 1970.
func epoch(s string) (store.Time, bool) {
	unit, ok := map[int]time.Duration{10: time.Second, 13: time.Millisecond, 16: time.Microsecond, 19: 1}[len(s)]
	n, err := strconv.ParseInt(s, 10, 64)
	if !ok || err != nil || n < 0 {
		return 0, false
	}
	return store.Time(n) * store.Time(unit), n < int64(1<<63-1)/int64(unit)
}

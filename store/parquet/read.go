package parquet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"
	"github.com/whetgo/whet/store"
)

const batch = 1024 // bars

// A SchemaError says why a file can't be one of bars.
type SchemaError struct{ File, Problem string }

func (e *SchemaError) Error() string { return "parquet: " + e.File + ": " + e.Problem }

// A table is a file of bars that is read.
type table struct {
	name    string
	columns [6]int // the places of time, open, high, low, close and volume
	decimal bool   // prices are decimals
	groups  []parquet.RowGroup
}

var names = [6]string{"time", "open", "high", "low", "close", "volume"}

// readFile calls f with the bars of a query. A file that makes the decoder panic is a bad one.
func readFile(ctx context.Context, file *os.File, q store.Query, f func([]store.Bar) error) (err error) {
	name := filepath.Base(file.Name())
	var own error // of f, whose panics are not the file's
	calling := false
	defer func() {
		if calling {
			return
		}
		if p := recover(); p != nil {
			err = fmt.Errorf("parquet: %s: the file is damaged: %v", name, p)
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	pf, err := parquet.OpenFile(file, info.Size(), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return fmt.Errorf("parquet: %s: %w", name, err)
	}
	t := table{name: name, groups: pf.RowGroups()}
	if err := t.readSchema(pf); err != nil {
		return err
	}
	err = t.read(ctx, q, func(bars []store.Bar) error {
		calling = true
		own = f(bars)
		calling = false
		return own
	})
	if err != nil && err != own && ctx.Err() == nil {
		if _, named := errors.AsType[*store.RowError](err); !named {
			err = fmt.Errorf("parquet: %s: %w", name, err)
		}
	}
	return err
}

// readSchema finds the columns.
func (t *table) readSchema(file *parquet.File) error {
	for i, name := range names {
		c := file.Root().Column(name)
		switch {
		case c == nil:
			return &SchemaError{t.name, "has no column " + name}
		case !c.Leaf() || c.Optional() || c.Repeated():
			return &SchemaError{t.name, "column " + name + " is optional, repeated or a group"}
		}
		kind := c.Type().Kind()
		if i == 1 {
			t.decimal = kind == parquet.Double
		}
		want := parquet.Int64
		if i == 5 || t.decimal && i > 0 {
			want = parquet.Double
		}
		if kind != want && !(i == 5 && kind == parquet.Int64) {
			return &SchemaError{t.name, fmt.Sprintf("column %s is %v, want %v", name, kind, want)}
		}
		t.columns[i] = c.Index()
	}
	return nil
}

// read calls f with the bars of a query, group of rows after group.
func (t *table) read(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	first := int64(0) // row of the group
	for _, g := range t.groups {
		rows := g.NumRows()
		from, to, err := t.span(g.ColumnChunks()[t.columns[0]], q, rows)
		if err != nil {
			return err
		}
		if from < to {
			done, err := t.readGroup(ctx, g, first, from, to, q, f)
			if done || err != nil {
				return err
			}
		}
		first += rows
	}
	return nil
}

// span returns the rows of a group in which bars of a query may be, as far as the index tells.
func (t *table) span(time parquet.ColumnChunk, q store.Query, rows int64) (from, to int64, err error) {
	index, err := time.ColumnIndex()
	if errors.Is(err, parquet.ErrMissingColumnIndex) {
		return 0, rows, nil
	}
	if err != nil {
		return 0, 0, err
	}
	offsets, err := time.OffsetIndex()
	if err != nil {
		return 0, 0, err
	}
	from, to = rows, 0
	for i := range min(index.NumPages(), offsets.NumPages()) {
		if index.MaxValue(i).Int64() < int64(q.From) || index.MinValue(i).Int64() >= int64(q.To) {
			continue
		}
		from = min(from, offsets.FirstRowIndex(i))
		to = rows
		if i+1 < offsets.NumPages() {
			to = offsets.FirstRowIndex(i + 1)
		}
	}
	return from, to, nil
}

// readGroup calls f with the bars of a query in rows from to to of a group, whose first row is the one of
// a number in the file. It is done when a bar comes that is later than the query.
func (t *table) readGroup(ctx context.Context, g parquet.RowGroup, first, from, to int64, q store.Query, f func([]store.Bar) error) (done bool, err error) {
	var columns [6]*column
	for i, place := range t.columns {
		c, err := open(g.ColumnChunks()[place], from)
		if err != nil {
			return false, err
		}
		defer c.close()
		columns[i] = c
	}
	bars := make([]store.Bar, 0, batch)
	last := store.Time(0)
	for from < to {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		n := int(min(batch, to-from))
		for _, c := range columns {
			if err := c.read(n); err != nil {
				return false, err
			}
		}
		if bars, done, err = t.bars(bars[:0], columns, n, first+from, &last, q); err != nil {
			return false, err
		}
		if len(bars) > 0 {
			if err := f(bars); err != nil {
				return false, err
			}
		}
		if done {
			return true, nil
		}
		from += int64(n)
	}
	return false, nil
}

// bars appends the n bars that the columns hold to dst, those of the query. The first is in the row of a number.
func (t *table) bars(dst []store.Bar, columns [6]*column, n int, first int64, last *store.Time, q store.Query) ([]store.Bar, bool, error) {
	for i := range n {
		b := store.Bar{Time: store.Time(columns[0].whole(i)), Volume: store.Volume(columns[5].float(i))}
		err := t.prices(&b, columns, i)
		if err == nil {
			err = b.Check()
		}
		if err == nil && *last != 0 && b.Time < last.Add(q.Interval) {
			err = store.CheckAfter(*last, q.Interval, []store.Bar{b})
		}
		if err != nil {
			return dst, false, &store.RowError{File: t.name, Line: int(first) + i + 1, Err: err}
		}
		*last = b.Time
		if b.Time >= q.To {
			return dst, true, nil
		}
		if b.Time >= q.From {
			dst = append(dst, b)
		}
	}
	return dst, false, nil
}

func (t *table) prices(b *store.Bar, columns [6]*column, i int) (err error) {
	if !t.decimal {
		b.Open, b.High = store.Price(columns[1].whole(i)), store.Price(columns[2].whole(i))
		b.Low, b.Close = store.Price(columns[3].whole(i)), store.Price(columns[4].whole(i))
		return nil
	}
	for k, p := range [...]*store.Price{&b.Open, &b.High, &b.Low, &b.Close} {
		if *p, err = store.PriceOf(columns[k+1].float(i)); err != nil {
			return &store.DataError{Problem: store.BadPrice, Time: b.Time, Detail: fmt.Sprint(names[k+1], " is ", columns[k+1].float(i))}
		}
	}
	return nil
}

// A column is the values of a column of a group of rows, one batch at a time.
type column struct {
	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	ints   []int64   // of the batch, if it is a column of whole numbers
	floats []float64 // otherwise
	slow   []parquet.Value
}

// open returns a column from a row on.
func open(chunk parquet.ColumnChunk, row int64) (*column, error) {
	c := &column{pages: chunk.Pages()}
	if chunk.Type().Kind() == parquet.Double {
		c.floats = make([]float64, batch)
	} else {
		c.ints = make([]int64, batch)
	}
	if err := c.pages.SeekToRow(row); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *column) close() {
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
	_ = c.pages.Close()
}

// read reads the next n values.
func (c *column) read(n int) error {
	for done := 0; done < n; {
		if c.values == nil {
			if err := c.turn(); err != nil {
				return err
			}
		}
		got, err := c.some(done, n)
		done += got
		switch {
		case err == io.EOF:
			c.values = nil
		case err != nil:
			return err
		}
	}
	return nil
}

// turn goes to the next page.
func (c *column) turn() (err error) {
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
	if c.page, err = c.pages.ReadPage(); err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if err == nil {
		c.values = c.page.Values()
	}
	return err
}

// some reads values from to to, or fewer.
func (c *column) some(from, to int) (int, error) {
	switch r := c.values.(type) {
	case parquet.Int64Reader:
		if c.ints != nil {
			return r.ReadInt64s(c.ints[from:to])
		}
	case parquet.DoubleReader:
		if c.floats != nil {
			return r.ReadDoubles(c.floats[from:to])
		}
	}
	return c.boxed(from, to)
}

// boxed reads values of pages that are encoded otherwise.
func (c *column) boxed(from, to int) (int, error) {
	if c.slow == nil {
		c.slow = make([]parquet.Value, batch)
	}
	n, err := c.values.ReadValues(c.slow[:to-from])
	for i, v := range c.slow[:n] {
		if c.ints != nil {
			c.ints[from+i] = v.Int64()
		} else {
			c.floats[from+i] = v.Double()
		}
	}
	return n, err
}

func (c *column) whole(i int) int64 { return c.ints[i] }

func (c *column) float(i int) float64 {
	if c.floats != nil {
		return c.floats[i]
	}
	return float64(c.ints[i])
}

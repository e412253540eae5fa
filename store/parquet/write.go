package parquet

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/whetgo/whet/store"
)

// A row is a bar as it is written.
type row struct {
	Time   int64   `parquet:"time,delta"`
	Open   int64   `parquet:"open,delta"`
	High   int64   `parquet:"high,delta"`
	Low    int64   `parquet:"low,delta"`
	Close  int64   `parquet:"close,delta"`
	Volume float64 `parquet:"volume"`
}

const (
	rowsOfGroup = 1 << 18
	sizeOfPage  = 1 << 16 // bytes: 8,192 values, which is the least that a query reads
)

// Write makes the file of a symbol and interval in a folder, of bars in order of time, or replaces it. Who reads
// it meanwhile sees the old one or the new one. If a bar can't be, or is not in order, the error
// is a *store.RowError with its number, and the file is left as it was; and so it is if the process is killed, which
// leaves another file in the folder, whose name begins with .writing- and which nobody reads.
func Write(dir, symbol string, interval time.Duration, bars iter.Seq[store.Bar]) (err error) {
	if err := (store.Sub{Symbol: symbol, Kind: store.Bars, Interval: interval}).Check(); err != nil {
		return err
	}
	path := Path(dir, symbol, interval)
	file, err := os.CreateTemp(dir, ".writing-*")
	if err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	err = write(file, stem(symbol)+interval.String()+".parquet", interval, bars)
	if err == nil {
		err = file.Sync() // else the name could be there after a power cut, and the bars not
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Chmod(file.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("parquet: writing: %w", err)
	}
	return nil
}

func write(file *os.File, name string, interval time.Duration, bars iter.Seq[store.Bar]) error {
	w := parquet.NewGenericWriter[row](file, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(rowsOfGroup), parquet.PageBufferSize(sizeOfPage))
	rows := make([]row, 0, batch)
	n, last := 0, store.Time(0)
	for b := range bars {
		n++
		if err := store.CheckAfter(last, interval, []store.Bar{b}); err != nil {
			return &store.RowError{File: name, Line: n, Err: err}
		}
		last = b.Time
		if rows = append(rows, row{int64(b.Time), int64(b.Open), int64(b.High), int64(b.Low), int64(b.Close), float64(b.Volume)}); len(rows) == batch {
			if _, err := w.Write(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	if _, err := w.Write(rows); err != nil {
		return err
	}
	return w.Close()
}

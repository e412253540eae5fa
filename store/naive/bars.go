package naive

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"time"
)

const (
	barTime = "2006-01-02 15:04" // of a row, in UTC
	maxBars = 1 << 20            // in one file
)

// Bar is the trading of one minute, which begins at Time.
type Bar struct {
	Time                   time.Time
	Open, High, Low, Close float64
	Volume                 int64
}

// Bars returns the bars of symbol that begin in [from, to), oldest first. They
// come from the file <symbol>.csv in the store's directory, whose rows are
// time,open,high,low,close,volume after one header row.
func (s *Store) Bars(symbol string, from, to time.Time) ([]Bar, error) {
	if _, err := Lookup(symbol); err != nil {
		return nil, fmt.Errorf("reading bars: %w", err)
	}
	mu.Lock()
	defer mu.Unlock()
	bars, err := loadBars(filepath.Join(s.params.text("addr"), symbol+".csv"))
	if err != nil {
		return nil, fmt.Errorf("reading bars of %s: %w", symbol, err)
	}
	s.requests++
	i := sort.Search(len(bars), func(i int) bool { return !bars[i].Time.Before(from) })
	n := sort.Search(len(bars[i:]), func(j int) bool { return !bars[i+j].Time.Before(to) })
	return bars[i : i+n], nil
}

// loadBars reads a whole file of bars.
func loadBars(path string) ([]Bar, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseBars(f)
}

// parseBars reads bars, which must be in order of time, after a header row.
func parseBars(r io.Reader) ([]Bar, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = 6
	if _, err := rows.Read(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	var bars []Bar
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return bars, nil
		}
		if err != nil {
			return nil, err
		}
		bar, err := parseBar(row)
		if err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if n := len(bars); n > 0 && !bars[n-1].Time.Before(bar.Time) {
			return nil, fmt.Errorf("bar at %s is out of order", row[0])
		}
		if len(bars) == maxBars {
			return nil, fmt.Errorf("more than %d bars", maxBars)
		}
		bars = append(bars, bar)
	}
}

// parseBar reads a row of six fields.
func parseBar(row []string) (Bar, error) {
	var (
		bar Bar
		err error
	)
	if bar.Time, err = time.Parse(barTime, row[0]); err != nil {
		return Bar{}, err
	}
	for i, price := range []*float64{&bar.Open, &bar.High, &bar.Low, &bar.Close} {
		if *price, err = strconv.ParseFloat(row[1+i], 64); err != nil {
			return Bar{}, err
		}
	}
	if bar.Volume, err = strconv.ParseInt(row[5], 10, 64); err != nil {
		return Bar{}, err
	}
	return bar, nil
}

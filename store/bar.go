package store

import (
	"fmt"
	"math"
	"time"
)

// A Bar is the trading of one interval, which begins at Time.
type Bar struct {
	Time                   Time
	Open, High, Low, Close Price
	Volume                 Volume
}

// Check returns what is wrong with the bar by itself, as a *DataError, or nil: its time is
// missing, its high or low is not the highest or lowest, or its volume is no number ≥ 0.
func (b Bar) Check() error {
	switch {
	case b.Time == 0:
		return &DataError{Problem: NoTime, Time: b.Time}
	case b.High < max(b.Open, b.Close, b.Low), b.Low > min(b.Open, b.Close):
		return &DataError{Problem: BadRange, Time: b.Time, Detail: fmt.Sprintf("open %v high %v low %v close %v", b.Open, b.High, b.Low, b.Close)}
	case !(b.Volume >= 0) || math.IsInf(float64(b.Volume), 0):
		return &DataError{Problem: BadVolume, Time: b.Time, Detail: fmt.Sprint(float64(b.Volume))}
	}
	return nil
}

// CheckAfter returns what is wrong with bars that follow a bar at last (0: none), in order of
// time, as a *DataError: what Check finds, a time that goes back, or a bar that begins before
// the one before it ends.
func CheckAfter(last Time, interval time.Duration, bars []Bar) error {
	for _, b := range bars {
		if err := b.Check(); err != nil {
			return err
		}
		switch {
		case last == 0:
		case b.Time < last:
			return &DataError{Problem: Backwards, Time: b.Time, Detail: "after " + last.String()}
		case b.Time < last.Add(interval):
			return &DataError{Problem: Overlap, Time: b.Time, Detail: "after " + last.String()}
		}
		last = b.Time
	}
	return nil
}

// A Query asks for the bars of a symbol that begin in [From, To).
type Query struct {
	Symbol   string
	Interval time.Duration // of a bar
	From, To Time
}

// Check returns what is wrong with the query, or nil.
func (q Query) Check() error {
	switch {
	case q.Symbol == "":
		return &QueryError{q, "no symbol"}
	case q.Interval <= 0:
		return &QueryError{q, "its interval is not positive"}
	case q.To < q.From:
		return &QueryError{q, "it ends before it begins"}
	}
	return nil
}

package store

import (
	"errors"
	"fmt"
)

// Errors that callers branch on; they may be wrapped.
var (
	ErrStopped  = errors.New("store: stopped")
	ErrClosed   = errors.New("store: closed")
	ErrOffline  = errors.New("store: not connected")
	ErrStale    = errors.New("store: nothing was heard for longer than expected") // a cause of Degraded and of reconnecting
	ErrNoFeed   = errors.New("store: the venue has no live data")
	ErrNoBroker = errors.New("store: the venue is for data only")
	ErrNoSymbol = errors.New("store: no such symbol")
	ErrNoOrder  = errors.New("store: no such order")
	ErrRejected = errors.New("store: rejected")
	ErrOutcome  = errors.New("store: the outcome is not known until the orders are reconciled")

	ErrNoAccount = errors.New("store: no such account")
	ErrConflict  = errors.New("store: the id is taken by another order")
	ErrOptions   = errors.New("store: it is open with other options")

	errReplaced = errors.New("another store of its parameters is open")
)

// Fatal marks an error of Dial or Lost as one that trying again can't mend: a wrong password, a
// schema that is not ours, a folder that does not exist. The store goes to Stopped with it.
func Fatal(err error) error {
	if err == nil {
		return nil
	}
	return &fatalError{err}
}

// IsFatal reports whether err, or what it wraps, was made by Fatal.
func IsFatal(err error) bool { return errors.Is(err, errFatal) }

var errFatal = errors.New("fatal")

type fatalError struct{ err error }

func (e *fatalError) Is(target error) bool { return target == errFatal }
func (e *fatalError) Error() string        { return e.err.Error() }
func (e *fatalError) Unwrap() error        { return e.err }

// A DriverError names a driver that is not registered.
type DriverError struct{ Name string }

func (e *DriverError) Error() string {
	return fmt.Sprintf("store: driver %.40q is not registered (forgotten import?)", e.Name)
}

// A ParamError says which parameter is wrong and why. It never holds a value that could be
// a secret.
type ParamError struct{ Name, Problem string }

func (e *ParamError) Error() string { return "store: parameter " + e.Name + ": " + e.Problem }

// A QueryError says what is wrong with a query.
type QueryError struct {
	Query   Query
	Problem string
}

func (e *QueryError) Error() string {
	return fmt.Sprintf("store: query of %.40q: %s", e.Query.Symbol, e.Problem)
}

// A SubError says what is wrong with a subscription.
type SubError struct {
	Sub     Sub
	Problem string
}

func (e *SubError) Error() string {
	return fmt.Sprintf("store: subscription to %.40q: %s", e.Sub.Symbol, e.Problem)
}

// An OrderError says what is wrong with an order.
type OrderError struct {
	ID      OrderID
	Problem string
}

func (e *OrderError) Error() string { return fmt.Sprintf("store: order %.40q: %s", e.ID, e.Problem) }

// A RangeError is a number that is too large or too precise to be told.
type RangeError struct{ What string }

func (e *RangeError) Error() string { return "store: " + e.What + " is out of range" }

// A Problem is what may be wrong with market data.
type Problem uint8

// The problems of data.
const (
	NoTime    Problem = iota + 1
	Backwards         // it is older than the one before
	Overlap           // it begins before the one before it ends
	BadRange          // a price out of the bar's range
	BadVolume
	BadPrice // not a number, or too large
	NotAsked // outside what was asked for
)

// String returns the problem in words.
func (p Problem) String() string {
	return [...]string{"?", "no time", "time goes back", "overlaps the bar before", "price out of range", "bad volume", "bad price", "not asked for"}[p&7]
}

// A DataError is data of a venue that can't be: the venue's or the file's fault.
type DataError struct {
	Problem Problem
	Time    Time
	Detail  string
}

func (e *DataError) Error() string {
	s := e.Problem.String()
	if e.Time != 0 {
		s = "bar at " + e.Time.String() + ": " + s
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// A RowError names the place of bad data in a file.
type RowError struct {
	File string // its name, without the folder
	Line int    // or number of the record, from 1
	Err  error
}

func (e *RowError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }
func (e *RowError) Unwrap() error { return e.Err }

// An OverrunError tells a reader of lossless events that it was too slow: Missed of them are
// no longer kept.
type OverrunError struct{ Missed uint64 }

func (e *OverrunError) Error() string {
	return fmt.Sprintf("store: the reader was too slow: %d events are no longer kept", e.Missed)
}

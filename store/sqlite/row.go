package sqlite

import (
	"database/sql/driver"
	"fmt"

	"github.com/whetgo/whet/store"
)

// bar returns the bar that a row is: time, open, high, low, close, volume. SQLite keeps
// whatever it was given in any column, so a row may be none.
func (t table) bar(row []driver.Value) (b store.Bar, err error) {
	at, ok := row[0].(int64)
	if !ok {
		return b, &store.DataError{Problem: store.NoTime, Detail: fmt.Sprintf("it is a %T", row[0])}
	}
	b.Time = store.Time(at)
	for i, p := range [...]*store.Price{&b.Open, &b.High, &b.Low, &b.Close} {
		if *p, ok = t.price(row[i+1]); !ok {
			return b, &store.DataError{Problem: store.BadPrice, Time: b.Time, Detail: columnsOfPrices[i] + " is " + describe(row[i+1])}
		}
	}
	switch v := row[5].(type) {
	case float64:
		b.Volume = store.Volume(v)
	case int64:
		b.Volume = store.Volume(v)
	default:
		return b, &store.DataError{Problem: store.BadVolume, Time: b.Time, Detail: "it is " + describe(v)}
	}
	return b, b.Check()
}

var columnsOfPrices = [...]string{"open", "high", "low", "close"}

func (t table) price(v driver.Value) (store.Price, bool) {
	if n, ok := v.(int64); ok && !t.decimal {
		return store.Price(n), true
	}
	if f, ok := v.(float64); ok && t.decimal {
		p, err := store.PriceOf(f)
		return p, err == nil
	}
	return 0, false
}

// describe says what stands where a number should.
func describe(v driver.Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case int64, float64:
		return fmt.Sprint(v)
	default:
		return fmt.Sprintf("a %T", v)
	}
}

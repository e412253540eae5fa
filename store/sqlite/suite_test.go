package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sqlite"
	"github.com/whetgo/whet/store/storetest"
)

func TestSuite(t *testing.T) {
	storetest.Run(t, storetest.Harness{Start: func(t *testing.T) storetest.Venue {
		path := filepath.Join(t.TempDir(), "bars.db")
		db := create(t, path)
		return storetest.Venue{
			Params: store.Params{Driver: "sqlite", Addr: path, Extra: store.ExtraOf("poll", "2ms")},
			Live:   true,
			Bars: func(symbol string, interval time.Duration, bars ...store.Bar) {
				appendBars(t, db, symbol, interval, bars)
			},
		}
	}})
}

func appendBars(t *testing.T, db *sqlite.DB, symbol string, interval time.Duration, bars []store.Bar) {
	t.Helper()
	if err := db.Append(t.Context(), symbol, interval, bars); err != nil {
		t.Error(err)
	}
}

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/postgres"
	"github.com/whetgo/whet/store/postgres/pgtest"
	"github.com/whetgo/whet/store/storetest"
)

func TestRun(t *testing.T) {
	srv, err := pgtest.Start(t.Context())
	if errors.Is(err, pgtest.ErrAbsent) && os.Getenv("WHET_ALL") == "" {
		t.Skip("needs a PostgreSQL server: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Stop()
	name, err := srv.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dsn := fmt.Sprintf("postgres://%s/%s?user=%s", srv.Addr, name, pgtest.User)
	p, err := store.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), p, pgtest.Password)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	bars := storetest.MakeBars(1, storetest.Begin, time.Minute, windows*500)
	if err := db.Bars(t.Context(), "ES", time.Minute, bars...); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(t.Context(), &out, dsn, pgtest.Password, "ES", storetest.Begin); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	if want := "800 windows were asked for, and 40 read from the server over 1 session"; !strings.Contains(out.String(), want) {
		t.Errorf("want %q", want)
	}
	for i := range strategies {
		var want store.Price
		for w := range windows {
			want += naive(bars[500*w:500*w+500], 5+i)
		}
		if line := fmt.Sprintf("average of %2d: %v\n", 5+i, want); !strings.Contains(out.String(), line) {
			t.Errorf("want %q", line)
		}
	}
}

// naive is Earn without a running sum.
func naive(bars []store.Bar, n int) (earned store.Price) {
	for i := n + 1; i < len(bars); i++ {
		var sum store.Price
		for _, b := range bars[i-1-n : i-1] {
			sum += b.Close
		}
		if bars[i-1].Close*store.Price(n) > sum {
			earned += bars[i].Close - bars[i-1].Close
		}
	}
	return earned
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
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
	bars := storetest.MakeBars(1, storetest.Begin, time.Minute, 100)
	publish := publisher(t, dsn, bars)
	publish(10)

	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- run(ctx, w, dsn, pgtest.Password, "ES") }()
	lines := bufio.NewScanner(r)
	var got []string
	gaps := 0
	// upTo reads lines until a bar is told.
	upTo := func(n int) {
		t.Helper()
		want := told(bars[n])
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "bar ") {
				got = append(got, lines.Text())
			}
			if strings.HasPrefix(lines.Text(), "gap of ") && strings.HasSuffix(lines.Text(), ": filled") {
				gaps++
			}
			if lines.Text() == want {
				return
			}
		}
	}
	for lines.Scan() && lines.Text() != "store live" {
	}
	publish(11)
	upTo(10)
	publish(20)
	upTo(19)
	srv.Kill()
	for lines.Scan() && lines.Text() != "store backoff" {
	}
	if err := srv.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	publish(60) // some of them before it is subscribed again
	for range 3 {
		publish(70)
	}
	upTo(69)
	if len(got) != 60 {
		t.Errorf("%d bars were told, want 60", len(got))
	}
	for i, line := range got {
		if line != told(bars[10+i]) {
			t.Fatalf("at %d: %s, want %s", i, line, told(bars[10+i]))
		}
	}
	t.Logf("%d gaps were filled", gaps)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func told(b store.Bar) string { return fmt.Sprintf("bar %v close %v", b.Time, b.Close) }

// publisher returns a function that publishes bars up to one, trying again while the server comes up.
func publisher(t *testing.T, dsn string, bars []store.Bar) func(to int) {
	t.Helper()
	p, err := store.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), p, pgtest.Password)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	published := 0
	return func(to int) {
		t.Helper()
		for range 200 {
			if err = db.Bars(t.Context(), "ES", time.Minute, bars[published:to]...); err == nil {
				published = to
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatal(err)
	}
}

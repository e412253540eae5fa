package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	go func() { done <- run(ctx, w, dsn, pgtest.Password, "ES", "127.0.0.1:0") }()
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
	var url string
	for lines.Scan() && lines.Text() != "store live" {
		if rest, ok := strings.CutPrefix(lines.Text(), "watched at "); ok {
			url = rest
		}
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
	watched(t, url, map[string]float64{"feeds/published": 60, "feeds/delivered": 60, "feeds/dropped": 0, "feeds/missed": 0})
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// watched waits until the page's report says that the store's counts are these.
func watched(t *testing.T, url string, want map[string]float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var report struct {
		Metrics []struct {
			Name  string
			Value float64
		}
	}
	for differs := true; differs; time.Sleep(10 * time.Millisecond) {
		get(ctx, t, url+"report.json", &report)
		differs = false
		for name, n := range want {
			told := false
			for _, m := range report.Metrics {
				told = told || m.Name == "/store/survivor/"+name+":count" && m.Value == n
			}
			differs = differs || !told
		}
		if ctx.Err() != nil {
			t.Fatalf("the page does not say that %v: %+v", want, report.Metrics)
		}
	}
}

// get asks for JSON.
func get(ctx context.Context, t *testing.T, url string, v any) {
	t.Helper()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(v); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, r.Status, err)
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

package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sqlite"
	"github.com/whetgo/whet/store/storetest"
)

var kills = flag.Int("kills", 6, "writers to kill, with readers and without")

func TestMain(m *testing.M) {
	storetest.Main(map[string]storetest.Role{"writer": writer})
	os.Exit(m.Run())
}

// A writing is what a writer is told: the file, how many bars are in it, and how many there are.
type writing struct {
	Path     string
	From, To int
}

// appended returns how many bars are appended at once after the first n: one transaction changes a few pages, or
// many.
func appended(n int) int { return 1 + n%301 }

// writer appends bars without end, and says how many are in the file after each Append that has returned.
func writer(ctx context.Context, arg string, say func(words ...any)) error {
	var w writing
	if err := json.Unmarshal([]byte(arg), &w); err != nil {
		return err
	}
	db, err := sqlite.Create(ctx, w.Path, "")
	if err != nil {
		return err
	}
	bars := storetest.MakeBars(1, storetest.Begin, minute, w.To)
	for n := w.From; n < w.To; {
		next := min(n+appended(n), w.To)
		if err := db.Append(ctx, "ES", minute, bars[n:next]); err != nil {
			return err
		}
		n = next
		say(n)
	}
	<-ctx.Done()
	return db.Close()
}

// killWriter has a writer append to a file that has n bars, kills it while it does, and returns how many it
// was told are written.
func killWriter(t *testing.T, path string, n int) (acked int) {
	t.Helper()
	w := storetest.Play(t.Context(), t, "writer", writing{path, n, n + 10_000})
	acked = n
	hear := func(words []string) {
		told, err := strconv.Atoi(words[0])
		if err != nil || told != acked+appended(acked) {
			t.Fatalf("the writer says %q after %d bars", words, acked)
		}
		acked = told
	}
	for range 1 + rand.IntN(25) {
		hear(w.Line())
	}
	if rand.IntN(2) > 0 { // else it is most likely between two
		time.Sleep(rand.N(2 * time.Millisecond))
	}
	for _, words := range w.Kill() {
		hear(words)
	}
	return acked
}

// written returns what is in a file after its writer was killed: whole appends, and those that were
// acknowledged among them.
func written(t *testing.T, path string, before, acked int) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var sound string
	if err := db.QueryRow("pragma integrity_check").Scan(&sound); err != nil || sound != "ok" {
		t.Fatalf("the file is not sound: %s, %v", sound, err)
	}
	if err := db.QueryRow("select count(*) from bars").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != acked && n != acked+appended(acked) {
		t.Fatalf("%d bars are in the file, of which %d were acknowledged (%d were there)", n, acked, before)
	}
	return n
}

// TestKilledWriter has processes killed that write to a file nobody reads, so that what they leave is found by who
// opens it next.
func TestKilledWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bars.db")
	n, more := 0, 0
	for range *kills {
		acked := killWriter(t, path, n)
		n = written(t, path, n, acked)
		if n > acked {
			more++
		}
	}
	got, err := history(mustDial(t, path, newSink()), store.Query{Symbol: "ES", Interval: minute, To: 1<<63 - 1})
	if err != nil || !slices.Equal(got, storetest.MakeBars(1, storetest.Begin, minute, n)) {
		t.Errorf("the %d bars are not those that were written: %v", len(got), err)
	}
	t.Logf("%d bars by %d writers, %d times more than was acknowledged", n, *kills, more)
}

// TestKilledWriterAndReader has them killed while a store reads the file: it is told of every bar, once and in order,
// stays Live, and finds all of them when asked.
func TestKilledWriterAndReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bars.db")
	create(t, path)
	s, err := store.Open(t.Context(), store.Params{Driver: "sqlite", Addr: path, Extra: store.ExtraOf("poll", "1ms")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	feed, err := s.Feed(t.Context(), store.Sub{Symbol: "ES", Kind: store.Bars, Interval: minute}, store.WithRing(1<<16, store.DropOldest))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var told []store.Bar
	for kill := range *kills {
		acked := killWriter(t, path, n)
		n = written(t, path, n, acked)
		if err := follow(t.Context(), feed, n, &told); err != nil {
			t.Fatalf("kill %d: told of %d bars of %d: %v", kill, len(told), n, err)
		}
		q := store.Query{Symbol: "ES", Interval: minute, From: storetest.Begin, To: storetest.Begin.Add(time.Duration(n) * minute)}
		if got, err := s.Bars(t.Context(), q); err != nil || !slices.Equal(slices.Collect(got.All()), told) {
			t.Fatalf("kill %d: %d bars are found, %v, want the %d that were told of", kill, got.Len(), err, n)
		}
	}
	if !slices.Equal(told, storetest.MakeBars(1, storetest.Begin, minute, n)) {
		t.Error("the bars are not those that were written")
	}
	if st := s.Stats(); st.Lost > 0 || st.Feeds.Delivered != uint64(n) {
		t.Errorf("%d sessions were lost, %d bars delivered, want %d", st.Lost, st.Feeds.Delivered, n)
	}
}

// follow takes bars from a feed until n were told.
func follow(ctx context.Context, feed *store.Feed, n int, told *[]store.Bar) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for len(*told) < n {
		e, err := feed.Next(ctx)
		if err != nil {
			return err
		}
		switch e.Kind() {
		case store.IsBar:
			*told = append(*told, e.Bar())
		case store.IsGap:
			return fmt.Errorf("a gap: %+v", e.Gap())
		}
	}
	return nil
}

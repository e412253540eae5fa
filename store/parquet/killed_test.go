package parquet_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	whet "github.com/whetgo/whet/store/parquet"
	"github.com/whetgo/whet/store/storetest"
)

var kills = flag.Int("kills", 6, "writers to kill, or more if none of them was writing")

func TestMain(m *testing.M) {
	storetest.Main(map[string]storetest.Role{"writer": writer})
	os.Exit(m.Run())
}

// A writing is what a writer is told.
type writing struct {
	Dir  string
	Next int // the first version to write
}

// version returns the bars of a version of the file: their number tells which it is.
func version(v int) []store.Bar {
	return storetest.MakeBars(uint64(v), storetest.Begin, minute, 20_000+v)
}

// writer writes one version of a file after the other, and says which is written when Write has returned.
func writer(ctx context.Context, arg string, say func(words ...any)) error {
	var w writing
	if err := json.Unmarshal([]byte(arg), &w); err != nil {
		return err
	}
	for v := w.Next; ctx.Err() == nil; v++ {
		if err := whet.Write(w.Dir, "ES", minute, slices.Values(version(v))); err != nil {
			return err
		}
		say(v)
	}
	return nil
}

// TestKilledWriter has processes killed that replace a file again and again, while others read it: they see a
// whole version, and none older than the last that was acknowledged.
func TestKilledWriter(t *testing.T) {
	dir := t.TempDir()
	var acked atomic.Int64
	readers, stop := context.WithCancel(t.Context())
	read := make(chan int)
	for range 2 {
		go func() {
			n, s := 0, dial(t, dir)
			for readers.Err() == nil {
				n += readVersion(t, s, &acked)
			}
			read <- n
		}()
	}
	killed, left := 0, 0 // writers; files of those who were writing
	for ; killed < *kills || left == 0 && !t.Failed(); killed++ {
		w := storetest.Play(t.Context(), t, "writer", writing{dir, int(acked.Load()) + 1})
		hear := func(words []string) {
			if v, err := strconv.Atoi(words[0]); err != nil {
				t.Errorf("the writer says %q", words)
			} else {
				acked.Store(int64(v))
			}
		}
		for range 1 + rand.IntN(4) {
			hear(w.Line())
		}
		time.Sleep(rand.N(30 * time.Millisecond)) // of the next version, which takes some
		for _, words := range w.Kill() {
			hear(words)
		}
		left = leftovers(t, dir)
	}
	stop()
	n := <-read + <-read
	last := dial(t, dir)
	if readVersion(t, last, &acked) != 1 {
		t.Error("there is no file")
	}
	t.Logf("%d writers were killed, %d while they wrote; %d versions were written, and read %d times", killed, left, acked.Load(), n)
}

// leftovers returns how many files there are of writers that were killed while they wrote.
func leftovers(t *testing.T, dir string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, ".writing-*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// readVersion reads the file, and returns 1 if there is one.
func readVersion(t *testing.T, s store.Session, acked *atomic.Int64) int {
	least := acked.Load()
	got, err := history(s, store.Query{Symbol: "ES", Interval: minute, From: storetest.Begin, To: storetest.Begin.Add(1 << 60)})
	if errors.Is(err, store.ErrNoSymbol) && least == 0 {
		return 0
	}
	v := len(got) - 20_000
	if err != nil || int64(v) < least {
		t.Errorf("version %d is read, %v, after version %d was written", v, err, least)
		return 0
	}
	if !slices.Equal(got, version(v)) {
		t.Errorf("version %d is not what was written", v)
	}
	return 1
}

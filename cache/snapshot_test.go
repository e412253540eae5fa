package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/cache"
)

type quote struct {
	Bid, Ask float64
	Venue    *string
	Tags     []string
}

func saved[K comparable, V any](t testing.TB, c *cache.Cache[K, V]) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSnapshot(t *testing.T) {
	venue := "XNYS"
	for _, n := range []int{0, 1, 511, 512, 513, 5000, 12_000} {
		c := cache.New[string, quote](100_000, nil)
		for i := range n {
			c.Set(fmt.Sprint("key ", i), quote{float64(i), float64(i + 1), &venue, []string{"a", "b"}})
		}
		d := cache.New[string, quote](100_000, nil)
		if m, err := d.Restore(bytes.NewReader(saved(t, c))); m != n || err != nil {
			t.Fatalf("%d of %d restored, %v", m, n, err)
		}
		for key, v := range c.All() {
			if w, ok := d.Get(key); !ok || w.Bid != v.Bid || *w.Venue != venue || len(w.Tags) != 2 {
				t.Fatalf("%s: %+v, want %+v", key, w, v)
			}
		}
		if small := cache.New[string, quote](100, nil); n >= 100 {
			if _, err := small.Restore(bytes.NewReader(saved(t, c))); err != nil || small.Len() != 100 {
				t.Errorf("a cache of 100 has %d of %d entries, %v", small.Len(), n, err)
			}
		}
	}
}

func TestSnapshotTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int, int](10, &cache.Options[int, int]{TTL: time.Minute})
		c.Set(1, 1)
		c.SetTTL(2, 2, 0)
		c.SetTTL(3, 3, time.Second)
		time.Sleep(20 * time.Second)
		snapshot := saved(t, c)
		time.Sleep(20 * time.Second)
		d := cache.New[int, int](10, nil)
		if n, err := d.Restore(bytes.NewReader(snapshot)); n != 2 || err != nil {
			t.Fatalf("%d entries, %v", n, err)
		}
		time.Sleep(18 * time.Second)
		if _, ok := d.Get(1); !ok {
			t.Error("the entry expired too early")
		}
		time.Sleep(4 * time.Second)
		if _, ok := d.Get(1); ok {
			t.Error("the entry has outlived its minute")
		}
		if _, ok := d.Get(2); !ok {
			t.Error("the entry without end has ended")
		}
	})
}

// TestSnapshotForEver: an entry without an end has none where others do, and one of a cache
// without lifetimes neither.
func TestSnapshotForEver(t *testing.T) {
	for name, from := range map[string]*cache.Options[int, int]{"plain": nil, "ttl": {TTL: time.Minute}} {
		for to, opts := range map[string]*cache.Options[int, int]{
			"plain": nil, "ttl": {TTL: time.Minute}, "idle": {Idle: time.Minute},
			"lifetime": {Lifetime: func(int, int) time.Duration { return time.Second }},
		} {
			t.Run(name+" to "+to, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := cache.New(10, from)
					c.SetTTL(1, 1, 0)
					c.SetTTL(2, 2, time.Hour)
					d := cache.New(10, opts)
					if n, err := d.Restore(bytes.NewReader(saved(t, c))); n != 2 || err != nil {
						t.Fatalf("%d entries, %v", n, err)
					}
					time.Sleep(59 * time.Minute)
					if _, ok := d.Get(2); !ok {
						t.Error("an hour ended early")
					}
					time.Sleep(2 * time.Minute)
					_, ok1 := d.Get(1)
					_, ok2 := d.Get(2)
					if !ok1 || ok2 {
						t.Errorf("after the hour: for ever %v, an hour %v", ok1, ok2)
					}
				})
			})
		}
	}
}

// TestSnapshotIdle: what lived on by being used does so in another cache that knows of it,
// and elsewhere lives for what it had left.
func TestSnapshotIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(10, &cache.Options[int, int]{Idle: time.Minute})
		c.Set(1, 1)
		time.Sleep(30 * time.Second)
		b := saved(t, c)
		idle, plain := cache.New(10, &cache.Options[int, int]{Idle: time.Minute}), cache.New[int, int](10, nil)
		for _, d := range []*cache.Cache[int, int]{idle, plain} {
			if n, err := d.Restore(bytes.NewReader(b)); n != 1 || err != nil {
				t.Fatalf("%d entries, %v", n, err)
			}
		}
		for i := range 10 {
			time.Sleep(20 * time.Second)
			_, ok := idle.Get(1)
			_, lives := plain.Get(1)
			if !ok || lives != (i == 0) {
				t.Errorf("after %d s: idle %v, plain %v", 20*(i+1), ok, lives)
			}
		}
		time.Sleep(61 * time.Second)
		if _, ok := idle.Get(1); ok {
			t.Error("there though nobody used it")
		}
	})
}

// TestRestoreOverwritesNothing: what is in the cache or on its way is newer.
func TestRestoreOverwritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int, int](10, nil)
		for k := range 4 {
			c.Set(k, 1)
		}
		b := saved(t, c)
		d := cache.New(10, &cache.Options[int, int]{TTL: time.Minute})
		d.Set(3, 2) // expires
		time.Sleep(2 * time.Minute)
		d.Set(1, 2)
		gate := make(chan bool)
		go d.GetOrLoad(t.Context(), 2, brings(2, gate))
		synctest.Wait()
		if n, err := d.Restore(bytes.NewReader(b)); n != 2 || err != nil {
			t.Errorf("%d entries, %v; want those of keys 0 and 3", n, err)
		}
		close(gate)
		synctest.Wait()
		if got, want := maps.Collect(d.All()), (map[int]int{0: 1, 1: 2, 2: 2, 3: 1}); !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

type (
	hidden   struct{ A, b int }
	exported struct{ A, B int }
	nested   struct {
		A int
		H any
	}
	lossy string
)

func (lossy) MarshalBinary() ([]byte, error)  { return []byte("x"), nil }
func (*lossy) UnmarshalBinary(_ []byte) error { return nil }

// TestSnapshotKeys: keys come back as they were, or Save says that they can't.
func TestSnapshotKeys(t *testing.T) {
	testSnapshotKeys(t, true, exported{1, 2}, exported{1, 3})
	testSnapshotKeys(t, true, [2]string{"a", "b"}, [2]string{"b", "a"})
	testSnapshotKeys(t, true, [1]exported{{1, 2}}, [1]exported{{1, 3}})
	testSnapshotKeys(t, true, time.Unix(1, 2).UTC(), time.Unix(1, 3).UTC())
	testSnapshotKeys(t, true, float32(1.5), float32(-1))
	testSnapshotKeys(t, false, hidden{1, 2}, hidden{1, 3})
	testSnapshotKeys(t, false, [1]hidden{{1, 2}}, [1]hidden{{1, 3}})
	testSnapshotKeys(t, false, new(1), new(2))
	testSnapshotKeys(t, false, time.Now(), time.Now().Add(1)) // a monotonic reading is lost
	testSnapshotKeys(t, false, lossy("a"), lossy("b"))
	testSnapshotKeys(t, false, nested{1, hidden{1, 2}}, nested{1, hidden{1, 3}})
	testSnapshotKeys(t, false, [1]chan int{make(chan int)}, [1]chan int{make(chan int)})
}

func testSnapshotKeys[K comparable](t *testing.T, can bool, keys ...K) {
	t.Helper()
	c := cache.New[K, int](10, nil)
	for i, k := range keys {
		c.Set(k, i)
	}
	var b bytes.Buffer
	if err := c.Save(&b); (err == nil) != can {
		t.Errorf("saving keys of %T: %v", keys[0], err)
	} else if err != nil {
		return
	}
	d := cache.New[K, int](10, nil)
	if n, err := d.Restore(&b); n != len(keys) || err != nil {
		t.Fatalf("%T: %d entries, %v", keys[0], n, err)
	}
	for i, k := range keys {
		if v, ok := d.Get(k); !ok || v != i {
			t.Errorf("%v: %d %v, want %d", k, v, ok, i)
		}
	}
}

// TestSnapshotClockStep: the wall clock goes back by decades between Save and Restore, and
// forward. Going back it takes nothing from what an entry had left.
func TestSnapshotClockStep(t *testing.T) {
	make := func() []byte {
		c := cache.New[int, int](10, nil)
		c.SetTTL(1, 1, time.Minute)
		return saved(t, c)
	}
	restored := func(b []byte, want int) {
		d := cache.New[int, int](10, nil)
		if n, err := d.Restore(bytes.NewReader(b)); n != want || d.Len() != want || err != nil {
			t.Errorf("%d entries, %v; want %d", n, err, want)
		}
	}
	today := make()
	var in2000 []byte
	synctest.Test(t, func(*testing.T) { // where it is the year 2000
		in2000 = make()
		restored(today, 1)
	})
	restored(in2000, 0)
}

// TestSnapshotDamaged changes and cuts a snapshot at every byte.
func TestSnapshotDamaged(t *testing.T) {
	c := cache.New[string, int](10, nil)
	c.Set("a", 1)
	c.Set("b", 2)
	whole := saved(t, c)
	refused := func(what string, snapshot []byte) {
		t.Helper()
		d := cache.New[string, int](10, nil)
		if n, err := d.Restore(bytes.NewReader(snapshot)); n != 0 || !errors.Is(err, cache.ErrSnapshot) || d.Len() != 0 {
			t.Errorf("%s: %d entries, %d in the cache, %v", what, n, d.Len(), err)
		}
	}
	for i := range whole {
		refused(fmt.Sprint("cut at ", i), whole[:i])
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x10
		refused(fmt.Sprint("altered at ", i), damaged)
	}
	refused("a part of 4 GB", append([]byte("whet cache 1\n"), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0))
	if _, err := cache.New[string, uint](10, nil).Restore(bytes.NewReader(whole)); err == nil || !strings.Contains(err.Error(), "of string to int, not string to uint") {
		t.Errorf("another type: %v", err)
	}
}

func TestSnapshotErrors(t *testing.T) {
	c := cache.New[int, func()](10, nil)
	c.Set(1, func() {})
	if err := c.Save(io.Discard); err == nil {
		t.Error("a function was saved")
	}
	d := cache.New[int, int](10, nil)
	d.Set(1, 1)
	full := errors.New("disk full")
	for n := range 200 {
		w := &limitedWriter{left: n, err: full}
		if err := d.Save(w); err != nil && !errors.Is(err, full) {
			t.Errorf("a disk with %d bytes: %v", n, err)
		} else if err == nil && w.left < 0 {
			t.Errorf("a disk with %d bytes: no error", n)
		}
	}
	if _, err := d.Restore(iotest.ErrReader(full)); err == nil {
		t.Error("a failing reader: no error")
	}
}

type limitedWriter struct {
	left int
	err  error
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, w.err
	}
	return len(p), nil
}

func FuzzRestore(f *testing.F) {
	c := cache.New[string, []byte](10, nil)
	c.Set("key", []byte("value"))
	f.Add(saved(f, c))
	f.Add([]byte("whet cache 1\n"))
	f.Fuzz(func(t *testing.T, snapshot []byte) {
		d := cache.New[string, []byte](10, nil)
		if n, err := d.Restore(bytes.NewReader(snapshot)); err != nil && (n != 0 || d.Len() != 0) {
			t.Errorf("%d entries of a snapshot with %v", d.Len(), err)
		}
	})
}

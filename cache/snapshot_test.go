package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	for _, n := range []int{0, 1, 511, 512, 513, 5000, 70_000} {
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

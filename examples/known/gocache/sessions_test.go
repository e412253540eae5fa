// Sessions of a web server kept in a cache and prolonged by each request.
//
// github.com/patrickmn/go-cache v1.0.0 keeps a pointer to each item, which keeps a
// pointer to its expiration: two allocations for each Set. v2.0.0 keeps items by
// value, with the expiration as a number (patrickmn/go-cache@901b2413 and
// following). One Get and Set on 2026-11-23: 424 ns, then 237 ns, 1.8 times; 48 B
// in 2 allocations, then none.
package known_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/patrickmn/go-cache"
)

type session struct {
	user string
	hits int
}

// users are the keys under which sessions are kept.
func users() []string {
	keys := make([]string, 4096)
	for i := range keys {
		keys[i] = fmt.Sprintf("session:%04d", i)
	}
	return keys
}

func TestSessionExpires(t *testing.T) {
	c := cache.New(20*time.Millisecond, 0)
	c.Set("session:ada", &session{user: "ada"}, cache.DefaultExpiration)
	if v, ok := c.Get("session:ada"); !ok || v.(*session).user != "ada" {
		t.Fatalf("got %v, %v, want the session of ada", v, ok)
	}
	time.Sleep(40 * time.Millisecond)
	if v, ok := c.Get("session:ada"); ok {
		t.Fatalf("got %v after its expiration", v)
	}
}

// BenchmarkTouch reads one session and stores it again, which prolongs it, as
// each request of a web server does.
func BenchmarkTouch(b *testing.B) {
	keys := users()
	c := cache.New(10*time.Minute, 0)
	for _, k := range keys {
		c.Set(k, &session{user: k}, cache.DefaultExpiration)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		k := keys[n%len(keys)]
		v, ok := c.Get(k)
		if !ok {
			b.Fatalf("session %s is lost", k)
		}
		s := v.(*session)
		s.hits++
		c.Set(k, s, cache.DefaultExpiration)
		n++
	}
	hits := 0
	for _, k := range keys {
		v, _ := c.Get(k)
		hits += v.(*session).hits
	}
	if hits != n {
		b.Fatalf("%d hits kept, want %d", hits, n)
	}
}

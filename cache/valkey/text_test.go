package valkey

import (
	"math"
	"reflect"
	"testing"
	"time"

	client "github.com/valkey-io/valkey-go"
)

type (
	symbol string
	serial int32
	flags  uint8
)

func testKeys[K comparable](t *testing.T, keys ...K) {
	t.Helper()
	k, err := defaultKeys[K]()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]K)
	for _, key := range keys {
		text := k.Encode(key)
		if other, ok := seen[text]; ok {
			t.Errorf("%v and %v are both %q", key, other, text)
		}
		seen[text] = key
		if got, err := k.Decode(text); err != nil || got != key {
			t.Errorf("%v: Decode(%q): %v, %v", key, text, got, err)
		}
	}
}

func TestDefaultKeys(t *testing.T) {
	testKeys(t, "", "a", "|", "\x00\xff", "1")
	testKeys(t, symbol(""), symbol("AAPL"))
	testKeys(t, 0, 1, -1, math.MaxInt, math.MinInt)
	testKeys(t, serial(math.MaxInt32), serial(math.MinInt32))
	testKeys(t, flags(0), flags(255))
	testKeys(t, uint64(math.MaxUint64))
	for _, err := range []error{noKeys[float64](), noKeys[bool](), noKeys[any](), noKeys[struct{ a, b string }](), noKeys[*int]()} {
		if err == nil {
			t.Error("a type without a faithful text was accepted")
		}
	}
	k, _ := defaultKeys[flags]()
	for _, text := range []string{"", "256", "-1", "x", "1 "} {
		if got, err := k.Decode(text); err == nil {
			t.Errorf("Decode(%q): %v", text, got)
		}
	}
}

func noKeys[K comparable]() error {
	_, err := defaultKeys[K]()
	return err
}

func TestDefaultCodec(t *testing.T) {
	for _, x := range []struct {
		got, want any
	}{
		{defaultCodec[string](), rawString{}},
		{defaultCodec[[]byte](), rawBytes{}},
		{defaultCodec[symbol](), JSON[symbol]{}},
		{defaultCodec[map[string]int](), JSON[map[string]int]{}},
	} {
		if reflect.TypeOf(x.got) != reflect.TypeOf(x.want) {
			t.Errorf("%T, want %T", x.got, x.want)
		}
	}
}

func TestMisses(t *testing.T) {
	var m misses[int]
	if m.take(1) {
		t.Error("what was not missed was taken")
	}
	m.add(1)
	if !m.take(1) || m.take(1) {
		t.Error("a key is taken once")
	}
	for key := range 10 * missRoom {
		m.add(key)
	}
	if n := len(m.young) + len(m.old); n > 2*missRoom {
		t.Errorf("%d keys are remembered", n)
	}
	if m.take(0) || !m.take(10*missRoom-1) || !m.take(9*missRoom-1) {
		t.Error("the oldest go first")
	}
	m.began = time.Now().Add(-missMemory - time.Second)
	m.add(-1)
	m.began = time.Now().Add(-missMemory - time.Second)
	m.add(-2)
	if m.take(10*missRoom-2) || !m.take(-1) {
		t.Error("what is old is not forgotten")
	}
}

func TestInboxOverflows(t *testing.T) {
	b := inbox{wake: make(chan struct{}, 1)}
	b.put(make([]client.ValkeyMessage, inboxRoom+1))
	if keys, all := b.empty(); len(keys) != 0 || !all {
		t.Errorf("%d keys, all: %v", len(keys), all)
	}
	if keys, all := b.empty(); len(keys) != 0 || all {
		t.Errorf("after it was emptied: %d keys, all: %v", len(keys), all)
	}
}

package singleton_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/whetgo/whet/singleton"
)

func Example() {
	tries := 0
	table := singleton.New(func(context.Context) (map[string]int, error) {
		if tries++; tries == 1 {
			return nil, errors.New("not there yet")
		}
		return map[string]int{"answer": 42}, nil
	}, nil)
	_, err := table.Get(context.Background())
	fmt.Println(err)
	m, _ := table.Get(context.Background())
	fmt.Println(m["answer"], table.Stats().Builds, table.Stats().Failures)
	// Output:
	// not there yet
	// 42 1 1
}

func ExampleKeyed() {
	type account struct {
		host string
		id   int
	}
	clients := singleton.NewKeyed(func(_ context.Context, a account) (string, error) {
		return fmt.Sprintf("client of %s/%d", a.host, a.id), nil
	}, &singleton.KeyedOptions[string]{Close: func(c string) error { fmt.Println("closed", c); return nil }})
	_, _ = clients.Get(context.Background(), account{"a", 1})
	_, _ = clients.Get(context.Background(), account{"b", 2})
	c, _ := clients.Get(context.Background(), account{"a", 1})
	fmt.Println(c, "of", clients.Len())
	_ = clients.Close()
	// Output:
	// client of a/1 of 2
	// closed client of b/2
	// closed client of a/1
}

func ExampleWeak() {
	type conn struct{ messages chan string } // the handle
	feeds := singleton.NewWeak(func(_ context.Context, symbol string) (*conn, func() error, error) {
		messages := make(chan string, 1)
		stop := func() error { close(messages); return nil } // refers to the channel, not to the handle
		messages <- "hello from " + symbol
		return &conn{messages}, stop, nil
	}, nil)
	a, _ := feeds.Get(context.Background(), "EURUSD")
	b, _ := feeds.Get(context.Background(), "EURUSD")
	fmt.Println(a == b, <-a.messages)
	_ = feeds.Reset("EURUSD")
	_, open := <-a.messages
	fmt.Println(open, feeds.Stats().Leaks)
	// Output:
	// true hello from EURUSD
	// false 0
}

func ExampleValue_Swap() {
	clock := singleton.New(func(context.Context) (string, error) { return "the real clock", nil }, nil)
	restore := clock.Swap("a clock for tests")
	c, _ := clock.Get(context.Background())
	fmt.Println(c)
	restore()
	c, _ = clock.Get(context.Background())
	fmt.Println(c)
	// Output:
	// a clock for tests
	// the real clock
}

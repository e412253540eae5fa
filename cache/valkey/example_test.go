package valkey_test

import (
	"context"
	"fmt"
	"log"
	"time"

	client "github.com/valkey-io/valkey-go"
	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/cache/valkey"
)

type Quote struct {
	Bid, Ask float64
}

// It has no output to compare, since it needs a server.
func Example() {
	ctx := context.Background()
	fetch := func(context.Context, string) (Quote, error) { return Quote{99.5, 100}, nil }

	server := client.ClientOption{InitAddress: []string{"127.0.0.1:6379"}}
	tier, err := valkey.New[string, Quote](server, "desk:quotes", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer tier.Close()
	quotes := cache.New(10_000, &cache.Options[string, Quote]{TTL: time.Minute, Tier: tier})
	tier.Attach(quotes)

	q, err := quotes.GetOrLoad(ctx, "AAPL", fetch) // of this process, of the server, or fetched
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.Bid)

	if err := quotes.Invalidate(ctx, "AAPL"); err != nil { // in all processes
		log.Print(err)
	}
}

// Keys of a struct need an encoding that keeps different keys apart.
func ExampleKeys() {
	type key struct{ Desk, Account int }
	keys := valkey.Keys[key]{
		Encode: func(k key) string { return fmt.Sprintf("%d/%d", k.Desk, k.Account) },
		Decode: func(text string) (k key, err error) {
			_, err = fmt.Sscanf(text, "%d/%d", &k.Desk, &k.Account)
			return k, err
		},
	}
	text := keys.Encode(key{7, 1234})
	back, _ := keys.Decode(text)
	fmt.Println(text, back)
	// Output: 7/1234 {7 1234}
}

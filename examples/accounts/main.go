// Accounts trades two accounts of one venue side by side, which a store that is one a process
// can't: each has its own store, connection, orders and cash, and a lost connection of one is
// nothing to the other.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "accounts:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	v := sim.New("accounts", sim.Config{Taker: 500, Maker: 100})
	defer v.Close()
	v.Ticks("ES", store.Tick{Time: store.At(time.Now()), Bid: store.Points(100), Ask: store.Points(101)})
	a, err := trade(ctx, "ALICE", store.Order{ID: "a1", Symbol: "ES", Side: store.Buy, Qty: store.Lots(3), Type: store.AtLimit, Limit: store.Points(100)})
	if err != nil {
		return err
	}
	defer a.stop()
	b, err := trade(ctx, "BOB", store.Order{ID: "b1", Symbol: "ES", Side: store.Sell, Qty: store.Lots(2)}) // meets Alice's
	if err != nil {
		return err
	}
	defer b.stop()
	for _, t := range []*trader{a, b} {
		if err := t.show(ctx, out); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%d connections\n", v.Connections())
	return nil
}

// A trader is one account's store.
type trader struct {
	name   string
	store  *store.Store
	broker store.Broker
}

// trade opens the store of an account and sends an order.
func trade(ctx context.Context, account string, o store.Order) (*trader, error) {
	s, err := store.Open(ctx, store.Params{Driver: "sim", Addr: "accounts", Account: account})
	if err != nil {
		return nil, err
	}
	k, err := s.Broker(ctx, account)
	if err != nil {
		return nil, err
	}
	_, err = k.Submit(ctx, o)
	return &trader{account, s, k}, err
}

func (t *trader) stop() { t.store.Stop(context.Background()) }

// show prints the account when its first trade has come.
func (t *trader) show(ctx context.Context, out io.Writer) error {
	for e, err := range t.broker.Orders(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: order %s %v", t.name, e.ID, e.Status)
		if e.Qty == 0 {
			fmt.Fprintln(out)
			continue
		}
		fmt.Fprintf(out, ": %v at %v, %v left, fee %v\n", e.Qty, e.Price, e.Left, e.Fee)
		break
	}
	a, err := t.broker.Account(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: cash %v, %v %s\n", t.name, a.Cash, a.Positions[0].Qty, a.Positions[0].Symbol)
	return nil
}

// Command accounts trades for two accounts of one venue at once: each is a store of its own, and nothing is
// shared but the limits of the venue's address.
//
//	WHET_TOKEN=... accounts -addr venue.example:8443/feed -symbol ES DU1 DU2
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/whetgo/whet/store"
	_ "github.com/whetgo/whet/store/ws"
)

func main() {
	addr := flag.String("addr", "", "the venue")
	symbol := flag.String("symbol", "ES", "what to trade")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *addr, os.Getenv("WHET_TOKEN"), *symbol, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "accounts:", err)
		os.Exit(1)
	}
}

// run buys i+1 of a symbol for the i-th account, and prints what each then holds.
func run(ctx context.Context, w io.Writer, addr, token, symbol string, accounts []string) error {
	lines, failed := make([]string, len(accounts)), make([]error, len(accounts))
	var trading sync.WaitGroup
	for i, account := range accounts {
		trading.Go(func() {
			lines[i], failed[i] = trade(ctx, store.Params{Driver: "ws", Addr: addr, Account: account}, token, symbol, store.Lots(int64(i+1)))
		})
	}
	trading.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// trade buys some of a symbol, waits until it has it, and says what the account holds.
func trade(ctx context.Context, p store.Params, token, symbol string, n store.Qty) (string, error) {
	s, err := store.Open(ctx, p, store.WithSecret("token", token))
	if err != nil {
		return "", err
	}
	defer s.Stop(context.WithoutCancel(ctx))
	broker, err := s.Broker(ctx, p.Account)
	if err != nil {
		return "", err
	}
	id, err := broker.Submit(ctx, store.Order{ID: store.OrderID("first of " + p.Account), Symbol: symbol, Side: store.Buy, Qty: n})
	if err != nil {
		return "", err
	}
	for e, err := range broker.Orders(ctx) {
		if err != nil {
			return "", err
		}
		if e.ID == id && e.Status.Final() {
			break
		}
	}
	a, err := broker.Account(ctx)
	if err != nil {
		return "", err
	}
	var held []string
	for _, position := range a.Positions {
		held = append(held, fmt.Sprintf("%v %s for %v", position.Qty, position.Symbol, position.Cost))
	}
	return fmt.Sprintf("%s holds %s", a.Name, strings.Join(held, ", ")), nil
}

package main

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out strings.Builder
	if err := run(ctx, &out); err != nil {
		t.Fatal(err)
	}
	const want = `ALICE: order a1 accepted
ALICE: order a1 part filled: 2 at 100, 1 left, fee 0.02
ALICE: cash 999799.98, 2 ES
BOB: order b1 accepted
BOB: order b1 filled: 2 at 100, 0 left, fee 0.1
BOB: cash 1000199.9, -2 ES
2 connections
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

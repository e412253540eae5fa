package memo_test

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/whetgo/whet/memo"
)

func Example() {
	price := func(symbol string, day int) float64 {
		fmt.Println("computing", symbol, day)
		return float64(len(symbol) * day)
	}
	price, prices := memo.Wrap2(price, nil)
	fmt.Println(price("AAPL", 3))
	fmt.Println(price("AAPL", 3))
	fmt.Println(prices.Stats().HitRatio())
	prices.Forget("AAPL", 3)
	fmt.Println(price("AAPL", 3))
	// Output:
	// computing AAPL 3
	// 12
	// 12
	// 0.5
	// computing AAPL 3
	// 12
}

// A function that calls itself has to call itself by its wrapper.
func ExampleWrap_recursion() {
	var fib func(int) int64
	fib, _ = memo.Wrap(func(n int) int64 {
		if n < 2 {
			return int64(n)
		}
		return fib(n-1) + fib(n-2)
	}, nil)
	fmt.Println(fib(80))
	// Output: 23416728348467685
}

type curve struct{ base, slope float64 }

func (c *curve) at(x float64) float64 {
	fmt.Println("computing")
	return c.base + c.slope*x
}

// Of a method value the memory belongs to one receiver.
func ExampleWrap_methodValue() {
	c := &curve{1, 2}
	at, _ := memo.Wrap(c.at, nil)
	fmt.Println(at(3), at(3))
	// Output:
	// computing
	// 7 7
}

// Of a method expression the receiver is the first argument. A pointer is its address, so
// the receiver must not change; one that is a value is compared by what is in it.
func ExampleWrap2_methodExpression() {
	at, _ := memo.Wrap2((*curve).at, nil)
	c, d := &curve{1, 2}, &curve{5, 2}
	fmt.Println(at(c, 3), at(d, 3), at(c, 3))
	// Output:
	// computing
	// computing
	// 7 11 7
}

// An error that is remembered for a while spares a service that is down.
func ExampleWrapErr() {
	calls := 0
	find := func(name string) (int, error) {
		calls++
		return 0, errors.New("no route to host")
	}
	find, _ = memo.WrapErr(find, &memo.Options{Errors: time.Minute})
	for range 3 {
		_, err := find("db")
		fmt.Println(err, calls)
	}
	// Output:
	// no route to host 1
	// no route to host 1
	// no route to host 1
}

func ExampleWrapCtx() {
	fetch := func(ctx context.Context, id int) (string, error) {
		select {
		case <-time.After(time.Hour):
			return "at last", nil
		case <-ctx.Done(): // nobody waits any more
			return "", ctx.Err()
		}
	}
	fetch, _ = memo.WrapCtx(fetch, &memo.Options{TTL: time.Minute})
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := fetch(ctx, 7)
	fmt.Println(err)
	// Output: context deadline exceeded
}

// What goes round in a circle is found out where the context is passed on.
func ExampleWrapCtx_recursion() {
	var size func(context.Context, string) (int, error)
	parent := map[string]string{"a": "b", "b": "a"}
	size, _ = memo.WrapCtx(func(ctx context.Context, name string) (int, error) {
		n, err := size(ctx, parent[name])
		return n + 1, err
	}, nil)
	_, err := size(context.Background(), "a")
	fmt.Println(err)
	// Output: memo: the answer depends on itself
}

func ExampleWrapKey() {
	median, _ := memo.WrapKey(func(s []float64) float64 {
		slices.Sort(s) // a copy
		return s[len(s)/2]
	}, memo.Slice[[]float64](), nil)
	s := []float64{3, 1, 2}
	fmt.Println(median(s), s)
	s[0] = 0
	fmt.Println(median(s), s)
	// Output:
	// 2 [3 1 2]
	// 1 [0 1 2]
}

// A struct of slices is hashed and compared field by field.
func ExampleKey() {
	type query struct {
		table  string
		fields []string
	}
	key := memo.Key[query]{
		Hash: func(h *maphash.Hash, q query) {
			maphash.WriteComparable(h, q.table)
			for _, f := range q.fields {
				maphash.WriteComparable(h, f)
			}
		},
		Equal: func(a, b query) bool { return a.table == b.table && slices.Equal(a.fields, b.fields) },
		Clone: func(q query) query { q.fields = slices.Clone(q.fields); return q },
	}
	plan, plans := memo.WrapKey(func(q query) string {
		return "scan " + q.table + " for " + strings.Join(q.fields, ", ")
	}, key, nil)
	for range 2 {
		fmt.Println(plan(query{"trades", []string{"price", "size"}}))
	}
	fmt.Println(plans.Stats().Calls)
	// Output:
	// scan trades for price, size
	// scan trades for price, size
	// 1
}

// Query strings bound to a struct, request after request.
//
// github.com/gofiber/fiber/v3 v3.1.0 with github.com/gofiber/schema v1.8.0:
// binder.parseToStruct sets the alias tag of a pooled decoder for each request, which
// empties what the decoder remembers of struct types: they are taken apart by reflection
// again each time. Fixed in fiber v3.4.0, which sets the tag where the decoder is made.
package known_test

import (
	"fmt"
	"testing"

	"github.com/gofiber/fiber/v3/binder"
	_ "github.com/gofiber/schema" // whose v1.8.0 has the memory that is emptied
	"github.com/valyala/fasthttp"
)

// A search is what clients ask for.
type search struct {
	Symbol  string   `query:"symbol"`
	Account string   `query:"account"`
	From    int      `query:"from"`
	To      int      `query:"to"`
	Limit   int      `query:"limit"`
	Sides   []string `query:"sides"`
}

func BenchmarkSearch(b *testing.B) {
	var reqs []*fasthttp.Request
	for i := range 64 {
		r := new(fasthttp.Request)
		r.SetRequestURI(fmt.Sprintf("/orders?symbol=ES%d&account=a%d&from=%d&to=%d&limit=50&sides=buy&sides=sell", i, i%7, i, 2*i))
		reqs = append(reqs, r)
	}
	bind := new(binder.QueryBinding)
	i := 0
	for b.Loop() {
		var s search
		if err := bind.Bind(reqs[i%len(reqs)], &s); err != nil {
			b.Fatal(err)
		}
		if s.Limit != 50 || len(s.Sides) != 2 {
			b.Fatalf("bound %+v", s)
		}
		i++
	}
}

// Package desk asks for the same again and again.
package desk

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Rate is dear, and depends on its argument alone.
func Rate(currency string) uint64 { // want repeat/memoize
	h := uint64(len(currency))
	for i := range 4000 {
		h = h*31 + uint64(currency[i%len(currency)])
	}
	return h
}

// An Order is in one of few currencies.
type Order struct {
	Currency string
	Amount   uint64
}

// Value asks for the rate of each order's currency.
func Value(orders []Order) uint64 {
	sum := uint64(0)
	for _, o := range orders {
		sum += o.Amount * Rate(o.Currency)
	}
	return sum
}

// Weights are the same whoever asks.
func Weights() uint64 {
	h := uint64(7)
	for i := range 4000 {
		h = h*131 + uint64(i)
	}
	return h
}

// Weighed needs the weights.
func Weighed(xs []uint64) uint64 {
	sum := uint64(0)
	for _, x := range xs {
		sum += x ^ Weights() // want repeat/loop-invariant
	}
	return sum
}

// scale depends on the unit alone, which stays in the loop of Scaled.
func scale(unit string) uint64 {
	h := uint64(3)
	for i := range 4000 {
		h = h*131 + uint64(unit[i%len(unit)])
	}
	return h
}

// Scaled asks for the scale in each turn.
func Scaled(xs []uint64, unit string) uint64 {
	sum := uint64(0)
	for _, x := range xs {
		sum += x * scale(unit) // want repeat/loop-invariant
	}
	return sum
}

// Sides parses the same queries again and again.
func Sides(lines []string) int {
	sum := 0
	for _, l := range lines {
		_, query, _ := strings.Cut(l, "?")
		v, err := url.ParseQuery(query) // want repeat/memoize
		if err == nil {
			sum += len(v["side"])
		}
	}
	return sum
}

var fees = map[string]uint64{"ES": 2, "NQ": 3}

// SetFee changes what Fee answers.
func SetFee(root string, fee uint64) { fees[root] = fee }

// Fee depends on a variable that may change.
func Fee(root string) uint64 { // want repeat/memoize
	h := fees[root]
	for i := range 4000 {
		h = h*31 + uint64(i)
	}
	return h
}

// Fees asks for few of them.
func Fees(roots []string) uint64 {
	sum := uint64(0)
	for _, r := range roots {
		sum += Fee(r)
	}
	return sum
}

// Limits reads the same file for each order.
func Limits(path string) (string, error) {
	b, err := os.ReadFile(path) // want repeat/memoize
	if err != nil {
		return "", fmt.Errorf("reading limits: %w", err)
	}
	return string(b), nil
}

// Crosses of currencies. Their index is made when it is first asked for.
type Crosses struct {
	pairs []string
	index map[string]uint64
}

func (c *Crosses) fill() {
	c.index = make(map[string]uint64)
	for i, p := range c.pairs {
		c.index[p] = uint64(i)
	}
}

// Rate is dear, and fills the index where there is none.
func (c *Crosses) Rate(pair string) uint64 { // want repeat/memoize
	if c.index == nil {
		c.fill()
	}
	h := c.index[pair]
	for i := range 4000 {
		h = h*31 + uint64(pair[i%len(pair)])
	}
	return h
}

// Crossed asks for few of them.
func (c *Crosses) Crossed(pairs []string) uint64 {
	sum := uint64(0)
	for _, p := range pairs {
		sum += c.Rate(p)
	}
	return sum
}

// Package desk asks for the same again and again.
package desk

import (
	"fmt"
	"os"
	"strings"
	"time"
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

// Days parses the same dates again and again.
func Days(lines []string) int {
	sum := 0
	for _, l := range lines {
		day, _, _ := strings.Cut(l, " ")
		t, err := time.ParseInLocation("2006-01-02", day, time.UTC) // want repeat/memoize
		if err == nil {
			sum += t.YearDay()
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

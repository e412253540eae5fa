// Package desk finds markets and quotes them.
package desk

import (
	"fmt"
	"hash/fnv"
	"strings"
	"sync"

	"example.com/desk/rules"
)

var table [256]uint64

func init() {
	for i := range table {
		h := fnv.New64a()
		fmt.Fprint(h, i)
		table[i] = h.Sum64()
	}
}

// A Market is where one symbol is traded.
type Market struct {
	name string
	mark uint64
}

// A Hub knows the markets.
type Hub struct {
	mu      sync.Mutex
	markets map[string]*Market
}

// Market returns the market of a symbol on a venue, the same each time.
func (h *Hub) Market(symbol, venue string, lot int) (*Market, error) {
	h.mu.Lock() // want creation/registry-under-lock
	defer h.mu.Unlock()
	key := fmt.Sprintf("%s/%s/%d", symbol, venue, lot)
	if m, ok := h.markets[key]; ok {
		return m, nil
	}
	m, err := newMarket(symbol)
	if err != nil {
		return nil, err
	}
	h.markets[key] = m
	return m, nil
}

func newMarket(symbol string) (*Market, error) {
	if symbol == "" || rules.Valid(symbol) {
		return nil, fmt.Errorf("no market %q", symbol)
	}
	return &Market{name: symbol, mark: table[len(symbol)]}, nil
}

// A Quote has the text of a price.
type Quote struct {
	price int
	once  sync.Once
	words []string
}

// Words returns the price in words.
func (q *Quote) Words() []string {
	q.once.Do(func() { // want creation/once-on-path
		q.words = spell(q.price)
	})
	return q.words
}

func spell(price int) []string {
	var words []string
	for range 40 {
		words = append(words, strings.ToUpper(fmt.Sprintf("%06d", price)))
		price++
	}
	return words
}

// A Board shows a number.
type Board struct {
	words []string
}

// Show returns the words of the board, which it spells when it is first asked.
func (b *Board) Show(n int) int {
	if b.words == nil { // want creation/once-on-path
		b.words = spell(n)
	}
	return len(b.words)
}

var holidays []string

// Holidays returns how many holidays there are.
func Holidays() int {
	if holidays == nil { // want creation/unsynchronized-init
		holidays = calendar()
	}
	return len(holidays)
}

func calendar() []string {
	var days []string
	for year := range 20_000 {
		days = append(days, spell(year)[0])
	}
	return days
}

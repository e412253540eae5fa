// Package desk is a small order desk: half of it is written in a hurry.
package desk

import (
	"encoding/csv"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

func Valid(symbol string) bool {
	re := regexp.MustCompile(`^[A-Z]{3,6}(\.[A-Z]{2})?$`) // want hot/compile-per-call
	return re.MatchString(symbol)
}

func Matches(pattern, symbol string) bool {
	ok, err := regexp.MatchString(pattern, symbol) // want hot/compile-per-call
	return ok && err == nil
}

func Limits(path string) ([][]string, error) {
	f, err := os.Open(path) // want hot/reread-file
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return csv.NewReader(f).ReadAll()
}

type Book struct{ orders map[string]int }

func (b *Book) key(side string, price, qty int) string {
	return fmt.Sprintf("%s|%d|%d", side, price, qty) // want hot/string-key
}

func (b *Book) Add(side string, price, qty int) int {
	k := b.key(side, price, qty)
	b.orders[k]++
	return b.orders[k]
}

func Report(lines []string) string {
	out := ""
	for _, l := range lines {
		out += l + "\n" // want hot/string-in-loop
	}
	return out
}

func Known(symbols, universe []string) int {
	n := 0
	for _, s := range symbols {
		if slices.Contains(universe, s) { // want hot/search-in-loop
			n++
		}
	}
	return n
}

// What follows is as it should be.

var pair = regexp.MustCompile(`^[A-Z]{6}$`)

func IsPair(symbol string) bool { return pair.MatchString(symbol) }

type id struct {
	side  string
	price int
}

type Ledger struct{ orders map[id]int }

func (l *Ledger) Add(side string, price int) int {
	l.orders[id{side, price}]++
	return l.orders[id{side, price}]
}

func Join(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l)
		b.WriteByte('\n')
	}
	return b.String()
}

// Label is for people: its string is no key.
func Label(side string, price int) string { return fmt.Sprintf("%s at %d", side, price) }

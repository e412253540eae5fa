// Package desk is a small order desk that makes more garbage than it has to.
package desk

import (
	"bytes"
	"fmt"
	"strings"
)

type Fill struct {
	ID  int
	Qty int
}

type Desk struct {
	notes []string
	fills map[int]*Fill
}

func (d *Desk) Notes() []string {
	out := make([]string, len(d.notes)) // want alloc/defensive-copy
	copy(out, d.notes)
	return out
}

func (d *Desk) Book(id, qty int) {
	d.fills[id%64] = &Fill{ID: id, Qty: qty} // want alloc/pointer-values
}

func Clean(s string) string {
	var buf bytes.Buffer
	for _, r := range s {
		if r != ' ' {
			buf.WriteRune(r) // want alloc/temporary-buffer
		}
	}
	return buf.String()
}

func Squares(ns []int) []int {
	out := make([]int, 0)
	for _, n := range ns {
		out = append(out, n*n) // want alloc/slice-growth
	}
	return out
}

func Second(line string) string {
	parts := strings.Split(line, ",") // want alloc/split
	n := 0
	for i, p := range parts {
		if i == 1 {
			n = len(p)
		}
	}
	return line[:n]
}

func Sum(prices []float64) int {
	n := 0
	for _, p := range prices {
		n += len(fmt.Sprintf("%.2f", p)) // want alloc/string-building
	}
	return n
}

// What follows allocates what it is for, or nothing.

type Order struct{ id, qty, price int }

func NewOrder(id, qty, price int) *Order { return &Order{id, qty, price} }

func Parse(lines []string) []Order {
	orders := make([]Order, 0, len(lines))
	for i, l := range lines {
		orders = append(orders, Order{id: i, qty: len(l)})
	}
	return orders
}

func (o *Order) Copy() *Order {
	c := *o
	return &c
}

func (o *Order) Value() int { return o.qty * o.price }

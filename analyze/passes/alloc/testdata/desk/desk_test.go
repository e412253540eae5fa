package desk

import (
	"strings"
	"testing"
)

func BenchmarkNotes(b *testing.B) {
	d := &Desk{notes: make([]string, 500)}
	for b.Loop() {
		if len(d.Notes()) != 500 {
			b.Fatal("lost notes")
		}
	}
}

func BenchmarkBook(b *testing.B) {
	d := &Desk{fills: make(map[int]*Fill)}
	for i := 0; b.Loop(); i++ {
		d.Book(i, 5)
	}
}

func BenchmarkClean(b *testing.B) {
	s := strings.Repeat("buy 100 eur ", 20)
	for b.Loop() {
		if len(Clean(s)) == len(s) {
			b.Fatal("not clean")
		}
	}
}

func BenchmarkSquares(b *testing.B) {
	ns := make([]int, 1000)
	for b.Loop() {
		if len(Squares(ns)) != 1000 {
			b.Fatal("lost")
		}
	}
}

func BenchmarkSecond(b *testing.B) {
	s := strings.Repeat("100,", 40)
	for b.Loop() {
		if Second(s) != "100" {
			b.Fatal("wrong")
		}
	}
}

func BenchmarkSum(b *testing.B) {
	ps := make([]float64, 50)
	for b.Loop() {
		if Sum(ps) != 200 {
			b.Fatal("wrong")
		}
	}
}

var order *Order

func BenchmarkNecessary(b *testing.B) {
	ls := make([]string, 10)
	for i := 0; b.Loop(); i++ {
		order = NewOrder(i, 5, 7)
		order = order.Copy()
		if order.Value() != 35 || len(Parse(ls)) != 10 {
			b.Fatal("wrong")
		}
	}
}

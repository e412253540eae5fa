package calm

import (
	"regexp"
	"testing"
)

// The tests' own expressions are no part of the package's start.
var tests = []*regexp.Regexp{
	regexp.MustCompile(`^[a-z]{1,900}([0-9]{3,800})$`),
	regexp.MustCompile(`^[a-z]{1,901}([0-9]{3,800})$`),
	regexp.MustCompile(`^[a-z]{1,902}([0-9]{3,800})$`),
	regexp.MustCompile(`^[a-z]{1,903}([0-9]{3,800})$`),
}

func BenchmarkCalm(b *testing.B) {
	h, board := &Hub{markets: map[key]*int{}}, new(Board)
	for i := 0; b.Loop(); i++ {
		if h.Market("EURUSD", "FX", i%4) == nil || !Valid("name") || board.Show(7) != 7 || tests[i%4].MatchString("A") {
			b.Fatal("wrong")
		}
	}
}

func BenchmarkServe(b *testing.B) {
	l := &Line{seen: map[int]*int{}}
	b.RunParallel(func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			l.Serve(i%4, 8)
		}
	})
}

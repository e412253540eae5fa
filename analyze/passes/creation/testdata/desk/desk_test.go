package desk

import "testing"

func BenchmarkMarket(b *testing.B) {
	h := &Hub{markets: map[string]*Market{}}
	for i := 0; b.Loop(); i++ {
		if m, err := h.Market("EURUSD", "FX", i%4); err != nil || m.name != "EURUSD" {
			b.Fatal(m, err)
		}
	}
}

func BenchmarkWords(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		q := &Quote{price: i}
		for range 3 {
			if len(q.Words()) != 40 {
				b.Fatal("few words")
			}
		}
	}
}

func BenchmarkShow(b *testing.B) {
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if board := new(Board); board.Show(7) != 40 {
				b.Error("few words")
			}
		}
	})
}

func BenchmarkHolidays(b *testing.B) {
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if Holidays() == 0 {
				b.Error("no holidays")
			}
		}
	})
}

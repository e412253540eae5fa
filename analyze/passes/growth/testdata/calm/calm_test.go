package calm

import "testing"

func BenchmarkPaint(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		if Paint(i) == nil {
			b.Fatal("no color")
		}
	}
}

func BenchmarkCloakroom(b *testing.B) {
	c := &Cloakroom{coats: map[int]string{}}
	for i := 0; b.Loop(); i++ {
		c.Take(i)
	}
}

func BenchmarkPlan(b *testing.B) {
	p := &Plan{seats: map[int]string{}}
	for i := 0; b.Loop(); i++ {
		p.Insert(i, "seat")
	}
}

func BenchmarkTicket(b *testing.B) {
	var sold []*Color
	for b.Loop() {
		sold = append(sold, Ticket(7))
	}
	if len(sold) != b.N {
		b.Fatal(len(sold))
	}
}

func BenchmarkChoir(b *testing.B) {
	c := NewChoir(50)
	defer c.Close()
	for i := 0; b.Loop(); i++ {
		c.Sing(i)
	}
}

package desk

import "testing"

var sink any

func BenchmarkParams(b *testing.B) {
	for b.Loop() {
		p := NewParams("paper", 1000)
		sink = p.Limit()
	}
}

func BenchmarkDescribe(b *testing.B) {
	for b.Loop() {
		text, err := Describe("EURUSD", 1.5)
		if err != nil {
			b.Fatal(err)
		}
		sink = text
	}
}

func BenchmarkSettings(b *testing.B) {
	s, n := NewSettings(1000), 0
	for b.Loop() {
		n += s.Depth()
	}
	sink = n
}

func BenchmarkTags(b *testing.B) {
	for b.Loop() {
		sink = NewTags("a", "b")
		sink = Keep(1000, 2000)
		sink = Wrap(1000, 2000)
	}
}

func BenchmarkDecode(b *testing.B) {
	data := []byte(`{"price": 3, "lots": 4}`)
	for b.Loop() {
		if _, err := Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	quote := false
	for b.Loop() {
		quote = !quote
		sink = Event(quote, 1000)
	}
}

func BenchmarkTotal(b *testing.B) {
	n := 0
	for b.Loop() {
		n += Total(1000, 2000)
	}
	sink = n
}

package idle

import "testing"

func BenchmarkUpper(b *testing.B) {
	for b.Loop() {
		if Upper("name") != "NAME" || Used("name") {
			b.Fatal("not in capitals, or used")
		}
	}
}

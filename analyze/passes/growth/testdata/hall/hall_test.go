package hall

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"testing"
)

func BenchmarkOpen(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		if Open(i).ID != i {
			b.Fatal("another show")
		}
	}
}

// ticket returns the number on a guest's ticket.
func ticket(i int) string {
	page := make([]byte, 4096)
	return fmt.Sprintf("%x", sha256.Sum256(strconv.AppendInt(page, int64(i), 10)))
}

func BenchmarkSell(b *testing.B) {
	s := Open(1)
	for i := 0; b.Loop(); i++ {
		s.Sell(ticket(i))
	}
}

func BenchmarkRing(b *testing.B) {
	bell := new(Bell)
	for b.Loop() {
		if ticket(1) == "" || bell.Ring("first").loud != 3 {
			b.Fatal("not loud")
		}
	}
}

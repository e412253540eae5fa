package naive

import (
	"errors"
	"slices"
	"sync"
	"testing"
)

func TestNotesReachEveryReader(t *testing.T) {
	emptyRegistry()
	s := mustOpen(t, t.TempDir(), 1)
	s.Put("ESZ6", "connected")
	s.Put("NQZ6", "delayed")
	want := []Note{
		{Account: "paper", Symbol: "ESZ6", Text: "connected"},
		{Account: "paper", Symbol: "NQZ6", Text: "delayed"},
	}
	first := s.Notes()
	if !slices.Equal(first, want) {
		t.Fatalf("notes are %+v, want %+v", first, want)
	}
	first[0].Text = "changed"
	if got := s.Notes(); !slices.Equal(got, want) {
		t.Errorf("a second reader has %+v, want %+v", got, want)
	}
}

func TestNotesConcurrently(t *testing.T) {
	emptyRegistry()
	s := mustOpen(t, t.TempDir(), 1)
	const writers, each = 8, 200
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				before := len(s.Notes())
				s.Put("ESZ6", "tick")
				if after := len(s.Notes()); after <= before {
					t.Errorf("%d notes after a put, %d before", after, before)
				}
			}
		})
	}
	wg.Wait()
	if n := len(s.Notes()); n != writers*each {
		t.Errorf("%d notes, want %d", n, writers*each)
	}
}

func TestOrdersMakePositionAndNotes(t *testing.T) {
	emptyRegistry()
	s := mustOpen(t, t.TempDir(), 3)
	s.Quote("ESZ6", 20000)
	bought, err := s.Submit(Order{Symbol: "ESZ6", Lots: 3})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Fill{3<<32 + 1, "ESZ6", 3, 20000}); bought != want {
		t.Errorf("fill is %+v, want %+v", bought, want)
	}
	waits, err := s.Submit(Order{Symbol: "ESZ6", Lots: -2, Limited: true, Limit: 20010})
	if err != nil || waits.Lots != 0 {
		t.Fatalf("a limit out of reach gave %+v, %v", waits, err)
	}
	s.Quote("ESZ6", 20009)
	if got, want := s.Position("ESZ6"), (Position{Lots: 3, Cost: 60000}); got != want {
		t.Errorf("position is %+v, want %+v", got, want)
	}
	s.Quote("ESZ6", 20012)
	if got, want := s.Position("ESZ6"), (Position{Lots: 1, Cost: 20000, Realized: 24}); got != want {
		t.Errorf("position is %+v, want %+v", got, want)
	}
	want := []Note{
		{Kind: Filled, Account: "paper", Symbol: "ESZ6", Order: bought.ID},
		{Kind: Filled, Account: "paper", Symbol: "ESZ6", Order: waits.ID},
	}
	if got := s.Notes(); !slices.Equal(got, want) {
		t.Errorf("notes are %+v, want %+v", got, want)
	}
}

func TestCancelledOrderIsNotFilled(t *testing.T) {
	emptyRegistry()
	s := mustOpen(t, t.TempDir(), 1)
	s.Quote("ESZ6", 20000)
	f, err := s.Submit(Order{Symbol: "ESZ6", Lots: 1, Limited: true, Limit: 19990})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Cancel("ESZ6", f.ID) {
		t.Error("a resting order was not cancelled")
	}
	if s.Cancel("ESZ6", f.ID) || s.Cancel("NQZ6", f.ID) {
		t.Error("an order that does not rest was cancelled")
	}
	s.Quote("ESZ6", 19980)
	if got := s.Position("ESZ6"); got != (Position{}) {
		t.Errorf("a cancelled order was filled: %+v", got)
	}
}

func TestSubmitRejects(t *testing.T) {
	emptyRegistry()
	s := mustOpen(t, t.TempDir(), 1)
	s.Quote("ESZ6", 20000)
	for _, test := range []struct {
		order Order
		want  error
	}{
		{Order{Symbol: "ESZ6", Lots: 101}, ErrTooLarge},
		{Order{Symbol: "ESZ6", Lots: -101}, ErrTooLarge},
		{Order{Symbol: "ESZ6"}, ErrNoLots},
		{Order{Symbol: "NQZ6", Lots: 1}, ErrNoQuote},
	} {
		if _, err := s.Submit(test.order); !errors.Is(err, test.want) {
			t.Errorf("%+v gave %v, want %v", test.order, err, test.want)
		}
	}
	if n := len(s.Notes()); n != 0 {
		t.Errorf("%d notes of refused orders", n)
	}
}

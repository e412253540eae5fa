package store

// A Class is a kind of notes; several may be or-ed.
type Class uint8

// The classes of notes. Those of OrderNotes and AccountNotes are lossless: a reader that is too
// slow is told by an *OverrunError. Of the others the oldest are dropped, and counted.
const (
	InfoNotes    Class = 1 << iota // words of the venue or of a strategy
	MarketNotes                    // about market data: gaps, staleness
	OrderNotes                     // an order has come to a status
	AccountNotes                   // an account changed
	AllNotes     = InfoNotes | MarketNotes | OrderNotes | AccountNotes
)

// A Note tells all who listen to a store something.
type Note struct {
	Time   Time
	Class  Class
	Code   int32  // the venue's number of it, 0 if none
	Missed uint32 // notes right before this one that were dropped; set for the reader
	Symbol string // it is about, or ""
	Text   string
}

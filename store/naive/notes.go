package naive

// Kind says what a Note is about.
type Kind uint8

// The kinds of notes.
const (
	Info   Kind = iota // put by a strategy or a feed
	Filled             // an order was filled, wholly
)

// Note is one notification of a store to all its strategies.
type Note struct {
	Kind    Kind
	Account string
	Symbol  string
	Order   OrderID // of a Filled note
	Text    string
}

// Put tells text about symbol to every strategy on the store.
func (s *Store) Put(symbol, text string) {
	mu.Lock()
	defer mu.Unlock()
	s.notes = append(s.notes, Note{
		Kind:    Info,
		Account: s.params.text("account"),
		Symbol:  symbol,
		Text:    text,
	})
}

// Notes returns the notes of the store, oldest first. The slice is the
// caller's own, and each reader is given every note.
func (s *Store) Notes() []Note {
	mu.Lock()
	defer mu.Unlock()
	notes := make([]Note, len(s.notes))
	copy(notes, s.notes)
	return notes
}

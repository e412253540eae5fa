package ws

import "github.com/whetgo/whet/store"

// Frame returns a message of ticks, of feed 1.
func Frame(ticks []store.Tick) []byte {
	var events []store.Event
	for _, t := range ticks {
		events = append(events, store.TickEvent(t))
	}
	return append(appendEvents(nil, events), `,"feed":1}`...)
}

var (
	decoded []store.Tick
	buffer  []row
)

// Decode reads a message of ticks and returns how many it has.
func Decode(data []byte) (int, error) {
	m, err := decode(data, buffer[:0])
	buffer, decoded = m.rows, decoded[:0]
	for _, r := range m.rows {
		t, err := r.tick()
		if err != nil {
			return 0, err
		}
		decoded = append(decoded, t)
	}
	return len(m.rows), err
}

// Parse reads a message.
func Parse(data []byte) error {
	_, err := decode(data, nil)
	return err
}

package wire

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/whetgo/whet/store"
)

// Size is that of a record, in bytes: six little-endian words of 64 bits.
const Size = 48

// ErrSize is what data gets that is not a whole number of records.
var ErrSize = errors.New("wire: not a whole number of records")

var order = binary.LittleEndian

// AppendTick appends a tick as time, number, bid, ask, last and size.
func AppendTick(dst []byte, t store.Tick) []byte {
	return appendWords(dst, uint64(t.Time), t.Seq, uint64(t.Bid), uint64(t.Ask), uint64(t.Last), uint64(t.Size))
}

// AppendBar appends a bar as time, open, high, low, close, and volume as IEEE 754.
func AppendBar(dst []byte, b store.Bar) []byte {
	return appendWords(dst, uint64(b.Time), uint64(b.Open), uint64(b.High), uint64(b.Low), uint64(b.Close), math.Float64bits(float64(b.Volume)))
}

func appendWords(dst []byte, words ...uint64) []byte {
	for _, w := range words {
		dst = order.AppendUint64(dst, w)
	}
	return dst
}

// Append appends the ticks or bars among events.
func Append(dst []byte, events []store.Event) []byte {
	for _, e := range events {
		switch e.Kind() {
		case store.IsTick:
			dst = AppendTick(dst, e.Tick())
		case store.IsBar:
			dst = AppendBar(dst, e.Bar())
		}
	}
	return dst
}

// Ticks appends the ticks in data to dst, as events.
func Ticks(dst []store.Event, data []byte) ([]store.Event, error) {
	if len(data)%Size != 0 {
		return dst, ErrSize
	}
	for ; len(data) > 0; data = data[Size:] {
		dst = append(dst, store.TickEvent(Tick(data)))
	}
	return dst, nil
}

// Bars appends the bars in data to dst.
func Bars(dst []store.Bar, data []byte) ([]store.Bar, error) {
	if len(data)%Size != 0 {
		return dst, ErrSize
	}
	for ; len(data) > 0; data = data[Size:] {
		dst = append(dst, Bar(data))
	}
	return dst, nil
}

// Tick returns the tick that data begins with; it panics if data is shorter than Size.
func Tick(data []byte) store.Tick {
	_ = data[Size-1]
	return store.Tick{Time: store.Time(word(data, 0)), Seq: word(data, 1), Bid: store.Price(word(data, 2)),
		Ask: store.Price(word(data, 3)), Last: store.Price(word(data, 4)), Size: store.Qty(word(data, 5))}
}

// Bar returns the bar that data begins with; it panics if data is shorter than Size.
func Bar(data []byte) store.Bar {
	_ = data[Size-1]
	return store.Bar{Time: store.Time(word(data, 0)), Open: store.Price(word(data, 1)), High: store.Price(word(data, 2)),
		Low: store.Price(word(data, 3)), Close: store.Price(word(data, 4)), Volume: store.Volume(math.Float64frombits(word(data, 5)))}
}

func word(data []byte, i int) uint64 { return order.Uint64(data[8*i:]) }

// BarEvents appends bars to dst, as events.
func BarEvents(dst []store.Event, bars []store.Bar) []store.Event {
	for _, b := range bars {
		dst = append(dst, store.BarEvent(b))
	}
	return dst
}

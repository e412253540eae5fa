package ws

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"github.com/whetgo/whet/store"
)

// A row is a tick or a bar: five whole numbers, and a sixth that may be any. word has it as a whole
// number if it is one.
type row struct {
	words [6]int64
	last  float64
	whole bool // the sixth
}

var (
	errRows = errors.New("ws: malformed rows")
	prefix  = []byte(`{"rows":[`)
)

// appendEvents appends the start of a message with the ticks or bars as rows.
func appendEvents(dst []byte, events []store.Event) []byte {
	dst = append(dst, prefix...)
	for i, e := range events {
		if i > 0 {
			dst = append(dst, ',')
		}
		if e.Kind() == store.IsTick {
			t := e.Tick()
			dst = appendRow(dst, int64(t.Time), int64(t.Seq), int64(t.Bid), int64(t.Ask), int64(t.Last))
			dst = append(strconv.AppendInt(dst, int64(t.Size), 10), ']')
		} else {
			dst = appendBar(dst, e.Bar())
		}
	}
	return append(dst, ']')
}

func appendBars(dst []byte, bars []store.Bar) []byte {
	dst = append(dst, prefix...)
	for i, b := range bars {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendBar(dst, b)
	}
	return append(dst, ']')
}

func appendBar(dst []byte, b store.Bar) []byte {
	dst = appendRow(dst, int64(b.Time), int64(b.Open), int64(b.High), int64(b.Low), int64(b.Close))
	return append(strconv.AppendFloat(dst, float64(b.Volume), 'g', -1, 64), ']')
}

func appendRow(dst []byte, words ...int64) []byte {
	dst = append(dst, '[')
	for _, w := range words {
		dst = append(strconv.AppendInt(dst, w, 10), ',')
	}
	return dst
}

// decode reads a message; rows are appended to the ones given.
func decode(data []byte, rows []row) (m message, err error) {
	if rest, ok := bytes.CutPrefix(data, prefix); ok {
		if m.rows, rest, err = parseRows(rest, rows); err != nil {
			return m, err
		}
		if tail, ok := bytes.CutPrefix(rest, []byte(`,"feed":`)); ok { // what comes most often
			if n, ok := bytes.CutSuffix(tail, []byte("}")); ok {
				m.Feed, err = strconv.Atoi(string(n))
				return m, err
			}
		}
		if bytes.HasPrefix(rest, []byte(",")) {
			rest[0] = '{'
		} else {
			rest = append([]byte("{"), rest...)
		}
		data = rest
	}
	err = json.Unmarshal(data, &m)
	return m, err
}

// parseRows reads rows up to the bracket that ends them, and returns what follows.
func parseRows(data []byte, rows []row) ([]row, []byte, error) {
	if len(data) > 0 && data[0] == ']' {
		return rows, data[1:], nil
	}
	for {
		var r row
		var err error
		if r, data, err = parseRow(data); err != nil || len(data) == 0 {
			return rows, data, errRows
		}
		rows = append(rows, r)
		sep := data[0]
		data = data[1:]
		if sep == ']' {
			return rows, data, nil
		}
		if sep != ',' {
			return rows, data, errRows
		}
	}
}

// parseRow reads one row in brackets.
func parseRow(data []byte) (r row, rest []byte, err error) {
	if len(data) == 0 || data[0] != '[' {
		return r, data, errRows
	}
	data = data[1:]
	for i := range r.words {
		n, used := parseInt(data)
		end := byte(',')
		if i == len(r.words)-1 {
			end = ']'
			if r.whole = used > 0 && used < len(data) && data[used] == ']'; !r.whole {
				if r.last, used = parseFloat(data); used == 0 {
					return r, data, errRows
				}
			}
		}
		if used == 0 || used >= len(data) || data[used] != end {
			return r, data, errRows
		}
		r.words[i] = n
		data = data[used+1:]
	}
	return r, data, nil
}

// parseInt reads a whole number that fits 64 bits, and returns how many bytes it took; 0 if there is none.
func parseInt(data []byte) (n int64, used int) {
	negative := len(data) > 0 && data[0] == '-'
	if negative {
		used = 1
	}
	var u uint64
	first := used
	for used < len(data) && data[used] >= '0' && data[used] <= '9' {
		if u > (math.MaxUint64-9)/10 {
			return 0, 0
		}
		u = u*10 + uint64(data[used]-'0')
		used++
	}
	switch {
	case used == first:
		return 0, 0
	case negative && u <= 1<<63:
		return -int64(u), used
	case !negative && u < 1<<63:
		return int64(u), used
	}
	return 0, 0
}

// parseFloat reads a number up to a bracket.
func parseFloat(data []byte) (f float64, used int) {
	used = bytes.IndexByte(data[:min(len(data), 40)], ']')
	if used <= 0 {
		return 0, 0
	}
	f, err := strconv.ParseFloat(string(data[:used]), 64)
	if err != nil {
		return 0, 0
	}
	return f, used
}

func (r row) tick() (t store.Tick, err error) {
	if !r.whole {
		return t, errRows
	}
	return store.Tick{Time: store.Time(r.words[0]), Seq: uint64(r.words[1]), Bid: store.Price(r.words[2]), Ask: store.Price(r.words[3]),
		Last: store.Price(r.words[4]), Size: store.Qty(r.words[5])}, nil
}

func (r row) bar() store.Bar {
	volume := r.last
	if r.whole {
		volume = float64(r.words[5])
	}
	return store.Bar{Time: store.Time(r.words[0]), Open: store.Price(r.words[1]), High: store.Price(r.words[2]), Low: store.Price(r.words[3]),
		Close: store.Price(r.words[4]), Volume: store.Volume(volume)}
}

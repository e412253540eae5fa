package store

import "iter"

// A Series is the answer to a Query: bars in order of time. It never changes, so that all
// who ask may share it. The zero Series is empty.
type Series struct{ bars []Bar }

// SeriesOf returns a series of bars, which the caller must not change any more. The bars
// must be in order of time.
func SeriesOf(bars []Bar) Series { return Series{bars} }

// Len returns the number of bars.
func (s Series) Len() int { return len(s.bars) }

// At returns the bar at i, the oldest being at 0. It panics if there is none.
func (s Series) At(i int) Bar { return s.bars[i] }

// Last returns the newest bar, and whether there is one.
func (s Series) Last() (b Bar, ok bool) {
	if len(s.bars) == 0 {
		return b, false
	}
	return s.bars[len(s.bars)-1], true
}

// Append appends the bars to dst.
func (s Series) Append(dst []Bar) []Bar { return append(dst, s.bars...) }

// All yields the bars, oldest first.
func (s Series) All() iter.Seq[Bar] {
	return func(yield func(Bar) bool) {
		for _, b := range s.bars {
			if !yield(b) {
				return
			}
		}
	}
}

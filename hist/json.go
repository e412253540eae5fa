package hist

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// A wire is a snapshot in JSON.
type wire struct {
	Count   uint64      `json:"count"`
	Sum     float64     `json:"sum"`
	Buckets [][2]uint64 `json:"buckets"` // the greatest value, and how many; ascending
}

// rounding is the part by which a sum may be off because it is a float.
const rounding = 1e-9

// MarshalJSON returns {"count":3,"sum":700,"buckets":[[100,2],[503,1]]}: the number of
// values, their sum, and of each bucket that is not empty the greatest value that belongs
// to it and the number of values there, ascending.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	w := wire{s.count, s.sum, make([][2]uint64, 0, len(s.buckets))}
	for b := range s.Buckets() {
		w.Buckets = append(w.Buckets, [2]uint64{uint64(b.Max), b.Count})
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON has written. It fails, and leaves s alone, if the text
// is not a distribution: with buckets that do not exist, in disorder, empty, or whose values
// do not add up.
func (s *Snapshot) UnmarshalJSON(text []byte) error {
	var w wire
	if err := json.Unmarshal(text, &w); err != nil {
		return fmt.Errorf("hist: %w", err)
	}
	r := Snapshot{sum: w.Sum}
	if len(w.Buckets) > 0 {
		r.buckets = make([]bucket, 0, len(w.Buckets))
	}
	for _, b := range w.Buckets {
		if err := r.push(b[0], b[1]); err != nil {
			return err
		}
	}
	if r.count != w.Count {
		return fmt.Errorf("hist: the buckets have %d values, not %d", r.count, w.Count)
	}
	if c := r.clamp(w.Sum); math.Abs(c-w.Sum) > rounding*c {
		return fmt.Errorf("hist: the values cannot have the sum %v", w.Sum)
	}
	*s = r
	return nil
}

// push adds a bucket, of count values of at most le, that is above all there are.
func (s *Snapshot) push(le, count uint64) error {
	if le > math.MaxInt64 {
		return fmt.Errorf("hist: no bucket ends with %d", le)
	}
	index := indexOf(int64(le))
	if _, hi := limits(index); hi != int64(le) {
		return fmt.Errorf("hist: no bucket ends with %d", le)
	}
	if n := len(s.buckets); n > 0 && s.buckets[n-1].index >= index {
		return fmt.Errorf("hist: the bucket that ends with %d is not above the one before it", le)
	}
	if count == 0 {
		return errors.New("hist: an empty bucket")
	}
	if s.count+count < count {
		return errors.New("hist: more values than can be counted")
	}
	s.buckets = append(s.buckets, bucket{index, count})
	s.count += count
	return nil
}

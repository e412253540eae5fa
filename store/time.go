package store

import "time"

// A Time is an instant: nanoseconds since 1970-01-01 UTC. It has no pointer, so that bars
// and ticks cost the garbage collector nothing. The zero Time means none was given.
type Time int64

// At returns t as a Time. Years beyond 1678 to 2262 can't be told.
func At(t time.Time) Time { return Time(t.UnixNano()) }

// Std returns t as a time of the standard library, in UTC.
func (t Time) Std() time.Time { return time.Unix(0, int64(t)).UTC() }

// Add returns t + d.
func (t Time) Add(d time.Duration) Time { return t + Time(d) }

// Sub returns t − u.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Floor returns the latest multiple of d since 1970 that is not after t.
func (t Time) Floor(d time.Duration) Time {
	r := t % Time(d)
	if r < 0 {
		r += Time(d)
	}
	return t - r
}

// String returns t as in RFC 3339, in UTC.
func (t Time) String() string { return t.Std().Format(time.RFC3339Nano) }

package whetprobe

// States of Site.Off. A hash may cost more than all else, if an input is long: now and then
// one is timed.
const (
	off = 1 + iota
	clock
	clocked
)

// Live reports whether a site is still watched: if not, the input need not be hashed. It is
// small enough to be put into the function that asks.
//
//go:norace
func Live(i uint32) bool { return base != nil && siteOf(i).Off != off }

// Begin begins the hash of an input.
//
//go:norace
func Begin(i uint32) uint64 {
	if siteOf(i).Off != 0 {
		begin(i)
	}
	return Seed
}

// begin notes the time, if the hash that begins is to be timed.
//
//go:norace
//go:noinline
func begin(i uint32) {
	if s := siteOf(i); cas(&s.Off, clock, clocked) {
		s.began = nanotime()
	}
}

// Stopped reports whether the site was no longer watched at the end.
func (s *Site) Stopped() bool { return s.Off == off }

// stopped reports whether the site is no longer watched. The time of a hash that was timed
// is noted.
//
//go:norace
func (s *Site) stopped() bool {
	if began := s.began; s.Off == clocked && cas(&s.Off, clocked, 0) {
		s.hashed(nanotime() - began)
	}
	return s.Off == off
}

// hashed notes what a hash took. One that was interrupted does not count for more than four
// times what was known.
//
//go:norace
func (s *Site) hashed(took int64) {
	took = max(0, took-tickNs)
	if s.HashNs > 0 {
		took = min(took, 4*s.HashNs)
	}
	s.HashNs += (took - s.HashNs) / 4
	if s.HashNs == 0 {
		s.HashNs = took
	}
}

// hashes reports whether an argument of a watched call is to be hashed, and when that
// began, where it is to be timed.
//
//go:norace
func hashes(i uint32) (began int64, yes bool) {
	if base == nil {
		return 0, false
	}
	s := siteOf(i)
	if s.Off == 0 {
		return 0, true
	}
	if s.Off == clock {
		began = nanotime()
	}
	return began, s.Off != off
}

// took notes how long the hash of an argument took that began at a time.
func (c *Call) took(began int64) {
	if began != 0 {
		c.spent += max(1, nanotime()-began-tickNs)
	}
}

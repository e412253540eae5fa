package whetprobe

// States of Site.Off. A hash may cost more than all else, if an input is long: now and then
// one is timed.
const (
	off = 1 + iota
	clock
	clocked
)

// Live reports whether a site is still watched: if not, the input need not be hashed.
//
//go:norace
func Live(i uint32) bool {
	if base == nil {
		return false
	}
	s := siteOf(i)
	return s.Off == 0 || s.live1()
}

// live1 is Live of a site that is off, or whose next hash is to be timed.
//
//go:norace
func (s *Site) live1() bool {
	if s.Off == clock && cas(&s.Off, clock, clocked) {
		s.began = nanotime()
	}
	return s.Off != off
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

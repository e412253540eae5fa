// Package creation finds objects that are made at the wrong moment, or found again at
// too high a price: at each start of the program though few runs need them, under a lock
// on each access though they were made long ago, or anew for each object that holds them.
//
// Before, where the init trace shows 5.9 of 7.1 ms of a start in this package:
//
//	var emailRegex = regexp.MustCompile(emailRegexString)
//
// After:
//
//	var emailRegex = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(emailRegexString) })
//
// Prerequisites: for the start, the trace of several starts of the test binary (the least
// counts) and the source of the package; for the others a CPU profile and the source of
// the function.
//
// A run with probes adds what the source cannot show: of functions that keep what they
// return, how long the first call took against later ones, who waited for it, whether
// calls that came meanwhile created another, and whether it happened within an operation,
// on the path of a request; and of what is made at start, whether anything that uses it was
// called at all.
//
// It is silent on the standard library, on packages that only tests start, on starts that
// cost less than a tenth of a millisecond or a tenth of the whole, on a package whose
// source does not show what costs, and on look-ups under a lock whose cost is the lock
// alone and for which nobody waits: that is the pass contention's.
package creation

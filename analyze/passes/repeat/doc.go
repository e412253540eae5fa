// Package repeat finds functions and calls that are asked the same question again: work
// that a loop could do once before it, a package variable once for ever, a memory once for
// each input.
//
// Before, where a profile shows 62 % below the call, and a run with probes shows that of
// 1,000 calls in an operation 940 had an input that had come before:
//
//	for _, o := range orders {
//		total += convert(o.Amount, rate(o.Currency))
//	}
//
// After:
//
//	var rates = memo.Of(64, rate)
//
// Three things must come together: the profile, taken without probes, says what the calls
// cost; the probe says how often an input came again, within one operation and across
// them; and the effects say whether an answer may be given again. Only together they make a
// finding that is observed.
//
// What a function may depend on decides what is advised. One that depends on its arguments
// alone can be remembered. One that reads files, the environment or variables that may
// change is never advised to be remembered without a time after which it is asked again,
// and the reason is said. One that depends on the clock or on chance, that changes
// anything, or that gave different answers to the same input, is not reported. One that
// fills what it finds empty, an index of its receiver, may be remembered; that nobody else
// may look at what it fills is said, and it is never called observed.
//
// Remedies, the simplest that does is advised: take it out of the loop; do it once
// (sync.OnceValue, a package variable); remember the last; a bounded memory, whose size and
// lifetime are read off the hit ratios; one call at a time for the same input.
//
// A benchmark that feeds one input makes everything look repeatable. Repeats across the
// iterations of a benchmark are therefore said, and predicted as the better end of a
// range that begins at what repeats within an iteration would gain, but are never called
// observed by themselves, unless the input is not the benchmark's to choose: a constant in
// the source.
//
// A function that is called too often to be watched to the end is judged by its calls until
// then, and is never called observed either.
//
// It is silent on cold code, on inputs so long that a memory of them would cost what it
// saves, on functions that remember already, on functions that do nothing but make an object
// for their caller, and on what a look-up would not be clearly cheaper than: in a memory as
// large as is needed, since one that outgrows the processor's cache is dear. Of functions that
// call each other, one is reported.
package repeat

// Package analyze is the engine of whet: it turns what was measured of a Go program
// into findings.
//
// The words, which every package above uses:
//
//   - a [Subject] is what is analyzed: packages, a command, profiles;
//   - a [Workload] is one thing the subject was made to do while it was measured: a
//     benchmark, the tests of a package, a command, a live process;
//   - a [Finding] claims that code could be faster or smaller; [Evidence] is a
//     measured number behind it; a [Gain] is what mending it would save, on a named
//     workload, as a range;
//   - a [Pass] looks at a [Session] and returns findings. Passes do not see each
//     other; analyze/rank puts what they say in one order.
//
// Nothing is reported on cold code: a pass starts from what a profile shows and reads
// source only there.
package analyze

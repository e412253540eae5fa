// Package hot finds work that a hot line has done for it again and again although once
// would do, or in a way that has a cheaper one.
//
// Before, where a profile of BenchmarkLookup shows 77 % below the first line:
//
//	re := regexp.MustCompile(`^[A-Z]{6}$`)
//	return re.MatchString(symbol)
//
// After:
//
//	var symbolRE = regexp.MustCompile(`^[A-Z]{6}$`)
//	…
//	return symbolRE.MatchString(symbol)
//
// Prerequisites: a CPU profile, and for the shape of a call the source of the package.
// The time is charged to the reader's own line even where it passes in the standard
// library or in a dependency; what is reported is the line, never the callee.
//
// It is silent on initialization, on code below 3 % of its workload, and on functions
// that are hot because they do what they are for: those are shown as hot spots by
// whet analyze -v, and are no findings. What a line allocates is the pass alloc's; a
// question asked again with the same input the pass repeat's.
package hot

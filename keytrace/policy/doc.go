// Package policy simulates cache replacement policies.
//
// A policy is asked for one id after another and answers whether it held it; what it did
// not hold, it may take in. No values are kept, ids are small numbers (0, 1, 2, … in order
// of first use) and all state lies in a few arrays, so that a request costs tens of
// nanoseconds and most of them are the machine's cache misses.
//
//	info, _ := policy.Lookup("sieve")
//	p := info.New(&policy.Workload{IDs: ids, Unique: n}, 1000)
//	for _, id := range ids {
//		if p.Access(id) {
//			hits++
//		}
//	}
//
// A name such as 2Q or ARC stands for different details in different libraries, worth up
// to 30 points of hit ratio on small loops: [Info] says whose details are simulated. A
// figure of this package holds for an implementation only if the two agree.
//
// To add a policy, write a type with Access and Len and put it in [Table].
//
// Left out, with the reason: LFU without aging (never forgets), MRU (loops alone), GDSF
// and the like (they need costs), LeCaR and Cacheus (more state than they return over
// ARC and W-TinyLFU on the same traces).
package policy

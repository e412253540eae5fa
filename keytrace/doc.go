// Package keytrace works on key traces of caches: which keys were asked for, in order.
// It reads, records, generates and writes them, computes hit-ratio curves, simulates
// replacement policies, and says in words what follows.
//
//	t, err := keytrace.Open(ctx, "OLTP.lis.zst", format.Options{})
//	report, err := keytrace.Simulate(ctx, t, policy.Table, keytrace.Sizes(t), keytrace.Options{})
//	for _, a := range keytrace.Advise(report, keytrace.Wish{HitRatio: .8}) {
//		fmt.Println(a.Text)
//	}
//
// A [Trace] lies in memory in columns: 8 bytes a request, 4 more with sizes, 8 more with
// times, and 4 for the simulations. The formats are in package
// [github.com/whetgo/whet/keytrace/format], the policies in
// [github.com/whetgo/whet/keytrace/policy].
//
// # Samples
//
// A trace need not be whole. All requests for a hash-chosen part of the keys (a spatial
// sample) behave, in a cache smaller by the same part, as the whole trace does [1]. A
// [Recorder] records such samples from a running program, [Trace.Sample] draws them, and
// [Options].Rate simulates them. The error follows the number of sampled keys, not the
// rate: with 2000 keys it is half a point of hit ratio on average on most recorded traces (2
// on generated ones with many popular keys), with 8000 half of that; more at the cliffs of
// loops.
//
// # When not to use it
//
// A simulation knows keys, not what a miss costs, nor concurrency. A trace that was
// recorded behind another cache (a block trace below a buffer pool) has lost its hits;
// figures hold for a cache at the same place alone.
//
// [1] Waldspurger, Park, Garthwaite, Ahmad (2015). "Efficient MRC Construction with
// SHARDS". FAST '15. Waldspurger, Saemundsson, Ahmad, Park (2017). "Cache Modeling and
// Optimization using Miniature Simulations". USENIX ATC '17.
package keytrace

// Package hist counts how values are distributed, such as the latencies of calls, while
// they happen: recording takes no lock and a few nanoseconds, from any number of
// goroutines.
//
//	var latency hist.Histogram
//
//	start := time.Now()
//	serve(request)
//	latency.Record(int64(time.Since(start)))
//
//	s := latency.Snapshot()
//	fmt.Println(time.Duration(s.Quantile(0.99)), s.Count())
//
// Values are integers of at least 0 in a unit of the caller's. They are counted in buckets,
// 64 to each power of two: a bucket is as wide as 1/64 of its least value, and values below
// 128 have buckets of their own. So every quantile is within 1/128 (0.8 %) of the exact one,
// whatever the distribution, and the mean within 1/32,768 (0.003 %). There is no range to
// configure and nothing is ever cut off.
//
// A [Snapshot] is what was recorded up to a moment. Snapshots of several histograms merge
// into one as if all had been recorded in the same one, and the difference of two snapshots
// of a histogram is what was recorded between them.
//
// # Memory
//
// An empty histogram takes 152 bytes. Memory is taken when values come that need it, never
// given back, and bounded: 512 bytes for each power of two that values fall in, times the
// stripes used. Goroutines record in one of 16 stripes, as their stacks lie, so that those
// that run at the same time seldom want the same cache line; a stripe takes 512 bytes. A
// typical latency lies within ten powers of two: 6 kB if one goroutine records it, at most
// 90 kB if very many do.
//
// # When not to use it
//
// A few hundred values are better kept and sorted. Who needs the exact greatest value, or
// negative or fractional ones, has to keep or scale them. What a histogram cannot tell is
// when a value came: for that take a snapshot from time to time.
package hist

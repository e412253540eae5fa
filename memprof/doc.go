// Package memprof says where memory goes: what grew, what a block of code took, what a
// value keeps alive.
//
//	p := memprof.New(&memprof.Options{Sites: true})
//	for range 20 {
//		serve()
//		p.Snapshot("round") // collects garbage: what it counts is alive
//	}
//	fmt.Print(p.Report()) // heap: leak: +1032 B an epoch …, and the lines that leak
//
//	c := memprof.Measure("load", load) // time, bytes, allocations, collections
//	fmt.Println(memprof.Footprint(cache)) // 12.0 MB in 20411 objects: 8.0 MB map[string]…
//
// [Profiler] tells a leak from noise, from a sawtooth and from a cache that fills, by
// [Judge], which can be given any series. [Footprint] looks at memory itself, and knows the
// allocator's size classes and how this runtime lays out maps: it is exact for all but
// closures and parts of larger objects.
//
// All of it is meant for tests, debug handlers and rare looks at a service: a snapshot
// collects garbage twice, and a scope stops the world.
package memprof

// Package prom tells Prometheus what a monitor.Registry knows:
//
//	http.Handle("/metrics", prom.Handler(&registry))
//
// It writes the text format, version 0.0.4 [1], by itself: the package links nothing but the
// standard library and package monitor.
//
// # Names
//
// The counter /orders/filled:orders becomes orders_filled_orders_total, the gauge /queue:count
// queue, as the unit "count" says nothing. What the runtime measures begins with go, as in the
// official client: go_gc_heap_live_bytes. Of what is watched as a whole, all of one type are
// one family, with the name as a label: the hits of caches are
// whet_cache_hits_total{name="/cache/quotes"}.
//
// A timer becomes a histogram, in seconds, whose limits double from a microsecond to 17
// seconds. Each is one nanosecond less than a power of two of them, because for those the
// counts are exact.
//
// [1] "Exposition formats", in the documentation of Prometheus.
package prom

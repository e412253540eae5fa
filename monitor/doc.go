// Package monitor watches a program in production: named counters, gauges and timers,
// whatever publishes Stats, and the Go runtime; their past, in bounded memory; and rules
// that say what should be changed, with the figures they go by.
//
//	var registry monitor.Registry
//	orders := registry.Counter("/orders/filled:orders")
//	fill := registry.Timer("/orders/fill:seconds")
//	monitor.Watch(&registry, "/cache/quotes", quotes) // a cache.Cache, or anything with Stats
//	registry.Add(monitor.Runtime())
//
//	history := monitor.NewHistory(&registry, nil)
//	go history.Run(ctx)
//	http.Handle("/debug/whet/", dash.New(history, nil)) // a page; see package dash
//
// A metric has a name of a path and a unit, as in package runtime/metrics, and one of three
// kinds: a counter is a total that only grows, a gauge a level, a timer a distribution of
// durations. Counting takes one atomic addition, timing a few nanoseconds; what has Stats
// is read when a Snapshot is taken and costs nothing in between.
//
// A Snapshot is what all metrics said at a moment; the difference of two is what happened in
// between. A History takes one each second and keeps a day of them, coarser the older they
// are. Its rules look at the caches' miss-ratio curves, at trends that are no noise, at
// locks, garbage collection and what is dropped: see Rules.
//
// A Registry is an expvar.Var: expvar.Publish("whet", &registry) shows it in /debug/vars.
// Packages monitor/prom and monitor/otel hand it to Prometheus and OpenTelemetry. Advice goes
// to a slog.Logger, if HistoryOptions has one.
//
// # When not to use it
//
// Names have no labels: who needs a metric for each customer, or for each of many routes,
// is better served by a metrics library with labels. What the past of a metric was before
// the program started, or how several processes compare, is for a metrics server to say.
package monitor

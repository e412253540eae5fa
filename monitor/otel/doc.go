// Package otel hands what a monitor.Registry knows to OpenTelemetry, as a producer that a
// reader of the SDK asks beside its own instruments:
//
//	reader := metric.NewPeriodicReader(exporter, metric.WithProducer(otel.New(&registry)))
//	provider := metric.NewMeterProvider(metric.WithReader(reader))
//
// A counter becomes a cumulative monotonic sum, a gauge a gauge, and a timer a histogram in
// seconds. Names are paths with dots, and the unit apart: /orders/filled:orders is
// orders.filled, in {orders}. Of what is watched as a whole, all of one type are one metric,
// with the attribute name: whet.cache.hits{name="/cache/quotes"}. What the runtime measures
// begins with go.
package otel

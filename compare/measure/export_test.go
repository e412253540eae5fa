package measure

import "github.com/whetgo/whet/compare/peers"

// Hist is a histogram of durations.
type Hist = hist

// Add and Quantile are hist's own.
func (h *hist) Add(ns int64)               { h.add(ns) }
func (h *hist) Quantile(q float64) float64 { return h.quantile(q) }

// Overfill is what MeasureBound does to a cache.
func Overfill(c peers.Cache[uint64, uint64], capacity int) int { return overfill(c, capacity) }

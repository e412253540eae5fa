// Package plot draws the hit ratios of simulated caches by their size: as an SVG file, as a
// page with its table, and in characters for a terminal.
//
//	c := plot.New(report, curve, "whet")
//	c.Title = "OLTP"
//	err := c.SVG(file)
//
// Sizes are on a logarithmic scale, for a cache gains about as much from each doubling. What
// is drawn needs nothing else: no script, no font, no request; and it follows the reader's
// light or dark scheme.
package plot

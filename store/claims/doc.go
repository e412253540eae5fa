// Package claims measures again what was claimed of a store: the table of expected gains of the
// document that Whet came from, and what it should have claimed. The subjects are package store,
// and the kept baselines naive, plain and compact.
//
// The subjects of a row are run in turn, in one process, and the order changes from round to round. A figure is the
// median of the rounds, with an interval that holds it with 95 % at least; a gain is the
// median of the rounds' own ratios, with its interval. A claim is held if the whole interval is on
// its side, not held if the whole is on the other, and else within the noise. That answers are
// equal and counts are right is checked in the same run: a row whose check fails has no figures.
//
// plain brings golang-lru and singleflight, which are small and have no dependencies, into the module,
// not into what users link: so all subjects can be in one process, as a fair comparison wants.
package claims

// Package wire is what servers and clients of package store have in common: ticks and bars as
// records of 48 bytes, errors as codes, and Follow, which hands the market events of a store on.
// Drivers use it; strategies have no need to.
package wire

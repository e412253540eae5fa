//go:build race

package repeat

// The race detector makes a look-up some twenty times as dear as it is to the programs that
// are studied, which run without it: this is what it took without.
func init() { lookUps = func() (short, perByte float64) { return 70e-9, 5e-11 } }

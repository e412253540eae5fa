// Package bench builds test binaries, runs their benchmarks, reads what they print,
// and says what can be measured on the machine at hand.
package bench

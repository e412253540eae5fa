// Package contention finds where goroutines wait for each other.
package contention

//go:build !race

package whetprobe

const goroutines = 10_000

//go:build race

package whetprobe

const goroutines = 5_000

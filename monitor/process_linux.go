package monitor

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

// readProcess tells what the operating system knows of this process.
func readProcess(yield func(name string, kind Kind, value float64)) {
	// The second number of statm is the resident set, in pages.
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if words := bytes.Fields(text); len(words) > 1 {
			if pages, err := strconv.ParseUint(string(words[1]), 10, 64); err == nil {
				yield("/process/resident:bytes", KindGauge, float64(pages)*float64(os.Getpagesize()))
			}
		}
	}
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
		spent := time.Duration(u.Utime.Nano() + u.Stime.Nano())
		yield("/process/cpu:seconds", KindCounter, spent.Seconds())
	}
}

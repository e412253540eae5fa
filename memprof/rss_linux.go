package memprof

import (
	"bytes"
	"os"
	"strconv"
)

// rss returns the resident set of this process in bytes, 0 if the system does not say.
func rss() uint64 {
	b, err := os.ReadFile("/proc/self/statm") // in pages: size, resident, …
	if err != nil {
		return 0
	}
	f := bytes.Fields(b)
	if len(f) < 2 {
		return 0
	}
	n, err := strconv.ParseUint(string(f[1]), 10, 64)
	if err != nil {
		return 0
	}
	return n * uint64(os.Getpagesize())
}

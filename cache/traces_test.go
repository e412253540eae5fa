//go:build traces

package cache

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func readTrace(t *testing.T, name string) (keys []uint64) {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(name, ".trace.") {
		data, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		for ; len(data) >= 8; data = data[8:] {
			keys = append(keys, binary.BigEndian.Uint64(data))
		}
		return keys
	}
	for s := bufio.NewScanner(z); s.Scan(); {
		var key uint64
		if _, err := fmt.Sscan(s.Text(), &key); err == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// TestCurveOfTraces prints the error for real traces, which do not belong to the project:
//
//	WHET_TRACES=folder go test -tags traces -v -run TestCurveOfTraces ./cache
func TestCurveOfTraces(t *testing.T) {
	folder := os.Getenv("WHET_TRACES")
	if folder == "" {
		t.Fatal("WHET_TRACES names no folder")
	}
	names, _ := filepath.Glob(filepath.Join(folder, "*.gz"))
	for _, name := range names {
		keys := readTrace(t, name)
		u := distinct(keys)
		c := watch(keys, u/8, 1)
		mean, worst := curveError(c, exactCurve(keys), len(keys), u)
		t.Logf("%-28s %8d references, %7d keys, %5d sampled: mean %.3f, worst %.2f points", filepath.Base(name), len(keys), u, c.Keys, mean, worst)
	}
}

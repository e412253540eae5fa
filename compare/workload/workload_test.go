package workload_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/whetgo/whet/compare/workload"
)

func TestZipf(t *testing.T) {
	const n, count = 1000, 200_000
	ranks := workload.Zipf(n, count, 0.8, 1)
	if !slices.Equal(ranks, workload.Zipf(n, count, 0.8, 1)) {
		t.Error("the same seed gives other ranks")
	}
	var seen [n]int
	for _, r := range ranks {
		seen[r]++
	}
	if got, want := float64(seen[0])/float64(seen[99]), math.Pow(100, 0.8); math.Abs(got/want-1) > 0.2 {
		t.Errorf("rank 0 is drawn %.1f times as often as rank 99, want %.1f", got, want)
	}
}

func TestKeys(t *testing.T) {
	keys := workload.Keys([]uint32{3, 5, 3}, workload.Str)
	if len(keys[0]) != 24 || keys[0] != keys[2] || keys[0] == keys[1] {
		t.Errorf("got %q", keys)
	}
	if workload.U64(1) == workload.U64(2) {
		t.Error("two ranks have one key")
	}
}

func TestGenerated(t *testing.T) {
	for _, trace := range workload.Generated(100_000) {
		if len(trace.Keys) != 100_000 || len(trace.Sizes) == 0 {
			t.Errorf("%s: %d requests, sizes %v", trace.Name, len(trace.Keys), trace.Sizes)
		}
		if trace.Name == "loop" && (trace.Keys[9_999] != 9_999 || trace.Keys[10_000] != 0) {
			t.Error("the loop does not come round after a tenth of its requests")
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var zipped bytes.Buffer
	gz := gzip.NewWriter(&zipped)
	gz.Write([]byte("7\n*\n9\n7\n"))
	gz.Close()
	write("lirs_cpp.trace.gz", zipped.Bytes())
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	write("arc_P2.lis.zst", enc.EncodeAll([]byte("10 3 0 0\n11 1 0 1\n"), nil))
	write("cache2k_web07.trace", []byte{0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1})
	write("cache2k_web12.trace.xz", []byte("not decompressed"))
	got := map[string][]uint32{}
	if err := workload.Files(dir, func(t workload.Trace) error { got[t.Name] = t.Keys; return nil }); err != nil {
		t.Fatal(err)
	}
	want := map[string][]uint32{"lirs-cpp": {0, 1, 0}, "arc-P2": {0, 1, 2, 1}, "web07": {0, 1, 0}}
	for name, keys := range want {
		if !slices.Equal(got[name], keys) {
			t.Errorf("%s: got %v, want %v", name, got[name], keys)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	stop := errors.New("stop")
	if err := workload.Files(dir, func(workload.Trace) error { return stop }); err != stop {
		t.Errorf("got %v, want what yield returned", err)
	}
	write("lirs_cs.trace.gz", []byte("no gzip"))
	if err := workload.Files(dir, func(workload.Trace) error { return nil }); err == nil || !strings.Contains(err.Error(), "lirs_cs.trace.gz") {
		t.Errorf("a broken file: got %v", err)
	}
}

package workload

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// A file is a public trace by its usual name, with the capacities that papers use for
// it; none means parts of its keys.
type file struct {
	name, path string
	parse      func([]byte) ([]uint64, error)
	sizes      []int
}

var files = []file{
	{"arc-OLTP", "arc_OLTP.lis.zst", arc, []int{500, 1000, 2000, 10000}},
	{"arc-P2", "arc_P2.lis.zst", arc, nil},
	{"arc-P3", "arc_P3.lis.zst", arc, nil},
	{"arc-P6", "arc_P6.lis.zst", arc, nil},
	{"arc-P12", "arc_P12.lis.zst", arc, nil},
	{"cloudphysics-w106", "cloud_physics_w106.trace.xz", be32, nil},
	{"cloudphysics", "cloudPhysicsIO.oracleGeneral.bin", oracleGeneral, nil},
	{"scarab-recs", "scarab_scarab-recs.trace.xz", be64, nil},
	{"corda", "corda_trace_vaultservice.gz", be64, nil},
	{"orm-busy", "cache2k_orm-busy.trace.xz", be32, nil},
	{"orm-night", "cache2k_orm-night.trace.xz", be32, nil},
	{"web07", "cache2k_web07.trace.xz", be32, nil},
	{"web12", "cache2k_web12.trace.xz", be32, nil},
	{"adaptsize", "adapt_size_request.trace.xz", adaptsize, nil},
	{"lirs-2_pools", "lirs_2_pools.trace.gz", lirs, nil},
	{"lirs-sprite", "lirs_sprite.trace.gz", lirs, nil},
	{"lirs-loop", "lirs_loop.trace.gz", lirs, []int{250, 500, 750, 1000}},
	{"lirs-gli", "lirs_gli.trace.gz", lirs, []int{250, 500, 1000, 2000}},
	{"lirs-cs", "lirs_cs.trace.gz", lirs, []int{250, 500, 1000, 1250}},
	{"lirs-cpp", "lirs_cpp.trace.gz", lirs, []int{100, 250, 500, 900}},
	{"lirs-ps", "lirs_ps.trace.gz", lirs, []int{250, 500, 1000, 2000}},
	{"lirs-multi1", "lirs_multi1.trace.gz", lirs, []int{250, 500, 1000, 2000}},
	{"lirs-multi2", "lirs_multi2.trace.gz", lirs, []int{250, 500, 1000, 2500}},
	{"lirs-multi3", "lirs_multi3.trace.gz", lirs, []int{250, 500, 1000, 2500}},
}

// Files calls yield with each trace of a folder whose file has a name that is known, one
// at a time, as they are large. A file "x.xz" is read if "x" is beside it or instead of
// it; those that are not there are passed over. An error is of a file that is there.
func Files(dir string, yield func(Trace) error) error {
	for _, f := range files {
		raw, err := read(filepath.Join(dir, f.path))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		var keys []uint64
		if err == nil {
			keys, err = f.parse(raw)
		}
		if err != nil {
			return fmt.Errorf("trace %s: %w", f.path, err)
		}
		t := numbered(f.name, keys)
		if f.sizes != nil {
			t.Sizes = f.sizes
		}
		if err := yield(t); err != nil {
			return err
		}
	}
	return nil
}

func read(path string) ([]byte, error) {
	path = strings.TrimSuffix(path, ".xz")
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch filepath.Ext(path) {
	case ".gz":
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	case ".zst":
		z, err := zstd.NewReader(f)
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return io.ReadAll(z)
	}
	return io.ReadAll(f)
}

func be32(raw []byte) (keys []uint64, _ error) {
	for ; len(raw) >= 4; raw = raw[4:] {
		keys = append(keys, uint64(binary.BigEndian.Uint32(raw)))
	}
	return keys, nil
}

func be64(raw []byte) (keys []uint64, _ error) {
	for ; len(raw) >= 8; raw = raw[8:] {
		keys = append(keys, binary.BigEndian.Uint64(raw))
	}
	return keys, nil
}

// oracleGeneral is libCacheSim's format: time (4 bytes), key (8), size (4), next use (8).
func oracleGeneral(raw []byte) (keys []uint64, _ error) {
	for ; len(raw) >= 24; raw = raw[24:] {
		keys = append(keys, binary.LittleEndian.Uint64(raw[4:]))
	}
	return keys, nil
}

// arc is lines "first block, blocks, ignored, request", each of so many requests.
func arc(raw []byte) (keys []uint64, err error) {
	err = lines(raw, func(words []string) error {
		if len(words) < 2 {
			return errors.New("less than two numbers")
		}
		first, err1 := strconv.ParseUint(words[0], 10, 64)
		count, err2 := strconv.ParseUint(words[1], 10, 64)
		for i := range count {
			keys = append(keys, first+i)
		}
		return errors.Join(err1, err2)
	})
	return keys, err
}

// lirs is a key a line; other lines are markers.
func lirs(raw []byte) (keys []uint64, err error) {
	err = lines(raw, func(words []string) error {
		if key, err := strconv.ParseUint(words[0], 10, 64); err == nil {
			keys = append(keys, key)
		}
		return nil
	})
	return keys, err
}

// adaptsize is lines "time, key, size".
func adaptsize(raw []byte) (keys []uint64, err error) {
	err = lines(raw, func(words []string) error {
		if len(words) < 2 {
			return errors.New("less than two numbers")
		}
		key, err := strconv.ParseUint(words[1], 10, 64)
		keys = append(keys, key)
		return err
	})
	return keys, err
}

// lines calls fn with the words of every line that has some.
func lines(raw []byte, fn func(words []string) error) error {
	scan := bufio.NewScanner(bytes.NewReader(raw))
	for n := 1; scan.Scan(); n++ {
		if words := strings.Fields(scan.Text()); len(words) > 0 {
			if err := fn(words); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
	}
	return scan.Err()
}

package format

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// read returns the requests of a trace, those before an error too.
func read(data []byte, name string, opts Options) (qs []Request, m Meta, f Format, err error) {
	r, err := NewReader(bytes.NewReader(data), name, opts)
	if err != nil {
		return nil, m, f, err
	}
	for q, err := range r.All() {
		if err != nil {
			return qs, r.Meta, r.Format, err
		}
		qs = append(qs, q)
	}
	return qs, r.Meta, r.Format, nil
}

func bytesOf(order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}, values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		if err := binary.Write(&b, order, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

var oracle = bytesOf(binary.LittleEndian,
	uint32(5), uint64(70000000000), uint32(512), int64(2),
	uint32(6), uint64(8), uint32(4096), int64(-1),
	uint32(9), uint64(70000000000), uint32(512), int64(-1))

const key8 = 70000000000

// TestRead reads a small trace in each format, recognized and named.
func TestRead(t *testing.T) {
	h := func(s string) uint64 { return Key([]byte(s)) }
	for _, tt := range []struct {
		format, name string
		data         []byte
		opts         Options
		want         []Request
		meta         Meta
	}{
		{format: "plain", data: []byte("3\n1\r\n\n 3 \nuser 7\n007"), want: []Request{{Key: 3}, {Key: 1}, {Key: 3}, {Key: h("user 7")}, {Key: h("007")}}},
		{format: "plain"}, // empty
		{format: "lirs", data: []byte("*\n12\r\n3 \n*\n12\n"), want: []Request{{Key: 12}, {Key: 3}, {Key: 12}}},
		{format: "arc", data: []byte("10 3 0 1\n500 1 0 2\n"), want: []Request{{Key: 10}, {Key: 11}, {Key: 12}, {Key: 500}}},
		{format: "arc", name: "x/P1.lis.gz", data: []byte("10 2 7 1\n"), want: []Request{{Key: 10}, {Key: 11}}},
		{
			format: "time-id-size", data: []byte("1 0 68\n2 1 7454\n2 0 99999999999\n"), meta: Meta{Sizes: true, Times: true},
			want: []Request{{0, 68, 1}, {1, 7454, 2}, {0, math.MaxUint32, 2}},
		},
		{
			format: "twitter", data: []byte("0,a,b,3,100,7,get,0\n1,k2,2,5,7,set,60\n1,k2,2,5,7,gets,0\n"), meta: Meta{Sizes: true, Times: true, Tick: time.Second},
			want: []Request{{h("a,b"), 103, 0}, {h("k2"), 7, 1}},
		},
		{
			format: "csv", data: []byte("# time, object, size\n1.5, 7, 10\n2, \"a,\"\"b\", 20\n"), meta: Meta{Sizes: true, Times: true},
			want: []Request{{7, 10, 1}, {h(`a,""b`), 20, 2}},
		},
		{format: "csv", data: []byte("9;x;1\n9;y;2\n"), opts: Options{Key: "2", Size: "3"}, meta: Meta{Sizes: true}, want: []Request{{h("x"), 1, 0}, {h("y"), 2, 0}}},
		{format: "csv", name: "a.csv", data: []byte("sku,n\nx,1\n"), opts: Options{Key: "SKU"}, want: []Request{{Key: h("x")}}},
		{format: "csv", name: "a.csv", data: []byte("5\n6\n"), want: []Request{{Key: 5}, {Key: 6}}},
		{
			format: "oraclegeneral", data: oracle, meta: Meta{Sizes: true, Times: true, Tick: time.Second},
			want: []Request{{key8, 512, 5}, {8, 4096, 6}, {key8, 512, 9}},
		},
		{format: "be64", data: bytesOf(binary.BigEndian, uint64(7), uint64(1<<31)), want: []Request{{Key: 7}, {Key: 1 << 31}}},
		{format: "be32", data: bytesOf(binary.BigEndian, uint32(7), uint32(1<<22), uint32(9)), want: []Request{{Key: 7}, {Key: 1 << 22}, {Key: 9}}},
		{format: "be64", data: bytesOf(binary.BigEndian, uint64(math.MaxUint64)), opts: Options{Format: "BE64"}, want: []Request{{Key: math.MaxUint64}}},
		{format: "plain", name: "a.csv", data: []byte("a,b\n"), opts: Options{Format: "plain"}, want: []Request{{Key: h("a,b")}}},
	} {
		tt.meta.Rate = 1
		for packing, data := range map[string][]byte{"": tt.data, "gzip": gzipped(tt.data), "zstd": zstded(t, tt.data)} {
			got, m, f, err := read(data, tt.name, tt.opts)
			if err != nil || f.Name != tt.format || !slices.Equal(got, tt.want) || m != tt.meta {
				t.Errorf("%s %s %.40q:\n got %s %v %+v, %v\nwant %s %v %+v", tt.name, packing, tt.data, f.Name, got, m, err, tt.format, tt.want, tt.meta)
			}
		}
	}
}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

func zstded(t *testing.T, data []byte) []byte {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return append(z.EncodeAll(data, nil), z.EncodeAll(nil, nil)...)
}

// TestErrors: what is wrong is said, with the place.
func TestErrors(t *testing.T) {
	random := bytesOf(binary.BigEndian, uint64(0xf0e1d2c3b4a59687), uint64(0x8877665544332211), uint64(0x99aabbccddeeff01))
	for _, tt := range []struct {
		data string
		opts Options
		name string
		want string
	}{
		{data: "\xfd7zXZ\x00\x00", want: "decompress first: xz -d"},
		{data: "1 2 0 1\n1 x 0 2\n", opts: Options{Format: "arc"}, want: `arc trace: line 2: want first block, count, ignored, request, got "1 x 0 2"`},
		{data: "1 1 0 1\n\n1 99999999 0 2\n", name: "a.lis", want: "arc trace: line 3: a run of 99999999 blocks, the limit is 1048576"},
		{data: "5\nfive\n", opts: Options{Format: "lirs"}, want: `line 2: want a block number or *, got "five"`},
		{data: "1 2\n", opts: Options{Format: "time-id-size"}, want: "line 1: want time, key, size"},
		{data: "1,k,2\n", opts: Options{Format: "twitter"}, want: "line 1: want timestamp"},
		{data: "1,k,2,3,4,burn,0\n", opts: Options{Format: "twitter"}, want: "line 1: want timestamp"},
		{data: "a,b\n1,2\n", name: "x.csv", want: "say which of the 2 columns is the key"},
		{data: "a,b\n1,2\n", opts: Options{Key: "c"}, want: `no column "c"`},
		{data: "a,b\n1,2\n", opts: Options{Key: "3"}, want: "no column 3"},
		{data: "key,size\n1,2\n1\n", want: "line 3: want at least 2 columns", opts: Options{Format: "csv"}},
		{data: "key,size\n1,two\n", want: "line 2: want numbers as size and time"},
		{data: string(oracle) + "abc", opts: Options{Format: "oraclegeneral"}, want: "record 4: the file ends inside its 24 bytes"},
		{data: string(random[:10]), opts: Options{Format: "be64"}, want: "record 2: the file ends inside its 8 bytes"},
		{data: string(random), want: "binary and of no format that can be told"},
		{data: "1\n", opts: Options{Format: "tape"}, want: `no such format: "tape"`},
		{data: "1\n2\n3\n", opts: Options{Limit: 2}, want: "plain trace: more than 2 requests"},
		{data: "x\n" + strings.Repeat("y", 1<<17), opts: Options{Format: "plain"}, want: "line 2: longer than 65536 bytes"},
		{data: string(gzipped([]byte("1\n2\n"))[:20]), want: "reading the start of the trace"},
		{data: "\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff", want: "reading the start of the trace"},
		{data: "keytrace\x02" + strings.Repeat("\x00", 40), want: "version 2: this program reads version 1"},
		{data: "keytrace\x01", want: "header of the trace: unexpected EOF"},
	} {
		_, _, _, err := read([]byte(tt.data), tt.name, tt.opts)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40q %q: got error %v, want %q", tt.data, tt.name, err, tt.want)
		}
	}
}

// TestRoundTrip writes random traces in each format that can be written and reads them.
func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 4095, 4096, 10000} {
		for _, m := range []Meta{{Rate: 1}, {Rate: 1, Sizes: true}, {Rate: 1, Times: true, Tick: time.Second}, {Rate: 1, Sizes: true, Times: true, Tick: time.Second}} {
			qs := requests(n, m)
			for _, f := range Table {
				if !f.CanWrite() {
					continue
				}
				var b bytes.Buffer
				if err := Write(&b, f.Name, m, slices.Values(qs)); err != nil {
					t.Fatal(err)
				}
				got, gotMeta, _, err := read(b.Bytes(), "", Options{Format: f.Name})
				want, wantMeta := kept(f.Name, qs, m)
				if err != nil || !slices.Equal(got, want) || gotMeta != wantMeta {
					t.Errorf("%s, %d requests, %+v: got %d requests, %+v, %v", f.Name, n, m, len(got), gotMeta, err)
				}
			}
		}
	}
}

func requests(n int, m Meta) []Request {
	rng := rand.New(rand.NewPCG(uint64(n), 3))
	qs := make([]Request, n)
	for i := range qs {
		qs[i].Key = rng.Uint64() >> (rng.IntN(3) * 20)
		if i%7 == 0 {
			qs[i].Key = qs[i/2].Key
		}
		if m.Sizes {
			qs[i].Size = rng.Uint32()
		}
		if m.Times {
			qs[i].Time = int64(i * 3)
		}
	}
	return qs
}

// kept returns what a format keeps of a trace.
func kept(format string, qs []Request, m Meta) ([]Request, Meta) {
	qs = slices.Clone(qs)
	switch format {
	case "plain":
		for i := range qs {
			qs[i].Size, qs[i].Time = 0, 0
		}
		m = Meta{Rate: 1}
	case "csv":
		m.Tick = 0
	case "oraclegeneral":
		for i := range qs {
			if !m.Sizes {
				qs[i].Size = 1
			}
		}
		m = Meta{Sizes: true, Times: true, Tick: time.Second, Rate: 1}
	}
	return qs, m
}

// TestOracleNext: a record says where its key comes next.
func TestOracleNext(t *testing.T) {
	var b bytes.Buffer
	qs := []Request{{key8, 512, 5}, {8, 4096, 6}, {key8, 512, 9}}
	if err := Write(&b, "oracleGeneral", Meta{Sizes: true, Times: true, Tick: time.Second}, slices.Values(qs)); err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(oracle) // with times from the first
	for i, at := range []byte{0, 1, 4} {
		want[i*oracleRecord] = at
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got %x\nwant %x", b.Bytes(), want)
	}
}

func TestWriteErrors(t *testing.T) {
	if err := Write(io.Discard, "lirs", Meta{}, slices.Values([]Request{})); err == nil || !strings.Contains(err.Error(), "no such format to write") {
		t.Errorf("lirs: got %v", err)
	}
	for _, f := range []string{"plain", "csv", "oraclegeneral", "keytrace"} {
		if err := Write(full{}, f, Meta{}, slices.Values(requests(100000, Meta{}))); !errors.Is(err, errFull) {
			t.Errorf("%s on a full disk: got %v", f, err)
		}
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestDamage cuts the own format off at every byte and flips every bit: each is noticed,
// and what comes before a cut is read.
func TestDamage(t *testing.T) {
	m := Meta{Sizes: true, Times: true, Tick: time.Microsecond, Rate: .25}
	qs := requests(300, m)
	var b bytes.Buffer
	w, err := NewWriter(&b, m)
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range qs {
		if err := w.Write(q); err != nil {
			t.Fatal(err)
		}
		if i%100 == 99 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(1234); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	got, gotMeta, _, err := read(whole, "", Options{})
	m.Total = 1234
	if err != nil || !slices.Equal(got, qs) || gotMeta != m {
		t.Fatalf("undamaged: got %d requests, %+v, %v", len(got), gotMeta, err)
	}
	for n := len(magic); n < len(whole); n++ {
		got, _, _, err := read(whole[:n], "", Options{})
		if !errors.Is(err, io.ErrUnexpectedEOF) || !slices.Equal(got, qs[:len(got)]) {
			t.Fatalf("cut off at %d of %d: %d requests, %v", n, len(whole), len(got), err)
		}
	}
	if got, _, _, _ := read(whole[:len(whole)-30], "", Options{}); len(got) < 200 {
		t.Errorf("cut off in the last block: %d requests of the first two blocks", len(got))
	}
	for i := range whole {
		bad := slices.Clone(whole)
		bad[i] ^= 1 << (i % 8)
		if got, _, _, err := read(bad, "", Options{Format: "keytrace"}); err == nil {
			t.Fatalf("byte %d of %d flipped: %d requests and no error", i, len(whole), len(got))
		}
	}
	if _, _, _, err := read(append(whole, 0), "", Options{}); err == nil {
		t.Error("a byte behind the end: no error")
	}
	if w.Write(qs[0]) == nil || w.Close(0) == nil {
		t.Error("a closed writer took more")
	}
}

// TestCompact: counted keys take few bytes, random ones no more than they must.
func TestCompact(t *testing.T) {
	for _, tt := range []struct {
		key  func(i int) uint64
		most float64
	}{
		{func(i int) uint64 { return uint64(i) }, 1.1},
		{func(i int) uint64 { return uint64(i) * 0x9e3779b97f4a7c15 }, 8.1},
	} {
		var b bytes.Buffer
		qs := make([]Request, 50000)
		for i := range qs {
			qs[i].Key = tt.key(i)
		}
		if err := Write(&b, "keytrace", Meta{}, slices.Values(qs)); err != nil {
			t.Fatal(err)
		}
		if got := float64(b.Len()) / float64(len(qs)); got > tt.most {
			t.Errorf("%.2f bytes a request, want at most %v", got, tt.most)
		}
	}
}

func TestAllOnce(t *testing.T) {
	r, err := NewReader(strings.NewReader("1\n2\n"), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range r.All() {
		break
	}
	for _, err := range r.All() {
		if err == nil {
			t.Error("a trace was read twice")
		}
	}
}

func TestKey(t *testing.T) {
	if got := Key([]byte("18446744073709551615")); got != math.MaxUint64 {
		t.Errorf("the largest number: got %d", got)
	}
	seen := map[uint64]string{}
	for _, s := range []string{"0", "00", "1", "01", "+1", "-1", "18446744073709551616", "", "a", "b"} {
		k := Key([]byte(s))
		if o, ok := seen[k]; ok {
			t.Errorf("%q and %q have the same key", s, o)
		}
		seen[k] = s
	}
	// Files are written with these keys: the hash may not change.
	if got := Key([]byte("user:1")); got != 0x4ce53ee4648cef41 {
		t.Errorf("user:1: got %#x", got)
	}
}

// TestMemory: reading does not hold what it has passed on.
func TestMemory(t *testing.T) {
	for _, f := range []string{"plain", "keytrace"} {
		var b bytes.Buffer
		if err := Write(&b, f, Meta{}, slices.Values(requests(200000, Meta{}))); err != nil {
			t.Fatal(err)
		}
		data := b.Bytes()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := count(data, f); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		allocs := after.TotalAlloc - before.TotalAlloc
		if allocs > 3<<20 { // the requests take 4.8 MB
			t.Errorf("%s: %d bytes allocated for %d", f, allocs, len(data))
		}
	}
}

func count(data []byte, format string) (n int, err error) {
	r, err := NewReader(bytes.NewReader(data), "", Options{Format: format})
	if err != nil {
		return 0, err
	}
	for _, err := range r.All() {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func TestTable(t *testing.T) {
	for _, f := range Table {
		if got, ok := Lookup(strings.ToUpper(f.Name)); !ok || got.Name != f.Name {
			t.Errorf("Lookup(%q): got %q, %v", f.Name, got.Name, ok)
		}
		for _, ext := range f.Extensions {
			if got, ok := NameOf("dir.csv/X" + strings.ToUpper(ext) + ".gz"); !ok || got != f.Name {
				t.Errorf("NameOf(%s): got %q, %v", ext, got, ok)
			}
		}
	}
	if !reflect.DeepEqual(writable(), []string{"keytrace", "plain", "csv", "oraclegeneral"}) {
		t.Errorf("writable: %v", writable())
	}
}

// fuzz feeds a parser anything: it may refuse but not panic, and not pass on more than the
// limit.
func fuzz(f *testing.F, format string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		qs, _, _, err := read(data, "", Options{Format: format, Limit: 10000})
		if len(qs) > 10000 {
			t.Fatalf("%d requests", len(qs))
		}
		if err == nil && len(qs) > 0 {
			again, _, _, err2 := read(data, "", Options{Format: format})
			if err2 != nil || !slices.Equal(qs, again) {
				t.Fatalf("read again: %d requests, %v", len(again), err2)
			}
		}
	})
}

func FuzzPlain(f *testing.F) { fuzz(f, "plain", "1\na\n", "\n\n", "007\r\n") }
func FuzzLIRS(f *testing.F)  { fuzz(f, "lirs", "1\n*\n", "**\n5") }
func FuzzARC(f *testing.F) {
	fuzz(f, "arc", "1 2 0 1\n", "18446744073709551615 3 0 0", "1 1048577 0 0")
}
func FuzzTIS(f *testing.F) { fuzz(f, "time-id-size", "1 2 3\n", "1.5 a 99999999999 4 5 6") }
func FuzzTwitter(f *testing.F) {
	fuzz(f, "twitter", "0,k,1,2,3,get,0\n", ",,,,,get,", "0,a,b,1,2,3,set,0")
}
func FuzzOracle(f *testing.F) { fuzz(f, "oraclegeneral", string(oracle), "short") }
func FuzzBE32(f *testing.F)   { fuzz(f, "be32", "\x00\x00\x00\x01", "abc") }
func FuzzBE64(f *testing.F)   { fuzz(f, "be64", "\x00\x00\x00\x00\x00\x00\x00\x01", "abc") }

func FuzzCSV(f *testing.F) {
	fuzz(f, "csv", "key,size\n1,2\n", "time;id\n1;\"a;b\"", "\"\"\"\n", "1\n2\n", "a\tb\tkey\n,\"\n1\t2\t3\n")
}

// FuzzOwn also repairs the checksum of the first block, which random changes never would.
func FuzzOwn(f *testing.F) {
	var b bytes.Buffer
	m := Meta{Sizes: true, Times: true}
	if err := Write(&b, "keytrace", m, slices.Values(requests(50, m))); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		data = slices.Clone(data)
		if len(data) > headerSize+8 {
			copy(data, b.Bytes()[:headerSize])
			end := headerSize + 8 + int(binary.LittleEndian.Uint32(data[headerSize:])%maxPayload)
			if len(data) >= end+4 {
				seal(data[:end], headerSize)
			}
		}
		qs, _, _, err := read(data, "", Options{Format: "keytrace", Limit: 10000})
		if len(qs) > 10000 {
			t.Fatalf("%d requests, %v", len(qs), err)
		}
	})
}

// FuzzRecognize: whatever a file holds, it is read or refused.
func FuzzRecognize(f *testing.F) {
	f.Add("a.csv", []byte("key\n1\n"))
	f.Add("", gzipped([]byte("1 1 0 0\n")))
	f.Add("x.lis", []byte("\x28\xb5\x2f\xfd"))
	f.Add("", oracle)
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if qs, _, _, err := read(data, name, Options{Limit: 10000}); len(qs) > 10000 {
			t.Fatalf("%d requests, %v", len(qs), err)
		}
	})
}

func ExampleNewReader() {
	r, err := NewReader(strings.NewReader("100 3 0 1\n7 1 0 2\n"), "small.lis", Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for q, err := range r.All() {
		fmt.Println(q.Key, err)
	}
	// Output:
	// 100 <nil>
	// 101 <nil>
	// 102 <nil>
	// 7 <nil>
}

func BenchmarkRead(b *testing.B) {
	m := Meta{Sizes: true, Times: true}
	for _, f := range []string{"plain", "csv", "oraclegeneral", "keytrace"} {
		var buf bytes.Buffer
		if err := Write(&buf, f, m, slices.Values(requests(1<<18, m))); err != nil {
			b.Fatal(err)
		}
		b.Run("format="+f, func(b *testing.B) {
			for b.Loop() {
				if _, err := count(buf.Bytes(), f); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*(1<<18)/b.Elapsed().Seconds()/1e6, "Mreq/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

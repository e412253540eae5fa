package format

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"time"
)

// A Request is one line of a trace.
type Request struct {
	Key  uint64
	Size uint32 // bytes; of 4 GiB and more, 4 GiB - 1; 0 in formats without sizes
	Time int64  // in units of Meta.Tick; 0 in formats without times
}

// A Meta says what is known of all requests of a trace.
type Meta struct {
	Sizes, Times bool          // requests have them
	Tick         time.Duration // the unit of times; 0: not known
	// Rate is the fraction of all keys that the trace was restricted to when it was
	// recorded, in (0,1].
	Rate float64
	// Total is how many requests there were, those for other keys included; 0: not
	// known. It is known when all requests were read.
	Total uint64
}

// A Format is a way to write traces.
type Format struct {
	Name       string   // as on a command line
	Title      string   // what a line or record is
	Extensions []string // of files that are in it, without those of compression
	Meta       Meta
	// read passes all requests on until pass returns false.
	read func(r *Reader, pass func(Request) bool) error
	// write is nil where nobody needs more such files.
	write func(w *bufio.Writer, m Meta, requests iter.Seq[Request]) error
}

// CanWrite reports whether [Write] knows the format.
func (f Format) CanWrite() bool { return f.write != nil }

// Table lists all formats.
var Table = []Format{
	{Name: "keytrace", Title: "this package's own: columns in checked blocks", Extensions: []string{".keytrace"}, read: readOwn, write: writeOwn},
	{Name: "plain", Title: "a key a line", Extensions: []string{".keys"}, read: readPlain, write: writePlain},
	{Name: "csv", Title: "columns with a header, or chosen ones", Extensions: []string{".csv", ".tsv"}, read: readCSV, write: writeCSV},
	{Name: "twitter", Title: "timestamp,key,key size,value size,client,operation,TTL; only get and gets are requests", Meta: Meta{Sizes: true, Times: true, Tick: time.Second}, read: readTwitter},
	{Name: "arc", Title: "first block, count of blocks, ignored, request number; a line is count requests", Extensions: []string{".lis"}, read: readARC},
	{Name: "lirs", Title: "a block a line, * between parts", read: readLIRS},
	{Name: "time-id-size", Title: "time, key and size in text, as webcachesim and AdaptSize have it", Extensions: []string{".tr"}, Meta: Meta{Sizes: true, Times: true}, read: readTimeIDSize},
	{Name: "oraclegeneral", Title: "libCacheSim's records of 24 bytes", Extensions: []string{".oraclegeneral", ".oraclegeneral.bin"}, Meta: Meta{Sizes: true, Times: true, Tick: time.Second}, read: readOracle, write: writeOracle},
	{Name: "be32", Title: "32-bit keys, big-endian", read: readBE32},
	{Name: "be64", Title: "64-bit keys, big-endian", read: readBE64},
}

// Lookup returns the format of that name, in any case of letters.
func Lookup(name string) (Format, bool) {
	for _, f := range Table {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return Format{}, false
}

// Options say what a file cannot.
type Options struct {
	// Format is the name of the file's format. Empty: it is recognized.
	Format string
	// Key, Size and Time choose columns of a CSV file, by name or by number from 1.
	// Empty: the columns with usual names are taken; without a header only a file of one
	// column has a key.
	Key, Size, Time string
	// Limit is the largest number of requests; a file with more is an error. 0: 2³¹.
	Limit int64
}

const defaultLimit = 1 << 31

// window is how much of a file is looked at to recognize it, and the longest line.
const window = 64 << 10

// A Reader reads one trace. It is for one goroutine.
type Reader struct {
	Format Format
	// Meta is complete when all requests were read.
	Meta Meta

	in   *bufio.Reader
	opts Options
	done bool
}

// NewReader recognizes what in holds. The name, of which only the extensions count, may be
// empty. Of an empty file the format is plain.
func NewReader(in io.Reader, name string, opts Options) (*Reader, error) {
	plain, err := decompress(bufio.NewReaderSize(in, window))
	if err != nil {
		return nil, err
	}
	r := &Reader{in: bufio.NewReaderSize(plain, window), opts: opts}
	head, err := r.in.Peek(window)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the start of the trace: %w", err)
	}
	if r.Format, err = recognize(name, head, opts); err != nil {
		return nil, err
	}
	r.Meta = r.Format.Meta
	r.Meta.Rate = 1
	if err := r.prepare(head); err != nil {
		return nil, err
	}
	return r, nil
}

// prepare fills in what only the file itself knows of its columns.
func (r *Reader) prepare(head []byte) (err error) {
	switch r.Format.Name {
	case "keytrace":
		r.Meta, err = readHeader(r.in)
	case "csv":
		var c columns
		if c, err = chooseColumns(head, r.opts); err == nil {
			r.Meta.Sizes, r.Meta.Times = c.size >= 0, c.time >= 0
		}
	}
	return err
}

// All returns the requests in order. The first error ends the sequence; one that wraps
// [io.ErrUnexpectedEOF] means that the file was cut off, and all before it is good. All may
// be called once.
func (r *Reader) All() iter.Seq2[Request, error] {
	return func(yield func(Request, error) bool) {
		if r.done {
			yield(Request{}, errors.New("the trace was read already"))
			return
		}
		r.done = true
		most := r.opts.Limit
		if most == 0 {
			most = defaultLimit
		}
		left, stopped, over := most, false, false
		err := r.Format.read(r, func(q Request) bool {
			if left--; left < 0 {
				over = true
				return false
			}
			stopped = !yield(q, nil)
			return !stopped
		})
		switch {
		case stopped:
		case over:
			yield(Request{}, fmt.Errorf("%s trace: more than %d requests", r.Format.Name, most))
		case err != nil:
			yield(Request{}, fmt.Errorf("%s trace: %w", r.Format.Name, err))
		}
	}
}

// Write writes requests in the format of that name. m says which columns they have; a
// format drops those it has no place for. "oraclegeneral" holds all requests in memory,
// since each record says when its key comes next.
func Write(w io.Writer, name string, m Meta, requests iter.Seq[Request]) error {
	f, ok := Lookup(name)
	if !ok || f.write == nil {
		return fmt.Errorf("no such format to write: %q (there are %s)", name, strings.Join(writable(), ", "))
	}
	b := bufio.NewWriterSize(w, window)
	if err := f.write(b, m, requests); err != nil {
		return fmt.Errorf("writing a %s trace: %w", f.Name, err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing a %s trace: %w", f.Name, err)
	}
	return nil
}

func writable() []string {
	var names []string
	for _, f := range Table {
		if f.CanWrite() {
			names = append(names, f.Name)
		}
	}
	return names
}

// NameOf returns the format that a file's extension stands for.
func NameOf(file string) (name string, ok bool) {
	file = strings.ToLower(filepath.Base(file))
	for _, packed := range []string{".gz", ".zst", ".zstd"} {
		file = strings.TrimSuffix(file, packed)
	}
	for _, f := range Table {
		for _, ext := range f.Extensions {
			if strings.HasSuffix(file, ext) {
				return f.Name, true
			}
		}
	}
	return "", false
}

package format

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"math"
	"slices"
	"time"
)

// The own format, version 1; numbers are little-endian, checksums CRC-32C:
//
//	header  magic, version u8, flags u8 (1 sizes, 2 times), tick i64 ns, rate f64, checksum
//	block   length of the payload u32, requests u32, payload, checksum of all three
//	end     a block of 0 requests, whose payload is the total number of requests u64
//
// A payload has a byte that says how keys are written (0: 8 bytes each, 1: signed varints
// of the differences), the keys, the sizes as varints, the times as signed varints of the
// differences. Differences start from 0 in each block, so that what a crash leaves behind
// can be read up to its last whole block.
const (
	magic       = "keytrace"
	version     = 1
	headerSize  = len(magic) + 2 + 8 + 8 + 4
	flagSizes   = 1
	flagTimes   = 2
	keysFixed   = 0
	keysDelta   = 1
	maxBlock    = 1 << 16 // requests
	maxPayload  = 1 + maxBlock*(10+5+10)
	flushedSize = 4096 // requests a block, as they are written
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func seal(b []byte, from int) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[from:], castagnoli))
}

// readHeader reads the header and what it says.
func readHeader(in io.Reader) (m Meta, err error) {
	b := make([]byte, headerSize)
	if _, err := io.ReadFull(in, b); err != nil {
		return m, fmt.Errorf("header of the trace: %w", cutOff(err))
	}
	at := len(magic)
	switch {
	case string(b[:at]) != magic:
		return m, errors.New("not a keytrace file: it does not start with \"keytrace\"")
	case b[at] != version:
		return m, fmt.Errorf("keytrace file of version %d: this program reads version %d", b[at], version)
	case binary.LittleEndian.Uint32(b[headerSize-4:]) != crc32.Checksum(b[:headerSize-4], castagnoli):
		return m, errors.New("header of the trace: wrong checksum")
	}
	m.Sizes, m.Times = b[at+1]&flagSizes != 0, b[at+1]&flagTimes != 0
	m.Tick = max(0, time.Duration(binary.LittleEndian.Uint64(b[at+2:])))
	m.Rate = math.Float64frombits(binary.LittleEndian.Uint64(b[at+10:]))
	if !(m.Rate > 0 && m.Rate <= 1) {
		return m, fmt.Errorf("header of the trace: a sampling rate of %v", m.Rate)
	}
	return m, nil
}

// cutOff turns the end of a file where it must not be into io.ErrUnexpectedEOF.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func readOwn(r *Reader, pass func(Request) bool) error {
	var buf []byte
	var qs []Request
	for n := 1; ; n++ {
		count, payload, err := readBlock(r.in, &buf)
		if err != nil {
			return fmt.Errorf("block %d: %w", n, err)
		}
		if count == 0 {
			r.Meta.Total = binary.LittleEndian.Uint64(payload)
			if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
				return errors.New("something follows the end of the trace")
			}
			return nil
		}
		qs = slices.Grow(qs[:0], count)[:count]
		if err := unpack(payload, qs, r.Meta); err != nil {
			return fmt.Errorf("block %d: %w", n, err)
		}
		for _, q := range qs {
			if !pass(q) {
				return nil
			}
		}
	}
}

func readBlock(in io.Reader, buf *[]byte) (count int, payload []byte, err error) {
	b := append((*buf)[:0], make([]byte, 8)...)
	if _, err := io.ReadFull(in, b); err != nil {
		return 0, nil, cutOff(err)
	}
	length, n := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	if length > maxPayload || n > maxBlock || n == 0 && length != 8 {
		return 0, nil, fmt.Errorf("%d bytes with %d requests cannot be", length, n)
	}
	b = append(b, make([]byte, length+4)...)
	*buf = b
	if _, err := io.ReadFull(in, b[8:]); err != nil {
		return 0, nil, cutOff(err)
	}
	end := 8 + int(length)
	if crc32.Checksum(b[:end], castagnoli) != binary.LittleEndian.Uint32(b[end:]) {
		return 0, nil, errors.New("wrong checksum")
	}
	return int(n), b[8:end], nil
}

var errPayload = errors.New("its columns do not fit its length")

// unpack sets all fields of qs to what a block says.
func unpack(b []byte, qs []Request, m Meta) error {
	clear(qs)
	count := len(qs)
	if len(b) < 1+count || b[0] > keysDelta {
		return errPayload
	}
	fixed := b[0] == keysFixed
	b = b[1:]
	switch {
	case !fixed:
		b = differences(b, count, func(i int, v int64) { qs[i].Key = uint64(v) })
	case len(b) < 8*count:
		return errPayload
	default:
		for i := range qs {
			qs[i].Key = binary.LittleEndian.Uint64(b[8*i:])
		}
		b = b[8*count:]
	}
	if m.Sizes {
		for i := range qs {
			v, n := binary.Uvarint(b)
			if n <= 0 {
				return errPayload
			}
			qs[i].Size = clip(v)
			b = b[n:]
		}
	}
	if m.Times {
		b = differences(b, count, func(i int, v int64) { qs[i].Time = v })
	}
	if b == nil || len(b) > 0 {
		return errPayload
	}
	return nil
}

// differences sets count values from signed varints and returns what follows them, nil if
// they do not fit.
func differences(b []byte, count int, set func(i int, v int64)) []byte {
	last := int64(0)
	for i := range count {
		d, n := binary.Varint(b)
		if n <= 0 {
			return nil
		}
		last += d
		set(i, last)
		b = b[n:]
	}
	return b
}

// A Writer writes the own format as requests come in. It is for one goroutine.
type Writer struct {
	w    io.Writer
	m    Meta
	held []Request
	buf  []byte
	err  error
}

// NewWriter writes the header of a trace. A rate of 0 stands for 1.
func NewWriter(w io.Writer, m Meta) (*Writer, error) {
	if m.Rate == 0 {
		m.Rate = 1
	}
	b := append([]byte(magic), version, 0)
	if m.Sizes {
		b[len(b)-1] |= flagSizes
	}
	if m.Times {
		b[len(b)-1] |= flagTimes
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(m.Tick))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(m.Rate))
	if _, err := w.Write(seal(b, 0)); err != nil {
		return nil, fmt.Errorf("writing the header of a trace: %w", err)
	}
	return &Writer{w: w, m: m, held: make([]Request, 0, flushedSize)}, nil
}

// Write adds a request. Requests are written in blocks of 4096. After an error all calls
// return it.
func (w *Writer) Write(q Request) error {
	if w.err != nil {
		return w.err
	}
	w.held = append(w.held, q)
	if len(w.held) == flushedSize {
		return w.Flush()
	}
	return nil
}

// Flush writes the requests that are held back.
func (w *Writer) Flush() error {
	if w.err != nil || len(w.held) == 0 {
		return w.err
	}
	w.buf = w.pack(w.buf[:0])
	w.held = w.held[:0]
	return w.write(w.buf)
}

func (w *Writer) write(b []byte) error {
	if _, err := w.w.Write(b); err != nil {
		w.err = fmt.Errorf("writing a block of a trace: %w", err)
	}
	return w.err
}

// Close writes what is held back and the end mark: that there were total requests, 0 if
// that is not known. It does not close the underlying writer.
func (w *Writer) Close(total uint64) error {
	if err := w.Flush(); err != nil {
		return err
	}
	b := binary.LittleEndian.AppendUint32(nil, 8)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint64(b, total)
	err := w.write(seal(b, 0))
	if err == nil {
		w.err = errors.New("the trace is closed")
	}
	return err
}

// pack appends the requests that are held as a block.
func (w *Writer) pack(b []byte) []byte {
	start := len(b)
	b = append(b, make([]byte, 8)...)
	b = appendKeys(b, w.held)
	if w.m.Sizes {
		for _, q := range w.held {
			b = binary.AppendUvarint(b, uint64(q.Size))
		}
	}
	if w.m.Times {
		last := int64(0)
		for _, q := range w.held {
			b = binary.AppendVarint(b, q.Time-last)
			last = q.Time
		}
	}
	binary.LittleEndian.PutUint32(b[start:], uint32(len(b)-start-8))
	binary.LittleEndian.PutUint32(b[start+4:], uint32(len(w.held)))
	return seal(b, start)
}

// appendKeys appends keys in the shorter of the two encodings.
func appendKeys(b []byte, qs []Request) []byte {
	start, last := len(b), uint64(0)
	b = append(b, keysDelta)
	for _, q := range qs {
		b = binary.AppendVarint(b, int64(q.Key-last))
		last = q.Key
	}
	if len(b)-start <= 1+8*len(qs) {
		return b
	}
	b = append(b[:start], keysFixed)
	for _, q := range qs {
		b = binary.LittleEndian.AppendUint64(b, q.Key)
	}
	return b
}

func writeOwn(w *bufio.Writer, m Meta, requests iter.Seq[Request]) error {
	out, err := NewWriter(w, m)
	if err != nil {
		return err
	}
	for q := range requests {
		if err := out.Write(q); err != nil {
			return err
		}
	}
	return out.Close(m.Total)
}

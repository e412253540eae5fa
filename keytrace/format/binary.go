package format

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
)

// records passes a file in records of n bytes on.
func records(in io.Reader, n int, pass func(record []byte) bool) error {
	record := make([]byte, n)
	for i := 1; ; i++ {
		switch _, err := io.ReadFull(in, record); {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("record %d: the file ends inside its %d bytes: %w", i, n, err)
		case err != nil:
			return fmt.Errorf("record %d: %w", i, err)
		}
		if !pass(record) {
			return nil
		}
	}
}

func readBE32(r *Reader, pass func(Request) bool) error {
	return records(r.in, 4, func(b []byte) bool {
		return pass(Request{Key: uint64(binary.BigEndian.Uint32(b))})
	})
}

func readBE64(r *Reader, pass func(Request) bool) error {
	return records(r.in, 8, func(b []byte) bool {
		return pass(Request{Key: binary.BigEndian.Uint64(b)})
	})
}

// oracleRecord is the length of libCacheSim's record: u32 time in seconds, u64 key, u32
// size, i64 position of the key's next request or -1, little-endian.
const oracleRecord = 24

func readOracle(r *Reader, pass func(Request) bool) error {
	return records(r.in, oracleRecord, func(b []byte) bool {
		return pass(Request{
			Key:  binary.LittleEndian.Uint64(b[4:]),
			Size: binary.LittleEndian.Uint32(b[12:]),
			Time: int64(binary.LittleEndian.Uint32(b)),
		})
	})
}

// writeOracle writes times as seconds from the first one, and 1 for sizes that are not
// known.
func writeOracle(w *bufio.Writer, m Meta, requests iter.Seq[Request]) error {
	var all []Request
	for q := range requests {
		all = append(all, q)
	}
	next, last := make([]int64, len(all)), make(map[uint64]int64)
	for i := len(all) - 1; i >= 0; i-- {
		next[i] = -1
		if at, ok := last[all[i].Key]; ok {
			next[i] = at
		}
		last[all[i].Key] = int64(i)
	}
	for i, q := range all {
		if !m.Sizes {
			q.Size = 1
		}
		seconds := int64(0)
		if m.Times {
			seconds = max(0, q.Time-all[0].Time)
			if m.Tick > 0 {
				seconds = int64(float64(seconds) * m.Tick.Seconds())
			}
		}
		b := binary.LittleEndian.AppendUint32(w.AvailableBuffer(), clip(uint64(seconds)))
		b = binary.LittleEndian.AppendUint64(b, q.Key)
		b = binary.LittleEndian.AppendUint32(b, q.Size)
		if _, err := w.Write(binary.LittleEndian.AppendUint64(b, uint64(next[i]))); err != nil {
			return err
		}
	}
	return nil
}

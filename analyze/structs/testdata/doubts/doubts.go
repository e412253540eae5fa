// Package doubts uses a type in ways that depend on the order of its fields.
package doubts

import (
	"encoding/binary"
	"io"
	"sync/atomic"
	"unsafe"
)

// A Record is on disk, in memory shared with others, and in JSON.
type Record struct {
	Live  bool `json:"live"`
	Count int64
	Last  bool
}

// A Twin has the fields of Record.
type Twin struct {
	Live  bool `json:"live"`
	Count int64
	Last  bool
}

func uses(w io.Writer, r *Record) error {
	*r = Record{true, 1, false}
	*r = Record{Live: true}
	*r = Record{}
	_ = Twin(*r)
	_ = *(*[24]byte)(unsafe.Pointer(r))
	_ = unsafe.Offsetof(r.Last)
	atomic.AddInt64(&r.Count, 1)
	return binary.Write(w, binary.LittleEndian, r)
}

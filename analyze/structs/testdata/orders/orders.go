// Package orders holds structs that may or must not be reordered.
package orders

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"sync/atomic"
	"unsafe"
)

// Safe has comments and tags.
type Safe struct {
	// A is the first.
	A    bool  `json:"a"`
	B, C int64 // two of a kind
	D    bool  /* and
	another line */
	f func(
		a int,
	) error
	Safe2
	E bool `json:"e"`
}

// Safe2 is embedded.
type Safe2 struct {
	a bool
	b *int
	c bool
}

// Unkeyed is written without names below.
type Unkeyed struct { // unkeyed
	a bool
	b int64
	c bool
}

var unkeyed = []*Unkeyed{{true, 1, false}}

// Tested is written so in a test.
type Tested struct { // tested
	a bool
	b int64
	c bool
}

// Other is written so for another system.
type Other struct { // other
	a bool
	b int64
	c bool
}

// Offset is asked for an offset.
type Offset struct { // offset
	a bool
	b int64
	c bool
}

const offset = unsafe.Offsetof(Offset{}.b)

// Cast lies in what is cast.
type Cast struct { // cast
	a bool
	b int64
	c bool
}

type outer struct{ inner [2]Cast }

func cast(o *outer) *byte { return (*byte)(unsafe.Pointer(o)) }

// Wire is written in binary, within another.
type Wire struct { // wire
	A bool
	B int64
	C bool
}

func wire() error { return binary.Write(new(bytes.Buffer), binary.LittleEndian, &struct{ W Wire }{}) }

// Reflected is looked into.
type Reflected struct { // reflected
	A bool
	B int64
	C bool
}

var fields = reflect.TypeFor[Reflected]().NumField()

// Counter is counted in.
type Counter struct { // counter
	a bool
	b int64
	c bool
}

func (c *Counter) inc() { atomic.AddInt64(&c.b, 1) }

// Twin is converted.
type Twin struct { // twin
	x bool
	y int64
	z bool
}

type twin struct {
	x bool
	y int64
	z bool
}

func convert(t Twin) twin { return twin(t) }

// Nameless is assigned to a struct without a name.
type Nameless struct { // nameless
	p bool
	q int64
	r bool
}

var nameless struct {
	p bool
	q int64
	r bool
} = Nameless{}

// Commented has a heading.
type Commented struct { // commented
	a bool

	// The counters:

	b int64
	c bool
}

// OneLine is written in one line.
type OneLine struct{ a bool; b int64; c bool } // oneline

// Padded is padded.
type Padded struct { // padded
	a bool
	_ [7]byte
	b int64
	c bool
	d int64
	e bool
}

package whetprobe

import (
	"reflect"
	"unsafe"
)

// A Call is the state of a watched call while its arguments are evaluated: a variable of
// the function in which it stands. Its zero value is ready.
type Call struct {
	hash  uint64
	k     Token
	spent int64   // on hashing the arguments so far, where that is timed
	text  *[]byte // of the arguments so far, where they are wanted
}

// Arg hashes an argument and returns it.
//
//go:nocheckptr
func Arg[T any](c *Call, i uint32, v T) T {
	c.arg(i, typeOf[T](), hide(&v))
	return v
}

// ArgStr is Arg of a string.
func ArgStr[T ~string](c *Call, i uint32, v T) T {
	if began, ok := hashes(i); ok {
		c.hash = Str(c.hash, v)
		c.took(began)
		if wanted(i) {
			c.put(typeOf[T](), hide(&v))
		}
	}
	return v
}

// ArgInt is Arg of an integer.
func ArgInt[T integer](c *Call, i uint32, v T) T {
	if began, ok := hashes(i); ok {
		c.hash = Int(c.hash, v)
		c.took(began)
		if wanted(i) {
			c.put(typeOf[T](), hide(&v))
		}
	}
	return v
}

// ArgFlat is Arg of a slice of numbers, by its elements.
//
//go:nocheckptr
func ArgFlat[S ~[]E, E any](c *Call, i uint32, v S) S {
	if began, ok := hashes(i); ok {
		c.hash = Flat(c.hash, v)
		c.took(began)
		if wanted(i) {
			c.put(typeOf[S](), hide(&v))
		}
	}
	return v
}

//go:norace
func (c *Call) arg(i uint32, word, p unsafe.Pointer) {
	began, ok := hashes(i)
	if !ok {
		return
	}
	c.hash = val(c.hash, word, p)
	c.took(began)
	if wanted(i) {
		c.put(word, p)
	}
}

// wanted reports whether the arguments of a call of the site may be wanted as text: of
// some of the first calls, and now and then later.
//
//go:norace
func wanted(i uint32) bool {
	s := siteOf(i)
	return texts && s.NText < Texts && (s.Looked < 16 || s.Looked&63 == 0)
}

func (c *Call) put(word, p unsafe.Pointer) {
	if c.text == nil {
		c.text = new([]byte)
	}
	b := append(*c.text, 0x1f)
	*c.text = append(text(b, reflect.NewAt(typeAt(word), p).Elem(), len(b)+longest, 0), 0x1e)
}

// The last argument is given to one of these, which count the call.

// Last is Arg of the last argument.
//
//go:nocheckptr
func Last[T any](c *Call, i uint32, v T) T {
	c.arg(i, typeOf[T](), hide(&v))
	c.enter(i)
	return v
}

// LastStr is ArgStr of the last argument.
func LastStr[T ~string](c *Call, i uint32, v T) T {
	ArgStr(c, i, v)
	c.enter(i)
	return v
}

// LastInt is ArgInt of the last argument.
func LastInt[T integer](c *Call, i uint32, v T) T {
	ArgInt(c, i, v)
	c.enter(i)
	return v
}

// LastFlat is ArgFlat of the last argument.
func LastFlat[S ~[]E, E any](c *Call, i uint32, v S) S {
	ArgFlat(c, i, v)
	c.enter(i)
	return v
}

//go:norace
func (c *Call) enter(i uint32) {
	if base == nil {
		return
	}
	if s := siteOf(i); c.spent != 0 && cas(&s.Off, clock, 0) {
		s.hashed(c.spent + tickNs)
	}
	c.spent = 0
	c.k = Enter(i, mix(c.hash, Seed))
	if c.k.Wants() && c.text != nil {
		siteOf(i).keep(c.k.hash, *c.text)
	}
	c.hash, c.text = 0, nil
}

// Ret ends a watched call with one result, and returns it.
func Ret[A any](c *Call, a A) A {
	if c.k.On() {
		Exit1(c.k, &a)
		c.k = Token{}
	}
	return a
}

// Ret2 returns the function that ends a watched call with two results, and returns them.
func Ret2[A, B any](c *Call) func(A, B) (A, B) {
	return func(a A, b B) (A, B) {
		if c.k.On() {
			Exit2(c.k, &a, &b)
			c.k = Token{}
		}
		return a, b
	}
}

// Same counts a call whose arguments are all constants, after it, and returns its result.
func Same[A any](c *Call, i uint32, a A) A {
	c.enter(i)
	return Ret(c, a)
}

// Same2 is Same of a call with two results.
func Same2[A, B any](c *Call, i uint32) func(A, B) (A, B) {
	return func(a A, b B) (A, B) {
		c.enter(i)
		return Ret2[A, B](c)(a, b)
	}
}

// Done wraps the last argument of a call whose end is not watched.
func Done[T any](c *Call, v T) T {
	if c.k.On() {
		exit(c.k, Seed, 0)
		c.k = Token{}
	}
	return v
}

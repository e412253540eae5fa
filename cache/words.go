package cache

import (
	"reflect"
	"slices"
	"sync/atomic"
	"unsafe"
)

// Keys and values lie in the table itself, not behind pointers, and readers copy them
// while a writer may be replacing them. Go has no atomic copy of an arbitrary type, so a
// value is copied a word at a time, each word atomically, and the copy is thrown away
// unless the bucket's sequence number shows that no writer was there (table.go). Words
// that hold pointers are copied as pointers, so that the garbage collector sees them.

const wordSize = unsafe.Sizeof(uintptr(0))

// A cell gives T the size and the alignment of whole words.
type cell[T any] struct {
	_ [0]uintptr
	v T
}

// pointerWords returns which words of a cell of t hold pointers, nil if none does.
func pointerWords(t reflect.Type) []bool {
	words := make([]bool, (t.Size()+wordSize-1)/wordSize)
	if !markPointers(t, 0, words) {
		return nil
	}
	return words
}

func markPointers(t reflect.Type, at uintptr, words []bool) (found bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func, reflect.String, reflect.Slice:
		words[at/wordSize] = true
		return true
	case reflect.Interface:
		words[at/wordSize], words[at/wordSize+1] = true, true
		return true
	case reflect.Struct:
		for f := range t.Fields() {
			found = markPointers(f.Type, at+f.Offset, words) || found
		}
	case reflect.Array:
		if t.Len() > 0 && markPointers(t.Elem(), at, words) {
			for i := 1; i < t.Len(); i++ {
				markPointers(t.Elem(), at+uintptr(i)*t.Elem().Size(), words)
			}
			found = true
		}
	}
	return found
}

// A copying says how the words of a type are copied.
type copying struct {
	how      copyHow
	pointers []bool // of copyMixed; see pointerWords
}

type copyHow uint8

const (
	copyPlain copyHow = iota // no word is a pointer
	copyFirst                // the first one is, as in strings, slices and pointers
	copyMixed
)

func newCopying(t reflect.Type) copying {
	words := pointerWords(t)
	switch {
	case words == nil:
		return copying{}
	case words[0] && !slices.Contains(words[1:], true):
		return copying{copyFirst, words}
	}
	return copying{copyMixed, words}
}

// The types that most keys and values are: read copies them without a call.

// simpleKey reports whether loadWord or loadPair copies keys of type K.
func simpleKey[K any](how copyHow) bool {
	return unsafe.Sizeof(cell[K]{}) == wordSize && how == copyPlain || unsafe.Sizeof(cell[K]{}) == 2*wordSize && how == copyFirst
}

// simpleValue reports whether loadWord, loadPointer, loadPair or loadTriple copies values of
// type V.
func simpleValue[V any](how copyHow) bool {
	switch unsafe.Sizeof(cell[V]{}) {
	case wordSize:
		return how != copyMixed
	case 2 * wordSize, 3 * wordSize:
		return how == copyFirst
	}
	return false
}

// loadWord loads a word that is no pointer.
func loadWord[T any](c *cell[T]) T {
	w := atomic.LoadUintptr((*uintptr)(unsafe.Pointer(c)))
	return (*cell[T])(unsafe.Pointer(&w)).v
}

func loadPointer[T any](c *cell[T]) T {
	w := atomic.LoadPointer((*unsafe.Pointer)(unsafe.Pointer(c)))
	return (*cell[T])(unsafe.Pointer(&w)).v
}

// A pair is a string, or another pointer with a word.
type pair struct {
	first  unsafe.Pointer
	second uintptr
}

func loadPair[T any](c *cell[T]) T {
	p := (*pair)(unsafe.Pointer(c))
	w := pair{atomic.LoadPointer(&p.first), atomic.LoadUintptr(&p.second)}
	return (*cell[T])(unsafe.Pointer(&w)).v
}

// A triple is a slice, or another pointer with two words.
type triple struct {
	pair
	third uintptr
}

func loadTriple[T any](c *cell[T]) T {
	p := (*triple)(unsafe.Pointer(c))
	w := triple{pair{atomic.LoadPointer(&p.first), atomic.LoadUintptr(&p.second)}, atomic.LoadUintptr(&p.third)}
	return (*cell[T])(unsafe.Pointer(&w)).v
}

// load returns the T in c. It must be checked against the bucket's sequence number
// before anything in it is followed.
func load[T any](c *cell[T], as *copying) T {
	if unsafe.Sizeof(*c) == wordSize && as.how == copyPlain {
		return loadWord(c)
	}
	return loadWords(c, as)
}

func loadWords[T any](c *cell[T], as *copying) T {
	var x cell[T]
	x.load(c, as)
	return x.v
}

// load is the function load, into c.
func (c *cell[T]) load(source *cell[T], as *copying) {
	from, to, at := unsafe.Pointer(source), unsafe.Pointer(c), uintptr(0)
	switch {
	case as.how == copyMixed:
		loadMixed(to, from, as.pointers)
		return
	case as.how == copyFirst:
		*(*unsafe.Pointer)(to) = atomic.LoadPointer((*unsafe.Pointer)(from))
		at = wordSize
	}
	for ; at < unsafe.Sizeof(*c); at += wordSize {
		*(*uintptr)(unsafe.Add(to, at)) = atomic.LoadUintptr((*uintptr)(unsafe.Add(from, at)))
	}
}

func loadMixed(to, from unsafe.Pointer, pointers []bool) {
	for i, p := range pointers {
		to, from := unsafe.Add(to, uintptr(i)*wordSize), unsafe.Add(from, uintptr(i)*wordSize)
		if p {
			*(*unsafe.Pointer)(to) = atomic.LoadPointer((*unsafe.Pointer)(from))
		} else {
			*(*uintptr)(to) = atomic.LoadUintptr((*uintptr)(from))
		}
	}
}

// store writes v to c.
func store[T any](c *cell[T], v T, as *copying) {
	x := cell[T]{v: v}
	from, to := unsafe.Pointer(&x), unsafe.Pointer(c)
	for i := range unsafe.Sizeof(x) / wordSize {
		to, from := unsafe.Add(to, i*wordSize), unsafe.Add(from, i*wordSize)
		if as.how != copyPlain && as.pointers[i] {
			setPointer(to, *(*unsafe.Pointer)(from))
		} else {
			setWord(to, *(*uintptr)(from))
		}
	}
}

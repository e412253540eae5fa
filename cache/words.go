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

// load returns the T at from. It must be checked against the bucket's sequence number
// before anything in it is followed.
func load[T any](from unsafe.Pointer, c *copying) T {
	if unsafe.Sizeof(cell[T]{}) == wordSize && c.how == copyPlain {
		w := atomic.LoadUintptr((*uintptr)(from))
		return (*cell[T])(unsafe.Pointer(&w)).v
	}
	return loadWords[T](from, c)
}

func loadWords[T any](from unsafe.Pointer, c *copying) T {
	var x cell[T]
	to, at := unsafe.Pointer(&x), uintptr(0)
	switch {
	case c.how == copyMixed:
		loadMixed(to, from, c.pointers)
		return x.v
	case c.how == copyFirst:
		*(*unsafe.Pointer)(to) = atomic.LoadPointer((*unsafe.Pointer)(from))
		at = wordSize
	}
	for ; at < unsafe.Sizeof(x); at += wordSize {
		*(*uintptr)(unsafe.Add(to, at)) = atomic.LoadUintptr((*uintptr)(unsafe.Add(from, at)))
	}
	return x.v
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

// store writes v to to.
func store[T any](to unsafe.Pointer, v T, c *copying) {
	x := cell[T]{v: v}
	from := unsafe.Pointer(&x)
	for i := range unsafe.Sizeof(x) / wordSize {
		to, from := unsafe.Add(to, i*wordSize), unsafe.Add(from, i*wordSize)
		if c.how != copyPlain && c.pointers[i] {
			setPointer(to, *(*unsafe.Pointer)(from))
		} else {
			setWord(to, *(*uintptr)(from))
		}
	}
}

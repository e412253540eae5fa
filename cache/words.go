package cache

import (
	"reflect"
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

// load returns the T at from. It must be checked against the bucket's sequence number
// before anything in it is followed.
func load[T any](from unsafe.Pointer, pointers []bool) T {
	if unsafe.Sizeof(cell[T]{}) == wordSize && pointers == nil {
		w := atomic.LoadUintptr((*uintptr)(from))
		return (*cell[T])(unsafe.Pointer(&w)).v
	}
	return loadWords[T](from, pointers)
}

func loadWords[T any](from unsafe.Pointer, pointers []bool) T {
	var c cell[T]
	to := unsafe.Pointer(&c)
	for i := range unsafe.Sizeof(c) / wordSize {
		if pointers != nil && pointers[i] {
			*(*unsafe.Pointer)(unsafe.Add(to, i*wordSize)) = atomic.LoadPointer((*unsafe.Pointer)(unsafe.Add(from, i*wordSize)))
		} else {
			*(*uintptr)(unsafe.Add(to, i*wordSize)) = atomic.LoadUintptr((*uintptr)(unsafe.Add(from, i*wordSize)))
		}
	}
	return c.v
}

// store writes v to to.
func store[T any](to unsafe.Pointer, v T, pointers []bool) {
	c := cell[T]{v: v}
	from := unsafe.Pointer(&c)
	for i := range unsafe.Sizeof(c) / wordSize {
		if pointers != nil && pointers[i] {
			atomic.StorePointer((*unsafe.Pointer)(unsafe.Add(to, i*wordSize)), *(*unsafe.Pointer)(unsafe.Add(from, i*wordSize)))
		} else {
			atomic.StoreUintptr((*uintptr)(unsafe.Add(to, i*wordSize)), *(*uintptr)(unsafe.Add(from, i*wordSize)))
		}
	}
}

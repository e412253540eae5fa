package whetprobe

import (
	"reflect"
	"sync/atomic"
	"unsafe"
)

// A kind is what hashing must know of a type, worked out when the first value of it is met.
// It is plain data and not a closure, so that all that reads it can be kept from the race
// detector.
type kind struct {
	word   unsafe.Pointer // of the type
	op     op
	direct bool // an interface holds the value itself
	held   bool // it holds addresses
	bare   bool // of an interface: it has no methods
	size   uintptr
	fields []field // of a struct
	elem   *kind   // of an array and a slice
	n      uintptr // of an array
}

type field struct {
	at   uintptr
	kind *kind
}

type op uint8

const (
	opFlat  op = iota // size bytes
	opStr             // a string
	opSlice           //
	opIface           //
	opArray           //
	opStruct
	opWord  // an address
	opError // the address of an error that begins with its text
)

// kinds are those met, by the address of their type, with linear probing. Types that find
// no place there are worked out each time.
var kinds [1024]unsafe.Pointer // of kind

// typeOf returns the address of the description of T.
//
//go:norace
func typeOf[T any]() unsafe.Pointer { return wordOf(reflect.TypeOf((*T)(nil)).Elem()) }

//go:norace
func wordOf(t reflect.Type) unsafe.Pointer {
	return (*eface)(unsafe.Pointer(&t)).data // a *reflect.rtype
}

// An eface is an interface without methods in memory.
type eface struct{ typ, data unsafe.Pointer }

// typeAt returns the type whose description is at word.
//
//go:norace
func typeAt(word unsafe.Pointer) reflect.Type {
	var v any
	(*eface)(unsafe.Pointer(&v)).typ = word
	return reflect.TypeOf(v)
}

//go:norace
func known(word unsafe.Pointer) *kind {
	at := uintptr(word) >> 4 * 0x9e3779b1 >> 7
	for i := range uintptr(16) {
		slot := &kinds[(at+i)%uintptr(len(kinds))]
		k := (*kind)(loadp(slot))
		if k == nil {
			k = newKind(typeAt(word))
			if atomic.CompareAndSwapPointer(slot, nil, unsafe.Pointer(k)) {
				return k
			}
			k = (*kind)(loadp(slot))
		}
		if k.word == word {
			return k
		}
	}
	return newKind(typeAt(word))
}

//go:norace
func newKind(t reflect.Type) *kind {
	k := &kind{word: wordOf(t), size: t.Size(), direct: direct(t)}
	if flat(t) {
		return k
	}
	switch t.Kind() {
	case reflect.String:
		k.op = opStr
	case reflect.Slice:
		k.op, k.held = opSlice, true
		if flat(t.Elem()) {
			k.elem = newKind(t.Elem())
		}
	case reflect.Interface:
		k.op, k.bare, k.held = opIface, t.NumMethod() == 0, true
	case reflect.Array:
		k.op, k.n, k.elem = opArray, uintptr(min(t.Len(), whole)), newKind(t.Elem())
		k.held = k.elem.held && k.n > 0
	case reflect.Struct:
		k.op = opStruct
		k.addFields(t)
	default:
		k.op, k.held = opWord, true
		if isError(t) {
			k.op = opError
		}
	}
	return k
}

//go:norace
func (k *kind) addFields(t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "_" {
			continue
		}
		fk := newKind(f.Type)
		k.fields = append(k.fields, field{f.Offset, fk})
		k.held = k.held || fk.held
	}
}

// flat reports whether hashing the memory of a t is hashing its value: it holds no
// pointers, no padding and no unused fields.
//
//go:norace
func flat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return flat(t.Elem())
	case reflect.Struct:
		var sum uintptr
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Name == "_" || !flat(f.Type) {
				return false
			}
			sum += f.Type.Size()
		}
		return sum == t.Size()
	}
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Complex128
}

// direct reports whether an interface holds a t itself, which is one pointer, and not the
// address of a copy.
func direct(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return true
	case reflect.Array:
		return t.Len() == 1 && direct(t.Elem())
	case reflect.Struct:
		return t.NumField() == 1 && direct(t.Field(0).Type)
	}
	return false
}

// isError reports whether t points to an error that begins with its text, which nobody
// changes once it is made.
func isError(t reflect.Type) bool {
	switch t.String() {
	case "*errors.errorString", "*fmt.wrapError", "*fmt.wrapErrors":
		return true
	}
	return false
}

//go:norace
func val(h uint64, word, p unsafe.Pointer) uint64 { return known(word).in(h, p) }

// in hashes an input. It follows no pointer but a string's and that of an interface to the
// copy that it holds, neither of which anybody may write.
//
//go:norace
func (k *kind) in(h uint64, p unsafe.Pointer) uint64 {
	switch k.op {
	case opFlat:
		return memory(h, p, k.size)
	case opStr:
		return hashString(h, p)
	case opSlice:
		s := (*[2]uintptr)(p)
		return mix(mix(h, uint64(s[0])), uint64(s[1]))
	case opIface:
		if held, q := k.inside(p); held != nil {
			return held.in(mix(h, uint64(uintptr(held.word))), q)
		}
		return mix(h, 5)
	case opArray:
		for i := range k.n {
			h = k.elem.in(h, unsafe.Add(p, i*k.elem.size))
		}
		return h
	case opStruct:
		for i := range k.fields {
			h = k.fields[i].kind.in(h, unsafe.Add(p, k.fields[i].at))
		}
		return h
	}
	return mix(h, uint64(*(*uintptr)(p)))
}

// inside returns the kind of what the interface at p holds, and where it is; nil if it
// holds nothing.
//
//go:norace
func (k *kind) inside(p unsafe.Pointer) (*kind, unsafe.Pointer) {
	i := (*eface)(p)
	if i.typ == nil {
		return nil, nil
	}
	word := i.typ
	if !k.bare {
		word = *(*unsafe.Pointer)(unsafe.Add(i.typ, unsafe.Sizeof(uintptr(0)))) // itab: interface, type
	}
	held := known(word)
	if held.direct {
		return held, unsafe.Pointer(&i.data)
	}
	return held, i.data
}

//go:norace
func hashString(h uint64, p unsafe.Pointer) uint64 {
	return memory(h, *(*unsafe.Pointer)(p), *(*uintptr)(unsafe.Add(p, unsafe.Sizeof(uintptr(0)))))
}

package whetprobe

import (
	"reflect"
	"unsafe"
)

//go:norace
func (o *output) add(word, p unsafe.Pointer) {
	k := known(word)
	if o.out == 0 {
		o.out = Seed
	}
	if o.fresh {
		o.out = deep(o.out, typeAt(word), p)
	} else {
		o.out = k.out(o.out, p)
	}
	o.id = k.id(o.id, p)
}

// out hashes what can be compared of a result that others may hold: values, the elements
// of slices of numbers, the text of plain errors, and of what else lies behind pointers
// whether there is any, since two computations of it give two addresses.
//
//go:norace
func (k *kind) out(h uint64, p unsafe.Pointer) uint64 {
	switch k.op {
	case opFlat:
		return memory(h, p, k.size)
	case opStr:
		return hashString(h, p)
	case opSlice:
		return k.slice(h, p)
	case opIface:
		if held, q := k.inside(p); held != nil {
			return held.out(mix(h, uint64(uintptr(held.word))), q)
		}
		return mix(h, 5)
	case opArray:
		for i := range k.n {
			h = k.elem.out(h, unsafe.Add(p, i*k.elem.size))
		}
		return h
	case opStruct:
		for i := range k.fields {
			h = k.fields[i].kind.out(h, unsafe.Add(p, k.fields[i].at))
		}
		return h
	case opError:
		if e := *(*unsafe.Pointer)(p); e != nil {
			return hashString(h, e)
		}
	}
	return hashNil(h, p)
}

//go:norace
func hashNil(h uint64, p unsafe.Pointer) uint64 {
	if *(*uintptr)(p) == 0 {
		return mix(h, 4)
	}
	return mix(h, 6)
}

//go:norace
func (k *kind) slice(h uint64, p unsafe.Pointer) uint64 {
	n := *(*uintptr)(unsafe.Add(p, unsafe.Sizeof(uintptr(0))))
	h = mix(hashNil(h, p), uint64(n))
	if k.elem != nil {
		return memory(h, *(*unsafe.Pointer)(p), n*k.elem.size)
	}
	return h
}

// id hashes the addresses in a result. Of one without any it leaves h as it is.
//
//go:norace
func (k *kind) id(h uint64, p unsafe.Pointer) uint64 {
	if !k.held {
		return h
	}
	switch k.op {
	case opIface:
		if held, q := k.inside(p); held != nil && held.held {
			return held.id(mix(h, uint64(uintptr(held.word))), q)
		}
	case opArray:
		for i := range k.n {
			h = k.elem.id(h, unsafe.Add(p, i*k.elem.size))
		}
	case opStruct:
		for i := range k.fields {
			h = k.fields[i].kind.id(h, unsafe.Add(p, k.fields[i].at))
		}
	default:
		if a := *(*uintptr)(p); a != 0 {
			return mix(h, uint64(a))
		}
	}
	return h
}

// nodes bounds how much of a fresh result is walked.
const nodes = 1 << 12

// deep hashes a result that nobody else holds, to any depth; of what is larger than nodes
// the rest counts as equal.
func deep(h uint64, t reflect.Type, p unsafe.Pointer) uint64 {
	w := walk{left: nodes}
	return w.value(h, reflect.NewAt(t, p).Elem(), 0)
}

type walk struct{ left int }

func (w *walk) value(h uint64, v reflect.Value, depth int) uint64 {
	if w.left--; w.left < 0 || depth > 64 {
		return h
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return mix(h, 4)
		}
		return w.value(mix(h, 6), v.Elem(), depth+1)
	case reflect.Interface:
		if v.IsNil() {
			return mix(h, 5)
		}
		e := v.Elem()
		return w.value(Str(h, e.Type().String()), e, depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			h = w.value(h, v.Field(i), depth+1)
		}
		return h
	case reflect.Slice, reflect.Array:
		return w.elements(h, v, depth)
	case reflect.Map:
		return w.entries(h, v, depth)
	}
	return leaf(h, v)
}

func (w *walk) elements(h uint64, v reflect.Value, depth int) uint64 {
	h = mix(h, uint64(v.Len()))
	for i := 0; i < v.Len() && w.left > 0; i++ {
		h = w.value(h, v.Index(i), depth+1)
	}
	return h
}

// entries hashes a map in no order: what each entry may take of the budget does not depend
// on the others.
func (w *walk) entries(h uint64, v reflect.Value, depth int) uint64 {
	n := v.Len()
	sum := uint64(n)
	if n > 0 && n < w.left/2 { // a part of a larger one would be a random part
		each := w.left / n
		for it := v.MapRange(); it.Next(); {
			e := walk{left: each}
			sum += e.value(e.value(Seed, it.Key(), depth+1), it.Value(), depth+1)
		}
		w.left -= n * each
		w.left = 0
	}
	return mix(h, sum)
}

func leaf(h uint64, v reflect.Value) uint64 {
	switch {
	case v.CanInt():
		return mix(h, uint64(v.Int()))
	case v.CanUint():
		return mix(h, v.Uint())
	case v.CanFloat():
		return Float(h, v.Float())
	case v.CanComplex():
		c := v.Complex()
		return Float(Float(h, real(c)), imag(c))
	}
	switch v.Kind() {
	case reflect.Bool:
		return Bool(h, v.Bool())
	case reflect.String:
		return Str(h, v.String())
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return Bool(h, v.IsNil())
	}
	return h
}

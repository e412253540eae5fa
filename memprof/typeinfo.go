package memprof

import (
	"reflect"
	"strings"
	"unsafe"
)

// A typeInfo is what a walk needs to know of a type.
type typeInfo struct {
	typ      reflect.Type
	kind     reflect.Kind
	size     uintptr
	pointers bool      // a value holds some
	direct   bool      // an interface holds the value, not a pointer to it
	elem     *typeInfo // of pointers, slices, arrays, channels, maps
	key      *typeInfo // of maps
	fields   []field   // of structs: those that hold pointers
}

type field struct {
	offset uintptr
	t      *typeInfo
}

// info returns what there is to know of t. Element types are looked into, so the cyclic
// ones are noted before they are complete.
func (w *walker) info(t reflect.Type) *typeInfo {
	if ti := w.types[t]; ti != nil {
		return ti
	}
	ti := &typeInfo{typ: t, kind: t.Kind(), size: t.Size(), pointers: hasPointers(t)}
	w.types[t] = ti
	ti.direct = isDirect(t)
	switch ti.kind {
	case reflect.Map:
		ti.key, ti.elem = w.info(t.Key()), w.info(t.Elem())
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		ti.elem = w.info(t.Elem())
	case reflect.Struct:
		ti.fields = w.fields(t)
	}
	return ti
}

var syncMap = reflect.TypeFor[syncMapType]()

// fields returns the fields of a struct that hold pointers. An atomic.Pointer has one of
// its type instead of an unsafe one; a weak.Pointer none.
func (w *walker) fields(t reflect.Type) []field {
	name, _, _ := strings.Cut(t.Name(), "[")
	if t.PkgPath() == "weak" && name == "Pointer" {
		return nil
	}
	atomic := t.PkgPath() == "sync/atomic" && name == "Pointer" && t.NumField() > 0 && t.Field(0).Type.Kind() == reflect.Array
	var fs []field
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case !hasPointers(f.Type):
		case atomic && f.Type.Kind() == reflect.UnsafePointer:
			fs = append(fs, field{f.Offset, w.info(t.Field(0).Type.Elem())})
		default:
			fs = append(fs, field{f.Offset, w.info(f.Type)})
		}
	}
	return fs
}

// hasPointers reports whether a value of type t holds any.
func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.String, reflect.Pointer, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func, reflect.Interface, reflect.UnsafePointer:
		return true
	}
	return false
}

// isDirect reports whether an interface holds values of type t in its second word: those
// of a word that is a pointer (cmd/compile/internal/types.IsDirectIface).
func isDirect(t reflect.Type) bool {
	if t.Size() != unsafe.Sizeof(uintptr(0)) {
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return true
	case reflect.Array:
		return t.Len() == 1 && isDirect(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if isDirect(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

package cache

import (
	"reflect"
	"strconv"
	"unsafe"
)

// A layout says where in an entry things are: a head, the deadline and the weight if the
// cache has them, the key and the value.
type layout struct {
	entry          reflect.Type
	stride         uintptr
	keyAt, valueAt uintptr
	deadlineAt     uintptr // 0: entries do not expire
	weightAt       uintptr // 0: entries weigh 1
	keys, values   copying
	words          bool // both copied plainly
}

func newLayout[K comparable, V any](expires, weighs bool) *layout {
	fields := []reflect.StructField{{Name: "Head", Type: reflect.TypeFor[[2]uint32]()}}
	add := func(name string, t reflect.Type) {
		fields = append(fields, reflect.StructField{Name: name, Type: t})
	}
	if expires {
		add("Deadline", reflect.TypeFor[[2]uint32]()) // an int64, aligned as the entry is
	}
	if weighs {
		add("Weight", reflect.TypeFor[uint32]())
	}
	add("Key", reflect.TypeFor[cell[K]]())
	add("Value", reflect.TypeFor[cell[V]]())
	t := reflect.StructOf(fields)
	for pad := 0; t.Size()%8 != 0; pad++ { // only where words have 4 bytes; a value of no size takes two
		add("Pad"+strconv.Itoa(pad), reflect.TypeFor[uint32]())
		t = reflect.StructOf(fields)
	}
	at := func(name string) uintptr {
		f, _ := t.FieldByName(name)
		return f.Offset
	}
	keys, values := newCopying(reflect.TypeFor[cell[K]]()), newCopying(reflect.TypeFor[cell[V]]())
	return &layout{
		entry: t, stride: t.Size(),
		keyAt: at("Key"), valueAt: at("Value"), deadlineAt: at("Deadline"), weightAt: at("Weight"),
		keys: keys, values: values, words: keys.how == copyPlain && values.how == copyPlain,
	}
}

// allocate returns zeroed memory for n entries. Its first word is aligned for 64-bit
// atomic operations, and so is every entry.
func (l *layout) allocate(n int) unsafe.Pointer {
	return reflect.New(reflect.ArrayOf(n, l.entry)).UnsafePointer()
}

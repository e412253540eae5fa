package cache

import (
	"reflect"
	"strconv"
	"unsafe"
)

// A layout says where in an entry things are: a head, the key and the value, where an entry
// says, and behind them the deadline and the weight if the cache has them.
type layout struct {
	entry        reflect.Type
	stride       uintptr
	deadlineAt   uintptr // 0: entries do not expire
	weightAt     uintptr // 0: entries weigh 1
	keys, values copying
	simple       bool // read has their copying in it
}

func newLayout[K comparable, V any](expires, weighs bool) *layout {
	fields := []reflect.StructField{{Name: "Head", Type: reflect.TypeFor[[2]uint32]()}}
	add := func(name string, t reflect.Type) {
		fields = append(fields, reflect.StructField{Name: name, Type: t})
	}
	add("Key", reflect.TypeFor[cell[K]]())
	add("Value", reflect.TypeFor[cell[V]]())
	if expires { // an int64, aligned as the entry is
		if (unsafe.Offsetof(entry[K, V]{}.value)+unsafe.Sizeof(cell[V]{}))%8 != 0 {
			add("Pad", reflect.TypeFor[uint32]()) // only where words have 4 bytes
		}
		add("Deadline", reflect.TypeFor[[2]uint32]())
	}
	if weighs {
		add("Weight", reflect.TypeFor[uint32]())
	}
	t := reflect.StructOf(fields)
	for pad := 0; t.Size()%8 != 0; pad++ { // the same; a value of no size takes two
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
		deadlineAt: at("Deadline"), weightAt: at("Weight"),
		keys: keys, values: values, simple: simpleKey[K](keys.how) && simpleValue[V](values.how),
	}
}

// An entry is what all layouts begin with.
type entry[K comparable, V any] struct {
	head
	key   cell[K]
	value cell[V]
}

// allocate returns zeroed memory for n entries. Its first word is aligned for 64-bit
// atomic operations, and so is every entry.
func (l *layout) allocate(n int) unsafe.Pointer {
	return reflect.New(reflect.ArrayOf(n, l.entry)).UnsafePointer()
}

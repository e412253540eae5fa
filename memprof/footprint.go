package memprof

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"unsafe"

	"github.com/whetgo/whet/internal/sizeclass"
)

// A Size is what a value keeps alive on the heap.
type Size struct {
	Bytes   uint64 `json:"bytes"`   // in the allocator's size classes
	Objects uint64 `json:"objects"` // blocks of the allocator
	// Types are the parts of Bytes, largest first: by the type of what was allocated, as
	// "[]int" for the array of a slice.
	Types []TypeSize `json:"types"`
	// Opaque counts what was met and cannot be seen into: closures, of which only the
	// least size is in Bytes, and unsafe pointers, which are not followed.
	Opaque int `json:"opaque,omitempty"`
	// Cut says that memory was met that cannot be read; what hangs on it is missing.
	Cut bool `json:"cut,omitempty"`
}

// A TypeSize is the part of a [Size] that is of one type.
type TypeSize struct {
	Type    string `json:"type"`
	Bytes   uint64 `json:"bytes"`
	Objects uint64 `json:"objects"`
}

// String is the size in a line: "12.0 KB in 3 objects: 8.0 KB []int, 4.0 KB string".
func (s Size) String() string {
	text := fmt.Sprintf("%s in %d objects", size(int64(s.Bytes)), s.Objects)
	var parts []string
	for _, t := range s.Types[:min(3, len(s.Types))] {
		parts = append(parts, size(int64(t.Bytes))+" "+t.Type)
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

// Footprint returns what v keeps alive: all that would be free to go if v were the only
// reference and were dropped. The words of v itself, which lie where v does, are not in
// it: an int has none, a pointer has what it points to.
//
// What is reached in several ways is counted once, cycles and slices of one array
// included. Slices count with their capacity, maps with their tables, channels with their
// buffer, all in the allocator's size classes. Package variables, constants and functions
// are not on the heap and not counted, nor what only they lead to, unless v points to one.
// A weak pointer keeps nothing. A part of an array or string that is the only reference
// to it keeps the whole; how much that is cannot be told, and the part is counted. The inner
// nodes of a sync.Map are counted by their expected number.
//
// Nobody may write to v, nor to what it leads to, during the walk: it takes no lock and
// reads maps and channels as they lie in memory. A walk beside writers is a data race, whose
// sizes mean nothing. Footprint does not panic, whatever v is.
//
// It takes about half a microsecond an object, and some 400 bytes until it returns.
func Footprint(v any) Size {
	w := walker{types: make(map[reflect.Type]*typeInfo), seen: make(map[place]int)}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for done := w.start(v); !done; {
		done = w.run()
	}
	s := w.sum()
	runtime.KeepAlive(v)
	return s
}

// A walker goes through all that a value leads to.
type walker struct {
	types map[reflect.Type]*typeInfo
	// seen holds the beginnings of what was put to work, with the number of values that
	// lie there.
	seen    map[place]int
	work    []values
	regions []region
	guessed []TypeSize // of which no address is known
	root    bool       // pointers are those of the value that was asked for
	opaque  int
	cut     bool
}

type place struct {
	t *typeInfo
	p unsafe.Pointer
}

// values are n values of one type side by side.
type values struct {
	place
	n int
}

// A region is memory that is used: of one allocation, or a part of one.
type region struct {
	from, to uintptr
	t        *typeInfo // that it is counted as; pointers are those of the allocation
	slice    bool      // it is the array of a slice of t
	pointers bool
}

// tiny reports whether the region lies in a block that others may share.
func (r region) tiny() bool { return r.to-r.from < sizeclass.Tiny && !r.pointers }

// bytes returns what the region takes of the heap as an object of its own.
func (r region) bytes() uint64 { return uint64(sizeclass.Of(int64(r.to-r.from), word, r.pointers)) }

// end returns where the object ends.
func (r region) end() uintptr {
	if r.tiny() {
		return r.to
	}
	return r.from + uintptr(r.bytes()) - uintptr(sizeclass.Header(int64(r.to-r.from), word, r.pointers))
}

// partOf reports whether the region, which lies behind a, is a part of the same object: it
// overlaps a; or begins where a, as an object, would not have ended; or begins where no
// object does, and near a, as the words that were cut from one text.
func (r region) partOf(a region) bool {
	return r.from < a.end() || r.from%8 != 0 && !r.tiny() && r.from < a.to+nearby
}

const (
	word   = int64(unsafe.Sizeof(uintptr(0)))
	nearby = 64 // bytes between two parts of one text
)

// start looks at v itself. It reports whether that is all there is to do.
func (w *walker) start(v any) (done bool) {
	if v == nil {
		return true
	}
	defer w.recovered(&done)
	k := reflect.TypeOf(v).Kind()
	w.root = k != reflect.Struct && k != reflect.Array // what is in it points, not v
	w.boxed(reflect.TypeOf(v), unsafe.Pointer(&v), true)
	w.root = false
	return false
}

// run works until nothing is left, or until a fault, after which it can be called again.
func (w *walker) run() (done bool) {
	defer w.recovered(&done)
	for len(w.work) > 0 {
		last := len(w.work) - 1
		v := w.work[last]
		w.work = w.work[:last]
		for i := range v.n {
			w.inline(v.t, unsafe.Add(v.p, uintptr(i)*v.t.size))
		}
	}
	return true
}

// recovered notes a fault: memory that is not there, or that a writer has torn.
func (w *walker) recovered(done *bool) {
	if recover() != nil {
		w.cut, w.root, *done = true, false, false
	}
}

// inline looks at the value of type t at p, whose own memory is counted already.
func (w *walker) inline(t *typeInfo, p unsafe.Pointer) {
	switch t.kind {
	case reflect.Pointer:
		w.follow(t.elem, *(*unsafe.Pointer)(p), 1, false)
	case reflect.Slice:
		s := (*sliceHeader)(p)
		w.follow(t.elem, s.data, s.cap, true)
	case reflect.String:
		text := *(*string)(p)
		if q := unsafe.Pointer(unsafe.StringData(text)); len(text) > 0 && !static(q) {
			w.add(q, uintptr(len(text)), t, false, false)
		}
	case reflect.Interface:
		if dyn := reflect.NewAt(t.typ, p).Elem().Elem(); dyn.IsValid() {
			w.boxed(dyn.Type(), p, false)
		}
	case reflect.Map:
		w.mapping(t, p)
	case reflect.Chan:
		w.channel(t, p)
	case reflect.Func:
		if q := *(*unsafe.Pointer)(p); q != nil && !static(q) {
			w.opaque++
			w.add(q, leastClosure, t, false, true)
		}
	case reflect.UnsafePointer:
		if q := *(*unsafe.Pointer)(p); q != nil && !static(q) {
			w.opaque++
		}
	case reflect.Struct:
		if t.typ == syncMap {
			w.syncMap(p)
			return
		}
		for _, f := range t.fields {
			w.inline(f.t, unsafe.Add(p, f.offset))
		}
	case reflect.Array:
		for i := range t.typ.Len() {
			w.inline(t.elem, unsafe.Add(p, uintptr(i)*t.elem.size))
		}
	}
}

type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

// leastClosure is what a closure takes that captures one word.
const leastClosure = 2 * unsafe.Sizeof(uintptr(0))

// boxed looks at what is in the interface at p, of dynamic type t: a pointer, or a value
// that the second word points to. That of the root is a copy and not counted.
func (w *walker) boxed(t reflect.Type, p unsafe.Pointer, root bool) {
	ti := w.info(t)
	word := unsafe.Add(p, unsafe.Sizeof(uintptr(0)))
	switch {
	case ti.direct:
		w.inline(ti, word)
	case root:
		w.inline(ti, *(*unsafe.Pointer)(word))
	default:
		w.follow(ti, *(*unsafe.Pointer)(word), 1, false)
	}
}

// follow counts n values of type t at p, which something refers to, and puts them to work.
func (w *walker) follow(t *typeInfo, p unsafe.Pointer, n int, slice bool) {
	bytes := uintptr(n) * t.size
	if p == nil || n <= 0 || bytes == 0 {
		return
	}
	if static(p) {
		if !w.root {
			return
		}
	} else {
		w.add(p, bytes, t, slice, t.pointers)
	}
	if !t.pointers || w.seenAll(t, p, n) {
		return
	}
	w.work = append(w.work, values{place{t, p}, n})
}

// seenAll reports whether n values of type t at p were put to work already, by their
// beginning or, of slices of one array, by their end. It notes them.
func (w *walker) seenAll(t *typeInfo, p unsafe.Pointer, n int) bool {
	if w.seen[place{t, p}] >= n {
		return true
	}
	w.seen[place{t, p}] = n
	if n == 1 {
		return false
	}
	end := place{t, unsafe.Add(p, uintptr(n)*t.size-1)}
	if w.seen[end] >= n {
		return true
	}
	w.seen[end] = n
	return false
}

func (w *walker) add(p unsafe.Pointer, bytes uintptr, t *typeInfo, slice, pointers bool) {
	w.regions = append(w.regions, region{uintptr(p), uintptr(p) + bytes, t, slice, pointers})
}

// landmark is a package variable.
var landmark byte

// static reports whether p is in the program itself, which lies together, and on 64-bit
// machines far from the heap.
func static(p unsafe.Pointer) bool {
	const near = 1 << 29
	a, b := uintptr(p), uintptr(unsafe.Pointer(&landmark))
	return unsafe.Sizeof(a) == 8 && max(a, b)-min(a, b) < near
}

// sum counts regions in size classes, those that are parts of one object as one.
func (w *walker) sum() Size {
	s := Size{Opaque: w.opaque, Cut: w.cut}
	slices.SortFunc(w.regions, func(a, b region) int {
		if a.from != b.from {
			return cmp.Compare(a.from, b.from)
		}
		return cmp.Compare(b.to, a.to)
	})
	types := make(map[string]TypeSize)
	names := make(map[*typeInfo]string)
	tiny := uintptr(0) // the last block that was counted
	for i := 0; i < len(w.regions); {
		r := w.regions[i]
		for i++; i < len(w.regions) && w.regions[i].partOf(r); i++ {
			r.to = max(r.to, w.regions[i].to)
			r.pointers = r.pointers || w.regions[i].pointers
		}
		t := TypeSize{Bytes: r.bytes(), Objects: 1}
		if r.tiny() {
			t.Objects = tinyBlocks(r, &tiny)
			t.Bytes = t.Objects * sizeclass.Tiny
		}
		name, ok := names[r.t]
		if !ok {
			name = r.t.typ.String()
			names[r.t] = name
		}
		if r.slice {
			name = "[]" + name
		}
		s.count(types, name, t)
	}
	for _, g := range w.guessed {
		s.count(types, g.Type, g)
	}
	s.Types = slices.SortedFunc(maps.Values(types), func(a, b TypeSize) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), strings.Compare(a.Type, b.Type))
	})
	return s
}

func (s *Size) count(types map[string]TypeSize, name string, t TypeSize) {
	s.Bytes += t.Bytes
	s.Objects += t.Objects
	old := types[name]
	types[name] = TypeSize{name, old.Bytes + t.Bytes, old.Objects + t.Objects}
}

// tinyBlocks returns the blocks that a region lies in which were not counted before.
func tinyBlocks(r region, last *uintptr) uint64 {
	from, to := r.from/sizeclass.Tiny, (r.to-1)/sizeclass.Tiny
	from = max(from, *last+1)
	if to < from {
		return 0
	}
	*last = to
	return uint64(to - from + 1)
}

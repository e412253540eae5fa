package memprof

import (
	"math"
	"reflect"
	"sync"
	"unsafe"

	"github.com/whetgo/whet/internal/sizeclass"
)

// A mapHeader is internal/runtime/maps.Map of Go 1.24 to 1.26.
type mapHeader struct {
	used        uint64
	seed        uintptr
	dir         unsafe.Pointer // *[dirLen]*mapTable, or the only group
	dirLen      int
	globalDepth uint8
	globalShift uint8
	writing     uint8
	tombstones  bool
	clearSeq    uint64
}

// A mapTable is internal/runtime/maps.table.
type mapTable struct {
	used, capacity, growthLeft uint16
	localDepth                 uint8
	index                      int
	groups                     unsafe.Pointer
	lengthMask                 uint64
}

const (
	groupSlots = 8   // of a map's group
	mostInSlot = 128 // bytes of a key or element; a larger one is pointed to
	emptySlot  = 0x80
)

// A slot is how a map of one type keeps a key and its element.
type slot struct {
	size, elemOffset     uintptr
	keyApart, elemApart  bool // pointed to
	group                uintptr
	pointers             bool
	keyLeads, elemsLeads bool // to something
}

func slotOf(t *typeInfo) slot {
	s := slot{keyApart: t.key.size > mostInSlot, elemApart: t.elem.size > mostInSlot}
	const word = unsafe.Sizeof(uintptr(0))
	k, ka := t.key.size, uintptr(t.key.typ.Align())
	if s.keyApart {
		k, ka = word, word
	}
	e, ea := t.elem.size, uintptr(t.elem.typ.Align())
	if s.elemApart {
		e, ea = word, word
	}
	s.elemOffset = up2(k, ea)
	s.size = s.elemOffset + e
	if e == 0 && k > 0 {
		s.size++ // so that the address of an element is within the slot
	}
	s.size = up2(s.size, max(ka, ea))
	s.group = up2(8+groupSlots*s.size, 8)
	s.keyLeads, s.elemsLeads = s.keyApart || t.key.pointers, s.elemApart || t.elem.pointers
	s.pointers = s.keyLeads || s.elemsLeads
	return s
}

// up2 rounds n up to a multiple of a power of two.
func up2(n, to uintptr) uintptr { return (n + to - 1) &^ (to - 1) }

// knownMaps reports whether maps of this runtime lie in memory as this package thinks.
var knownMaps = sync.OnceValue(func() bool {
	small, large := map[int]int{1: 2}, make(map[int]int)
	for i := range 3000 {
		large[i] = i + 1
	}
	t := (&walker{types: make(map[reflect.Type]*typeInfo)}).info(reflect.TypeFor[map[int]int]())
	return readable(t, small) && readable(t, large)
})

// readable reports whether all of m is found in memory, and no more.
func readable(t *typeInfo, m map[int]int) (ok bool) {
	defer func() { ok = recover() == nil && ok }()
	h := *(**mapHeader)(unsafe.Pointer(&m))
	if h.used != uint64(len(m)) || (h.dirLen == 0) != (len(m) <= groupSlots) {
		return false
	}
	n := 0
	for tb := range h.tables {
		if tb.capacity != uint16((tb.lengthMask+1)*groupSlots) || tb.used > tb.capacity {
			return false
		}
	}
	for p := range h.slots(slotOf(t)) {
		k, e := *(*int)(p), *(*int)(unsafe.Add(p, slotOf(t).elemOffset))
		if m[k] != e {
			return false
		}
		n++
	}
	return n == len(m)
}

// tables yields the tables of a map that has outgrown one group.
func (h *mapHeader) tables(yield func(*mapTable) bool) {
	var last *mapTable // several entries that follow each other may be of one
	for i := range h.dirLen {
		t := *(**mapTable)(unsafe.Add(h.dir, uintptr(i)*unsafe.Sizeof(uintptr(0))))
		if t != last && t != nil && !yield(t) {
			return
		}
		last = t
	}
}

// slots yields the slots in use.
func (h *mapHeader) slots(s slot) func(yield func(unsafe.Pointer) bool) {
	return func(yield func(unsafe.Pointer) bool) {
		if h.dirLen == 0 {
			if h.dir != nil {
				s.full(h.dir, yield)
			}
			return
		}
		for t := range h.tables {
			for i := range uintptr(t.lengthMask + 1) {
				if !s.full(unsafe.Add(t.groups, i*s.group), yield) {
					return
				}
			}
		}
	}
}

// full yields the slots in use of one group, and reports whether to go on.
func (s slot) full(group unsafe.Pointer, yield func(unsafe.Pointer) bool) bool {
	for i := range uintptr(groupSlots) {
		if *(*uint8)(unsafe.Add(group, i)) < emptySlot && !yield(unsafe.Add(group, 8+i*s.size)) {
			return false
		}
	}
	return true
}

// mapping counts the map at p and puts what it holds to work.
func (w *walker) mapping(t *typeInfo, p unsafe.Pointer) {
	h := *(**mapHeader)(p)
	if h == nil || w.seenAll(t, unsafe.Pointer(h), 1) {
		return
	}
	s := slotOf(t)
	v := reflect.NewAt(t.typ, p).Elem()
	if !knownMaps() || h.used != uint64(v.Len()) {
		w.unknownMap(t, s, v)
		return
	}
	w.add(unsafe.Pointer(h), unsafe.Sizeof(*h), t, false, true)
	if h.dirLen == 0 {
		if h.dir != nil {
			w.add(h.dir, s.group, t, false, s.pointers)
		}
	} else {
		w.add(h.dir, uintptr(h.dirLen)*unsafe.Sizeof(uintptr(0)), t, false, true)
	}
	for tb := range h.tables {
		w.add(unsafe.Pointer(tb), unsafe.Sizeof(*tb), t, false, true)
		w.add(tb.groups, uintptr(tb.lengthMask+1)*s.group, t, false, s.pointers)
	}
	if !s.pointers {
		return
	}
	for q := range h.slots(s) {
		w.inSlot(t.key, q, s.keyApart)
		w.inSlot(t.elem, unsafe.Add(q, s.elemOffset), s.elemApart)
	}
}

// inSlot looks at a key or an element.
func (w *walker) inSlot(t *typeInfo, p unsafe.Pointer, apart bool) {
	if apart {
		w.follow(t, *(*unsafe.Pointer)(p), 1, false)
	} else if t.pointers {
		w.inline(t, p)
	}
}

// unknownMap counts a map of a runtime that keeps maps in another way: about as many slots
// as that of Go 1.24 would have.
func (w *walker) unknownMap(t *typeInfo, s slot, v reflect.Value) {
	slots := uintptr(groupSlots)
	for slots*7/8 < uintptr(v.Len()) {
		slots *= 2
	}
	w.guess(t, unsafe.Sizeof(mapHeader{}), 1)
	w.guess(t, slots/groupSlots*s.group, 1)
	if !s.pointers {
		return
	}
	for it := v.MapRange(); it.Next(); {
		for _, part := range []struct {
			v     reflect.Value
			t     *typeInfo
			apart bool
		}{{it.Key(), t.key, s.keyApart}, {it.Value(), t.elem, s.elemApart}} {
			if part.apart {
				w.guess(part.t, part.t.size, 1)
			}
			copied := reflect.New(part.t.typ)
			copied.Elem().Set(part.v)
			w.inline(part.t, copied.UnsafePointer())
		}
	}
}

// guess counts n objects of so many bytes whose addresses are not known.
func (w *walker) guess(t *typeInfo, bytes uintptr, n uint64) {
	one := uint64(sizeclass.Of(int64(bytes), int64(unsafe.Sizeof(uintptr(0))), t.pointers))
	w.guessed = append(w.guessed, TypeSize{t.typ.String(), n * one, n})
}

// A chanHeader is runtime.hchan of Go 1.26.
type chanHeader struct {
	count, size     uint
	buf             unsafe.Pointer
	elemSize        uint16
	closed          uint32
	timer, elemType unsafe.Pointer
	sendx, recvx    uint
	waiting         [4]unsafe.Pointer
	bubble          unsafe.Pointer
	lock            uintptr
}

// channel counts the channel at p and puts what is in its buffer to work.
func (w *walker) channel(t *typeInfo, p unsafe.Pointer) {
	c := *(**chanHeader)(p)
	if c == nil || w.seenAll(t, unsafe.Pointer(c), 1) {
		return
	}
	head := up2(unsafe.Sizeof(*c), 8)
	n := uintptr(reflect.NewAt(t.typ, p).Elem().Cap())
	if !t.elem.pointers {
		w.add(unsafe.Pointer(c), head+n*t.elem.size, t, false, false)
		return
	}
	w.add(unsafe.Pointer(c), head, t, false, true)
	if uintptr(c.size) != n || uintptr(c.elemSize) != t.elem.size {
		w.guess(t, n*t.elem.size, 1) // a runtime that keeps channels in another way
		return
	}
	w.follow(t.elem, c.buf, int(n), true)
}

type syncMapType = sync.Map

// The nodes of a sync.Map of Go 1.24 to 1.26 (internal/sync.HashTrieMap).
type (
	syncEntry struct {
		isEntry    bool
		overflow   unsafe.Pointer
		key, value any
	}
	syncNode struct {
		isEntry  bool
		dead     uint32
		mu       sync.Mutex
		parent   unsafe.Pointer
		children [16]unsafe.Pointer
	}
)

// syncMap counts the sync.Map at p, which lies within something that was counted, and puts
// what it holds to work.
func (w *walker) syncMap(p unsafe.Pointer) {
	if w.seenAll(nil, p, 1) {
		return
	}
	n := 0
	every := w.info(reflect.TypeFor[any]())
	(*sync.Map)(p).Range(func(k, v any) bool {
		n++
		w.inline(every, unsafe.Pointer(&k))
		w.inline(every, unsafe.Pointer(&v))
		return true
	})
	if n > 0 {
		entry, node := w.info(reflect.TypeFor[syncEntry]()), w.info(reflect.TypeFor[syncNode]())
		w.guess(entry, entry.size, uint64(n))
		w.guess(node, node.size, trieNodes(float64(n)))
	}
}

// trieNodes returns how many inner nodes a trie of n evenly spread keys is expected to have
// whose nodes have 16 children: at each level those that two keys or more fall into, and the
// root (Knuth, The Art of Computer Programming, volume 3, 6.3).
func trieNodes(n float64) uint64 {
	nodes := 1.0
	for q := 1.0 / 16; ; q /= 16 {
		none := math.Exp(n * math.Log1p(-q))
		level := (1 - none - n*q*none/(1-q)) / q
		nodes += level
		if level < 0.01 {
			return uint64(nodes + 0.5)
		}
	}
}

package layout

import (
	"go/types"
	"slices"
)

// classes are the allocator's size classes, in bytes, as of Go 1.26
// (internal/runtime/gc.SizeClassToSize).
var classes = []int64{
	8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448,
	480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096,
	4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072,
	20480, 21760, 24576, 27264, 28672, 32768,
}

const (
	pageSize   = 8192 // of the allocator, not of the machine
	headerSize = 8    // in front of an object with pointers above mostBitmap words
	mostBitmap = 64   // words that an object's pointers are noted of at the end of its span
)

// sizeClass returns how many bytes of heap an object of size bytes takes, its malloc
// header included. Pointers says whether it holds any, word is the size of one.
func sizeClass(size, word int64, pointers bool) int64 {
	if size <= 0 {
		return 0
	}
	if pointers && size > word*mostBitmap && size <= classes[len(classes)-1]-headerSize {
		size += headerSize
	}
	if i, _ := slices.BinarySearch(classes, size); i < len(classes) {
		return classes[i]
	}
	return (size + pageSize - 1) &^ (pageSize - 1)
}

// hasPointers reports whether a value of type t holds anything that the collector
// follows.
func hasPointers(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&types.IsString != 0 || t.Kind() == types.UnsafePointer
	case *types.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if hasPointers(f.Type()) {
				return true
			}
		}
		return false
	}
	return true
}

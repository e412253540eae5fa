// Package sizeclass knows how much of the heap an object takes: the allocator rounds up.
package sizeclass

import "slices"

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
	// Tiny is the size of the blocks that objects below it share which hold no pointers.
	Tiny = 16
)

// Of returns how many bytes of heap an object of size bytes takes, its malloc header
// included. Pointers says whether it holds any, word is the size of one. An object without
// pointers below [Tiny] bytes takes less than Of says where others share its block.
func Of(size, word int64, pointers bool) int64 {
	if size <= 0 {
		return 0
	}
	size += Header(size, word, pointers)
	if i, _ := slices.BinarySearch(classes, size); i < len(classes) {
		return classes[i]
	}
	return (size + pageSize - 1) &^ (pageSize - 1)
}

// Header returns the bytes of the malloc header that lies in front of an object of size
// bytes: 0 or 8.
func Header(size, word int64, pointers bool) int64 {
	if pointers && size > word*mostBitmap && size <= classes[len(classes)-1]-headerSize {
		return headerSize
	}
	return 0
}

package sizeclass

import (
	"testing"
	"unsafe"
)

// TestOf compares with what append asks the allocator for: all of a block, less its
// header.
func TestOf(t *testing.T) {
	for n := 1; n <= 70_000; n += 1 + n/200 {
		if got, want := Of(int64(n), 8, false), int64(cap(append([]byte(nil), make([]byte, n)...))); got != want {
			t.Errorf("%d bytes without pointers: %d, the allocator gives %d", n, got, want)
		}
	}
	if unsafe.Sizeof(uintptr(0)) != 8 {
		return
	}
	for n := 1; n <= 9000; n += 1 + n/200 {
		want := int64(cap(append([]*byte(nil), make([]*byte, n)...))) * 8
		if n > mostBitmap && want < classes[len(classes)-1] {
			want += headerSize
		}
		if got := Of(int64(8*n), 8, true); got != want {
			t.Errorf("%d pointers: %d bytes, the allocator gives %d", n, got, want)
		}
	}
	if got := Of(0, 8, true); got != 0 {
		t.Errorf("nothing takes %d bytes, want 0", got)
	}
}

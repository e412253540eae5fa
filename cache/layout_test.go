package cache

import (
	"reflect"
	"testing"
)

// TestLayout: deadlines are where 64-bit atomic operations may be, whatever the types, which is
// in question where words have 32 bits.
func TestLayout(t *testing.T) {
	testLayout[uint64, struct{}](t)
	testLayout[uint32, struct{}](t)
	testLayout[uint8, uint8](t)
	testLayout[string, [3]uint32](t)
	testLayout[[5]uint32, any](t)
	testLayout[struct{}, struct{}](t)
}

func testLayout[K comparable, V any](t *testing.T) {
	t.Helper()
	for _, expires := range []bool{false, true} {
		for _, weighs := range []bool{false, true} {
			l := newLayout[K, V](expires, weighs)
			if l.stride%8 != 0 || l.deadlineAt%8 != 0 || uintptr(l.allocate(3))%8 != 0 {
				t.Errorf("%v to %v, expires %v, weighs %v: %d bytes, the deadline at %d", reflect.TypeFor[K](), reflect.TypeFor[V](), expires, weighs, l.stride, l.deadlineAt)
			}
		}
	}
}

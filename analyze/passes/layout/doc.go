// Package layout finds values that take more memory than what they hold: structs whose
// fields lie so that padding pushes each object into a larger size class, and maps of
// any under constant keys that could be structs.
//
// Before, 32 bytes for each object, 14 of them padding:
//
//	type Order struct {
//		Buy   bool // 7 bytes of padding follow
//		Lots  int64
//		Open  bool // 7 bytes of padding follow
//		Price float64
//	}
//
// After, 24 bytes:
//
//	type Order struct {
//		Lots  int64
//		Price float64
//		Buy   bool
//		Open  bool // 6 bytes of padding follow
//	}
//
// Prerequisites: a heap profile of what is allocated or of what is alive, and the
// source of the packages that allocate. A line and the size of its objects tell their
// type; what a smaller type saves is counted in the allocator's size classes.
//
// It is silent where the class would not change, on types whose padding is meant
// (blank fields with a size, cache line pads, structs.HostLayout), on generated code,
// and on types of libraries that the reader's own code allocates. Of maps it is silent
// where a key is a variable on writing, where a decoder fills the map, and where a
// library's function takes it.
package layout

package whetprobe

import "unsafe"

func bytesOver(mem []uint64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(mem))), len(mem)*8)
}

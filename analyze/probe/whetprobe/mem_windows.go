package whetprobe

import (
	"syscall"
	"unsafe"
)

// file maps a file of the given size, making it if need be; nil if it cannot be had.
func file(path string, size int) []byte {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil
	}
	const shared = syscall.FILE_SHARE_READ | syscall.FILE_SHARE_WRITE
	f, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, shared, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil
	}
	defer syscall.CloseHandle(f)
	m, err := syscall.CreateFileMapping(f, nil, syscall.PAGE_READWRITE, uint32(uint64(size)>>32), uint32(size), nil)
	if err != nil {
		return nil
	}
	defer syscall.CloseHandle(m)
	addr, err := syscall.MapViewOfFile(m, syscall.FILE_MAP_WRITE, 0, 0, uintptr(size))
	if err != nil {
		return nil
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), size)
}

// cpuTime returns the time since some start: the CPU time of a busy process of one thread.
func cpuTime() int64 { return nanotime() }

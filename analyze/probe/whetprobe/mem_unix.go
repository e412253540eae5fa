//go:build unix

package whetprobe

import "syscall"

// file maps a file of the given size, making it if need be; nil if it cannot be had.
func file(path string, size int) []byte {
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil
	}
	defer syscall.Close(fd)
	if syscall.Ftruncate(fd, int64(size)) != nil {
		return nil
	}
	mem, err := syscall.Mmap(fd, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	return mem
}

// cpuTime returns the CPU time of this process in nanoseconds.
//
//go:norace
func cpuTime() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return nanotime()
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

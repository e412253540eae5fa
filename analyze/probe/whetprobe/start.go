package whetprobe

import (
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// Env is the variable that turns the probes on: "sites,share,flags,dir", the share in
// percent of the plain CPU time, of flags "o" to begin outside of any operation, and "t"
// to keep the text of inputs.
const Env = "WHET_PROBE"

var (
	base   unsafe.Pointer // of the sites; nil: off
	head   *Header
	share  float64
	texts  bool
	lookNs int64 = 250 // what looking at a call costs, about
	tickNs int64 = 30  // what asking for the time costs
)

const (
	callNs = 8          // what counting a call costs, about, the hash of its input apart
	leastN = 25_000_000 // what the probes may spend in any case, in nanoseconds
)

func init() {
	conf, ok := syscall.Getenv(Env)
	if !ok {
		return
	}
	part := strings.SplitN(conf, ",", 4)
	if len(part) != 4 {
		return
	}
	n, err := strconv.Atoi(part[0])
	percent, err2 := strconv.Atoi(part[1])
	if err != nil || err2 != nil || n < 1 || n > Index {
		return
	}
	mem := file(part[3]+"/"+strconv.Itoa(syscall.Getpid()), Size(n))
	if mem == nil {
		return
	}
	start(mem, n, float64(percent)/100, part[2])
}

// start begins to record in mem.
func start(mem []byte, n int, part float64, flags string) {
	h := (*Header)(unsafe.Pointer(unsafe.SliceData(mem)))
	if h.Version == 0 {
		h.Version, h.Sites, h.Pid, h.Start = Version, uint64(n), uint64(syscall.Getpid()), nanotime()
		if !strings.Contains(flags, "o") {
			h.Op, h.Ops = 1, 1
		}
	}
	share, texts = part, strings.Contains(flags, "t")
	t := nanotime()
	for range 15 {
		nanotime()
	}
	tickNs = (nanotime() - t) / 16
	lookNs = max(100, min(2000, 5*tickNs))
	head = h
	base = unsafe.Add(unsafe.Pointer(h), unsafe.Sizeof(Header{}))
}

//go:linkname nanotime runtime.nanotime
func nanotime() int64

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

// Op begins an operation: an iteration of a benchmark, a test, a request.
//
//go:norace
func Op() {
	if base != nil {
		store(&head.Op, add(&head.Ops, 1))
	}
}

// End ends the operations: what follows is outside of any, until the next begins.
//
//go:norace
func End() {
	if base != nil {
		store(&head.Op, 0)
	}
}

// acquire locks the site. Sections are short; a holder that loses its processor within
// one is waited for.
//
//go:norace
func (s *Site) acquire() {
	for i := 0; !cas(&s.lock, 0, 1); i++ {
		if i > 30 {
			runtime.Gosched()
		}
	}
}

//go:norace
func (s *Site) release() { store(&s.lock, 0) }

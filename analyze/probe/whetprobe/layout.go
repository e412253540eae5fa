package whetprobe

import (
	"errors"
	"unsafe"
)

// Version is of the layout below; a file of another is refused.
const Version = 0x77686574_00000002

// Sizes of a site's tables.
const (
	Procs    = 64   // per-processor counters; beyond, processors share them
	Regs     = 2048 // registers of the distinct count: 2.3 % standard error
	Doubling = 48   // of distances
	Ages     = 64   // doublings of nanoseconds
	Slots    = 1024 // sampled inputs, at most three quarters of it used
	Stamps   = 4096 // positions in the recency order before it is renumbered
	Texts    = 8    // sample inputs
	TextLen  = 232
	Callers  = 16
	NameLen  = 240
	Timed    = 63 // later calls of a creating function
	Distinct = 64 // instances told apart
)

// A Header begins a file. Times are in nanoseconds.
type Header struct {
	Version uint64
	Sites   uint64
	Pid     uint64
	Op      uint32 // the operation under way, 0: none
	Ops     uint32 // begun
	Spent   int64  // by the probes, as they estimate
	Start   int64  // of the clock, when the process began
	Live    uint32 // sites that were called often
	_       [4]byte
	_       [64]byte
}

// A Line is what one processor counts of a site.
type Line struct {
	Calls, Same, Outside, Last uint64
	_                          [32]byte
}

// An Entry is a sampled input.
type Entry struct {
	Hash     uint64 // 0: the slot is free
	Out, ID  uint64 // of the last output: what can be compared, and its addresses
	Last     int64  // when it was last asked for
	First    int64
	Pos      uint32 // in the recency order
	Count    uint32
	InFlight int32
	Op       uint32 // in which it was last asked for
	Done     uint32 // outputs known
}

// A Text is a sample input: name, 0x1f, value, 0x1e and so on.
type Text struct {
	Hash uint64
	Len  uint32
	_    [4]byte
	Buf  [TextLen]byte
}

// A Caller is a line that calls the site: "func\x1ffile\x1fline".
type Caller struct {
	PC    uint64
	Count uint64
	Len   uint32
	_     [4]byte
	Buf   [NameLen]byte
}

// A Site is all that is kept of one candidate. Counts named W are of calls weighted by
// the inverse of the rate at which inputs were sampled when they were made.
type Site struct {
	Off    uint32 // 0: watched; off: no longer; clock, clocked: and the next hash of an input is to be timed, is being timed
	Shift  uint32 // inputs are sampled at 1/2^Shift
	lock   uint32
	Used   uint32 // entries
	stamp  uint32 // last position given
	NText  uint32
	NCall  uint32
	live   uint32
	Looked uint64
	Long   uint64

	seenCalls, seenLooked uint64 // at the last check
	seenCPU               int64
	LookNs, HashNs        int64  // what looking at a call, and hashing an input, were measured to cost
	began                 int64  // when the hash that is timed began
	OffOps                uint32 // operations begun when it was no longer watched

	CallsW, RepeatsW, FirstInOpW       uint64
	JoinedW, DifferW, DifferInW        uint64
	ComparedW, SharedW, Panics, GaveUp uint64
	Dist, DistIn                       [Doubling]uint64 // all repeats; those in one operation
	Age, Since                         [Ages]uint64

	// Of creation.
	FirstStart, FirstEnd int64
	FirstOp              uint32
	NTimed, NInst, NWait uint32
	Waiters, Twice       uint64
	Waited               int64
	FirstInst            uint64
	Later                [Timed]int64
	Inst                 [Distinct]uint64
	Creator              Caller
	Waiting              [4]Caller

	_     [64]byte
	Lines [Procs]Line
	Reg   [Regs]uint8
	Table [Slots]Entry
	marks [Stamps / 64]uint64 // positions in use
	owner [Stamps]uint16      // slot by position
	Texts [Texts]Text
	From  [Callers]Caller
}

// Size is the length of a file of n sites.
func Size(n int) int { return int(unsafe.Sizeof(Header{})) + n*int(unsafe.Sizeof(Site{})) }

// View returns the sites of a file's bytes, which must be Size long and aligned to 8.
func View(b []byte, n int) (*Header, []Site) {
	p := unsafe.Pointer(unsafe.SliceData(b))
	return (*Header)(p), unsafe.Slice((*Site)(unsafe.Add(p, unsafe.Sizeof(Header{}))), n)
}

// Mode bits of a site's number, above its index.
const (
	Index    = 1<<20 - 1
	Creation = 1 << 20 // time the first calls
	Fresh    = 1 << 21 // results may be walked
)

// Check reports why a file with this header cannot be read as one of n sites, nil if it can.
func (h *Header) Check(n int) error {
	switch {
	case h.Version == 0:
		return errors.New("the process ended before it recorded anything")
	case h.Version != Version:
		return errors.New("it is of another version of the probe")
	case h.Sites != uint64(n):
		return errors.New("it is of another build")
	}
	return nil
}

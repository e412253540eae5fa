// Package traps is asked the same again and again, and none of its answers may be kept.
package traps

import (
	"context"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
	"time"
	"unsafe"
)

const turns = 3000

func work(h uint64) uint64 { return h*6364136223846793005 + 1442695040888963407 }

// Clock depends on the time of the day.
func Clock(zone string) uint64 {
	h := uint64(time.Now().UnixNano())
	for range turns {
		h = work(h)
	}
	return h + uint64(len(zone))
}

// Stamped depends on it further down.
func Stamped(name string) string { return name + strconv.FormatUint(Clock(name), 10) }

// Dice depends on chance.
func Dice(sides uint64) uint64 {
	h := rand.Uint64()
	for range turns {
		h = work(h)
	}
	return h % sides
}

var serial uint64

// Serial counts in a package variable.
func Serial(prefix string) string {
	serial++
	h := serial
	for range turns {
		h = work(h)
	}
	return prefix + strconv.FormatUint(h, 36)
}

var hits atomic.Uint64

// Tallied counts by an atomic.
func Tallied(x uint64) uint64 {
	hits.Add(1)
	for range turns {
		x = work(x)
	}
	return x
}

// A Book changes between calls.
type Book struct{ bid uint64 }

// Move changes it.
func (b *Book) Move() { b.bid++ }

// Price depends on the state of its receiver.
func (b *Book) Price(lots uint64) uint64 {
	h := b.bid
	for range turns {
		h = work(h)
	}
	return h * lots
}

// Take changes its receiver.
func (b *Book) Take(lots uint64) uint64 {
	b.bid += lots
	h := b.bid
	for range turns {
		h = work(h)
	}
	return h
}

// First depends on what is in a slice that changes between calls.
func First(xs []uint64) uint64 {
	h := xs[0]
	for range turns {
		h = work(h)
	}
	return h
}

// Behind depends on what a pointer's pointer leads to.
func Behind(b **Book) uint64 {
	h := (*b).bid
	for range turns {
		h = work(h)
	}
	return h
}

// Fill changes its argument.
func Fill(xs []uint64, v uint64) int {
	for i := range xs {
		xs[i] = v
		for range turns / 8 {
			v = work(v)
		}
	}
	return len(xs)
}

// Encode appends to its argument.
func Encode(buf []byte, v uint64) []byte {
	h := v
	for range turns {
		h = work(h)
	}
	return append(buf, byte(h), byte(v))
}

// AnyKey depends on the order of a map.
func AnyKey(a, b string) string {
	set := map[string]uint64{a: 1, b: 2, a + b: 3, b + a: 4}
	for k, h := range set {
		for range turns {
			h = work(h)
		}
		if h != 0 {
			return k
		}
	}
	return ""
}

type tenant struct{}

// Tenant depends on a value of the context, which is no part of the key.
func Tenant(ctx context.Context, id uint64) uint64 {
	h, _ := ctx.Value(tenant{}).(uint64)
	for range turns {
		h = work(h)
	}
	return h + id
}

// Counted runs what it is given, which counts.
func Counted(f func() uint64, x uint64) uint64 {
	h := f()
	for range turns {
		h = work(h)
	}
	return h + x
}

// Labelled marks the goroutine that calls it.
func Labelled(ctx context.Context, x uint64) uint64 {
	pprof.SetGoroutineLabels(ctx)
	for range turns {
		x = work(x)
	}
	return x
}

// Received takes from a channel.
func Received(c chan uint64, x uint64) uint64 {
	h := <-c
	for range turns {
		h = work(h)
	}
	return h + x
}

// Logged writes to a file.
func Logged(f *os.File, x uint64) uint64 {
	for range turns {
		x = work(x)
	}
	f.WriteString("x")
	return x
}

// Cleared sets by reflection.
func Cleared(p any, x uint64) uint64 {
	reflect.ValueOf(p).Elem().SetUint(x)
	for range turns {
		x = work(x)
	}
	return x
}

// Peeked reads by an unsafe pointer what changes between calls.
func Peeked(at uintptr, p *uint64) uint64 {
	h := *(*uint64)(unsafe.Add(unsafe.Pointer(p), at))
	for range turns {
		h = work(h)
	}
	return h
}

// Deadline depends on how much of the context's time is left.
func Deadline(ctx context.Context, x uint64) (uint64, error) {
	d, _ := ctx.Deadline()
	h := uint64(time.Until(d))
	for range turns {
		h = work(h)
	}
	return h + x, ctx.Err()
}

// Attempt fails now and then: its error is no answer to keep.
func Attempt(x uint64) (uint64, error) {
	h := x
	for range turns {
		h = work(h)
	}
	if rand.N(2) == 0 {
		return 0, os.ErrDeadlineExceeded
	}
	return h, nil
}

// A Register numbers names.
type Register struct {
	numbers map[string]uint64
	next    uint64
	unit    uint64
}

// Number gives a name that it has not the next number: who asked before matters.
func (r *Register) Number(name string) uint64 {
	n, ok := r.numbers[name]
	if !ok {
		r.next++
		n = r.next
		r.numbers[name] = n
	}
	for range turns {
		n = work(n)
	}
	return n
}

// Unit is that of the first caller.
func (r *Register) Unit(unit uint64) uint64 {
	if r.unit == 0 {
		r.unit = unit
	}
	h := r.unit
	for range turns {
		h = work(h)
	}
	return h
}

// Known tells how many names there are, the one that it is asked for among them.
func (r *Register) Known(name string) uint64 {
	if _, ok := r.numbers[name]; !ok {
		r.numbers[name] = 1
	}
	h := uint64(len(r.numbers))
	for range turns {
		h = work(h)
	}
	return h
}

var sheet = reflect.TypeFor[[1 << 12]uint64]()

// Sheet takes a new sheet for each sum: one for all would hold what was written before.
func Sheet(sum *uint64, x uint64) {
	p := reflect.New(sheet).Interface().(*[1 << 12]uint64)
	p[x]++
	*sum += p[x] + p[x+1]
}

// A Sheaf is papers by name.
type Sheaf map[string]any

// NewSheaf makes a sheaf for each caller, who adds to it what is his.
func NewSheaf(title string) Sheaf {
	return Sheaf{"title": title, "papers": []string(nil), "owner": nil, "place": nil, "copies": 1 << 20}
}

// A Folder holds a sheaf.
type Folder struct {
	title string
	sheaf Sheaf
	notes map[string][]string
}

// NewFolder makes a folder with a sheaf of its own.
func NewFolder(title string) *Folder {
	f := &Folder{title: title, sheaf: NewSheaf(title)}
	if title != "" {
		f.notes = make(map[string][]string, 16)
	}
	return f
}

// A flag is alone on its cache lines.
type flag struct {
	on atomic.Bool
	_  [127]byte
}

var flags [1 << 16]flag

// Raised counts the flags that are up: reading one takes long, but others raise and lower it.
func Raised(sum *uint64, first uint64) {
	for i := range uint64(1 << 12) {
		if flags[(first+i*40503)&(1<<16-1)].on.Load() {
			*sum++
		}
	}
}

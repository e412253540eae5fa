package store

import "context"

// A trail keeps the last max values that were put to it, for any number of readers, each of
// which has a place of its own. Its owner's lock guards it.
type trail[T any] struct {
	max     int
	buf     []T    // circular, a power of two
	end     uint64 // number of values put, ever
	kept    uint64 // of them still in buf
	readers map[*place]struct{}
}

// A place is how far a reader of a trail has read.
type place struct {
	next uint64
	lost bool // it was overtaken, and has not been told yet
}

// put adds a value and reports whether that has overtaken a reader.
func (t *trail[T]) put(v T) (overtaken bool) {
	at, overtaken := t.room()
	*at = v
	return overtaken
}

// room is put for a value that the caller writes in its place, where the last one of
// another may still be.
func (t *trail[T]) room() (at *T, overtaken bool) {
	if t.kept == uint64(t.max) {
		overtaken = len(t.readers) > 0 && t.overtake()
	} else {
		if int(t.kept) == len(t.buf) {
			t.grow()
		}
		t.kept++
	}
	at = &t.buf[t.end&uint64(len(t.buf)-1)]
	t.end++
	return at, overtaken
}

// overtake marks the readers that have not read the oldest value.
func (t *trail[T]) overtake() (any bool) {
	oldest := t.end - t.kept
	for p := range t.readers {
		if p.next <= oldest && !p.lost {
			p.lost, any = true, true
		}
	}
	return any
}

func (t *trail[T]) grow() {
	buf := make([]T, max(16, 2*len(t.buf)))
	for i := t.end - t.kept; i < t.end; i++ {
		buf[i&uint64(len(buf)-1)] = t.buf[i&uint64(len(t.buf)-1)]
	}
	t.buf = buf
}

// enter returns a place at the oldest value that is kept.
func (t *trail[T]) enter() *place {
	p := &place{next: t.end - t.kept}
	if t.readers == nil {
		t.readers = make(map[*place]struct{})
	}
	t.readers[p] = struct{}{}
	return p
}

func (t *trail[T]) leave(p *place) { delete(t.readers, p) }

// skip moves a place on to the oldest value that is kept, and returns by how many.
func (t *trail[T]) skip(p *place) (missed uint64) {
	if oldest := t.end - t.kept; p.next < oldest {
		missed, p.next = oldest-p.next, oldest
	}
	p.lost = false
	return missed
}

// at returns the value at a place that is not overtaken and not at the end.
func (t *trail[T]) at(p *place) T { return t.buf[p.next&uint64(len(t.buf)-1)] }

// clear forgets all values, as if all readers had read them.
func (t *trail[T]) clear() {
	clear(t.buf)
	t.kept = 0
	for p := range t.readers {
		p.next, p.lost = t.end, false
	}
}

// behind reports whether a reader was overtaken and does not know yet.
func (t *trail[T]) behind() bool {
	for p := range t.readers {
		if p.lost {
			return true
		}
	}
	return false
}

// A bell wakes all who wait for something to change. Its owner's lock guards it.
type bell struct {
	waiting int
	rung    chan struct{}
}

// ring wakes all who wait.
func (b *bell) ring() {
	if b.waiting > 0 {
		close(b.rung)
		b.waiting, b.rung = 0, nil
	}
}

// wait waits until the bell rings or ctx ends; the lock is released meanwhile.
func (b *bell) wait(ctx context.Context, l interface {
	Lock()
	Unlock()
}) {
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	b.waiting++
	rung := b.rung
	l.Unlock()
	select {
	case <-rung:
	case <-ctx.Done():
	}
	l.Lock()
}

package store

import (
	"context"
	"iter"
	"math"
	"runtime"
	"sync"
)

// A board is where the notes of a store hang: the lossless classes apart from the others,
// so that no flood of the latter pushes out the former.
type board struct {
	mu       sync.Mutex // guards what follows
	lossless trail[numbered]
	lossy    trail[numbered]
	seq      uint64 // of all notes, so that the two can be read in order
	dropped  uint64 // notes a reader was overtaken by
	bell     bell
	err      error // why no more will come
}

type numbered struct {
	seq  uint64
	note Note
}

const losslessNotes = OrderNotes | AccountNotes

func newBoard(max int) *board {
	return &board{lossless: trail[numbered]{max: max}, lossy: trail[numbered]{max: max}}
}

// reset takes down all notes; cursors go on with those that come.
func (b *board) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lossless.clear()
	b.lossy.clear()
	b.err = nil
}

// put hangs up a note, and reports whether a reader was overtaken in a lossless class.
func (b *board) put(n *Note) (overtaken bool) {
	t, lossless := &b.lossy, n.Class&losslessNotes != 0
	if lossless {
		t = &b.lossless
	}
	b.mu.Lock()
	at, overtaken := t.room()
	b.seq++
	at.seq, at.note = b.seq, *n
	b.bell.ring()
	b.mu.Unlock()
	return overtaken && lossless
}

// close ends the board; readers may still read what hangs.
func (b *board) close(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
	b.bell.ring()
}

// counts returns how many notes were put, and how many readers were overtaken by.
func (b *board) counts() (put, dropped uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seq, b.dropped
}

func (b *board) behind() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lossless.behind()
}

// A Cursor is one reader's place among the notes of a store, of the classes it asked for. It
// keeps its store alive. Any goroutine may use it, but who reads with several gets each note
// once only.
type Cursor struct {
	s               *Store
	b               *board
	class           Class
	lossless, lossy *place
	missed          uint64 // lossy notes, not told yet
}

func (b *board) open(s *Store, c Class) *Cursor {
	b.mu.Lock()
	defer b.mu.Unlock()
	cur := &Cursor{s: s, b: b, class: c, lossy: b.lossy.enter()}
	if c&losslessNotes != 0 {
		cur.lossless = b.lossless.enter()
	}
	runtime.AddCleanup(cur, b.forget, [2]*place{cur.lossless, cur.lossy})
	return cur
}

// forget lets go of the places of a cursor that is gone.
func (b *board) forget(places [2]*place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lossless.leave(places[0])
	b.lossy.leave(places[1])
}

// Next returns the oldest note that was not read yet, and waits for one until ctx ends. If
// notes of a lossless class are no longer kept, it returns an *OverrunError once, and then goes on with the oldest
// that is kept. How many others were
// dropped before a note is its Missed. After Close the error is
// ErrClosed, and after the store has stopped, ErrStopped once all notes are read.
func (c *Cursor) Next(ctx context.Context) (Note, error) {
	defer runtime.KeepAlive(c)
	n, err := c.next(ctx)
	if _, overrun := err.(*OverrunError); overrun {
		c.told()
	}
	return n, err
}

// told mends the store if this was the last reader that was overtaken and did not know.
func (c *Cursor) told() {
	if !c.b.behind() {
		c.s.core().mend(trouble{kind: slowNotes})
	}
}

func (c *Cursor) next(ctx context.Context) (Note, error) {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	for {
		n, ok, err := c.take()
		switch {
		case ok || err != nil:
			return n, err
		case c.b.err != nil:
			return n, c.b.err
		case ctx.Err() != nil:
			return n, ctx.Err()
		}
		c.b.bell.wait(ctx, &c.b.mu)
	}
}

// Drain appends the notes that were not read yet to dst, without waiting. The error is an
// *OverrunError if notes of a lossless class are missing.
func (c *Cursor) Drain(dst []Note) ([]Note, error) {
	defer runtime.KeepAlive(c)
	dst, err := c.drain(dst)
	if _, overrun := err.(*OverrunError); overrun {
		c.told()
	}
	return dst, err
}

func (c *Cursor) drain(dst []Note) ([]Note, error) {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	var missing error
	for {
		n, ok, err := c.take()
		switch {
		case err == ErrClosed:
			return dst, err
		case err != nil:
			missing = err
		case !ok:
			return dst, missing
		default:
			dst = append(dst, n)
		}
	}
}

// take returns the next note of the cursor's classes.
func (c *Cursor) take() (n Note, ok bool, err error) {
	if c.lossy == nil {
		return n, false, ErrClosed
	}
	missed := c.b.lossy.skip(c.lossy)
	c.b.dropped += missed
	c.missed += missed
	if c.lossless != nil {
		if missed := c.b.lossless.skip(c.lossless); missed > 0 {
			return n, false, &OverrunError{missed}
		}
	}
	for {
		t, p := c.older()
		if p == nil {
			return n, false, nil
		}
		n = t.at(p).note
		p.next++
		if n.Class&c.class != 0 {
			n.Missed = uint32(min(c.missed, math.MaxUint32))
			c.missed = 0
			return n, true, nil
		}
	}
}

// older returns the trail whose next note comes first, and the place in it; nil at the end.
func (c *Cursor) older() (*trail[numbered], *place) {
	less, lossy := &c.b.lossless, &c.b.lossy
	hasLess := c.lossless != nil && c.lossless.next < less.end
	hasLossy := c.lossy.next < lossy.end
	switch {
	case hasLess && (!hasLossy || less.at(c.lossless).seq < lossy.at(c.lossy).seq):
		return less, c.lossless
	case hasLossy:
		return lossy, c.lossy
	}
	return nil, nil
}

// All yields what Next returns, until ctx ends or the cursor is closed; an *OverrunError does
// not end it.
func (c *Cursor) All(ctx context.Context) iter.Seq2[Note, error] {
	return func(yield func(Note, error) bool) {
		for {
			n, err := c.Next(ctx)
			_, overrun := err.(*OverrunError)
			if !yield(n, err) || err != nil && !overrun {
				return
			}
		}
	}
}

// Close ends the cursor. The second Close does nothing.
func (c *Cursor) Close() error {
	defer runtime.KeepAlive(c)
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	if c.lossless != nil {
		c.b.lossless.leave(c.lossless)
	}
	if c.lossy != nil {
		c.b.lossy.leave(c.lossy)
	}
	c.lossless, c.lossy = nil, nil
	c.b.bell.ring()
	return nil
}

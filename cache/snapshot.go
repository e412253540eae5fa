package cache

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"reflect"
	"time"
)

// A snapshot is snapshotMagic and then frames: the length of what follows and its CRC-32C,
// each in 4 bytes, little-endian, and a gob. The first frame is a snapshotHeader, those
// after it are parts, and the last one is a part that is the end.
const (
	snapshotMagic = "whet cache 1\n"
	frameLimit    = 64 << 20
	partEntries   = 512
)

type snapshotHeader struct {
	Key, Value string    // types
	Saved      time.Time // by the wall clock: the reader may be another process
}

type snapshotPart[K comparable, V any] struct {
	Entries []snapshotEntry[K, V]
	End     bool
	Total   int // of all entries, in the last part
}

type snapshotEntry[K comparable, V any] struct {
	Key   K
	Value V
	Left  time.Duration // to live; 0: for ever
	Idle  bool          // Left is what was left until it would have been idle for too long
}

// ErrSnapshot is wrapped by the errors of Restore that say that what it read is not a whole
// snapshot of a cache of this type.
var ErrSnapshot = errors.New("cache: not a snapshot of this cache")

// Save writes all entries that have not expired. Keys and values are encoded by
// encoding/gob, which leaves out of values what it can't encode: fields that are not
// exported, functions and channels. A key of which it would leave out anything, or that
// would be another one when it is read again, as pointers are, is an error. No lock is held
// while it writes; what changes meanwhile may be in the snapshot or not. It takes memory
// for a copy of one shard.
func (c *Cache[K, V]) Save(w io.Writer) error {
	for _, t := range []reflect.Type{reflect.TypeFor[K](), reflect.TypeFor[V]()} {
		if k := t.Kind(); k == reflect.Func || k == reflect.Chan || k == reflect.UnsafePointer {
			return fmt.Errorf("saving a cache: a %s can't be saved", t)
		}
	}
	if _, err := io.WriteString(w, snapshotMagic); err != nil {
		return fmt.Errorf("saving a cache: %w", err)
	}
	err := writeFrame(w, snapshotHeader{typeName[K](), typeName[V](), time.Now()})
	all, total, faithful := c.shards.Load(), 0, faithfulKind(reflect.TypeFor[K]())
	for i := range all.list {
		items := c.items(all, i)
		total += len(items)
		for len(items) > 0 && err == nil {
			n := min(len(items), partEntries)
			p := c.part(items[:n])
			if err = writeFrame(w, p); err == nil && !faithful {
				err = p.survives()
			}
			items = items[n:]
		}
	}
	if err == nil {
		err = writeFrame(w, snapshotPart[K, V]{End: true, Total: total})
	}
	if err != nil {
		return fmt.Errorf("saving a cache: %w", err)
	}
	return nil
}

func typeName[T any]() string { return reflect.TypeFor[T]().String() }

func (c *Cache[K, V]) part(items []item[K, V]) (p snapshotPart[K, V]) {
	now := c.clock.exact()
	for _, x := range items {
		e := snapshotEntry[K, V]{Key: x.key, Value: x.value}
		if x.deadline != 0 {
			e.Left = max(1, time.Duration(x.deadline-now))
			e.Idle = x.deadline&slides != 0
		}
		p.Entries = append(p.Entries, e)
	}
	return p
}

// faithfulKind reports whether gob is known to give back every key of type t as it was.
func faithfulKind(t reflect.Type) bool {
	k := t.Kind()
	switch {
	case t.Implements(reflect.TypeFor[gob.GobEncoder]()), t.Implements(reflect.TypeFor[encoding.BinaryMarshaler]()):
		return false
	case k == reflect.Array:
		return faithfulKind(t.Elem())
	}
	return k == reflect.String || k >= reflect.Bool && k <= reflect.Complex128
}

// survives returns an error if not all keys of p are the same after gob has encoded and
// decoded them.
func (p snapshotPart[K, V]) survives() error {
	keys := make([]K, len(p.Entries))
	for i := range keys {
		keys[i] = p.Entries[i].Key
	}
	var b bytes.Buffer
	var read []K
	if err := gob.NewEncoder(&b).Encode(keys); err != nil {
		return err
	}
	if err := gob.NewDecoder(&b).Decode(&read); err != nil {
		return err
	}
	for i := range keys {
		if keys[i] != read[i] {
			return fmt.Errorf("a key of type %s would be another one when it is read: gob encodes exported fields only, and not what a pointer is", typeName[K]())
		}
	}
	return nil
}

func writeFrame(w io.Writer, v any) error {
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		return err
	}
	frame := b.Bytes()
	if len(frame)-8 > frameLimit {
		return fmt.Errorf("%d entries take more than %d MB", partEntries, frameLimit>>20)
	}
	binary.LittleEndian.PutUint32(frame, uint32(len(frame)-8))
	binary.LittleEndian.PutUint32(frame[4:], checksum(frame[8:]))
	_, err := w.Write(frame)
	return err
}

// checksum asks for its table at each use: package crc32 makes that once, and a process that has no
// snapshots need not.
func checksum(data []byte) uint32 { return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)) }

// Restore sets the entries of a snapshot that Save wrote, and returns how many. A key that
// the cache has keeps its value, which is newer, and so does one that is being loaded. Each
// entry lives for what it had left when it was saved, less the time since by the wall
// clock, whatever the options say; in a cache with Options.Idle, one that came of such a
// cache lives on by being used. Nothing is set unless all of the snapshot could be read: it
// is kept in memory until then, so read one only that comes from where you would take the
// values from. Entries beyond the capacity are evicted as ever.
func (c *Cache[K, V]) Restore(r io.Reader) (n int, err error) {
	s, err := readSnapshot[K, V](r)
	if err != nil {
		return 0, fmt.Errorf("restoring a cache: %w", err)
	}
	gone := max(0, time.Since(s.Saved.Round(0)))
	for _, e := range s.entries {
		if (e.Left == 0 || e.Left > gone) && c.restore(e, gone) {
			n++
		}
	}
	return n, nil
}

// restore sets an entry that was saved so long ago, unless its key has a newer value.
func (c *Cache[K, V]) restore(e snapshotEntry[K, V], gone time.Duration) bool {
	x := item[K, V]{hash: c.hasher.Hash(e.Key), key: e.Key, value: e.Value}
	ttl := time.Duration(0)
	if e.Left > 0 {
		c.needDeadlines()
		ttl = e.Left - gone
	}
	c.completeTTL(&x, ttl)
	if e.Idle && c.idle > 0 {
		x.deadline |= slides
	}
	s := c.lock(x.hash)
	defer c.unlock(s)
	if _, ok := c.present(s, x.hash, x.key); ok || s.flights.find(x.hash, x.key) != nil {
		return false
	}
	c.put(s, &x)
	return true
}

type snapshot[K comparable, V any] struct {
	snapshotHeader
	entries []snapshotEntry[K, V]
}

func readSnapshot[K comparable, V any](r io.Reader) (s snapshot[K, V], err error) {
	magic := make([]byte, len(snapshotMagic))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != snapshotMagic {
		return s, fmt.Errorf("%w: it does not begin as one of this version does", ErrSnapshot)
	}
	if err := readFrame(r, &s.snapshotHeader); err != nil {
		return s, err
	}
	if k, v := typeName[K](), typeName[V](); s.Key != k || s.Value != v {
		return s, fmt.Errorf("%w: it is of %s to %s, not %s to %s", ErrSnapshot, s.Key, s.Value, k, v)
	}
	for {
		var p snapshotPart[K, V]
		if err := readFrame(r, &p); err != nil {
			return s, err
		}
		s.entries = append(s.entries, p.Entries...)
		if p.End {
			if p.Total != len(s.entries) {
				return s, fmt.Errorf("%w: it has %d entries and says %d", ErrSnapshot, len(s.entries), p.Total)
			}
			return s, nil
		}
	}
}

func readFrame(r io.Reader, v any) error {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return fmt.Errorf("%w: it ends too early (%w)", ErrSnapshot, err)
	}
	length := binary.LittleEndian.Uint32(head[:])
	if length > frameLimit {
		return fmt.Errorf("%w: a part of %d bytes", ErrSnapshot, length)
	}
	var b bytes.Buffer // which grows with what there is, not with what is said to be there
	if n, err := io.CopyN(&b, r, int64(length)); err != nil {
		return fmt.Errorf("%w: it ends %d bytes into a part of %d (%w)", ErrSnapshot, n, length, err)
	}
	if checksum(b.Bytes()) != binary.LittleEndian.Uint32(head[4:]) {
		return fmt.Errorf("%w: it was altered", ErrSnapshot)
	}
	if err := gob.NewDecoder(&b).Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	return nil
}

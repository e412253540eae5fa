package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
)

// lines are the lines of a text, without space around them and without the empty ones.
type lines struct {
	in *bufio.Reader
	n  int // number of the last line
}

// next returns the next line, valid until the one after it; nil at the end.
func (l *lines) next() ([]byte, error) {
	for {
		line, err := l.in.ReadSlice('\n')
		l.n++
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, l.errorf("longer than %d bytes", window)
		case err != nil && !errors.Is(err, io.EOF):
			return nil, l.errorf("%w", err)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
		if err != nil {
			return nil, nil
		}
	}
}

func (l *lines) errorf(format string, args ...any) error {
	return fmt.Errorf("line %d: %w", l.n, fmt.Errorf(format, args...))
}

// bad is the error of a line that is not what it should be.
func (l *lines) bad(line []byte, want string) error {
	if len(line) > 60 {
		line = line[:60]
	}
	return l.errorf("want %s, got %q", want, line)
}

// number returns the value of a text that is a decimal number of at most 64 bits, and
// nothing but that.
func number(s []byte) (uint64, bool) {
	if len(s) == 0 || len(s) > 20 {
		return 0, false
	}
	n := uint64(0)
	for _, c := range s {
		d := uint64(c - '0')
		if d > 9 || n > math.MaxUint64/10 || n*10 > math.MaxUint64-d {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// Key returns the key that a text stands for: the value of a decimal number without
// leading zeros, of anything else a 64-bit hash, which is the same in every process.
func Key(text []byte) uint64 {
	if n, ok := number(text); ok && (text[0] != '0' || len(text) == 1) {
		return n
	}
	// FNV-1a, then the finalizer of MurmurHash3 to mix the high bits as well.
	h := uint64(14695981039346656037)
	for _, c := range text {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// size returns the value of a text as a size, clipped to 32 bits.
func size(s []byte) (uint32, bool) {
	n, ok := number(s)
	return clip(n), ok
}

func clip(n uint64) uint32 { return uint32(min(n, math.MaxUint32)) }

// clock returns the value of a text as a time; what stands behind a decimal point is
// dropped.
func clock(s []byte) (int64, bool) {
	whole, _, _ := bytes.Cut(s, []byte{'.'})
	n, ok := number(whole)
	return int64(min(n, math.MaxInt64)), ok
}

// fields splits a line at white space into at most len(f) parts and returns their number,
// len(f)+1 if there are more.
func fields(line []byte, f [][]byte) int {
	n := 0
	for i := 0; i < len(line); {
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		from := i
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			i++
		}
		if from == i {
			break
		}
		if n == len(f) {
			return n + 1
		}
		f[n] = line[from:i]
		n++
	}
	return n
}

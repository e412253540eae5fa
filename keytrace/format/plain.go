package format

import (
	"bufio"
	"iter"
	"strconv"
)

func readPlain(r *Reader, pass func(Request) bool) error {
	l := lines{in: r.in}
	for {
		line, err := l.next()
		if err != nil || line == nil {
			return err
		}
		if !pass(Request{Key: Key(line)}) {
			return nil
		}
	}
}

// writePlain writes keys as numbers: what was hashed when it was read stays a hash.
func writePlain(w *bufio.Writer, _ Meta, requests iter.Seq[Request]) error {
	for q := range requests {
		if _, err := w.Write(append(strconv.AppendUint(w.AvailableBuffer(), q.Key, 10), '\n')); err != nil {
			return err
		}
	}
	return nil
}

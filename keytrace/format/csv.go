package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// columns says where a CSV file has what, from 0; -1: nowhere.
type columns struct {
	separator       byte
	header          bool
	key, size, time int
}

// usual are the names that headers give to columns, the most specific first.
var usual = struct{ key, size, time []string }{
	key:  []string{"key", "obj_id", "object_id", "objid", "object", "id", "item", "url", "lba", "lbn", "block"},
	size: []string{"size", "obj_size", "object_size", "objsize", "bytes", "length"},
	time: []string{"time", "timestamp", "clock_time", "ts"},
}

// chooseColumns reads the first line of a file and what the reader was told.
func chooseColumns(head []byte, opts Options) (columns, error) {
	first := bytes.TrimSpace(head)
	if at := bytes.IndexByte(first, '\n'); at >= 0 {
		first = bytes.TrimSpace(first[:at])
	}
	c := columns{separator: separator(first), size: -1, time: -1}
	var titles []string
	for f := range split(first, c.separator) {
		titles = append(titles, strings.ToLower(strings.Trim(string(f), "# \"")))
	}
	c.header = slices.ContainsFunc(titles, func(t string) bool {
		return slices.Contains(usual.key, t) || slices.Contains(usual.size, t) || slices.Contains(usual.time, t) ||
			slices.Contains([]string{strings.ToLower(opts.Key), strings.ToLower(opts.Size), strings.ToLower(opts.Time)}, t) && t != "" && !isNumber(t)
	})
	var errs [3]error
	c.key, errs[0] = column(titles, c.header, opts.Key, usual.key)
	c.size, errs[1] = column(titles, c.header, opts.Size, usual.size)
	c.time, errs[2] = column(titles, c.header, opts.Time, usual.time)
	if err := errors.Join(errs[:]...); err != nil {
		return c, err
	}
	if c.key < 0 && len(titles) == 1 {
		c.key = 0
	}
	if c.key < 0 {
		return c, fmt.Errorf("csv trace: no column is called %s: say which of the %d columns is the key", strings.Join(usual.key, ", "), len(titles))
	}
	return c, nil
}

func isNumber(s string) bool { _, ok := number([]byte(s)); return ok }

// column returns the place of a column that was asked for by name or number, or that has
// one of the usual names; -1 if there is none.
func column(titles []string, header bool, want string, usual []string) (int, error) {
	if want != "" {
		if n, err := strconv.Atoi(want); err == nil {
			if n < 1 || n > len(titles) {
				return -1, fmt.Errorf("csv trace: no column %d, the first line has %d", n, len(titles))
			}
			return n - 1, nil
		}
		if i := slices.Index(titles, strings.ToLower(want)); i >= 0 {
			return i, nil
		}
		return -1, fmt.Errorf("csv trace: no column %q in the first line", want)
	}
	if header {
		for _, name := range usual {
			if i := slices.Index(titles, name); i >= 0 {
				return i, nil
			}
		}
	}
	return -1, nil
}

// separator returns which of the usual separators a line has most of.
func separator(line []byte) byte {
	best := byte(',')
	for _, s := range []byte{';', '\t'} {
		if bytes.Count(line, []byte{s}) > bytes.Count(line, []byte{best}) {
			best = s
		}
	}
	return best
}

// split returns the fields of a line without the quotes and space around them. A field in
// quotes may hold separators; quotes in it stay doubled, which keeps keys apart all the same.
func split(line []byte, sep byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for more := true; more; {
			var f []byte
			line = bytes.TrimLeft(line, " ")
			if n := quoted(line); n > 0 {
				f = line[1 : n-1]
				_, line, more = bytes.Cut(line[n:], []byte{sep})
			} else {
				f, line, more = bytes.Cut(line, []byte{sep})
				f = bytes.TrimSpace(f)
			}
			if !yield(f) {
				return
			}
		}
	}
}

// quoted returns the length of the quoted field that s starts with, 0 if it does not.
func quoted(s []byte) int {
	if len(s) == 0 || s[0] != '"' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 == len(s) || s[i+1] != '"' {
			return i + 1
		}
		i++
	}
	return 0
}

func readCSV(r *Reader, pass func(Request) bool) error {
	head, _ := r.in.Peek(window) // what recognized it: errors were seen
	c, err := chooseColumns(head, r.opts)
	if err != nil {
		return err
	}
	l := lines{in: r.in}
	for skip := c.header; ; skip = false {
		line, err := l.next()
		if err != nil || line == nil {
			return err
		}
		if skip {
			continue
		}
		q, err := c.request(&l, line)
		if err != nil {
			return err
		}
		if !pass(q) {
			return nil
		}
	}
}

func (c *columns) request(l *lines, line []byte) (q Request, err error) {
	i, ok, found := 0, true, false
	for f := range split(line, c.separator) {
		good := true
		if i == c.key {
			q.Key, found = Key(f), true
		}
		if i == c.size {
			q.Size, good = size(f)
			ok = ok && good
		}
		if i == c.time {
			q.Time, good = clock(f)
			ok = ok && good
		}
		i++
	}
	switch {
	case !found || i <= c.size || i <= c.time:
		return q, l.bad(line, fmt.Sprintf("at least %d columns", max(c.key, c.size, c.time)+1))
	case !ok:
		return q, l.bad(line, "numbers as size and time")
	}
	return q, nil
}

func writeCSV(w *bufio.Writer, m Meta, requests iter.Seq[Request]) error {
	header := "key"
	if m.Times {
		header = "time," + header
	}
	if m.Sizes {
		header += ",size"
	}
	if _, err := w.WriteString(header + "\n"); err != nil {
		return err
	}
	for q := range requests {
		b := w.AvailableBuffer()
		if m.Times {
			b = append(strconv.AppendInt(b, q.Time, 10), ',')
		}
		b = strconv.AppendUint(b, q.Key, 10)
		if m.Sizes {
			b = strconv.AppendUint(append(b, ','), uint64(q.Size), 10)
		}
		if _, err := w.Write(append(b, '\n')); err != nil {
			return err
		}
	}
	return nil
}

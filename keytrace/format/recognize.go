package format

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// recognize returns the format of a file that starts with head: the one asked for, our own
// by its magic number, that of the extension, or what the content looks like.
func recognize(name string, head []byte, opts Options) (Format, error) {
	guess := opts.Format
	if guess == "" && bytes.HasPrefix(head, []byte(magic)) {
		guess = "keytrace"
	}
	if guess == "" && opts.Key != "" {
		guess = "csv"
	}
	if guess == "" {
		guess, _ = NameOf(name)
	}
	if guess == "csv" && opts.Format == "" && opts.Key == "" && isTwitter(sample(head)) {
		guess = "twitter"
	}
	if guess == "" {
		guess = content(head)
	}
	if guess == "" {
		return Format{}, fmt.Errorf("the trace is binary and of no format that can be told by its content: name it (%s)", strings.Join(names(), ", "))
	}
	f, ok := Lookup(guess)
	if !ok {
		return Format{}, fmt.Errorf("no such format: %q (there are %s)", guess, strings.Join(names(), ", "))
	}
	return f, nil
}

func names() []string {
	var ns []string
	for _, f := range Table {
		ns = append(ns, f.Name)
	}
	return ns
}

// content returns the name of the format that head looks like, "" if it cannot be told.
func content(head []byte) string {
	if isText(head) {
		return text(sample(head))
	}
	switch {
	case isOracle(head):
		return "oraclegeneral"
	case small(head, 8, 4):
		return "be64"
	case small(head, 4, 1):
		return "be32"
	}
	return ""
}

func isText(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
			return false
		}
	}
	if len(head) == window { // it may end inside a character
		head = head[:len(head)-utf8.UTFMax]
		for len(head) > 0 && !utf8.RuneStart(head[len(head)-1]) {
			head = head[:len(head)-1]
		}
		head = head[:max(0, len(head)-1)]
	}
	return utf8.Valid(head)
}

// sample returns the first whole lines of head that say something.
func sample(head []byte) [][]byte {
	if len(head) == window {
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	var lines [][]byte
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, line)
		}
		if len(lines) == 2000 {
			break
		}
	}
	return lines
}

// text returns the name of the text format that lines look like.
func text(lines [][]byte) string {
	switch {
	case len(lines) == 0:
		return "plain"
	case isTwitter(lines):
		return "twitter"
	case allNumbers(lines, 4) && all(lines, func(f [][]byte) bool { return f[2][0] == '0' && len(f[2]) == 1 }):
		return "arc"
	case allNumbers(lines, 3) && rising(lines):
		return "time-id-size"
	case isCSV(lines):
		return "csv"
	case isLIRS(lines):
		return "lirs"
	}
	return "plain"
}

// all reports whether test holds for the fields of every line.
func all(lines [][]byte, test func(f [][]byte) bool) bool {
	for _, line := range lines {
		if !test(bytes.Fields(line)) {
			return false
		}
	}
	return true
}

func allNumbers(lines [][]byte, n int) bool {
	return all(lines, func(f [][]byte) bool {
		for _, s := range f {
			if _, ok := number(s); !ok {
				return false
			}
		}
		return len(f) == n
	})
}

func rising(lines [][]byte) bool {
	last := uint64(0)
	return all(lines, func(f [][]byte) bool {
		t, _ := number(f[0])
		ok := t >= last
		last = t
		return ok
	})
}

func isTwitter(lines [][]byte) bool {
	for _, line := range lines {
		if _, _, ok := twitterLine(line); !ok {
			return false
		}
	}
	return len(lines) > 0
}

// isCSV reports whether all lines have the same number of columns, at least two.
func isCSV(lines [][]byte) bool {
	sep := separator(lines[0])
	want := columnCount(lines[0], sep)
	for _, line := range lines {
		if columnCount(line, sep) != want {
			return false
		}
	}
	return want > 1
}

func columnCount(line []byte, sep byte) (n int) {
	for range split(line, sep) {
		n++
	}
	return n
}

func isLIRS(lines [][]byte) bool {
	marks := 0
	for _, line := range lines {
		if string(line) == "*" {
			marks++
		} else if _, ok := number(line); !ok {
			return false
		}
	}
	return marks > 0
}

// isOracle reports whether records have times that do not fall and next uses that are
// none, or later but not absurdly so.
func isOracle(head []byte) bool {
	last, n := uint32(0), int64(0)
	for ; len(head) >= oracleRecord; head = head[oracleRecord:] {
		n++
		at := binary.LittleEndian.Uint32(head)
		next := int64(binary.LittleEndian.Uint64(head[16:]))
		if at < last || next != -1 && next != math.MaxInt64 && (next < n || next > 1<<40) {
			return false
		}
		last = at
	}
	return n > 0
}

// small reports whether the first zeros bytes of all big-endian numbers of that width are
// zero, as those of keys that were counted up are.
func small(head []byte, width, zeros int) bool {
	n := len(head) / width
	for ; len(head) >= width; head = head[width:] {
		for _, c := range head[:zeros] {
			if c != 0 {
				return false
			}
		}
	}
	return n > 0 && len(head) == 0
}

package monitor

import (
	"strings"
	"unicode/utf8"
)

// maxName is the longest name, in bytes: one is kept, sent and drawn many times.
const maxName = 200

// checkName panics unless name is that of a metric: a path and a unit.
func checkName(name string) {
	path, unit, _ := strings.Cut(name, ":")
	if len(name) > maxName || !isPath(path) || !isUnit(unit) {
		panic("monitor: malformed name " + quoted(name) + ": want a path and a unit, as in /cache/hits:calls")
	}
}

// checkPath panics unless path is a name without a unit.
func checkPath(path string) {
	if len(path) > maxName/2 || !isPath(path) {
		panic("monitor: malformed name " + quoted(path) + ": want a path without a unit, as in /cache/quotes")
	}
}

// quoted is a name for a message, which it must not fill.
func quoted(name string) string {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	if !utf8.ValidString(name) {
		name = strings.ToValidUTF8(name, "?")
	}
	return `"` + name + `"`
}

// isPath reports whether path is one or more words, each after a slash.
func isPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for word := range strings.SplitSeq(path[1:], "/") {
		if word == "" || strings.IndexFunc(word, notInWord) >= 0 {
			return false
		}
	}
	return true
}

func notInWord(r rune) bool {
	return !(isLetter(r) || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// isUnit reports whether unit is words of letters joined by "-", "/" and "*".
func isUnit(unit string) bool {
	for _, r := range unit {
		if !isLetter(r) && r != '-' && r != '/' && r != '*' {
			return false
		}
	}
	return unit != ""
}

// kebab turns a Go name into a word of a path: LoadFailures into load-failures.
func kebab(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			startsWord := i > 0 && (isLower(name[i-1]) || i+1 < len(name) && isLower(name[i+1]))
			if startsWord {
				b.WriteByte('-')
			}
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

package profile

import "strings"

// Normalize returns a function's name as a profile of any build should spell it: type
// arguments become "[...]". The dots that the linker escapes in the last element of an
// import path ("yaml%2ev3") stay escaped: unescaped, the path could not be told from
// the name. See [Unescape].
//
//	Normalize("x/y.(*Map[go.shape.int,go.shape.string]).Get") == "x/y.(*Map[...]).Get"
func Normalize(name string) string {
	open := strings.IndexByte(name, '[')
	if open < 0 {
		return name
	}
	var b strings.Builder
	depth := 0
	for i := range len(name) {
		switch c := name[i]; c {
		case '[':
			if depth == 0 {
				b.WriteString("[...]")
			}
			depth++
		case ']':
			depth--
		default:
			if depth <= 0 {
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}

// Unescape returns a name, or an import path, as source spells it.
func Unescape(name string) string { return strings.ReplaceAll(name, "%2e", ".") }

// Package returns the import path in a normalized function name, as source spells it:
// of "gopkg.in/yaml%2ev3.(*Decoder).Decode" it is "gopkg.in/yaml.v3". A name without a
// package, as cgo and assembly have, gives "".
func Package(name string) string {
	if strings.HasPrefix(name, "type:") {
		return "" // an equality or hash function that the compiler made
	}
	slash := strings.LastIndexByte(cutParen(name), '/') + 1
	rest := name[slash:]
	dot := strings.IndexByte(rest, '.')
	if dot < 0 {
		return ""
	}
	// Of an unescaped name, a version is known by the one host that has it there.
	if i := versionSuffix(rest[dot:]); strings.HasPrefix(name, "gopkg.in/") && i > 0 && strings.HasPrefix(rest[dot+i:], ".") {
		dot += i
	}
	return Unescape(name[:slash+dot])
}

// cutParen drops what follows the first "(" or "[": a receiver's type argument may
// hold slashes.
func cutParen(name string) string {
	if i := strings.IndexAny(name, "(["); i >= 0 {
		return name[:i]
	}
	return name
}

// versionSuffix returns the length of a leading ".v2" in s, 0 if there is none.
func versionSuffix(s string) int {
	if !strings.HasPrefix(s, ".v") {
		return 0
	}
	i := 2
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == 2 {
		return 0
	}
	return i
}

// Local returns a normalized function name without its package: "(*Decoder).Decode".
func Local(name string) string {
	return strings.TrimPrefix(name[len(escapedPackage(name)):], ".")
}

// escapedPackage returns the part of name that Package is made of.
func escapedPackage(name string) string {
	pkg := Package(name)
	if strings.HasPrefix(name, pkg) {
		return pkg
	}
	return name[:len(pkg)+strings.Count(name, "%2e")*len("2e")]
}

// Enclosing returns the declared function in which a closure stands: of
// "p.(*T).Run.func2.1" it is "p.(*T).Run". Any other name is returned unchanged.
// Wrappers that the compiler makes ("-fm", "-range1", "deferwrap1", "gowrap1") are
// taken off too.
func Enclosing(name string) string {
	pkg := escapedPackage(name)
	rest := strings.TrimPrefix(name[len(pkg):], ".")
	parts := splitName(rest)
	keep := 1
	if strings.HasPrefix(rest, "(") || (len(parts) > 1 && !isGenerated(parts[1])) {
		keep = 2 // a method: receiver and name
	}
	if keep > len(parts) {
		keep = len(parts)
	}
	parts = parts[:keep]
	for i, p := range parts {
		p = strings.TrimSuffix(p, "-fm")
		if j := strings.Index(p, "-range"); j >= 0 {
			p = p[:j]
		}
		parts[i] = p
	}
	out := strings.Join(parts, ".")
	if pkg == "" {
		return out
	}
	return pkg + "." + out
}

// splitName splits at dots outside of brackets.
func splitName(s string) []string {
	var parts []string
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '.':
			if depth == 0 {
				parts = append(parts, s[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, s[start:])
}

func isGenerated(part string) bool {
	if part == "" || part[0] >= '0' && part[0] <= '9' {
		return true
	}
	for _, p := range []string{"func", "gowrap", "deferwrap"} {
		if rest, ok := strings.CutPrefix(part, p); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return true
		}
	}
	return false
}

// Short returns the name as a reader calls it: without the folders of the import
// path and its major version. "github.com/a/store/v2.(*Store).Get" is
// "store.(*Store).Get".
func Short(name string) string {
	name = Unescape(name)
	i := strings.LastIndexByte(cutParen(name), '/')
	if i < 0 {
		return name
	}
	if v := versionSuffix("." + name[i+1:]); v > 1 && strings.HasPrefix(name[i+v:], ".") {
		parent := name[:i]
		return parent[strings.LastIndexByte(parent, '/')+1:] + name[i+v:]
	}
	return name[i+1:]
}

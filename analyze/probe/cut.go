package probe

import (
	"cmp"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// A cut is a change of a file's text at an offset. No text has a line break in it, so
// that every line stays where it was.
type cut struct {
	at    int
	del   int
	text  string
	close bool // it ends what another began: at the same place it comes first, the inner one before the outer
	order int
}

// insert puts text at a place.
func (s *source) insert(at int, text string) {
	s.cuts = append(s.cuts, cut{at: at, text: text, order: len(s.cuts)})
}

// replace puts text in the place of del bytes.
func (s *source) replace(at, del int, text string) {
	s.cuts = append(s.cuts, cut{at: at, del: del, text: text, order: len(s.cuts)})
}

// wrap puts text around a node.
func (s *source) wrap(n ast.Node, before, after string) {
	s.insert(s.offset(n.Pos()), before)
	s.cuts = append(s.cuts, cut{at: s.offset(n.End()), text: after, close: true, order: -len(s.cuts)})
}

// name by which an edited file knows the probe.
const probeName = "whet_"

// edited returns the text with the cuts made and the probe imported. Should the build
// know the file by another path than that of the source, real is it, and is restored in
// what the compiler notes.
func (s *source) edited(importPath, real string) []byte {
	text := "; import " + probeName + " " + strconv.Quote(importPath)
	if real != "" {
		p := s.fset.PositionFor(s.file.Name.End(), false)
		text += " /*line " + real + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column) + "*/"
	}
	cuts := append(slices.Clone(s.cuts), cut{at: s.offset(s.file.Name.End()), text: text})
	slices.SortStableFunc(cuts, func(a, b cut) int {
		if a.at != b.at {
			return a.at - b.at
		}
		if a.close != b.close {
			if a.close {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.order, b.order)
	})
	var b []byte
	last := 0
	for _, c := range cuts {
		b = append(b, s.text[last:c.at]...)
		b = append(b, c.text...)
		last = c.at + c.del
	}
	return append(b, s.text[last:]...)
}

// cutPrefixSpace returns the word after a prefix.
func cutPrefixSpace(s, prefix string) (string, bool) {
	rest, ok := strings.CutPrefix(s, prefix)
	word, _, _ := strings.Cut(rest, " ")
	return strings.TrimSpace(word), ok
}

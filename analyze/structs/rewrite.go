package structs

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"os"
	"slices"
	"strings"
)

// Reorder returns the source of a file with the fields of its structs in their best order,
// comments and tags with them. The structs must be free of obstacles. A file that is
// formatted as gofmt does it stays so.
func Reorder(path string, structs []*Struct) (before, after []byte, err error) {
	before, err = os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	structs = slices.Clone(structs)
	slices.SortFunc(structs, func(a, b *Struct) int { return int(b.Spec.Pos() - a.Spec.Pos()) }) // from the end on
	after = before
	for _, s := range structs {
		if after, err = s.reorder(after); err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", path, s.Obj.Name(), err)
		}
	}
	tidy, err := format.Source(before)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	formatted := bytes.Equal(tidy, before)
	if tidy, err = format.Source(after); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if formatted {
		after = tidy
	}
	return before, after, nil
}

// reorder returns the source with the fields in their best order. Fields that are declared
// together are of one type, and stay together.
func (s *Struct) reorder(src []byte) ([]byte, error) {
	chunks := make([]string, len(s.Fields.List))
	owner := make([]int, 0, s.Struct.NumFields()) // declaration of each field
	for i, f := range s.Fields.List {
		from, to, err := s.lines(src, f)
		if err != nil {
			return nil, err
		}
		chunks[i] = string(src[from:to])
		for range max(1, len(f.Names)) {
			owner = append(owner, i)
		}
	}
	if len(owner) != len(s.Order) {
		return nil, fmt.Errorf("%d fields are declared, and it has %d", len(owner), len(s.Order))
	}
	var order []int
	for _, i := range s.Order {
		if !slices.Contains(order, owner[i]) {
			order = append(order, owner[i])
		}
	}
	first, _, err := s.lines(src, s.Fields.List[0])
	if err != nil {
		return nil, err
	}
	_, last, err := s.lines(src, s.Fields.List[len(chunks)-1])
	if err != nil {
		return nil, err
	}
	var body strings.Builder
	for _, i := range order {
		body.WriteString(chunks[i])
	}
	return slices.Concat(src[:first], []byte(body.String()), src[last:]), nil
}

// lines returns the bytes of the lines of a field, its comments included.
func (s *Struct) lines(src []byte, f *ast.Field) (from, to int, err error) {
	a, b := span(f)
	offset := func(p token.Pos) int { return s.Pkg.Fset.PositionFor(p, false).Offset }
	from, to = offset(a), offset(b)
	if from > to || to > len(src) {
		return 0, 0, fmt.Errorf("the file has changed since it was read")
	}
	from = bytes.LastIndexByte(src[:from], '\n') + 1
	end := bytes.IndexByte(src[to:], '\n')
	if end < 0 {
		return 0, 0, fmt.Errorf("a field ends the file")
	}
	return from, to + end + 1, nil
}

package whetprobe

import (
	"reflect"
	"strconv"
	"unsafe"
)

// longest is how much of one part's text is kept.
const longest = 80

// Put writes a part of a wanted input down as text.
//
//go:nocheckptr
func Put[T any](k Token, name string, p *T) {
	if !k.Wants() || base == nil {
		return
	}
	put(siteOf(k.site), k.hash, name, typeOf[T](), hide(p))
}

//go:norace
func put(s *Site, hash uint64, name string, word, p unsafe.Pointer) {
	var buf [longest + 64]byte
	b := append(buf[:0], cut(name, 30)...)
	b = append(b, 0x1f)
	b = text(b, reflect.NewAt(typeAt(word), p).Elem(), len(b)+longest, 0)
	b = append(b, 0x1e)
	s.keep(hash, b)
}

// keep adds to the text of the input.
//
//go:norace
func (s *Site) keep(hash uint64, b []byte) {
	for i := range min(s.NText, Texts) {
		t := &s.Texts[i]
		if t.Hash != hash {
			continue
		}
		if n := copy(t.Buf[t.Len:], b); n == len(b) {
			t.Len += uint32(n)
		}
		return
	}
}

// text appends a value's text up to about limit bytes. It follows no pointer, and calls no
// method.
func text(b []byte, v reflect.Value, limit, depth int) []byte {
	if len(b) >= limit || depth > 6 {
		return append(b, "…"...)
	}
	switch {
	case v.CanInt():
		return strconv.AppendInt(b, v.Int(), 10)
	case v.CanUint():
		return strconv.AppendUint(b, v.Uint(), 10)
	case v.CanFloat():
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 64)
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.String:
		return quoted(b, v.String(), limit)
	case reflect.Complex64, reflect.Complex128:
		return append(b, strconv.FormatComplex(v.Complex(), 'g', -1, 64)...)
	case reflect.Interface:
		if v.IsNil() {
			return append(b, "nil"...)
		}
		return text(b, v.Elem(), limit, depth+1)
	case reflect.Struct:
		return fields(b, v, limit, depth)
	case reflect.Slice, reflect.Array:
		return elements(b, v, limit, depth)
	}
	return named(b, v)
}

// quoted appends a string in quotes, cut to the limit.
func quoted(b []byte, s string, limit int) []byte {
	whole := len(s) <= limit-len(b)
	b = strconv.AppendQuote(b, cut(s, max(0, limit-len(b))))
	if !whole {
		b = append(b, "…"...)
	}
	return b
}

func named(b []byte, v reflect.Value) []byte {
	if v.Kind() != reflect.UnsafePointer && v.IsNil() {
		return append(b, "nil"...)
	}
	return append(b, cut(v.Type().String(), 40)...)
}

func fields(b []byte, v reflect.Value, limit, depth int) []byte {
	b = append(b, '{')
	for i := range v.NumField() {
		if i > 0 {
			b = append(b, ' ')
		}
		if len(b) >= limit {
			b = append(b, "…"...)
			break
		}
		b = text(b, v.Field(i), limit, depth+1)
	}
	return append(b, '}')
}

// elements appends those of a slice of numbers; of other slices, which somebody may be
// writing, the length.
func elements(b []byte, v reflect.Value, limit, depth int) []byte {
	elem := v.Type().Elem()
	if v.Kind() == reflect.Slice && !flat(elem) {
		b = append(b, cut(v.Type().String(), 40)...)
		return strconv.AppendInt(append(b, " of length "...), int64(v.Len()), 10)
	}
	if v.Kind() == reflect.Slice && elem.Kind() == reflect.Uint8 {
		n := min(v.Len(), longest)
		return quoted(b, string(bytesOf(v, n)), limit)
	}
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ' ')
		}
		if len(b) >= limit {
			b = append(b, "…"...)
			break
		}
		b = text(b, v.Index(i), limit, depth+1)
	}
	return append(b, ']')
}

//go:norace
func bytesOf(v reflect.Value, n int) []byte {
	b := make([]byte, n)
	copy(b, unsafe.Slice((*byte)(v.UnsafePointer()), n))
	return b
}

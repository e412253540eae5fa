package monitor

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A field is one of a Stats struct that is a metric or a fact.
type field struct {
	index []int
	word  string // its path within the subject: "load-failures"
	kind  Kind   // 0: a fact
	unit  string
	read  func(v reflect.Value) float64 // nil for timers and facts
}

// levels are the names of unsigned fields that do not count what has happened but say how
// much there is.
var levels = []string{
	"Len", "Size", "Cap", "Capacity", "Weight", "Bytes", "Live", "Instances", "Entries", "Open",
	"Active", "Pending", "Waiting", "Depth", "Building",
}

// kindOf returns the kind of a number's field: an unsigned integer is a total unless its
// name is one of a level, a duration is a total of time unless its name says that it is one
// time, and other numbers are levels.
func kindOf(f reflect.StructField) Kind {
	switch {
	case slices.Contains(levels, f.Name):
		return KindGauge
	case f.Type == durationType:
		for _, word := range []string{"Max", "Min", "Mean", "Last", "Slowest", "Oldest", "Lag", "Age"} {
			if strings.Contains(f.Name, word) {
				return KindGauge
			}
		}
		return KindCounter
	case f.Type.Kind() >= reflect.Uint && f.Type.Kind() <= reflect.Uintptr:
		return KindCounter
	}
	return KindGauge
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	stringerType = reflect.TypeFor[fmt.Stringer]()
	timeType     = reflect.TypeFor[time.Time]()
)

// fieldsOf returns the fields of a struct that can be read, those of structs within it
// included, sorted by their word.
func fieldsOf(t reflect.Type) []field {
	all := appendFields(nil, t, nil, "")
	slices.SortFunc(all, func(a, b field) int { return strings.Compare(a.word, b.word) })
	return all
}

func appendFields(all []field, t reflect.Type, index []int, prefix string) []field {
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && !f.Anonymous || f.Tag.Get("monitor") == "-" {
			continue
		}
		at := append(slices.Clip(index), i)
		word := prefix + kebab(f.Name)
		switch {
		case isDurations(f.Type):
			all = append(all, field{index: at, word: word, kind: KindTimer, unit: "seconds"})
		case f.Type.Kind() == reflect.Struct && f.Type != timeType:
			if f.Anonymous {
				word = strings.TrimSuffix(prefix, "/")
			}
			all = appendFields(all, f.Type, at, strings.TrimPrefix(word+"/", "/"))
		case f.IsExported():
			all = appendField(all, f, at, word)
		}
	}
	return all
}

// appendField appends a field that has no fields of its own.
func appendField(all []field, f reflect.StructField, at []int, word string) []field {
	kind, unit, _ := strings.Cut(f.Tag.Get("monitor"), ",")
	n := field{index: at, word: word, kind: kindOf(f), unit: unit, read: reader(f.Type)}
	switch kind {
	case "counter":
		n.kind = KindCounter
	case "gauge":
		n.kind = KindGauge
	}
	switch {
	case n.read == nil && (f.Type.Kind() == reflect.String || f.Type.Implements(stringerType)):
		n.kind = 0
	case n.read == nil:
		return all
	case n.unit == "" && f.Type == durationType:
		n.unit = "seconds"
	case n.unit == "" && f.Name == "Bytes":
		n.unit = "bytes"
	case n.unit == "":
		n.unit = "count"
	}
	return append(all, n)
}

// reader returns how to read a number of type t, nil if it is none. A number that has a name
// for each value is a fact.
func reader(t reflect.Type) func(reflect.Value) float64 {
	switch k := t.Kind(); {
	case t == durationType:
		return func(v reflect.Value) float64 { return time.Duration(v.Int()).Seconds() }
	case t.Implements(stringerType):
		return nil
	case k == reflect.Bool:
		return func(v reflect.Value) float64 {
			if v.Bool() {
				return 1
			}
			return 0
		}
	case reflect.Int <= k && k <= reflect.Int64:
		return func(v reflect.Value) float64 { return float64(v.Int()) }
	case reflect.Uint <= k && k <= reflect.Uintptr:
		return func(v reflect.Value) float64 { return float64(v.Uint()) }
	case k == reflect.Float32 || k == reflect.Float64:
		return reflect.Value.Float
	}
	return nil
}

// fact returns what a field says in words.
func (f field) fact(v reflect.Value) string {
	v = v.FieldByIndex(f.index)
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.Type() == timeType && v.Interface().(time.Time).IsZero():
		return ""
	case v.Type() == timeType:
		return v.Interface().(time.Time).UTC().Format(time.RFC3339)
	case v.Kind() == reflect.Pointer && v.IsNil():
		return ""
	}
	return v.Interface().(fmt.Stringer).String()
}

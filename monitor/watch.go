package monitor

import (
	"path"
	"reflect"
)

// Watch reads x.Stats() at every snapshot, until remove is called, and keeps x alive as long.
// Name is a path without a unit, such as /cache/quotes.
//
// S is a struct, such as cache.Stats; what it says becomes metrics below name: the field
// LoadFailures becomes /cache/quotes/load-failures:count. An unsigned integer is a counter,
// unless its name says that it is a level (Len, Capacity, Weight, ...); a time.Duration is a
// counter of seconds, unless its name says that it is one time (Max, Last, ...); a signed
// integer, a float or a bool is a gauge; a distribution of package hist is a timer; a string,
// a time.Time and what has a String method are facts about the subject. A field tagged `monitor:"gauge"` or `monitor:"counter,bytes"`
// is what the tag says, and one tagged `monitor:"-"` is left out. Other fields are, too.
//
// If x has a method Curve whose result tells HitRatio(capacity int) float64, as a
// cache.Cache has, the curve is read for Subjects.
//
// It costs x nothing but a call of Stats for each snapshot. Watch panics if the name is
// malformed or watched already, or if S is not a struct.
func Watch[S any](r *Registry, name string, x interface{ Stats() S }) (remove func()) {
	checkPath(name)
	t := reflect.TypeFor[S]()
	if t.Kind() != reflect.Struct {
		panic("monitor: Watch: Stats of " + quoted(name) + " is not a struct but a " + t.String())
	}
	w := &watched{
		name:  name,
		kind:  path.Base(t.PkgPath()),
		stats: func() reflect.Value { return reflect.ValueOf(x.Stats()) },
		curve: curveOf(x),
	}
	for _, f := range fieldsOf(t) {
		if f.kind == 0 {
			w.facts = append(w.facts, f)
			continue
		}
		w.fields = append(w.fields, f)
		w.names = append(w.names, name+"/"+f.word+":"+f.unit)
	}
	return r.Add(w)
}

// Watched is something with Stats.
type watched struct {
	name, kind string
	stats      func() reflect.Value
	fields     []field  // that are metrics
	names      []string // of these
	facts      []field
	curve      func() *Curve // nil: it has none
}

func (w *watched) subjectName() string { return w.name }

// Read implements Source.
func (w *watched) Read(yield func(Metric)) {
	v := w.stats()
	for i, f := range w.fields {
		m := Metric{Name: w.names[i], Kind: f.kind, Subject: w.name, Type: w.kind}
		if f.kind == KindTimer {
			m.Durations = durationsIn(v.FieldByIndex(f.index))
			m.Value = m.Durations.count()
		} else {
			m.Value = f.read(v.FieldByIndex(f.index))
		}
		yield(m)
	}
}

// Subject describes what is watched.
func (w *watched) Subject() Subject {
	s := Subject{Name: w.name, Type: w.kind}
	if len(w.facts) > 0 {
		v := w.stats()
		s.Facts = make(map[string]string, len(w.facts))
		for _, f := range w.facts {
			if fact := f.fact(v); fact != "" {
				s.Facts[f.word] = fact
			}
		}
	}
	if w.curve != nil {
		s.Curve = w.curve()
	}
	return s
}

package profile

import (
	"io"

	"github.com/google/pprof/profile"
)

// A Builder makes a profile of stacks that are known by name. It is not for concurrent
// use.
type Builder struct {
	p         *profile.Profile
	functions map[Frame]*profile.Function
	locations map[Frame]*profile.Location
}

// NewBuilder returns a builder of a profile whose samples have these values; pprof shows
// the last one unless told otherwise.
func NewBuilder(types ...ValueType) *Builder {
	b := &Builder{p: new(profile.Profile), functions: make(map[Frame]*profile.Function), locations: make(map[Frame]*profile.Location)}
	for _, t := range types {
		b.p.SampleType = append(b.p.SampleType, &profile.ValueType{Type: t.Type, Unit: t.Unit})
	}
	if n := len(types); n > 0 {
		b.p.DefaultSampleType = types[n-1].Type
	}
	return b
}

// Add adds a sample, leaf first, with labels, which may be nil. It panics if there are not
// as many values as types.
func (b *Builder) Add(stack []Frame, labels map[string]string, values ...int64) {
	if len(values) != len(b.p.SampleType) {
		panic("profile: values do not match the types")
	}
	s := &profile.Sample{Value: values}
	for _, fr := range stack {
		s.Location = append(s.Location, b.location(fr))
	}
	for k, v := range labels {
		if s.Label == nil {
			s.Label = make(map[string][]string)
		}
		s.Label[k] = []string{v}
	}
	b.p.Sample = append(b.p.Sample, s)
}

func (b *Builder) location(fr Frame) *profile.Location {
	if l := b.locations[fr]; l != nil {
		return l
	}
	key := Frame{Func: fr.Func, File: fr.File}
	f := b.functions[key]
	if f == nil {
		f = &profile.Function{ID: uint64(len(b.p.Function) + 1), Name: fr.Func, SystemName: fr.Func, Filename: fr.File}
		b.functions[key] = f
		b.p.Function = append(b.p.Function, f)
	}
	l := &profile.Location{ID: uint64(len(b.p.Location) + 1), Line: []profile.Line{{Function: f, Line: int64(fr.Line)}}}
	b.locations[fr] = l
	b.p.Location = append(b.p.Location, l)
	return l
}

// Profile returns what was added so far, as [New] would read it.
func (b *Builder) Profile() *Profile { return New(b.p.Copy()) }

// Write writes the profile in pprof's gzipped encoding.
func (b *Builder) Write(w io.Writer) error {
	if err := b.p.CheckValid(); err != nil {
		return err
	}
	return b.p.Write(w)
}

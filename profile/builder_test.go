package profile_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/whetgo/whet/profile"
)

func TestBuilder(t *testing.T) {
	b := profile.NewBuilder(profile.ValueType{Type: "calls", Unit: "count"}, profile.ValueType{Type: "time", Unit: "nanoseconds"})
	f, g := profile.Frame{Func: "p.F", File: "p.go", Line: 3}, profile.Frame{Func: "p.G", File: "p.go", Line: 9}
	b.Add([]profile.Frame{f, g}, map[string]string{"finding": "x"}, 2, 30)
	b.Add([]profile.Frame{g}, nil, 1, 5)
	var buf bytes.Buffer
	if err := b.Write(&buf); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Read(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if p.Total("calls") != 3 || p.Total("time") != 35 || len(p.Samples) != 2 || !slices.Equal(p.Samples[0].Stack, []profile.Frame{f, g}) {
		t.Errorf("read back: %+v", p)
	}
	defer func() {
		if recover() == nil {
			t.Error("one value for two types does not panic")
		}
	}()
	b.Add(nil, nil, 1)
}

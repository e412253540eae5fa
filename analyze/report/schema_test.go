package report_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
)

const schemaDoc = "../../docs/finding.md"

// documented is what docs/finding.md says of one field.
type documented struct {
	typ, example string
	optional     bool
}

var fieldRow = regexp.MustCompile("^\\| `([a-z_]+)` \\| (.+?) \\| .+ \\| (?:`(.+)`)? *\\|$")

// readSchema returns the documented fields by section.
func readSchema(t *testing.T) map[string]map[string]documented {
	t.Helper()
	data, err := os.ReadFile(schemaDoc)
	if err != nil {
		t.Fatal(err)
	}
	sections := make(map[string]map[string]documented)
	section := ""
	for l := range strings.Lines(string(data)) {
		l = strings.TrimRight(l, "\n")
		if title, ok := strings.CutPrefix(l, "## "); ok {
			section = title
		}
		m := fieldRow.FindStringSubmatch(l)
		if m == nil {
			if strings.HasPrefix(l, "| `") {
				t.Errorf("a row that is not understood: %s", l)
			}
			continue
		}
		if sections[section] == nil {
			sections[section] = make(map[string]documented)
		}
		typ, optional := strings.CutSuffix(m[2], ", optional")
		sections[section][m[1]] = documented{typ, m[3], optional}
	}
	return sections
}

// TestSchemaDocument demands that the document and the types say the same: every
// field, its type, whether it may be missing, and an example of that type.
func TestSchemaDocument(t *testing.T) {
	sections := readSchema(t)
	types := make(map[string]reflect.Type)
	collect(reflect.TypeFor[analyze.Finding](), types)
	if got, want := slices.Sorted(maps.Keys(sections)), slices.Sorted(maps.Keys(types)); !slices.Equal(got, want) {
		t.Errorf("documented: %v, want %v", got, want)
	}
	for name, typ := range types {
		fields := make(map[string]bool)
		for i := range typ.NumField() {
			f := typ.Field(i)
			tag, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields[tag] = true
			d, ok := sections[name][tag]
			if !ok {
				t.Errorf("%s.%s is not documented in the section %s", name, tag, name)
				continue
			}
			checkField(t, name+"."+tag, f.Type, rest == "omitempty", d)
		}
		for tag := range sections[name] {
			if !fields[tag] {
				t.Errorf("%s.%s is documented and does not exist", name, tag)
			}
		}
	}
}

// collect adds typ and the structs in it, by name.
func collect(typ reflect.Type, types map[string]reflect.Type) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		collect(typ.Elem(), types)
	case reflect.Struct:
		types[typ.Name()] = typ
		for i := range typ.NumField() {
			collect(typ.Field(i).Type, types)
		}
	}
}

func checkField(t *testing.T, name string, typ reflect.Type, optional bool, d documented) {
	t.Helper()
	if want := describe(typ); d.typ != want {
		t.Errorf("%s: documented as %q, want %q", name, d.typ, want)
	}
	if d.optional != optional {
		t.Errorf("%s: documented as optional: %v, want %v", name, d.optional, optional)
	}
	if d.example == "" {
		return
	}
	if err := json.Unmarshal([]byte(d.example), reflect.New(typ).Interface()); err != nil {
		t.Errorf("%s: the example %s: %v", name, d.example, err)
	}
}

// describe returns a type as the document words it.
func describe(typ reflect.Type) string {
	switch typ.Kind() {
	case reflect.String:
		return "string"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "number"
	case reflect.Pointer:
		return describe(typ.Elem())
	case reflect.Slice:
		return "list of " + describe(typ.Elem())
	case reflect.Array:
		return "two " + describe(typ.Elem()) + "s"
	case reflect.Struct:
		return "[" + typ.Name() + "](#" + strings.ToLower(typ.Name()) + ")"
	}
	return typ.String()
}

var exampleBlock = regexp.MustCompile("(?s)```json\n(.*?)\n```")

// TestSchemaExample demands that the document's whole finding is, byte for byte, what
// a finding is written as, and that it can be read back.
func TestSchemaExample(t *testing.T) {
	var written bytes.Buffer
	want := compileFinding()
	want.Gain.Measured = &analyze.Measured{Delta: -0.93, CI: [2]float64{-0.94, -0.91}, P: 0.002, N: 10}
	if err := archive.EncodeFindings(&written, []analyze.Finding{want}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(schemaDoc)
	if err != nil {
		t.Fatal(err)
	}
	block := exampleBlock.FindSubmatchIndex(data)
	if block == nil {
		t.Fatal("no ```json block")
	}
	if *update {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, bytes.TrimSpace(written.Bytes()), "", "  "); err != nil {
			t.Fatal(err)
		}
		data = slices.Concat(data[:block[2]], pretty.Bytes(), data[block[3]:])
		if err := os.WriteFile(schemaDoc, data, 0o644); err != nil {
			t.Fatal(err)
		}
		block = exampleBlock.FindSubmatchIndex(data)
	}
	example := data[block[2]:block[3]]
	var compact bytes.Buffer
	if err := json.Compact(&compact, example); err != nil {
		t.Fatal(err)
	}
	if got := compact.String() + "\n"; got != written.String() {
		t.Errorf("the document shows\n%swant\n%s", got, written.String())
	}
	var got analyze.Finding
	dec := json.NewDecoder(bytes.NewReader(example))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

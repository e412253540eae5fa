package profile_test

import (
	"testing"

	"github.com/whetgo/whet/profile"
)

func TestNames(t *testing.T) {
	for _, tt := range []struct{ raw, name, pkg, enclosing, short string }{
		{"main.main", "main.main", "main", "main.main", "main.main"},
		{"runtime.mallocgc", "runtime.mallocgc", "runtime", "runtime.mallocgc", "runtime.mallocgc"},
		{"a.b/c.F", "a.b/c.F", "a.b/c", "a.b/c.F", "c.F"},
		{"a.b/c.(*T).M", "a.b/c.(*T).M", "a.b/c", "a.b/c.(*T).M", "c.(*T).M"},
		{"a.b/c.T.M", "a.b/c.T.M", "a.b/c", "a.b/c.T.M", "c.T.M"},
		{"a.b/c.F.func1", "a.b/c.F.func1", "a.b/c", "a.b/c.F", "c.F.func1"},
		{"a.b/c.(*T).M.func2.1", "a.b/c.(*T).M.func2.1", "a.b/c", "a.b/c.(*T).M", "c.(*T).M.func2.1"},
		{"a.b/c.(*T).M-fm", "a.b/c.(*T).M-fm", "a.b/c", "a.b/c.(*T).M", "c.(*T).M-fm"},
		{"a.b/c.F.gowrap1", "a.b/c.F.gowrap1", "a.b/c", "a.b/c.F", "c.F.gowrap1"},
		{"a.b/c.F-range1", "a.b/c.F-range1", "a.b/c", "a.b/c.F", "c.F-range1"},
		{"a.b/c.init.0", "a.b/c.init.0", "a.b/c", "a.b/c.init", "c.init.0"},
		{"a.b/c.glob..func1", "a.b/c.glob..func1", "a.b/c", "a.b/c.glob", "c.glob..func1"},
		{"gopkg.in/yaml%2ev3.(*Decoder).Decode.func1", "gopkg.in/yaml%2ev3.(*Decoder).Decode.func1", "gopkg.in/yaml.v3", "gopkg.in/yaml%2ev3.(*Decoder).Decode", "yaml.v3.(*Decoder).Decode.func1"},
		{"a.b/nats%2ego.(*Conn).Publish", "a.b/nats%2ego.(*Conn).Publish", "a.b/nats.go", "a.b/nats%2ego.(*Conn).Publish", "nats.go.(*Conn).Publish"},
		{"gopkg.in/yaml.v3.(*Decoder).Decode", "gopkg.in/yaml.v3.(*Decoder).Decode", "gopkg.in/yaml.v3", "gopkg.in/yaml.v3.(*Decoder).Decode", "yaml.v3.(*Decoder).Decode"},
		{"a.b/prometheus.v2.NewDesc", "a.b/prometheus.v2.NewDesc", "a.b/prometheus", "a.b/prometheus.v2.NewDesc", "prometheus.v2.NewDesc"},
		{"a.b/c.(*Map[go.shape.int,x.y/z.T[go.shape.string]]).Get", "a.b/c.(*Map[...]).Get", "a.b/c", "a.b/c.(*Map[...]).Get", "c.(*Map[...]).Get"},
		{"a.b/c.Keys[go.shape.string]", "a.b/c.Keys[...]", "a.b/c", "a.b/c.Keys[...]", "c.Keys[...]"},
		{"a.b/c.(*Map[go.shape.int]).Get.func1", "a.b/c.(*Map[...]).Get.func1", "a.b/c", "a.b/c.(*Map[...]).Get", "c.(*Map[...]).Get.func1"},
		{"type:.eq.a.b/c.T", "type:.eq.a.b/c.T", "", "type:", ""},
		{"a.b/tally/v4.(*S).M", "a.b/tally/v4.(*S).M", "a.b/tally/v4", "a.b/tally/v4.(*S).M", "tally.(*S).M"},
		{"a.b/c/vault.F", "a.b/c/vault.F", "a.b/c/vault", "a.b/c/vault.F", "vault.F"},
		{"memeqbody", "memeqbody", "", "memeqbody", "memeqbody"},
	} {
		name := profile.Normalize(tt.raw)
		if name != tt.name {
			t.Errorf("Normalize(%q) = %q, want %q", tt.raw, name, tt.name)
		}
		if got := profile.Package(name); got != tt.pkg {
			t.Errorf("Package(%q) = %q, want %q", name, got, tt.pkg)
		}
		if tt.pkg == "" && tt.short == "" {
			continue
		}
		if got := profile.Enclosing(name); got != tt.enclosing {
			t.Errorf("Enclosing(%q) = %q, want %q", name, got, tt.enclosing)
		}
		if got := profile.Short(name); got != tt.short {
			t.Errorf("Short(%q) = %q, want %q", name, got, tt.short)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"", ".", "a.b/c.(*T[x/y.Z]).M.func1", "[[[", "(((", "a.v2.", "type:.eq.x", "a]b", "x.-range"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := profile.Normalize(s)
		profile.Package(name)
		profile.Enclosing(name)
		profile.Short(name)
		profile.Local(name)
	})
}

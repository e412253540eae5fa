package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/whetgo/whet/store"
)

func TestParse(t *testing.T) {
	for dsn, want := range map[string]store.Params{
		"sim://":                         {Driver: "sim"},
		"sim://demo":                     {Driver: "sim", Addr: "demo"},
		"sim://DU1@demo?client=7&seed=3": {Driver: "sim", Account: "DU1", Addr: "demo", Client: 7, Extra: "seed=3"},
		"file:///data/my%20bars?b=2&a=1": {Driver: "file", Addr: "/data/my bars", Extra: "a=1&b=2"},
		"ib://U%401@[::1]:7496":          {Driver: "ib", Account: "U@1", Addr: "[::1]:7496"},
	} {
		got, err := store.Parse(dsn)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", dsn, got, err, want)
		}
		if again, err := store.Parse(got.String()); err != nil || again != got {
			t.Errorf("%s: written as %s and read as %+v, %v", dsn, got, again, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, dsn := range []string{
		"", "sim", "://x", "SIM://x", "sim://a%zz", "sim://x?a=%zz", "sim://x?client=seven", "sim://x?client=1&client=2",
		"sim://x?a=1&a=2", "sim://x?a=1;b=2", "sim://me:s3cret@x", "sim://x?password=s3cret", "sim://x?API_KEY=s3cret",
		"sim://x?Token=s3cret", "sim://x%00y", "sim://x?" + strings.Repeat("s3cret", 1000),
	} {
		got, err := store.Parse(dsn)
		var bad *store.ParamError
		if !errors.As(err, &bad) || got != (store.Params{}) {
			t.Errorf("%.60s: got %+v, %v, want a ParamError", dsn, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%.60s: the error shows what may be a secret: %v", dsn, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("sim://DU1@demo?client=7&seed=3")
	f.Add("file:///a%2fb?x=%26")
	f.Add("x://@@?&&")
	f.Fuzz(func(t *testing.T, dsn string) {
		p, err := store.Parse(dsn)
		if err != nil {
			return
		}
		if again, err := store.Parse(p.String()); err != nil || again != p {
			t.Errorf("%q is %+v, written as %q and read as %+v, %v", dsn, p, p.String(), again, err)
		}
	})
}

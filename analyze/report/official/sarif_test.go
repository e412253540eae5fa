// Package official holds the forms that whet prints against the schemas of those who
// define them. It is a module of its own, since only this test needs what is below.
package official

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // carries the schema
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSARIF validates what is printed with --sarif against OASIS's schema of SARIF 2.1.0.
func TestSARIF(t *testing.T) {
	schema := compiled(t, published(t))
	printed, err := os.ReadFile("../testdata/sarif.golden")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(decoded(t, printed)); err != nil {
		t.Errorf("%v", err)
	}
	for _, broken := range []struct{ old, new string }{
		{`"version": "2.1.0"`, `"version": "2.0.0"`},
		{`"ruleIndex": 0`, `"ruleIndex": "first"`},
		{`"startLine": `, `"startLine": -`},
	} {
		text := strings.Replace(string(printed), broken.old, broken.new, 1)
		if text == string(printed) || schema.Validate(decoded(t, []byte(text))) == nil {
			t.Errorf("with %s the schema holds all the same, or nothing was replaced", broken.new)
		}
	}
}

// published returns the schema's text, which its package keeps in a constant.
func published(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(string(bytes.TrimSpace(dir)), "pkg", "report", "v210", "sarif", "schema.go")
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && len(lit.Value) > len(text) {
			text = lit.Value
		}
		return true
	})
	if text, err = strconv.Unquote(text); err != nil || !strings.Contains(text, "sarif-schema-2.1.0.json") {
		t.Fatalf("no schema of SARIF 2.1.0 in %s: %v", path, err)
	}
	return text
}

func compiled(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif.json", decoded(t, []byte(text))); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	if !json.Valid(text) {
		t.Fatal("not JSON")
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

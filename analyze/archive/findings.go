package archive

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/whetgo/whet/analyze"
)

// EncodeFindings writes the findings as JSON lines of schema [analyze.Schema], with
// "&", "<" and ">" as they are.
func EncodeFindings(w io.Writer, fs []analyze.Finding) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range fs {
		if err := enc.Encode(&fs[i]); err != nil {
			return fmt.Errorf("writing findings: %w", err)
		}
	}
	return nil
}

// DecodeFindings reads what [EncodeFindings] wrote. It passes over fields it does
// not know, and fails for another schema.
func DecodeFindings(r io.Reader) ([]analyze.Finding, error) {
	var fs []analyze.Finding
	for dec := json.NewDecoder(r); ; {
		var f analyze.Finding
		if err := dec.Decode(&f); err == io.EOF {
			return fs, nil
		} else if err != nil {
			return nil, fmt.Errorf("finding %d: %w", len(fs)+1, err)
		}
		if f.Schema != analyze.Schema {
			return nil, fmt.Errorf("finding %d is of schema %q, not %q", len(fs)+1, f.Schema, analyze.Schema)
		}
		fs = append(fs, f)
	}
}

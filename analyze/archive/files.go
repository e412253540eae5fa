package archive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/profile"
)

// write puts the run's files into dir.
func (r *Run) write(dir string) error {
	profiles, err := r.writeProfiles(dir)
	if err != nil {
		return err
	}
	var findings bytes.Buffer
	if err := EncodeFindings(&findings, r.Findings); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "findings.jsonl"), findings.Bytes(), 0o644); err != nil {
		return err
	}
	c := *r
	c.Profiles = profiles
	data, err := json.MarshalIndent(&c, "", "\t")
	if err != nil {
		return fmt.Errorf("run.json: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "run.json"), append(data, '\n'), 0o644)
}

func (r *Run) writeProfiles(dir string) ([]ProfileFile, error) {
	if err := os.Mkdir(filepath.Join(dir, "profiles"), 0o755); err != nil {
		return nil, err
	}
	var files []ProfileFile
	taken := make(map[string]bool)
	for _, w := range r.Workloads {
		base := fileName(w.Name, taken)
		for _, kind := range slices.Sorted(maps.Keys(w.Profiles)) {
			p := w.Profiles[kind]
			if p == nil {
				continue
			}
			pf := ProfileFile{Workload: w.Name, Package: w.Package, Kind: kind,
				File: "profiles/" + base + "." + plain(kind) + ".pprof"}
			if err := writeProfile(filepath.Join(dir, filepath.FromSlash(pf.File)), p); err != nil {
				return nil, err
			}
			files = append(files, pf)
		}
	}
	return files, nil
}

func writeProfile(name string, p *profile.Profile) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := p.Write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// fileName returns a name for the workload's files that no other of the run has:
// benchmarks of two packages may be named alike.
func fileName(workload string, taken map[string]bool) string {
	base := plain(workload)
	name := base
	for n := 2; taken[strings.ToLower(name)]; n++ { // file systems may fold case
		name = base + "-" + strconv.Itoa(n)
	}
	taken[strings.ToLower(name)] = true
	return name
}

// plain replaces what a file name should not hold, and bounds its length.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '_'
	}, s)
	if len(s) > 100 {
		s = s[:100]
	}
	if s == "" {
		return "_"
	}
	return s
}

func read(dir string) (*Run, error) {
	data, err := readFile(filepath.Join(dir, "run.json"))
	if err != nil {
		return nil, err
	}
	r := new(Run)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("run.json: %w", err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("run.json is of schema %q, not %q: it was written by another version of whet", r.Schema, Schema)
	}
	r.Workloads = slices.DeleteFunc(r.Workloads, func(w *analyze.Workload) bool { return w == nil })
	data, err = readFile(filepath.Join(dir, "findings.jsonl"))
	if err != nil {
		return nil, err
	}
	r.Findings, err = DecodeFindings(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("findings.jsonl: %w", err)
	}
	return r, nil
}

package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// A Module is a module under development: its source may be changed.
type Module struct {
	Path      string
	Dir       string
	GoVersion string
}

// LocalModules returns the modules under development as seen from dir: the main
// module, those of the workspace, and those replaced by a folder.
func LocalModules(ctx context.Context, dir string, flags []string) ([]Module, error) {
	args := append([]string{"list", "-m", "-json"}, modFlags(flags)...)
	main, err := listModules(ctx, dir, args)
	if err != nil {
		return nil, err
	}
	// Replacements are read from the whole graph where it is at hand; in vendor mode
	// and without network the go command refuses, and the main modules are all.
	all, err := listModules(ctx, dir, append([]string{"list", "-m", "-e", "-json"}, append(modFlags(flags), "all")...))
	if err == nil {
		main = append(main, all...)
	}
	var local []Module
	seen := make(map[string]bool)
	for _, m := range main {
		d, ok := m.localDir()
		if !ok || seen[m.Path] {
			continue
		}
		seen[m.Path] = true
		local = append(local, Module{Path: m.Path, Dir: d, GoVersion: m.GoVersion})
	}
	if len(local) == 0 {
		return nil, errors.New("not inside a Go module: no go.mod was found (run 'go mod init', or pass the folder with -C)")
	}
	return local, nil
}

type listedModule struct {
	Path, Dir, GoVersion, Version string
	Main                          bool
	Replace                       *listedModule
}

// localDir returns the module's folder if it is under development.
func (m *listedModule) localDir() (string, bool) {
	if m.Main && m.Dir != "" {
		return m.Dir, true
	}
	if r := m.Replace; r != nil && r.Version == "" && r.Dir != "" {
		return r.Dir, true
	}
	return "", false
}

func listModules(ctx context.Context, dir string, args []string) ([]*listedModule, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("listing modules: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	var ms []*listedModule
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		m := new(listedModule)
		if err := dec.Decode(m); err == io.EOF {
			return ms, nil
		} else if err != nil {
			return nil, fmt.Errorf("listing modules: %w", err)
		}
		ms = append(ms, m)
	}
}

// modFlags keeps the flags that "go list -m" understands.
func modFlags(flags []string) []string {
	var keep []string
	for _, f := range flags {
		if strings.HasPrefix(f, "-mod=") || strings.HasPrefix(f, "-modfile=") {
			keep = append(keep, f)
		}
	}
	return keep
}

// IsLocal reports whether the package, whose source a build recorded as file, is of
// a module under development.
func (p *Program) IsLocal(pkg, file string) bool {
	if inModuleCache(file) {
		return false
	}
	for _, m := range p.Modules {
		if pkg == m.Path || strings.HasPrefix(pkg, m.Path+"/") {
			return true
		}
		if pkg == "main" && within(m.Dir, m.Path, file) {
			return true
		}
	}
	return false
}

func inModuleCache(file string) bool {
	return strings.Contains(file, "/pkg/mod/") || strings.Contains(file, "@v") || strings.Contains(file, "/vendor/")
}

// within reports whether file is in dir, or, as -trimpath records it, in modulePath.
func within(dir, modulePath, file string) bool {
	if strings.HasPrefix(file, modulePath+"/") {
		return true
	}
	rel, err := filepath.Rel(dir, filepath.FromSlash(file))
	return err == nil && filepath.IsLocal(rel)
}

// IsStd reports whether a package that is not of a local module belongs to the
// standard library: its path has no dot in the first element, by the go command's rule.
func IsStd(pkg, file string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	if pkg == "main" {
		return path.Base(path.Dir(file)) == "runtime"
	}
	return !strings.Contains(first, ".")
}

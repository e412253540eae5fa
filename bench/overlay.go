package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// An Overlay is what a build sees in the place of files, and beside them: the argument of
// the go command's -overlay. No file but those in its folder is written.
type Overlay struct {
	dir     string
	replace map[string]string
}

// NewOverlay returns an empty overlay that keeps its files in dir, which exists.
func NewOverlay(dir string) *Overlay { return &Overlay{dir: dir, replace: make(map[string]string)} }

// Put makes the build see content at path.
func (o *Overlay) Put(path string, content []byte) error {
	file := filepath.Join(o.dir, fmt.Sprintf("f%d_%s", len(o.replace), filepath.Base(path)))
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return fmt.Errorf("writing the overlay: %w", err)
	}
	o.replace[path] = file
	return nil
}

// Path returns the path at which the build sees a file of the overlay's; false for others.
func (o *Overlay) Path(file string) (path string, ok bool) {
	for p, f := range o.replace {
		if f == file {
			return p, true
		}
	}
	return "", false
}

// Flag writes down what is to be seen, and returns the flag that has a build see it.
func (o *Overlay) Flag() (string, error) {
	b, err := json.Marshal(map[string]any{"Replace": o.replace})
	if err != nil {
		return "", err
	}
	file := filepath.Join(o.dir, "overlay.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	return "-overlay=" + file, nil
}

// Env returns variables of the go command in dir, all of them if none is named.
func Env(ctx context.Context, dir string, names ...string) (map[string]string, error) {
	out := Exec{Path: "go", Args: append([]string{"env", "-json"}, names...), Dir: dir}.Run(ctx)
	if out.Err != nil {
		return nil, fmt.Errorf("running go env: %w (is Go installed and in PATH?)", out.Err)
	}
	env := make(map[string]string)
	if err := json.Unmarshal(out.Stdout, &env); err != nil {
		return nil, fmt.Errorf("running go env: %w", err)
	}
	return env, nil
}

// Beneath reports whether a path is dir or lies in it. Nothing lies in "".
func Beneath(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return dir != "" && err == nil && filepath.IsLocal(rel)
}

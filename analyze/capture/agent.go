package capture

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/whetgo/whet/bench"
)

//go:embed agent
var agentSource embed.FS

// An overlay is the agent's place in a build: an overlay file for the go command
// that adds the agent to chosen packages, and changes no file of the subject.
//
// The agent is a package of the standard library that exists in the overlay only, so
// that any package may import it and it may ask for an exit hook. A toolchain that
// lies in the module cache cannot be overlaid; there the agent's source goes into the
// chosen package itself, without the hook.
type overlay struct {
	dir     string
	virtual bool // as a package of the standard library
	goroot  string
	replace map[string]string
}

func newOverlay(ctx context.Context, dir, subject string) (*overlay, error) {
	out, err := goEnv(ctx, subject, "GOROOT", "GOMODCACHE")
	if err != nil {
		return nil, err
	}
	o := &overlay{dir: dir, goroot: out[0], replace: make(map[string]string)}
	rel, err := filepath.Rel(out[1], out[0])
	o.virtual = out[1] == "" || err != nil || !filepath.IsLocal(rel)
	if o.virtual {
		for from, to := range map[string]string{"agent.go": "agent", "hook.go": "hook"} {
			if err := o.put(filepath.Join(o.goroot, "src", "whetagent", from), source(to)); err != nil {
				return nil, err
			}
		}
	}
	return o, nil
}

func goEnv(ctx context.Context, dir string, names ...string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"env"}, names...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("running go env: %w (is Go installed and in PATH?)", err)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	for len(lines) < len(names) {
		lines = append(lines, "")
	}
	return lines, nil
}

func source(name string) string {
	b, err := agentSource.ReadFile("agent/" + name + ".go.txt")
	if err != nil {
		panic(err) // embedded above
	}
	return string(b)
}

// addTest links the agent into the package's test binary.
func (o *overlay) addTest(p *bench.Package) error {
	name := p.Name + "_test"
	return o.link(p.Dir, "whetagent_test.go", "whetagenthook_test.go", name)
}

// addCommand links the agent into a command.
func (o *overlay) addCommand(p *bench.Package) error {
	return o.link(p.Dir, "whetagent.go", "whetagenthook.go", p.Name)
}

func (o *overlay) link(dir, file, hookFile, pkg string) error {
	if o.virtual {
		return o.put(filepath.Join(dir, file), "package "+pkg+"\n\nimport _ \"whetagent\"\n")
	}
	inPackage := func(s string) string { return strings.Replace(s, "package whetagent", "package "+pkg, 1) }
	if err := o.put(filepath.Join(dir, file), inPackage(source("agent"))); err != nil {
		return err
	}
	return o.put(filepath.Join(dir, hookFile), inPackage(source("nohook")))
}

// put makes the build see content at path.
func (o *overlay) put(path, content string) error {
	real := filepath.Join(o.dir, fmt.Sprintf("overlay%d.go", len(o.replace)))
	if err := os.WriteFile(real, []byte(content), 0o600); err != nil {
		return fmt.Errorf("writing the overlay: %w", err)
	}
	o.replace[path] = real
	return nil
}

// flag writes the overlay file and returns the flag that has a build use it.
func (o *overlay) flag() (string, error) {
	b, err := json.Marshal(map[string]any{"Replace": o.replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(o.dir, "overlay.json")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	return "-overlay=" + path, nil
}

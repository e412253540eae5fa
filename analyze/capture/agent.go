package capture

import (
	"context"
	"embed"
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
	*bench.Overlay
	virtual bool // as a package of the standard library
}

func newOverlay(ctx context.Context, dir, subject string) (*overlay, error) {
	env, err := bench.Env(ctx, subject, "GOROOT", "GOMODCACHE")
	if err != nil {
		return nil, err
	}
	o := &overlay{bench.NewOverlay(dir), !bench.Beneath(env["GOROOT"], env["GOMODCACHE"])}
	if o.virtual {
		for from, to := range map[string]string{"agent.go": "agent", "hook.go": "hook"} {
			if err := o.Put(filepath.Join(env["GOROOT"], "src", "whetagent", from), []byte(source(to))); err != nil {
				return nil, err
			}
		}
	}
	return o, nil
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
		return o.Put(filepath.Join(dir, file), []byte("package "+pkg+"\n\nimport _ \"whetagent\"\n"))
	}
	inPackage := func(s string) []byte { return []byte(strings.Replace(s, "package whetagent", "package "+pkg, 1)) }
	if err := o.Put(filepath.Join(dir, file), inPackage(source("agent"))); err != nil {
		return err
	}
	return o.Put(filepath.Join(dir, hookFile), inPackage(source("nohook")))
}

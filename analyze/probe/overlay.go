package probe

import (
	"context"
	"embed"
	"fmt"
	"go/version"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/whetgo/whet/bench"
)

//go:embed whetprobe/*.go whetprobe/std
var probeSource embed.FS

// An overlay collects what a build is to see in the place of the subject's files, and
// beside them.
//
// The probe is a package of the standard library that exists in the overlay only, so that
// any package may import it. A toolchain that lies in the module cache cannot be overlaid,
// and a toolchain may come whose standard library is closed: then every module gets the
// probe as an internal package of its own, and all of these share one record.
//
// Files of the module cache cannot be overlaid either. A module of which files change is
// known to the build by a link to its folder, by which the overlay of go.mod or go.work
// replaces it.
type overlay struct {
	*bench.Overlay
	dir      string // for its files
	subject  string
	flags    []string
	goroot   string
	modcache string
	work     string            // go.work, "" if there is none
	mod      string            // go.mod, or what -modfile says
	std      bool              // the probe is in the standard library's tree
	aliases  map[string]string // link by module folder
	modules  []string          // arguments of go mod edit
	inside   map[string]string // import path of the probe by the folder of a module
	langs    map[string]string // language version by import path, where it is not the module's
}

func newOverlay(ctx context.Context, dir, subject string, flags []string) (*overlay, error) {
	env, err := bench.Env(ctx, subject, "GOROOT", "GOMODCACHE", "GOWORK", "GOMOD")
	if err != nil {
		return nil, err
	}
	o := &overlay{
		Overlay: bench.NewOverlay(dir), dir: dir, subject: subject, flags: flags,
		goroot: env["GOROOT"], modcache: env["GOMODCACHE"], work: env["GOWORK"], mod: env["GOMOD"],
		aliases: make(map[string]string), inside: make(map[string]string), langs: make(map[string]string),
	}
	if o.work == "off" {
		o.work = ""
	}
	for _, f := range flags {
		if name, ok := strings.CutPrefix(strings.TrimPrefix(f, "-"), "-modfile="); ok || strings.HasPrefix(f, "-modfile=") {
			if !ok {
				name = strings.TrimPrefix(f, "-modfile=")
			}
			if o.mod = name; !filepath.IsAbs(name) {
				o.mod = filepath.Join(subject, name)
			}
		}
	}
	o.std = !o.cached(o.goroot)
	return o, nil
}

// cached reports whether a path lies in the module cache.
func (o *overlay) cached(path string) bool { return bench.Beneath(path, o.modcache) }

// probePath returns the import path of the probe for the packages of a module, and sees to
// it that the build finds it.
func (o *overlay) probePath(modulePath, moduleDir string) (string, error) {
	if o.std {
		const name = "whetprobe"
		if _, ok := o.inside[""]; ok {
			return name, nil
		}
		o.inside[""] = name
		return name, o.putProbe(filepath.Join(o.goroot, "src", name), true)
	}
	if p, ok := o.inside[moduleDir]; ok {
		return p, nil
	}
	p := path.Join(modulePath, "internal", "whetprobe")
	o.inside[moduleDir] = p
	at, err := o.seen(modulePath, "", moduleDir)
	if err != nil {
		return "", err
	}
	return p, o.putProbe(filepath.Join(at, "internal", "whetprobe"), false)
}

// putProbe places the probe's source into a folder.
func (o *overlay) putProbe(dir string, std bool) error {
	files, err := fs.Glob(probeSource, "whetprobe/*.go")
	if err != nil {
		return err
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := probeSource.ReadFile(name)
		if err != nil {
			return err
		}
		if other, err := probeSource.ReadFile("whetprobe/std/" + path.Base(name) + ".txt"); err == nil && std {
			text = other
		}
		if err := o.Put(filepath.Join(dir, path.Base(name)), text); err != nil {
			return err
		}
	}
	return nil
}

// seen returns the folder by which the build is to know a module: its own, or if that is
// in the module cache, a link to it.
func (o *overlay) seen(modulePath, version, dir string) (string, error) {
	if !o.cached(dir) {
		return dir, nil
	}
	if link, ok := o.aliases[dir]; ok {
		return link, nil
	}
	link := filepath.Join(o.dir, fmt.Sprintf("m%d", len(o.aliases)))
	if err := os.Symlink(dir, link); err != nil {
		return "", fmt.Errorf("linking to module %s: %w", modulePath, err)
	}
	o.aliases[dir] = link
	name := modulePath
	if version != "" {
		name += "@" + version
	}
	o.modules = append(o.modules, "-replace="+name+"="+link)
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return link, o.Put(filepath.Join(link, "go.mod"), []byte("module "+modulePath+"\n"))
	}
	return link, nil
}

// real returns the path of a file in the subject's tree or the module cache for one that a
// build recorded.
func (o *overlay) real(file string) string {
	for dir, link := range o.aliases {
		if rel, ok := strings.CutPrefix(file, link+string(filepath.Separator)); ok {
			return filepath.Join(dir, rel)
		}
	}
	if path, ok := o.Path(file); ok {
		return o.real(path)
	}
	return file
}

// language has a package compiled as to if its module, of version, asks for less than least,
// or for nothing. What an edit needs is newer than some modules; nothing that a program means
// changed until go1.22.
func (o *overlay) language(pkg, moduleVersion, least, to string) {
	if moduleVersion == "" || version.Compare("go"+moduleVersion, least) < 0 {
		o.langs[pkg] = to
	}
}

// buildFlags writes the overlay file and returns the flags that have a build use it.
func (o *overlay) buildFlags(ctx context.Context) ([]string, error) {
	if len(o.modules) > 0 {
		if err := o.replaceModules(ctx); err != nil {
			return nil, err
		}
	}
	flag, err := o.Flag()
	if err != nil {
		return nil, err
	}
	flags := []string{flag}
	for _, pkg := range slices.Sorted(maps.Keys(o.langs)) {
		flags = append(flags, "-gcflags="+pkg+"=-lang="+o.langs[pkg])
	}
	return flags, nil
}

// replaceModules overlays go.work or go.mod with one that replaces modules by links.
func (o *overlay) replaceModules(ctx context.Context) error {
	kind, file := "mod", o.mod
	if o.work != "" {
		kind, file = "work", o.work
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(file), err)
	}
	// Edited beside the links, relative paths would point elsewhere; go edits the text only.
	copy := filepath.Join(o.dir, "go."+kind)
	if err := os.WriteFile(copy, text, 0o600); err != nil {
		return fmt.Errorf("writing the overlay: %w", err)
	}
	args := append([]string{kind, "edit"}, o.modules...)
	if out := (bench.Exec{Path: "go", Args: append(args, copy), Dir: o.dir, Env: []string{"GOWORK=off", "GOFLAGS="}}).Run(ctx); out.Err != nil {
		return fmt.Errorf("replacing modules: %w: %s", out.Err, bench.Complaint(out.Output, 3))
	}
	edited, err := os.ReadFile(copy)
	if err != nil {
		return fmt.Errorf("replacing modules: %w", err)
	}
	return o.Put(file, edited)
}

// conflicts returns the flag of the user's that cannot go with an overlay, "" if there is none.
func conflicts(flags []string) string {
	i := slices.IndexFunc(flags, func(f string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(f, "-"), "=")
		return name == "overlay" || name == "cover" || name == "coverpkg" || name == "covermode" || name == "toolexec"
	})
	if i < 0 {
		return ""
	}
	return flags[i]
}

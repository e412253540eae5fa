package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Keep is how many runs are kept: enough to look back over an afternoon's work, at
// some megabytes of profiles a run.
const Keep = 10

// maxFile bounds what is read back: the folder may have come with the repository.
const maxFile = 64 << 20

// temporary begins the name of a run that is being written.
const temporary = ".tmp-"

// ErrNone is returned where no run is kept.
var ErrNone = errors.New("no run is kept here")

// A Folder is the path of a .whet folder, which need not exist.
type Folder string

// Find returns the folder for runs of what is in dir: in the root of dir's module, in
// dir itself where there is no module.
func Find(dir string) Folder {
	for d := dir; ; d = filepath.Dir(d) {
		if info, err := os.Stat(filepath.Join(d, "go.mod")); err == nil && info.Mode().IsRegular() {
			return Folder(filepath.Join(d, ".whet"))
		}
		if filepath.Dir(d) == d {
			return Folder(filepath.Join(dir, ".whet"))
		}
	}
}

// Save keeps r and forgets the oldest runs beyond [Keep]. On error nothing of r is
// left in the folder.
func (f Folder) Save(r *Run) error {
	if err := f.save(r); err != nil {
		return fmt.Errorf("keeping the run in %s: %w", f, err)
	}
	return nil
}

func (f Folder) save(r *Run) error {
	runs := filepath.Join(string(f), "runs")
	if err := os.MkdirAll(runs, 0o777); err != nil {
		return err
	}
	if err := f.ignoreSelf(); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(runs, temporary)
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // gone already unless something failed
	if err := r.write(tmp); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(runs, r.ID)); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(string(f), "last"), []byte(r.ID+"\n")); err != nil {
		os.RemoveAll(filepath.Join(runs, r.ID))
		return err
	}
	return f.forget()
}

// ignoreSelf makes git ignore the folder, the .gitignore included.
func (f Folder) ignoreSelf() error {
	name := filepath.Join(string(f), ".gitignore")
	if _, err := os.Stat(name); err == nil {
		return nil // whatever it says, it was there before
	}
	return writeFile(name, []byte("*\n"))
}

// forget removes the runs beyond the newest Keep, and what killed processes left.
func (f Folder) forget() error {
	runs := filepath.Join(string(f), "runs")
	entries, err := os.ReadDir(runs)
	if err != nil {
		return err
	}
	var ids []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), temporary) {
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > time.Hour {
				os.RemoveAll(filepath.Join(runs, e.Name()))
			}
			continue
		}
		ids = append(ids, e.Name())
	}
	slices.Sort(ids)
	for len(ids) > Keep {
		if err := os.RemoveAll(filepath.Join(runs, ids[0])); err != nil {
			return err
		}
		ids = ids[1:]
	}
	return nil
}

// Last returns the newest run, with its findings but without its profiles' samples.
// It fails with [ErrNone] if none is kept.
func (f Folder) Last() (*Run, error) {
	id, err := readFile(filepath.Join(string(f), "last"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w (%s)", ErrNone, f)
	} else if err != nil {
		return nil, fmt.Errorf("reading the last run: %w", err)
	}
	return f.Load(strings.TrimSpace(string(id)))
}

// Load returns the run of the given identity, as [Folder.Last] does.
func (f Folder) Load(id string) (*Run, error) {
	if !filepath.IsLocal(id) || filepath.Base(id) != id {
		return nil, fmt.Errorf("reading a run: %q is not the name of one", id)
	}
	r, err := read(filepath.Join(string(f), "runs", id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: run %s is gone (%s)", ErrNone, id, f)
	} else if err != nil {
		return nil, fmt.Errorf("reading run %s: %w", id, err)
	}
	return r, nil
}

// writeFile writes a file that appears whole or not at all.
func writeFile(name string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), temporary)
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already unless something failed
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s is larger than %d MB", name, maxFile>>20)
	}
	return data, err
}

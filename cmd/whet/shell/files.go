package shell

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// In returns the path of a file that was named on the command line.
func In(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// WriteFile writes a file at once, when all that goes into it is at hand. A file that was
// not there before is not left behind if that fails.
func WriteFile(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	_, absent := os.Lstat(name)
	err := os.WriteFile(name, b.Bytes(), 0o666)
	if err != nil && errors.Is(absent, fs.ErrNotExist) {
		os.Remove(name)
	}
	return err
}

// CanWrite refuses files whose folder is not there, before anything costly is begun. ""
// is no file.
func CanWrite(dir string, names ...string) error {
	for _, name := range names {
		if name == "" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(In(dir, name))); err != nil || !info.IsDir() {
			return &Failure{Err: fmt.Errorf("writing %s: there is no such folder", name), Hint: "make the folder first", Code: ExitFailure}
		}
	}
	return nil
}

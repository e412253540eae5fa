package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Change is a file before and after it was changed.
type Change struct {
	Path          string // absolute
	Before, After []byte
}

// An Entry is what was changed at one time, so that it can be taken back.
type Entry struct {
	ID    string      `json:"id"` // its place in time
	What  string      `json:"what"`
	At    time.Time   `json:"at"`
	Files []EntryFile `json:"files"`
}

// An EntryFile is one file of an entry.
type EntryFile struct {
	Path  string `json:"path"`  // relative to the folder that holds .whet
	Copy  string `json:"copy"`  // of what it was, in the entry's folder
	After string `json:"after"` // SHA-256 of what it was made
}

var (
	// ErrNoEntry is returned where nothing was changed that could be taken back.
	ErrNoEntry = errors.New("nothing was changed that could be taken back")
	// ErrChanged is wrapped where a file is not as it was left.
	ErrChanged = errors.New("it has changed since")
)

// Write changes files, and remembers in the folder what they were. All are changed or none:
// where one cannot be written, those before it are put back. A file that is no longer as
// in Before is [ErrChanged], and nothing is written.
func (f Folder) Write(what string, changes []Change) (*Entry, error) {
	for _, c := range changes {
		if now, err := os.ReadFile(c.Path); err != nil {
			return nil, fmt.Errorf("changing %s: %w", c.Path, err)
		} else if !bytes.Equal(now, c.Before) {
			return nil, fmt.Errorf("changing %s: %w", c.Path, ErrChanged)
		}
	}
	e, dir, err := f.record(what, changes)
	if err != nil {
		return nil, fmt.Errorf("keeping what the files were: %w", err)
	}
	for i, c := range changes {
		if err := replace(c.Path, c.After); err != nil {
			for _, back := range changes[:i] {
				err = errors.Join(err, replace(back.Path, back.Before))
			}
			os.RemoveAll(dir)
			return nil, fmt.Errorf("changing %s: %w", c.Path, err)
		}
	}
	return e, nil
}

// record writes down what the changes change.
func (f Folder) record(what string, changes []Change) (e *Entry, dir string, err error) {
	journal := filepath.Join(string(f), "journal")
	if err := os.MkdirAll(journal, 0o777); err != nil {
		return nil, "", err
	}
	if err := f.ignoreSelf(); err != nil {
		return nil, "", err
	}
	at := time.Now()
	e = &Entry{ID: at.UTC().Format("20060102T150405.000000000"), What: what, At: at}
	dir = filepath.Join(journal, e.ID)
	if err := os.Mkdir(dir, 0o777); err != nil {
		return nil, "", err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	for i, c := range changes {
		rel, err := filepath.Rel(filepath.Dir(string(f)), c.Path)
		if err != nil || !filepath.IsLocal(rel) {
			return nil, "", fmt.Errorf("%s is not below %s", c.Path, filepath.Dir(string(f)))
		}
		ef := EntryFile{Path: filepath.ToSlash(rel), Copy: strconv.Itoa(i) + ".txt", After: sum(c.After)}
		if err := os.WriteFile(filepath.Join(dir, ef.Copy), c.Before, 0o666); err != nil {
			return nil, "", err
		}
		e.Files = append(e.Files, ef)
	}
	data, err := json.MarshalIndent(e, "", "\t")
	if err != nil {
		return nil, "", err
	}
	return e, dir, os.WriteFile(filepath.Join(dir, "entry.json"), data, 0o666)
}

// Undo puts back what the files of the last entry were, and forgets the entry. Where one
// of them has changed since, it is [ErrChanged], and none is touched.
func (f Folder) Undo() (*Entry, error) {
	journal := filepath.Join(string(f), "journal")
	entries, err := os.ReadDir(journal)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil, ErrNoEntry
	} else if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(b.Name(), a.Name()) })
	dir := filepath.Join(journal, entries[0].Name())
	e, changes, err := f.readEntry(dir)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	for i, c := range changes {
		if err := replace(c.Path, c.Before); err != nil {
			for _, back := range changes[:i] {
				err = errors.Join(err, replace(back.Path, back.After))
			}
			return nil, fmt.Errorf("putting back %s: %w", c.Path, err)
		}
	}
	return e, os.RemoveAll(dir)
}

// readEntry reads an entry, which may have come with the repository, and the files as they
// are.
func (f Folder) readEntry(dir string) (*Entry, []Change, error) {
	data, err := os.ReadFile(filepath.Join(dir, "entry.json"))
	if err != nil {
		return nil, nil, err
	}
	e := new(Entry)
	if err := json.Unmarshal(data, e); err != nil {
		return nil, nil, err
	}
	var changes []Change
	for _, ef := range e.Files {
		if !filepath.IsLocal(filepath.FromSlash(ef.Path)) || filepath.Base(ef.Copy) != ef.Copy || filepath.Ext(ef.Path) != ".go" {
			return nil, nil, fmt.Errorf("it names %q, which is no source of this module", ef.Path)
		}
		c := Change{Path: filepath.Join(filepath.Dir(string(f)), filepath.FromSlash(ef.Path))}
		if c.Before, err = os.ReadFile(filepath.Join(dir, ef.Copy)); err != nil {
			return nil, nil, err
		}
		if c.After, err = os.ReadFile(c.Path); err != nil {
			return nil, nil, err
		}
		if sum(c.After) != ef.After {
			return nil, nil, fmt.Errorf("%s: %w", ef.Path, ErrChanged)
		}
		changes = append(changes, c)
	}
	return e, changes, nil
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// replace puts a file in the place of another at once, with its permissions. A symbolic
// link stays one.
func replace(path string, data []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o200 == 0 {
		return fmt.Errorf("%s: %w", path, os.ErrPermission)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".whet-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(info.Mode().Perm()), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

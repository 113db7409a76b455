package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Dir is a folder as a destination. It should be on another disk than the
// database, or be carried elsewhere by something else.
type Dir struct {
	path string
	open opener
}

// NewDir names a folder; it is made by the first Put.
func NewDir(path string) *Dir { return &Dir{path: path, open: openNew} }

// partPrefix precedes the names of files that are being written.
const partPrefix = ".part-"

func (d *Dir) String() string { return d.path }

// Put writes a file under a temporary name, makes it durable and renames it.
func (d *Dir) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) (err error) {
	if err := os.MkdirAll(d.path, 0o700); err != nil {
		return unwritable(fmt.Errorf("make backup folder: %w", err))
	}
	part := filepath.Join(d.path, partPrefix+name)
	_ = os.Remove(part) // of a process that was killed; usually there is none
	out, err := d.open(part)
	if err != nil {
		return unwritable(fmt.Errorf("write %s: %w", name, err))
	}
	n, err := io.Copy(&steady{file: out}, patient{ctx, r})
	if err == nil && n != size {
		err = fmt.Errorf("it has %d bytes, want %d", n, size)
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(part, filepath.Join(d.path, name))
	}
	if err != nil {
		return errors.Join(unwritable(fmt.Errorf("write %s: %w", name, err)), os.Remove(part))
	}
	return syncFolder(d.path)
}

// unwritable adds what to do about a folder that takes no file.
func unwritable(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w; let the user of the server write there, or set BACKUP_DIR to another folder", err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w; free some room there, or set BACKUP_DIR to a larger disk", err)
	}
	return err
}

// Get opens a file.
func (d *Dir) Get(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(d.path, name)) //nolint:gosec // names come from List or are made by us
}

// List names the files, also unfinished ones. A folder that does not exist yet
// is empty.
func (d *Dir) List(context.Context) ([]string, error) {
	entries, err := os.ReadDir(d.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Delete removes a file.
func (d *Dir) Delete(_ context.Context, name string) error {
	return errors.Join(os.Remove(filepath.Join(d.path, name)), syncFolder(d.path))
}

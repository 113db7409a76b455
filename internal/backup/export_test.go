package backup

import (
	"errors"

	"applicreations.com/introspect/internal/seal"
)

// ErrNoRoom is what a full disk of a test answers.
var ErrNoRoom = errors.New("no space left on device")

// OnStep has f called at every point at which a process may die.
func (k *Keeper) OnStep(f func(point string)) { k.step = f }

// OnWrite has f called with the size of every write to a file of the keeper;
// what it returns is the error of the write.
func (k *Keeper) OnWrite(f func(n int) error) { k.open = watched(f) }

// OnWrite is the same for a folder.
func (d *Dir) OnWrite(f func(n int) error) { d.open = watched(f) }

func watched(f func(n int) error) opener {
	return func(path string) (file, error) {
		inner, err := openNew(path)
		return &watchedFile{inner, f}, err
	}
}

type watchedFile struct {
	file
	f func(n int) error
}

func (w *watchedFile) Write(p []byte) (int, error) {
	if err := w.f(len(p)); err != nil {
		n, _ := w.file.Write(p[:len(p)/2]) // as a disk does that has room for some
		return n, err
	}
	return w.file.Write(p)
}

// Encode signs a manifest.
func (m Manifest) Encode(keys *seal.Keyring) ([]byte, error) { return m.encode(keys) }

// Dead names the files of attempts that were never finished.
var Dead = dead

package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"

	"github.com/klauspost/compress/zstd"

	"applicreations.com/introspect/internal/seal"
)

// place is what the sealed file is bound to, so that the data of one backup
// cannot stand in for that of another.
func (id ID) place() string { return "backup " + string(id) }

// meter counts and hashes what passes.
type meter struct {
	n   int64
	sum hash.Hash
}

func newMeter() *meter { return &meter{sum: sha256.New()} }

func (m *meter) Write(p []byte) (int, error) {
	m.n += int64(len(p))
	return m.sum.Write(p)
}

func (m *meter) hex() string { return hex.EncodeToString(m.sum.Sum(nil)) }

// patient stops reading when its context ends, and lets everybody else go first
// at each step: compressing without a pause would hold a processor for 10 ms at
// a time, and a commit of the database passes through several goroutines.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	runtime.Gosched()
	return p.r.Read(b)
}

// pack compresses and seals a database into a new file and notes sizes, hash
// and key in the manifest.
func (k *Keeper) pack(ctx context.Context, plain, sealed string, m *Manifest) (err error) {
	in, err := os.Open(plain) //nolint:gosec // in our work folder
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read from
	out, err := k.open(sealed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	stored := newMeter()
	lock, err := k.cfg.Keys.Writer(io.MultiWriter(out, stored), m.ID.place())
	if err != nil {
		return err
	}
	// One thread: a backup that takes a second longer disturbs nobody.
	press, err := zstd.NewWriter(lock, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	m.PlainSize, err = io.Copy(press, patient{ctx, in})
	if err = errors.Join(err, press.Close(), lock.Close()); err != nil {
		return err
	}
	m.Size, m.SHA256, m.Key = stored.n, stored.hex(), k.cfg.Keys.ID()
	return nil // not brought to the disk: it is only read again by us
}

// unpack reads the data of a backup from the destination, compares it with the
// manifest and writes the database to out. What out has received is to be
// thrown away after an error.
func (k *Keeper) unpack(ctx context.Context, m Manifest, out io.Writer) (err error) {
	r, err := k.cfg.To.Get(ctx, m.ID.data())
	if err != nil {
		return fmt.Errorf("read backup %s from %s: %w", m.ID, k.cfg.To, err)
	}
	defer r.Close() //nolint:errcheck // only read from
	stored, plain := newMeter(), newMeter()
	raw := io.TeeReader(patient{ctx, r}, stored)
	if err := k.unfold(raw, m, io.MultiWriter(plain, out)); err != nil {
		return fmt.Errorf("read backup %s from %s: %w", m.ID, k.cfg.To, err)
	}
	switch {
	case stored.n != m.Size || stored.hex() != m.SHA256:
		return fmt.Errorf("backup %s: %w: %d bytes with hash %s are stored, the manifest says %d with %s",
			m.ID, ErrBad, stored.n, stored.hex(), m.Size, m.SHA256)
	case plain.n != m.PlainSize:
		return fmt.Errorf("backup %s: %w: the database has %d bytes, the manifest says %d", m.ID, ErrBad, plain.n, m.PlainSize)
	}
	return nil
}

// unfold opens and decompresses.
func (k *Keeper) unfold(raw io.Reader, m Manifest, out io.Writer) error {
	open, err := k.cfg.Keys.Reader(raw, m.ID.place())
	if err != nil {
		return judged(err)
	}
	expand, err := zstd.NewReader(open, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return judged(err)
	}
	defer expand.Close()
	to := &sink{w: out}
	if _, err := io.Copy(to, expand); err != nil {
		if to.err != nil {
			return to.err // a full disk is not a damaged backup
		}
		return judged(err)
	}
	_, err = io.Copy(io.Discard, open) // to the end that is authenticated
	return judged(err)
}

// sink remembers that it was the writing that failed.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.err = err
	return n, err
}

// judged says what an error of a sealed stream means for a backup.
func judged(err error) error {
	switch {
	case errors.Is(err, seal.ErrUnknownKey):
		return fmt.Errorf("%w: %w", ErrKey, err)
	case errors.Is(err, seal.ErrDamaged), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, zstd.ErrMagicMismatch):
		return fmt.Errorf("%w: %w", ErrBad, err)
	}
	return err
}

package backup

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
)

// Manifest describes one backup. It is written after the backup was read back
// and checked, so its being there means that the backup was good.
type Manifest struct {
	ID         ID           `json:"id"`
	At         time.Time    `json:"at"`         // all that was committed before is in it
	Size       int64        `json:"size"`       // bytes as stored
	PlainSize  int64        `json:"plain_size"` // bytes of the database
	SHA256     string       `json:"sha256"`     // of what is stored
	Counts     store.Counts `json:"counts"`
	Program    string       `json:"program"` // version that made it
	Schema     int64        `json:"schema"`  // newest migration in it
	Key        string       `json:"key"`     // id of the key that sealed it
	VerifiedAt time.Time    `json:"verified_at"`
}

// maxManifest bounds what is read as a manifest.
const maxManifest = 64 << 10

const macPurpose = "backup manifest"

// signed is the file: the manifest, and a code that only the holder of the key
// can compute over exactly its bytes.
type signed struct {
	Manifest json.RawMessage `json:"manifest"`
	MAC      string          `json:"mac"`
}

func (m Manifest) encode(keys *seal.Keyring) ([]byte, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(signed{Manifest: raw, MAC: hex.EncodeToString(keys.MAC(macPurpose, raw))})
	return append(out, '\n'), err
}

// decode reads a manifest and believes nothing that is not authenticated,
// except the name of the key.
func decode(b []byte, keys *seal.Keyring) (Manifest, error) {
	var s signed
	var m Manifest
	err := json.Unmarshal(b, &s)
	if err == nil {
		err = json.Unmarshal(s.Manifest, &m)
	}
	if err != nil {
		return m, fmt.Errorf("%w: its manifest is no manifest: %w", ErrBad, err)
	}
	mac, err := hex.DecodeString(s.MAC)
	again, _ := json.Marshal(s) // of two values that were just decoded
	switch {
	case err == nil && s.MAC == hex.EncodeToString(mac) && bytes.Equal(b, append(again, '\n')) && keys.Verify(macPurpose, s.Manifest, mac):
		return m, nil
	case m.Key != "" && !keys.Has(m.Key):
		return m, fmt.Errorf("%w: it was sealed with key %q", ErrKey, m.Key)
	}
	return m, fmt.Errorf("%w: its manifest was changed", ErrBad)
}

// Entry is a backup as it is found at the destination.
type Entry struct {
	Manifest       // only the id is sure when Err is not nil
	Err      error // why it cannot be taken
}

// List finds all backups, newest first. A backup that cannot be taken is
// listed with the reason; files without a manifest were never finished and are
// left out.
func (k *Keeper) List(ctx context.Context) ([]Entry, error) {
	names, err := k.cfg.To.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list backups in %s: %w", k.cfg.To, err)
	}
	var out []Entry
	for _, name := range names {
		id, ok := strings.CutSuffix(name, manifestSuffix)
		if _, named := ID(id).time(); !ok || !named {
			continue
		}
		m, err := k.manifest(ctx, ID(id))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && !slices.Contains(names, ID(id).data()) {
			err = fmt.Errorf("%w: its data is missing", ErrBad)
		}
		m.ID = ID(id)
		out = append(out, Entry{m, err})
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(string(b.ID), string(a.ID)) })
	return out, nil
}

// manifest reads the manifest of a backup.
func (k *Keeper) manifest(ctx context.Context, id ID) (Manifest, error) {
	b, err := k.readManifest(ctx, id)
	if err != nil {
		return Manifest{}, err
	}
	m, err := decode(b, k.cfg.Keys)
	if err == nil && m.ID != id {
		err = fmt.Errorf("%w: its manifest is that of %s", ErrBad, m.ID)
	}
	if err != nil {
		return m, fmt.Errorf("backup %s: %w", id, err)
	}
	return m, nil
}

func (k *Keeper) readManifest(ctx context.Context, id ID) ([]byte, error) {
	r, err := k.cfg.To.Get(ctx, id.manifest())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("backup %q is not in %s; introspect backup list shows what is: %w", id, k.cfg.To, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read manifest of %s: %w", id, err)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("read manifest of %s: %w", id, err)
	}
	return b, nil
}

// pick finds the manifest of a backup that may be restored; an empty id means
// the newest good one.
func (k *Keeper) pick(ctx context.Context, id ID) (Manifest, error) {
	if id == "" {
		return k.newest(ctx, func(Manifest) bool { return true })
	}
	m, err := k.manifest(ctx, id)
	if err != nil {
		return Manifest{}, err
	}
	return m, k.readable(m)
}

// readable says why this program cannot read a backup.
func (k *Keeper) readable(m Manifest) error {
	known, err := store.Schema()
	switch {
	case err != nil:
		return err
	case m.Schema > known:
		return fmt.Errorf("backup %s: %w: it is at migration %d, made by version %s, and this program knows %d",
			m.ID, ErrNewer, m.Schema, m.Program, known)
	case !k.cfg.Keys.Has(m.Key):
		return fmt.Errorf("backup %s: %w: it was sealed with key %q", m.ID, ErrKey, m.Key)
	}
	return nil
}

// none is ErrNone where there are backups, but none that can be taken.
type none struct {
	text  string
	cause error // may be nil
}

func (n *none) Error() string { return n.text }

func (n *none) Is(target error) bool { return target == ErrNone }

func (n *none) Unwrap() error { return n.cause }

// newest is the newest good backup that fits.
func (k *Keeper) newest(ctx context.Context, fits func(Manifest) bool) (Manifest, error) {
	all, err := k.List(ctx)
	if err != nil {
		return Manifest{}, err
	}
	var why error // the newest backup could not be taken
	for _, e := range all {
		if e.Err == nil && fits(e.Manifest) {
			return e.Manifest, k.readable(e.Manifest)
		}
		if why == nil {
			why = e.Err
		}
	}
	if why != nil {
		return Manifest{}, &none{fmt.Sprintf("no backup in %s can be taken: %v", k.cfg.To, why), why}
	}
	if len(all) > 0 {
		return Manifest{}, &none{fmt.Sprintf("all backups in %s are later, the oldest is of %s", k.cfg.To, all[len(all)-1].At.UTC().Format(time.RFC3339)), nil}
	}
	return Manifest{}, fmt.Errorf("%w: nothing fits in %s", ErrNone, k.cfg.To)
}

// At names the newest good backup that is no younger than a time.
func (k *Keeper) At(ctx context.Context, at time.Time) (ID, error) {
	m, err := k.newest(ctx, func(m Manifest) bool { return !m.At.After(at) })
	if err != nil {
		return "", fmt.Errorf("find a backup of %s or before: %w", at.UTC().Format(time.RFC3339), err)
	}
	return m.ID, nil
}

package backup

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"applicreations.com/introspect/internal/store"
)

// Create makes one backup and, when that worked, deletes those that retention
// no longer keeps. The manifest that it returns is of a backup that was read
// back from its destination and checked. With an error there is a new backup
// only if the manifest has an id: then deleting old ones did not work.
func (k *Keeper) Create(ctx context.Context) (Manifest, error) {
	var m Manifest
	err := k.working(ctx, "introspect backup create", func(dir string) (err error) {
		if m, err = k.create(ctx, dir); err != nil {
			return err
		}
		_, err = k.prune(ctx)
		return errors.Join(err, k.SyncErasures(ctx)) // usually done when they were asked for
	})
	k.note(m, err)
	if err != nil {
		return m, fmt.Errorf("back up %s: %w", store.Name(cmp.Or(k.cfg.Address, k.cfg.File)), err)
	}
	return m, nil
}

func (k *Keeper) create(ctx context.Context, dir string) (Manifest, error) {
	if k.cfg.Store == nil {
		return Manifest{}, errors.New("no database is open")
	}
	now := k.cfg.Now().UTC()
	m := Manifest{ID: newID(now), At: now, Program: k.cfg.Program}
	plain, sealed := filepath.Join(dir, "copy.db"), filepath.Join(dir, "sealed")
	// A copy leaves out indexes and free pages, so damage there would not show
	// in it; and a damaged database must be reported, not copied.
	if err := k.cfg.Store.CheckIntegrity(ctx); err != nil {
		return Manifest{}, err
	}
	if err := k.cfg.Store.Snapshot(ctx, plain); err != nil {
		return Manifest{}, err
	}
	k.step("copied")
	var err error
	if m.Counts, _, err = k.check(ctx, plain); err != nil {
		return Manifest{}, fmt.Errorf("check the copy: %w", err)
	}
	k.step("checked")
	if m.Schema, err = store.Schema(); err != nil {
		return Manifest{}, err
	}
	if err := k.pack(ctx, plain, sealed, &m); err != nil {
		return Manifest{}, fmt.Errorf("seal the copy: %w", err)
	}
	k.step("sealed")
	if err := k.deliver(ctx, sealed, &m); err != nil {
		k.withdraw(ctx, m.ID)
		return Manifest{}, err
	}
	return m, nil
}

// deliver carries a sealed file to the destination, reads it back, and only
// then writes the manifest, which makes it a backup.
func (k *Keeper) deliver(ctx context.Context, sealed string, m *Manifest) error {
	f, err := os.Open(sealed) //nolint:gosec // in our work folder
	if err != nil {
		return err
	}
	err = k.cfg.To.Put(ctx, m.ID.data(), f, m.Size)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("store in %s: %w", k.cfg.To, err)
	}
	k.step("stored")
	if err := k.unpack(ctx, *m, io.Discard); err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	m.VerifiedAt = k.cfg.Now().UTC()
	b, err := m.encode(k.cfg.Keys)
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if err := k.cfg.To.Put(ctx, m.ID.manifest(), bytes.NewReader(b), int64(len(b))); err != nil {
		return fmt.Errorf("store manifest in %s: %w", k.cfg.To, err)
	}
	k.step("manifest")
	again, err := k.readManifest(ctx, m.ID)
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	if !bytes.Equal(again, b) {
		return fmt.Errorf("read back: %w: the manifest is not as it was written", ErrBad)
	}
	return nil
}

// withdraw deletes what an attempt left, the manifest first, so that nothing
// looks good meanwhile. It also works when the attempt was cancelled, and what
// it cannot delete has no manifest or is found damaged.
func (k *Keeper) withdraw(ctx context.Context, id ID) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer done()
	_ = k.cfg.To.Delete(ctx, id.manifest()) // the error before says more
	_ = k.cfg.To.Delete(ctx, id.data())
}

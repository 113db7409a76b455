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
	"os"

	"applicreations.com/introspect/internal/store"
)

// erasureLog is the file beside the backups that says whom a restored backup
// has to forget again. It is there so that this is known even when the machine
// with the database is lost; it holds hashes and times only (ADR 0026).
const erasureLog = "erasures.log"

const (
	erasurePurpose = "erasure log"
	maxErasureLog  = 64 << 20
)

// SyncErasures brings the erasures of the database to the log beside the
// backups, and those of the log into the database, which may be a restored or a
// new one. It is called after every erasure; where that failed, the next backup
// does it, and until then the database itself remembers.
func (k *Keeper) SyncErasures(ctx context.Context) error {
	if err := k.syncErasures(ctx); err != nil {
		return fmt.Errorf("keep the log of erasures in %s: %w", k.cfg.To, err)
	}
	return nil
}

func (k *Keeper) syncErasures(ctx context.Context) error {
	if k.cfg.Store == nil {
		return errors.New("no database is open")
	}
	k.logging.Lock()
	defer k.logging.Unlock()
	logged, err := k.readErasures(ctx)
	if err != nil {
		return err
	}
	if _, err := k.cfg.Store.EraseAgain(ctx, logged); err != nil {
		return err
	}
	known, err := k.cfg.Store.Erasures(ctx)
	if err != nil {
		return err
	}
	if len(known) <= len(logged) { // all of the log are in the database now
		return nil
	}
	raw, err := json.Marshal(known)
	if err != nil {
		return err
	}
	return k.putSigned(ctx, erasureLog, erasurePurpose, raw)
}

// readErasures reads the log; nobody was ever forgotten where there is none.
func (k *Keeper) readErasures(ctx context.Context) ([]store.Erasure, error) {
	raw, err := k.getSigned(ctx, erasureLog, erasurePurpose, maxErasureLog)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []store.Erasure
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", erasureLog, err)
	}
	return list, nil
}

// forget makes a restored database forget whom this one was asked to forget
// after it was saved. It returns how many sessions that were.
func (k *Keeper) forget(ctx context.Context, path string, list []store.Erasure) (n int, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	st, err := store.Open(ctx, store.Config{Path: path, Keys: k.cfg.Keys, Zone: k.cfg.Zone, KeepZone: true, Now: k.cfg.Now, Scratch: true})
	if err != nil {
		return 0, err
	}
	n, err = st.EraseAgain(ctx, list)
	if err = errors.Join(err, st.Close()); err != nil {
		return 0, err
	}
	return n, syncFile(path)
}

// replay does it with the log beside the backups. A log that cannot be read
// stops the restore: those who asked to be forgotten would be back.
func (k *Keeper) replay(ctx context.Context, path string) (int, error) {
	list, err := k.readErasures(ctx)
	if err == nil {
		var n int
		if n, err = k.forget(ctx, path, list); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("erase again who was erased: %w; to restore without it, move %s out of %s first", err, erasureLog, k.cfg.To)
}

// replayReplaced does it with the erasures that only the replaced database
// knows. One that is damaged kept its log, and is not looked into.
func (k *Keeper) replayReplaced(ctx context.Context, aside, path string) (int, error) {
	if _, err := os.Lstat(aside + "-wal"); err == nil {
		return 0, nil
	}
	list, err := store.ErasuresIn(ctx, aside)
	if err != nil {
		return 0, nil //nolint:nilerr // a database that cannot be read is why one restores; the log beside the backups was replayed
	}
	return k.forget(ctx, path, list)
}

// putSigned stores a small file with a code that only the holder of the key can
// compute over it.
func (k *Keeper) putSigned(ctx context.Context, name, purpose string, raw []byte) error {
	b, err := json.Marshal(signed{Manifest: raw, MAC: hex.EncodeToString(k.cfg.Keys.MAC(purpose, raw))})
	if err != nil {
		return err
	}
	return k.cfg.To.Put(ctx, name, bytes.NewReader(b), int64(len(b)))
}

// getSigned reads such a file. The error is fs.ErrNotExist when there is none.
func (k *Keeper) getSigned(ctx context.Context, name, purpose string, most int64) (raw []byte, err error) {
	r, err := k.cfg.To.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, most))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	var s signed
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBad, err)
	}
	mac, err := hex.DecodeString(s.MAC)
	if err != nil || !k.cfg.Keys.Verify(purpose, s.Manifest, mac) {
		return nil, fmt.Errorf("%w, or it was signed with a key that is not among the known ones", ErrBad)
	}
	return s.Manifest, nil
}

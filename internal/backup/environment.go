package backup

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Setting is one setting of the program as it is now.
type Setting struct {
	Name, Value string
	Secret      bool // its value goes into the sealed bundle
}

// Environment is what a snapshot of the settings tells (S128): which were set,
// and by their hashes whether they were the same as others. Values are not in
// it; those of secrets are sealed beside it, with the key of the backups.
type Environment struct {
	ID       ID            `json:"id"`
	At       time.Time     `json:"at"`
	Program  string        `json:"program"`
	Key      string        `json:"key"` // id of the key that sealed the secrets and keyed the hashes
	Settings []SettingHash `json:"settings"`
	Secrets  []byte        `json:"secrets"` // sealed JSON: value by name
}

// SettingHash names a setting that was set. Its hash is keyed: short values
// could be guessed from a plain one.
type SettingHash struct {
	Name   string `json:"name"`
	Hash   string `json:"hash"`
	Secret bool   `json:"secret,omitzero"`
}

const (
	environmentSuffix  = ".environment"
	environmentPurpose = "environment snapshot"
	settingPurpose     = "setting"
	maxEnvironment     = 1 << 20

	environmentEvery = 7 * 24 * time.Hour
	keptEnvironments = 26 // half a year
)

func (id ID) environment() string { return string(id) + environmentSuffix }

// settingHash is 16 hexadecimal digits, enough to tell values apart.
func (k *Keeper) settingHash(s Setting) string {
	return hex.EncodeToString(k.cfg.Keys.MAC(settingPurpose, []byte(s.Name+"="+s.Value)))[:16]
}

// CreateEnvironment stores a snapshot of the settings beside the backups and
// deletes the oldest ones.
func (k *Keeper) CreateEnvironment(ctx context.Context) (Environment, error) {
	e, err := k.createEnvironment(ctx)
	if err != nil {
		return Environment{}, fmt.Errorf("keep a snapshot of the settings in %s: %w", k.cfg.To, err)
	}
	return e, nil
}

func (k *Keeper) createEnvironment(ctx context.Context) (Environment, error) {
	now := k.cfg.Now().UTC()
	e := Environment{ID: newID(now), At: now, Program: k.cfg.Program, Key: k.cfg.Keys.ID()}
	secrets := map[string]string{}
	for _, s := range k.cfg.Settings {
		e.Settings = append(e.Settings, SettingHash{s.Name, k.settingHash(s), s.Secret})
		if s.Secret {
			secrets[s.Name] = s.Value
		}
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		return e, err
	}
	if e.Secrets, err = k.cfg.Keys.Seal(plain, environmentPlace(e.ID)); err != nil {
		return e, err
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return e, err
	}
	if err := k.putSigned(ctx, e.ID.environment(), environmentPurpose, raw); err != nil {
		return e, err
	}
	if _, err := k.Environment(ctx, e.ID); err != nil {
		return e, fmt.Errorf("read back: %w", err)
	}
	ids, err := k.Environments(ctx)
	for i, id := range ids {
		if i >= keptEnvironments {
			err = errors.Join(err, k.cfg.To.Delete(ctx, id.environment()))
		}
	}
	return e, err
}

func environmentPlace(id ID) string { return "environment " + string(id) }

// Environments lists the snapshots of the settings, the newest first.
func (k *Keeper) Environments(ctx context.Context) ([]ID, error) {
	names, err := k.cfg.To.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list snapshots of the settings in %s: %w", k.cfg.To, err)
	}
	var ids []ID
	for _, name := range names {
		id, ok := strings.CutSuffix(name, environmentSuffix)
		if _, named := ID(id).time(); ok && named {
			ids = append(ids, ID(id))
		}
	}
	slices.SortFunc(ids, func(a, b ID) int { return cmp.Compare(b, a) })
	return ids, nil
}

// Environment reads a snapshot; an empty id means the newest.
func (k *Keeper) Environment(ctx context.Context, id ID) (Environment, error) {
	if id == "" {
		ids, err := k.Environments(ctx)
		if err != nil {
			return Environment{}, err
		}
		if len(ids) == 0 {
			return Environment{}, fmt.Errorf("there is no snapshot of the settings in %s; introspect serve makes one every week, introspect backup environment create makes one now", k.cfg.To)
		}
		id = ids[0]
	}
	raw, err := k.getSigned(ctx, id.environment(), environmentPurpose, maxEnvironment)
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("it is not there; introspect backup environment list shows what is")
	}
	var e Environment
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err == nil && e.ID != id {
		err = fmt.Errorf("%w: it is that of %s", ErrBad, e.ID)
	}
	if err != nil {
		return Environment{}, fmt.Errorf("read snapshot %q of the settings in %s: %w", id, k.cfg.To, err)
	}
	return e, nil
}

// Secrets opens the sealed values of a snapshot, by name.
func (k *Keeper) Secrets(e Environment) (map[string]string, error) {
	plain, err := k.cfg.Keys.Open(e.Secrets, environmentPlace(e.ID))
	if err != nil {
		return nil, fmt.Errorf("open the secrets of snapshot %s: %w", e.ID, judged(err))
	}
	var out map[string]string
	if err := json.Unmarshal(plain, &out); err != nil {
		return nil, fmt.Errorf("open the secrets of snapshot %s: %w", e.ID, err)
	}
	return out, nil
}

// Difference says how the settings of now differ from a snapshot.
type Difference struct {
	Name string
	Word string // changed, added, removed
}

// Compare lists what changed since a snapshot. With another key than then,
// hashes say nothing and every setting would look changed, so that is an error.
func (k *Keeper) Compare(e Environment) ([]Difference, error) {
	if e.Key != k.cfg.Keys.ID() {
		return nil, fmt.Errorf("snapshot %s was made under key %q, and now it is %q: %w, so nothing can be compared", e.ID, e.Key, k.cfg.Keys.ID(), ErrKey)
	}
	then := map[string]string{}
	for _, s := range e.Settings {
		then[s.Name] = s.Hash
	}
	var out []Difference
	for _, s := range k.cfg.Settings {
		switch hash, known := then[s.Name]; {
		case !known:
			out = append(out, Difference{s.Name, "added"})
		case hash != k.settingHash(s):
			out = append(out, Difference{s.Name, "changed"})
		}
		delete(then, s.Name)
	}
	for _, s := range e.Settings {
		if _, left := then[s.Name]; left {
			out = append(out, Difference{s.Name, "removed"})
		}
	}
	return out, nil
}

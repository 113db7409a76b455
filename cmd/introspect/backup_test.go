package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/bucket/buckettest"
	"applicreations.com/introspect/internal/store"
)

// backupHouse is an installation that commands work on.
type backupHouse struct {
	data string
	vars map[string]string
}

func newBackupHouse(t *testing.T) *backupHouse {
	t.Helper()
	h := &backupHouse{data: t.TempDir()}
	h.vars = map[string]string{"DATA_DIR": h.data, "ENCRYPTION_KEY": "a test key of more than sixteen bytes", "INTROSPECT_ZONE": "UTC"}
	h.run(t, 0, "token", "create", "first")
	return h
}

// run runs a command and returns what it printed on both channels.
func (h *backupHouse) run(t *testing.T, want int, args ...string) string {
	t.Helper()
	out := new(output)
	if code := run(t.Context(), environment{getenv(h.vars), out, out, nil}, args); code != want {
		t.Fatalf("introspect %s exited with %d, want %d:\n%s", strings.Join(args, " "), code, want, out)
	}
	return out.String()
}

func wantAll(t *testing.T, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("printed %q, want something like %q", got, want)
		}
	}
}

var backupID = regexp.MustCompile(`\d{8}T\d{6}Z-[0-9a-f]{8}`)

func TestBackupCommands(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	wantAll(t, h.run(t, 0, "backup", "list"), "no backup in .*backups; make one with: introspect backup create")
	wantAll(t, h.run(t, 1, "restore", "--to", filepath.Join(t.TempDir(), "x.db")), "no good backup")
	created := h.run(t, 0, "backup", "create")
	wantAll(t, created, "is in .*backups: 0 sessions", "read back and checked")
	id := backupID.FindString(created)
	wantAll(t, h.run(t, 0, "backup", "list"), id+" +verified 20")
	wantAll(t, h.run(t, 0, "backup", "verify", id), id+" is good")
	wantAll(t, h.run(t, 0, "backup", "verify"), id+" is good")
	wantAll(t, h.run(t, 0, "backup", "drill"), id+" was restored and proven", `RPO \d`, `RTO \d`)

	// Advice to make a backup would be the wrong one on the day when the key is lost.
	right := h.vars["ENCRYPTION_KEY"]
	h.vars["ENCRYPTION_KEY"] = "another key of more than sixteen bytes"
	if said := h.run(t, 1, "restore", "--to", filepath.Join(t.TempDir(), "x.db")); !strings.Contains(said, "set ENCRYPTION_KEY to the key that was in use") || strings.Contains(said, "make one with") {
		t.Errorf("with another key it says %q", said)
	}
	h.vars["ENCRYPTION_KEY"] = right

	h.run(t, 0, "token", "create", "second")
	to := filepath.Join(t.TempDir(), "copy.db")
	wantAll(t, h.run(t, 0, "restore", "--id", id, "--to", to), "copy.db holds the state of 20.*from backup "+id, `RPO \d`, `RTO \d`)
	h.vars["DATA_DIR"], h.data = filepath.Dir(to), h.vars["DATA_DIR"]
	if err := os.Rename(to, filepath.Join(filepath.Dir(to), store.FileName)); err != nil {
		t.Fatal(err)
	}
	if list := h.run(t, 0, "token", "list"); !strings.Contains(list, "first") || strings.Contains(list, "second") {
		t.Errorf("restored tokens are %q, want the first only", list)
	}
	h.vars["DATA_DIR"] = h.data

	wantAll(t, h.run(t, 1, "restore", "--in-place", "--id", id), "add --confirm introspect.db")
	lock, err := store.Acquire(t.Context(), filepath.Join(h.data, store.FileName), "introspect serve", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	wantAll(t, h.run(t, 1, "restore", "--in-place", "--confirm", "introspect.db"), `held by introspect serve, process \d+ on`)
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	wantAll(t, h.run(t, 0, "restore", "--in-place", "--confirm", "introspect.db", "--at", time.Now().UTC().Add(time.Minute).Format(time.RFC3339)),
		"introspect.db holds the state", `replaced database is .*introspect\.db\.replaced-20`)
	if list := h.run(t, 0, "token", "list"); strings.Contains(list, "second") {
		t.Errorf("tokens after a restore in place are %q, want the first only", list)
	}
	h.vars["ENCRYPTION_KEY"] = "another key of more than sixteen bytes"
	wantAll(t, h.run(t, 0, "backup", "list"), id+" +BAD .*ENCRYPTION_KEYS_OLD")
	wantAll(t, h.run(t, 1, "backup", "verify", id), "ENCRYPTION_KEYS_OLD")
}

func TestBackupToBucket(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	s := buckettest.New(t)
	h.vars["BACKUP_S3_BUCKET"] = buckettest.Bucket
	wantAll(t, h.run(t, 1, "backup", "create"), "BACKUP_S3_ACCESS_KEY")
	for name, v := range map[string]string{"ENDPOINT": s.URL, "ACCESS_KEY": buckettest.AccessKey, "SECRET_KEY": buckettest.Secret, "PREFIX": "here"} {
		h.vars["BACKUP_S3_"+name] = v
	}
	wantAll(t, h.run(t, 0, "backup", "create"), "127.0.0.1:.*/backups/here/: 0 sessions")
	if n := len(s.Objects()); n != 2 {
		t.Errorf("the bucket holds %d objects, want data and manifest", n)
	}
	wantAll(t, h.run(t, 0, "restore", "--to", filepath.Join(t.TempDir(), "x.db")), "was proven")
}

func TestBackupUsage(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	for _, args := range [][]string{
		{"backup"},
		{"backup", "make"},
		{"backup", "create", "now"},
		{"backup", "verify", "a", "b"},
		{"restore"},
		{"restore", "--to", "x.db", "--in-place"},
		{"restore", "--id", "a", "--at", "2026-11-27T09:00:00Z", "--to", "x.db"},
		{"restore", "x.db"},
	} {
		wantAll(t, h.run(t, 2, args...), "usage: introspect "+args[0])
	}
	wantAll(t, h.run(t, 1, "restore", "--at", "yesterday", "--to", "x.db"), "--at is \"yesterday\"; write a time such as")
}

// Point-in-time recovery has its switch: on, an empty replica is noted and a
// backup is taken; off, nobody asks it.
func TestBackupSwitch(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	h.run(t, 0, "backup", "create")
	at := time.Now().UTC().Add(time.Minute).Format(time.RFC3339)
	h.vars["BACKUP_REPLICA_DIR"] = t.TempDir()
	if got := h.run(t, 0, "restore", "--at", at, "--to", filepath.Join(t.TempDir(), "x.db")); !strings.Contains(got, "A backup was taken") {
		t.Errorf("with an empty replica it printed %q, want the reason for taking a backup", got)
	}
	h.vars["BACKUP_PITR"] = "off"
	if got := h.run(t, 0, "restore", "--at", at, "--to", filepath.Join(t.TempDir(), "x.db")); strings.Contains(got, "A backup was taken") {
		t.Errorf("switched off it printed %q", got)
	}
}

package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// A new installation can go back to any moment from its first start on, and its
// first restore for practice passes: a failed one would wake somebody.
func TestNewDatabaseIsFollowed(t *testing.T) {
	t.Parallel()
	h := &backupHouse{data: filepath.Join(t.TempDir(), "data")}
	h.vars = map[string]string{"DATA_DIR": h.data, "ENCRYPTION_KEY": killSecret, "BACKUP_REPLICA_DIR": t.TempDir(), "INTROSPECT_ZONE": "UTC"}
	p := serving(t, h.vars)
	h.run(t, 0, "token", "create", "written in the first run")
	h.run(t, 0, "backup", "create")
	wantAll(t, h.run(t, 0, "backup", "drill"), "was restored and proven")
	if code := p.stop(); code != 0 {
		t.Errorf("serve ended with %d:\n%s", code, p.log)
	}
	to := filepath.Join(t.TempDir(), store.FileName)
	wantAll(t, h.run(t, 0, "restore", "--at", time.Now().UTC().Add(time.Second).Format(time.RFC3339), "--to", to), "from the replica, and was proven")
	h.vars["DATA_DIR"] = filepath.Dir(to)
	wantAll(t, h.run(t, 0, "token", "list"), "written in the first run")
	if strings.Contains(p.log.String(), "compaction") {
		t.Errorf("the log tells of the daily work of a library:\n%s", p.log)
	}
}

// A lost disk looks like a new machine, where all is well; the log says that
// there is something to bring back.
func TestEmptyDatabaseBesideBackups(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	h.vars["BACKUP_DIR"] = t.TempDir()
	st := storetest.SQLite(t, store.Config{Path: h.data, Keys: storetest.Keys(t, h.vars["ENCRYPTION_KEY"])})
	sess := storetest.Session("s-1", time.Now())
	if err := errors.Join(st.CreateSession(t.Context(), sess, []byte("x"), storetest.FirstTurn(sess)), st.Close()); err != nil {
		t.Fatal(err)
	}
	h.run(t, 0, "backup", "create")
	const says = "the database is empty, but there is a backup with sessions"
	p := serving(t, h.vars)
	if p.stop(); strings.Contains(p.log.String(), says) {
		t.Errorf("of a database with a session it says:\n%s", p.log)
	}
	h.vars["DATA_DIR"] = filepath.Join(t.TempDir(), "data")
	p = serving(t, h.vars)
	if p.stop(); !strings.Contains(p.log.String(), says) || !strings.Contains(p.log.String(), "restore --in-place --confirm introspect.db") {
		t.Errorf("of an empty database beside backups it says:\n%s", p.log)
	}
}

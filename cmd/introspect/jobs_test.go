package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// What was given up is listed and done again from the command line, one by one
// and all at once, and the audit log knows.
func TestJobsCommand(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	wantAll(t, h.run(t, 0, "jobs", "dead"), "There is none")
	wantAll(t, h.run(t, 0, "jobs", "replay", "dead"), "Nothing was given up")
	st, err := store.Open(t.Context(), store.Config{Path: filepath.Join(h.data, store.FileName), Keys: storetest.Keys(t, h.vars["ENCRYPTION_KEY"]), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	ids := make([]string, 3)
	for i, key := range []string{"notice/1", "notice/2", "notice/3"} {
		if _, err := st.Enqueue(t.Context(), store.NewJob{Kind: "notice", Key: key, Due: time.Now()}); err != nil {
			t.Fatal(err)
		}
		list, err := st.Lease(t.Context(), []string{"notice"}, 1, time.Minute)
		if err != nil || len(list) != 1 {
			t.Fatalf("Lease() = %d, %v", len(list), err)
		}
		if err := st.BuryJob(t.Context(), list[0], "refused for good"); err != nil {
			t.Fatal(err)
		}
		ids[i] = list[0].ID
	}
	wantAll(t, h.run(t, 0, "jobs", "dead"), ids[0]+" .*dead +notice +notice/1 +refused for good", ids[1], ids[2])
	wantAll(t, h.run(t, 0, "jobs", "replay", ids[0]), ids[0]+" is due now")
	wantAll(t, h.run(t, 0, "jobs", "list"), ids[0]+" .*waiting", ids[1]+" .*dead")
	wantAll(t, h.run(t, 0, "jobs", "replay", "dead"), ids[1]+" is due now", ids[2]+" is due now")
	wantAll(t, h.run(t, 0, "jobs", "dead"), "There is none")
	wantAll(t, h.run(t, 1, "jobs", "replay", "no-such-job"), "is done, or is gone; introspect jobs list shows which")
	wantAll(t, h.run(t, 2, "jobs", "again"), "usage: introspect jobs")
	wantAll(t, h.run(t, 0, "audit", "--action", "job_replayed"), "job:"+ids[0], "job:"+ids[2])
}

// An emergency that is asked to last longer ends after two hours, and says so.
func TestALongEmergency(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	wantAll(t, h.run(t, 0, "maintenance", "on", "--emergency", "--rollback", "back", "--until", "5h"), "two hours at most", "Maintenance mode is on until")
}

// A disk that went read-only is no riddle at the start.
func TestAFolderThatTakesNoFile(t *testing.T) {
	t.Parallel()
	err := unwritable(&fs.PathError{Op: "open", Path: "/data/introspect.db.lock", Err: syscall.EROFS})
	if !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), "set DATA_DIR to a folder that this user may write to") {
		t.Errorf("unwritable = %v, want the cause and what to do", err)
	}
	if other := errors.New("held"); unwritable(other) != other { //nolint:errorlint // the very same
		t.Error("another error was changed")
	}
}

package web_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/web"
)

// keepingBackups lets the site keep backups, made only when it is asked.
func keepingBackups(t *testing.T) (change func(*web.Config), until func(func(backup.Status) bool)) {
	t.Helper()
	var k *backup.Keeper
	change = func(c *web.Config) {
		var err error
		k, err = backup.New(backup.Config{Store: c.Store, Keys: storetest.Keys(t), To: backup.NewDir(t.TempDir()), Program: "3.2.0", Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		c.Backups = k
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			k.Run(ctx, nil, func(err error) { t.Error(err) })
		}()
		t.Cleanup(func() { cancel(); <-ended })
	}
	return change, func(done func(backup.Status) bool) {
		for !done(k.Status()) {
			select {
			case <-t.Context().Done():
				t.Fatal("the test ended before the keeper was done")
			case <-time.After(5 * time.Millisecond):
				if t.Failed() {
					t.FailNow()
				}
			}
		}
	}
}

func TestBackupsPage(t *testing.T) {
	t.Parallel()
	change, until := keepingBackups(t)
	o := withLogin(t, change)
	if a := o.get("/admin/backups"); a.status != 200 || !strings.Contains(a.body, "None yet") {
		t.Errorf("GET /admin/backups before the first = %d, want a page that says so", a.status)
	}
	ask := func(task string) reply {
		t.Helper()
		return o.post("/admin/backups", url.Values{"task": {task}})
	}
	if a := ask("backup"); a.status != 303 {
		t.Fatalf("POST /admin/backups = %d %s", a.status, a.body)
	}
	until(func(st backup.Status) bool { return st.Newest.ID != "" && st.Busy == "" })
	if a := ask("drill"); a.status != 303 {
		t.Fatalf("POST /admin/backups drill = %d %s", a.status, a.body)
	}
	until(func(st backup.Status) bool { return !st.Drill.At.IsZero() && st.Busy == "" })
	a := o.get("/admin/backups")
	for _, want := range []string{"Verified", "3.2.0", "Passed", "RPO, measured", "Just now"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("GET /admin/backups lacks %q:\n%s", want, a.body)
		}
	}
	if a := ask("everything"); a.status != 400 {
		t.Errorf("an unknown task = %d, want 400", a.status)
	}
	o.wantsAudited(t, "backup_asked")

	o.newBrowser()
	if a := o.get("/api/admin/operations"); a.status != 401 {
		t.Errorf("GET /api/admin/operations of a stranger = %d, want 401", a.status)
	}
	a = o.get("/api/admin/operations", "Authorization", "Bearer "+adminBootstrap)
	var out struct {
		Backups struct {
			Kept     bool
			NewestAt time.Time
			Problem  string
		}
		Firing []any
	}
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || !out.Backups.Kept || !out.Backups.NewestAt.Equal(o.now) || out.Backups.Problem != "" || out.Firing == nil {
		t.Errorf("GET /api/admin/operations = %s, %v", a.body, err)
	}
}

func TestStatusPageNamesTheRelease(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if err := s.store.NoteRelease(t.Context(), store.Release{Version: "3.2.0", Commit: "0123456789", At: s.clock()}); err != nil {
		t.Fatal(err)
	}
	a := s.from(t, "192.0.2.1", "/status", "", "").Body.String()
	if !strings.Contains(a, "Version 3.2.0 serves since") || strings.Contains(a, "0123456") {
		t.Error("the status page does not say since when the release serves, or tells its commit")
	}
}

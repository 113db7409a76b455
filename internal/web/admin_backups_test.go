package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
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
	return keepingBackupsIn(t, backup.NewDir(t.TempDir()), func(err error) { t.Error(err) })
}

// keepingBackupsIn is keepingBackups with a place of its own, and with somebody
// who hears of failures.
func keepingBackupsIn(t *testing.T, to backup.Destination, failed func(error)) (change func(*web.Config), until func(func(backup.Status) bool)) {
	t.Helper()
	var k *backup.Keeper
	change = func(c *web.Config) {
		var err error
		k, err = backup.New(backup.Config{Store: c.Store, Keys: storetest.Keys(t), To: to, Work: filepath.Join(t.TempDir(), "work"), Program: "3.2.0", Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		c.Backups = k
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			k.Run(ctx, nil, failed)
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
	if a := o.get("/admin/backups"); a.status != 200 || !strings.Contains(a.body, "None yet") || !strings.Contains(a.body, "within a minute of the start") || strings.Contains(a.body, "no backup yet") {
		t.Errorf("GET /admin/backups before the first = %d, want a page that says so and calls it no failure", a.status)
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

// The newest stands first, also when there are more than the page has rows for, and
// what is to be copied restores the newest good one.
func TestBackupsPageShowsTheNewest(t *testing.T) {
	t.Parallel()
	to := backup.NewDir(t.TempDir())
	change, _ := keepingBackupsIn(t, to, func(err error) { t.Error(err) })
	var keeper *backup.Keeper
	o := withLogin(t, change, func(c *web.Config) { keeper = c.Backups })
	var ids []string
	for range 42 {
		m, err := keeper.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, string(m.ID))
		o.now = o.now.Add(time.Minute)
	}
	newest, good, oldest := ids[41], ids[40], ids[0]
	if err := to.Delete(t.Context(), newest+".backup"); err != nil { // it lost its data
		t.Fatal(err)
	}
	body := o.get("/admin/backups").body
	withWords(t, "the page", body, newest, "introspect restore --id "+good+" --to", "2 older ones")
	withoutWords(t, "the page", body, oldest)
	if strings.Index(body, newest) > strings.Index(body, good) {
		t.Error("the newest does not stand first")
	}
}

// full is a place for backups that takes none while it is full.
type full struct {
	backup.Destination
	is *atomic.Bool
}

func (f full) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	if f.is.Load() {
		return errors.New("no space left on the device")
	}
	return f.Destination.Put(ctx, name, r, size)
}

// Somebody pressed "Back up now", and nothing was made: the page says it, also
// while the backup before is fresh.
func TestBackupsPageTellsOfAFailure(t *testing.T) {
	t.Parallel()
	to := full{backup.NewDir(t.TempDir()), new(atomic.Bool)}
	change, until := keepingBackupsIn(t, to, func(error) {})
	o := withLogin(t, change)
	ask := func() string {
		t.Helper()
		if a := o.post("/admin/backups", url.Values{"task": {"backup"}}); a.status != 303 {
			t.Fatalf("POST /admin/backups = %d %s", a.status, a.body)
		}
		return "/admin/backups?asked=backup"
	}
	page := ask()
	until(func(st backup.Status) bool { return st.Newest.ID != "" && st.Busy == "" })
	if a := o.get(page); strings.Contains(a.body, "failed") {
		t.Errorf("after one that worked it says:\n%s", a.body)
	}
	to.is.Store(true)
	page = ask()
	until(func(st backup.Status) bool { return st.Failed > 0 && st.Busy == "" })
	if a := o.get(page); !strings.Contains(a.body, "failed: ") || !strings.Contains(a.body, "no space left on the device") || strings.Contains(a.body, "is being made") {
		t.Errorf("after one that failed it says:\n%s", a.body)
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

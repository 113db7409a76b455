package deploy_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deploy"
	"applicreations.com/introspect/internal/render/rendertest"
)

const (
	badCommit  = "badc0mmit00000000000000000000000000000000"
	nextCommit = "nextc0mmi00000000000000000000000000000000"
)

// next checks another commit out.
func (w *world) next(commit, version string) {
	w.shell.says["git rev-parse HEAD"], w.cfg.Version = commit+"\n", version
	w.out.Reset()
}

// sick makes the site answer only while one of the healthy commits serves.
func (w *world) sick(healthy ...string) {
	w.api.OnLive = func(commit string) {
		w.site.set(func(s *site) {
			s.commit, s.code, s.status = commit, 502, ""
			if slices.Contains(healthy, commit) {
				s.code, s.status = 200, "healthy"
			}
		})
	}
}

// After a healthy release A came B, which never was, and whose end left either A
// or B live. The next failing release, and a rollback by hand, go to A or before
// and never to B, which the host lists as one that served.
func TestNoWayBackToAReleaseThatWasNeverHealthy(t *testing.T) {
	t.Parallel()
	const migration = "A\tinternal/store/migrations/0007_x.sql\n"
	for _, tt := range []struct {
		name  string
		spoil func(*world) // how B is kept from being rolled back
		code  int          // of B
		after int          // of C
		over  bool         // rollback by hand over migrations
		want  string       // commit that serves after C
		says  string       // of C
	}{
		{"B was rolled back", func(*world) {}, 24, 24, false, oldCommit, "The former release serves again, commit 0ldc0mmit"},
		{"the rollback of B failed at the host", func(w *world) {
			w.api.Fail("POST /services/srv-test/rollback", rendertest.Fault{Status: 404})
		}, deploy.CodeRollbackFailed, 24, false, oldCommit, "it was never seen healthy, so a rollback would go to dep-2 of commit 0ldc0mmit"},
		{"a migration of B lies between", func(w *world) {
			w.shell.says["git diff --name-status --no-renames "+oldCommit] = migration
		}, deploy.CodeNotRolledBack, deploy.CodeNotRolledBack, true, nextCommit, "Not rolled back: the release brought the migrations 0007_x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.shell.tags = []string{"older"}
			w.sick(oldCommit, "older")
			tt.spoil(w)
			w.next(badCommit, "3.2.0")
			if f := w.deploy(); f == nil || f.Code != tt.code {
				t.Fatalf("B: Run = %+v, want code %d\n%s", f, tt.code, w.text())
			}
			w.next(nextCommit, "3.3.0")
			if f := w.deploy(); f == nil || f.Code != tt.after || w.site.commit != tt.want || !strings.Contains(w.text(), tt.says) {
				t.Fatalf("C: Run = %+v and %s serves, want code %d, %s and %q\n%s", f, w.site.commit, tt.after, tt.want, tt.says, w.text())
			}
			if slices.Contains(w.shell.tags, badCommit) || slices.Contains(w.shell.tags, nextCommit) {
				t.Errorf("seen healthy: %q, want none that never was", w.shell.tags)
			}
			want := "older" // A serves: before it
			if w.site.commit != oldCommit {
				want = oldCommit
			}
			w.out.Reset()
			if f := w.failure(deploy.Rollback(t.Context(), w.cfg, "", tt.over)); f != nil || w.site.commit != want {
				t.Errorf("by hand: Rollback = %+v and %s serves, want %s\n%s", f, w.site.commit, want, w.text())
			}
		})
	}
}

// A rollback by hand while the release that never was healthy serves goes to the
// last one that was.
func TestRollbackByHandFromAReleaseThatWasNeverHealthy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sick(oldCommit, "older")
	ctx, leave := context.WithCancel(t.Context())
	w.clock.at = func(time.Time) {
		if w.site.commit == badCommit {
			leave()
		}
	}
	w.next(badCommit, "3.2.0")
	if f := w.failure(deploy.Run(ctx, w.cfg)); f == nil || f.Code != deploy.CodeInterrupted {
		t.Fatalf("Run = %+v, want an interruption\n%s", f, w.text())
	}
	w.clock.at = nil
	w.api.Was("deactivated", badCommit) // somebody restarted it at the host's pages
	w.api.Was("live", "worse")
	w.out.Reset()
	if f := w.failure(deploy.Rollback(t.Context(), w.cfg, "", false)); f != nil || w.site.commit != oldCommit || strings.Contains(w.text(), "Warning") {
		t.Errorf("Rollback = %+v and %s serves, want %s\n%s", f, w.site.commit, oldCommit, w.text())
	}
}

// What the records do not tell is said: nothing is recorded, the remote cannot be
// read, or what is recorded leaves nothing to go back to.
func TestWithoutARecord(t *testing.T) {
	t.Parallel()
	unread := func(w *world) { w.shell.fails["git ls-remote"] = "" }
	other := func(w *world) { w.shell.tags = []string{"gone"} }
	for _, tt := range []struct {
		name         string
		spoil        func(*world)
		run, by      int    // exit codes of a deployment that fails, and of a rollback by hand
		says, saysBy string // likewise
	}{
		{"nothing is recorded", func(*world) {}, 24, 0, "warning: no release is tagged healthy/… at origin, so a rollback would go to this one, on the host's word alone", "Warning: no release is tagged healthy/… at origin, so this goes to dep-1 of commit older, on the host's word alone"},
		{"the remote is silent", unread, 24, 0, "which releases were seen healthy cannot be read: git ended with 1, so a rollback would go to this one", "cannot be read: git ended with 1, so this goes to dep-1"},
		{"other releases are recorded", other, deploy.CodeNotRolledBack, deploy.CodeNotRolledBack, "Not rolled back: no former release that the host lists was seen healthy", "if you know that it is well: introspect rollback --to dep-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.spoil(w)
			w.sick("older", oldCommit)
			w.site.code, w.site.status = 502, "" // what serves does not answer now
			if f := w.deploy(); f == nil || f.Code != tt.run || !strings.Contains(w.text(), tt.says) {
				t.Errorf("Run = %+v, want code %d and %q\n%s", f, tt.run, tt.says, w.text())
			}
			w = newWorld(t)
			tt.spoil(w)
			f := w.failure(deploy.Rollback(t.Context(), w.cfg, "", false))
			if (f == nil) != (tt.by == 0) || f != nil && f.Code != tt.by || !strings.Contains(w.text(), tt.saysBy) {
				t.Errorf("Rollback = %+v, want code %d and %q\n%s", f, tt.by, tt.saysBy, w.text())
			}
			if f == nil && !slices.Contains(w.shell.tags, "older") {
				t.Errorf("seen healthy: %q, want the one that answered", w.shell.tags)
			}
		})
	}
}

// A release that was seen healthy before and is down for the moment is where a
// rollback goes; a tag that cannot be pushed stops nothing and is said.
func TestWhatWasSeenHealthy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shell.tags = []string{oldCommit}
	w.sick(oldCommit)
	w.site.code, w.site.status = 502, ""
	if f := w.deploy(); f == nil || f.Code != 24 || w.site.commit != oldCommit || !strings.Contains(w.text(), "it was seen healthy before, so a rollback would go to it") {
		t.Errorf("Run = %+v and %s serves\n%s", f, w.site.commit, w.text())
	}
	w = newWorld(t)
	if f := w.deploy(); f != nil || !slices.Equal(w.shell.tags, []string{oldCommit, newCommit}) {
		t.Errorf("Run = %+v, seen healthy %q; want the former and the new one", f, w.shell.tags)
	}
	w = newWorld(t)
	w.site.firing = []any{map[string]any{"rule": "smoke_failed", "severity": "critical"}}
	if f := w.deploy(); f != nil || !slices.Equal(w.shell.tags, []string{newCommit}) {
		t.Errorf("Run = %+v, seen healthy %q; want the new one, since the former may be what failed", f, w.shell.tags)
	}
	w = newWorld(t)
	w.shell.fails["git push origin "+newCommit] = "no route"
	w.shell.fails["git push origin "+oldCommit] = "no route"
	if f := w.deploy(); f != nil || strings.Count(w.text(), "could not be pushed") != 2 || !strings.Contains(w.text(), "! [19/19] record") {
		t.Errorf("Run = %+v\n%s", f, w.text())
	}
	w = newWorld(t)
	w.cfg.Smoke = func(context.Context, string, bool) error { return errors.New("no") }
	if f := w.deploy(); f == nil || slices.Contains(w.shell.tags, newCommit) {
		t.Errorf("Run = %+v, seen healthy %q; want no release that failed", f, w.shell.tags)
	}
}

// What git itself makes of the tags: pushed without a local one, twice without
// harm, read by another clone.
func TestHealthyTagsOfARealRepository(t *testing.T) {
	t.Parallel()
	here := repository(t)
	git(t, here, "push", "--quiet", "origin", "main")
	head := strings.TrimSpace(git(t, here, "rev-parse", "HEAD"))
	w := newWorld(t)
	w.cfg.Exec, w.cfg.Migrations = here, "migrations"
	w.api = rendertest.New(t, w.clock.Now)
	w.api.Was("deactivated", head)
	w.api.Was("deactivated", badCommit)
	commitFile(t, here, "more", "two")
	w.api.Was("live", strings.TrimSpace(git(t, here, "rev-parse", "HEAD")))
	w.api.OnLive = func(commit string) { w.site.set(func(s *site) { s.commit = commit }) }
	w.cfg.Host = target(w)
	for range 2 {
		if f := w.failure(deploy.Rollback(t.Context(), w.cfg, "dep-1", false)); f != nil || strings.Contains(w.text(), "could not be pushed") {
			t.Fatalf("Rollback = %+v\n%s", f, w.text())
		}
	}
	if got := git(t, here, "ls-remote", "origin", "refs/tags/*"); got != head+"\trefs/tags/healthy/"+head[:9] {
		t.Errorf("the remote holds %q", got)
	}
	w.api.Was("live", strings.TrimSpace(git(t, here, "rev-parse", "HEAD")))
	if f := w.failure(deploy.Rollback(t.Context(), w.cfg, "", false)); f != nil || w.site.commit != head {
		t.Errorf("Rollback = %+v and %s serves, want %s\n%s", f, w.site.commit, head, w.text())
	}
}

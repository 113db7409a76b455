package watch_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
)

// refusing makes the database refuse every notice until back is called.
func (w *world) refusing() (back func()) {
	w.tb.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.dir, store.FileName)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		w.tb.Fatal(err)
	}
	w.tb.Cleanup(func() { _ = db.Close() })
	run := func(query string) {
		w.tb.Helper()
		if _, err := db.ExecContext(w.tb.Context(), query); err != nil {
			w.tb.Fatal(err)
		}
	}
	run(`CREATE TRIGGER refuse BEFORE INSERT ON alert_notices BEGIN SELECT RAISE(ABORT, 'no room'); END`)
	return func() { run(`DROP TRIGGER refuse`) }
}

// away makes rounds that the database refuses.
func (w *world) away(rounds int) {
	w.tb.Helper()
	for range rounds {
		w.now = w.now.Add(10 * time.Second)
		if err := w.watch.Tick(w.tb.Context()); err == nil {
			w.tb.Fatal("Tick() = nil although the database refuses it")
		}
	}
}

// What was told while the database was away is told once: not again in the next
// round, not again when the database is back, which then knows of it.
func TestADatabaseThatComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"), plainRule("warn", alert.Warning, "slack"))
	w.step(0)
	back := w.refusing()
	w.level["load"], w.level["warn"] = 20, 20
	w.away(5)
	same(t, "told while it is away", w.heard(), []string{"page firing load"})
	back()
	w.steps(2 * time.Minute)
	same(t, "told once it is back", w.heard(), []string{"page firing load", "slack firing warn"})
	same(t, "attempts", w.tries, 2)
	notices, err := w.store.EpisodeNotices(t.Context(), w.watch.Board().Firing()[0].States[0].State.Episode.ID)
	if err != nil || len(notices) != 1 || notices[0].Outcome != store.NoticeAccepted {
		t.Errorf("EpisodeNotices() = %+v, %v; want one that was accepted", notices, err)
	}
	list, err := w.store.Episodes(t.Context(), store.EpisodeFilter{})
	if err != nil || len(list) != 2 || !list[0].To.IsZero() || !list[1].To.IsZero() {
		t.Errorf("Episodes() = %+v, %v; want two that are open", list, err)
	}
	w.level["load"], w.level["warn"] = 0, 0
	w.steps(time.Minute)
	same(t, "told in the end", w.heard(), []string{"page firing load", "slack firing warn", "page resolved load", "slack resolved warn"})
	open, err := w.store.OpenNotices(t.Context())
	if err != nil || len(open) != 0 {
		t.Errorf("OpenNotices() = %v, %v; want none", open, err)
	}
}

// A channel that refuses while the database is away is tried again in the next
// round; a trouble that ends meanwhile is one in the history, and is over.
func TestATroubleWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	w.step(0)
	w.deny = func(alert.Parcel) error { return &letter.SendError{Status: 503} }
	back := w.refusing()
	w.level["load"] = 20
	w.away(2)
	same(t, "attempts", w.tries, 2)
	w.deny = nil
	w.away(1)
	w.level["load"] = 0
	w.away(2)
	same(t, "told while it is away", w.heard(), []string{"page firing load", "page resolved load"})
	back()
	w.steps(time.Minute)
	same(t, "told once it is back", w.heard(), []string{"page firing load", "page resolved load"})
	same(t, "attempts in the end", w.tries, 4)
	list, err := w.store.Episodes(t.Context(), store.EpisodeFilter{})
	if err != nil || len(list) != 1 || list[0].To.IsZero() {
		t.Errorf("Episodes() = %+v, %v; want one that is over", list, err)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.watch.Tick(t.Context()); errors.Is(err, store.ErrNotFound) || err == nil {
		t.Errorf("Tick() = %v without a database, want that it is away", err)
	}
}

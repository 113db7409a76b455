package health_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestAuditsTellOfDrift audits today twice: first everything is right, then a
// row was spoilt by somebody beside the process.
func TestAuditsTellOfDrift(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := storetest.SQLite(t, store.Config{Path: dir})
	if _, err := st.Record(t.Context(), storetest.Outside(event.New("v", 1, storetest.Start(), event.LandingView{}))); err != nil {
		t.Fatal(err)
	}
	now := storetest.Start()
	c := health.New(health.Config{Store: st, Zone: time.UTC, Now: func() time.Time { return now }})
	audit := func() (health.Audit, string) {
		ctx, cancel := context.WithCancel(t.Context())
		var log bytes.Buffer
		ticks := make(chan time.Time)
		done := make(chan struct{})
		go func() {
			c.RunAudits(ctx, slog.New(slog.NewTextHandler(&log, nil)), ticks)
			close(done)
		}()
		ticks <- now
		ticks <- now // the first audit is over when the second begins
		cancel()
		<-done
		return c.LastAudit(), log.String()
	}
	if c.LastAudit() != (health.Audit{}) {
		t.Error("an audit before the first")
	}
	if got, log := audit(); got.Drift != 0 || got.Found != 0 || got.At != now || strings.Contains(log, "drifted") {
		t.Errorf("audit = %+v, log %s; want no drift", got, log)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `DELETE FROM rollups WHERE metric = 'funnel' AND dimension = 'all'`); err != nil {
		t.Fatal(err)
	}
	if got, log := audit(); got.Found != 1 || !strings.Contains(log, "introspect rollup rebuild") || !strings.Contains(log, "rollup_drift=1") {
		t.Errorf("audit = %+v, log %s; want the row that is lost", got, log)
	}
}

package health_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"regexp"
	"strconv"
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
	tick := make(chan time.Time)
	c := health.New(health.Config{Store: st, Zone: time.UTC, Now: func() time.Time { return now }, Tick: tick})
	drift := func() health.Finding {
		t.Helper()
		now = now.Add(time.Minute)
		return drift(t, c, tick)
	}
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
	if got := drift(); got.Grade != health.Pass || !strings.HasPrefix(got.Detail, "Agree") {
		t.Errorf("the finding = %+v, want the figures to agree", got)
	}
	if got, log := audit(); got.Found != 1 || !strings.Contains(log, "introspect rollup rebuild") || !strings.Contains(log, "rollup_drift=1") {
		t.Errorf("audit = %+v, log %s; want the row that is lost", got, log)
	}
	if got := drift(); got.Grade != health.Warn || got.Value != 1 {
		t.Errorf("the finding = %+v, want a warning of one row", got)
	}
	// Facts that are wrong count beside the rows that are.
	if _, err := db.ExecContext(t.Context(), `UPDATE session_facts SET state = x''`); err != nil {
		t.Fatal(err)
	}
	got, log := audit()
	told := regexp.MustCompile(`rollup_drift=(\d+) session_facts_drift=(\d+)`).FindStringSubmatch(log)
	if told == nil || told[1] == "0" || told[2] != "1" {
		t.Fatalf("log %s; want rows and facts that have drifted", log)
	}
	if rows, err := strconv.Atoi(told[1]); err != nil || got.Found != 1+rows+1 {
		t.Errorf("audit = %+v, log %s; want one row of before, and the rows and facts of now", got, log)
	}
}

// drift is the finding about the figures, after another round of checks.
func drift(t *testing.T, c *health.Checker, tick chan<- time.Time) health.Finding {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { c.Run(ctx); close(done) }()
	tick <- storetest.Start() // the first probe is over when this is taken
	cancel()
	<-done
	for _, f := range c.Findings() {
		if f.Name == "rollup_drift" {
			return f
		}
	}
	t.Fatal("there is no finding about the figures")
	return health.Finding{}
}

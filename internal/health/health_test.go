package health_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// noon is the moment of the tests, in a zone west of Greenwich.
func noon() time.Time { return time.Date(2026, 11, 23, 12, 30, 15, 250e6, pacific()) }

func pacific() *time.Location { return time.FixedZone("PST", -8*3600) }

func well(context.Context) error { return nil }

func broken(context.Context) error { return errors.New("connection refused") }

func hanging(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// prober runs a checker and probes when told.
type prober struct {
	*health.Checker
	tick chan time.Time
}

func start(tb testing.TB, cfg health.Config) prober {
	tb.Helper()
	if cfg.Store == nil {
		cfg.Store = storetest.New(tb)
	}
	if cfg.Now == nil {
		cfg.Now = noon
	}
	cfg.Zone = pacific()
	tick := make(chan time.Time)
	cfg.Tick = tick
	p := prober{Checker: health.New(cfg), tick: tick}
	ctx, stop := context.WithCancel(tb.Context())
	var running sync.WaitGroup
	running.Go(func() { p.Run(ctx) })
	tb.Cleanup(func() { stop(); running.Wait() })
	return p
}

// next waits until the probe under way is finished and begins another.
func (p prober) next() { p.tick <- noon() }

func TestBodyBeforeTheFirstProbe(t *testing.T) {
	t.Parallel()
	c := health.New(health.Config{Store: storetest.New(t), Environment: "production", Now: noon, Zone: pacific(), Claude: well, Email: well, Redis: well})
	report, status := c.Report(t.Context())
	if status != http.StatusServiceUnavailable {
		t.Errorf("status = %d, want 503", status)
	}
	var got map[string]any
	body, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"timestamp": "2026-11-23T20:30:15.250Z", "status": "degraded", "version": "3.2.0", "environment": "production",
		"checks": map[string]any{"database": true, "redis": false, "claude": false, "email": false},
		"metrics": map[string]any{
			"sessionsToday": 0.0, "completionsToday": 0.0, "averageQuestions": 0.0,
			"businessModelsClassified": 0.0, "featuresAdopted": 0.0,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body mismatch (-want +got):\n%s", diff)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	type check = func(context.Context) error
	for _, tt := range []struct {
		name                 string
		claude, email, redis check
		closed               bool
		status               int
		want                 string
		checks               health.Checks
		interviewer          string
	}{
		{
			name:   "everything answers",
			claude: well, email: well, redis: well,
			status: 200, want: "healthy", checks: health.Checks{Database: true, Redis: true, Claude: true, Email: true},
		},
		{
			name:   "mail and redis are down, which is not critical",
			claude: well, email: broken, redis: broken,
			status: 200, want: "healthy", checks: health.Checks{Database: true, Claude: true},
		},
		{
			name:   "the model is down",
			claude: broken, email: well, redis: well,
			status: 503, want: "degraded", checks: health.Checks{Database: true, Redis: true, Email: true},
		},
		{
			name:   "the database is closed and the peers stay known",
			claude: well, email: well, redis: well, closed: true,
			status: 503, want: "degraded", checks: health.Checks{Redis: true, Claude: true, Email: true},
		},
		{
			name:   "nothing is configured: the embedded interviewer serves",
			status: 200, want: "healthy", checks: health.Checks{Database: true}, interviewer: "embedded",
		},
		{
			name:   "no model and no database",
			closed: true,
			status: 503, want: "degraded", interviewer: "embedded",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st := storetest.New(t)
			p := start(t, health.Config{Store: st, Claude: tt.claude, Email: tt.email, Redis: tt.redis, Version: "9.9.9", Environment: "test"})
			p.next()
			if tt.closed {
				if err := st.Close(); err != nil {
					t.Fatal(err)
				}
			}
			got, status := p.Report(t.Context())
			want := health.Report{
				Timestamp: "2026-11-23T20:30:15.250Z", Status: tt.want, Version: "9.9.9", Environment: "test",
				Checks: tt.checks, Interviewer: tt.interviewer,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Report() mismatch (-want +got):\n%s", diff)
			}
			if status != tt.status {
				t.Errorf("Report() status = %d, want %d", status, tt.status)
			}
		})
	}
}

// commit stores a session as the interview would.
func commit(tb testing.TB, st *store.Store, s intake.Session) {
	tb.Helper()
	s.Client = intake.Client{Name: "Ana", Email: "ana@example.com", WebsiteType: "business"}
	s.LastActivity = s.CreatedAt
	if err := st.CreateSession(tb.Context(), &s, []byte(s.ID), intake.Turn{}); err != nil {
		tb.Fatal(err)
	}
}

func TestFiguresOfToday(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	midnight := time.Date(2026, 11, 23, 0, 0, 0, 0, pacific())
	model := classify.Result{Model: classify.Service, Confidence: 90}
	some := &intake.FeatureChoice{Answered: true, Selection: catalog.Selection{Features: []catalog.FeatureID{"appointment_scheduling"}}}
	none := &intake.FeatureChoice{Answered: true}
	commit(t, st, intake.Session{ID: "yesterday", Status: intake.Completed, CreatedAt: midnight.Add(-time.Millisecond), Questions: 30, Model: model, ModelAt: 6, Features: some})
	commit(t, st, intake.Session{ID: "midnight", Status: intake.Completed, CreatedAt: midnight, Questions: 22, Model: model, ModelAt: 6, Features: some})
	commit(t, st, intake.Session{ID: "morning", Status: intake.InProgress, CreatedAt: midnight.Add(9 * time.Hour), Questions: 11, Model: model, ModelAt: 6, Features: none})
	commit(t, st, intake.Session{ID: "abandoned", Status: intake.Abandoned, CreatedAt: midnight.Add(10 * time.Hour), Questions: 0})

	c := health.New(health.Config{Store: st, Now: noon, Zone: pacific()})
	got, status := c.Report(t.Context())
	want := health.Metrics{SessionsToday: 3, CompletionsToday: 1, AverageQuestions: 11, BusinessModelsClassified: 2, FeaturesAdopted: 1}
	if diff := cmp.Diff(want, got.Metrics); diff != "" {
		t.Errorf("metrics mismatch (-want +got):\n%s", diff)
	}
	if status != 200 {
		t.Errorf("status = %d, want 200", status)
	}
}

// onDisk opens a store together with a second connection to its file.
func onDisk(tb testing.TB) (*store.Store, *sql.DB) {
	tb.Helper()
	keys, err := seal.NewKeyring("a secret of the health tests, long enough")
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	st, err := store.Open(tb.Context(), store.Config{Path: dir, Keys: keys, Zone: pacific()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { st.Close() })
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	return st, db
}

func run(tb testing.TB, db *sql.DB, statement string) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// A database that answers but no longer has what the figures need makes the
// evaluation fail; what is known stays.
func TestUnhealthyKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	st, db := onDisk(t)
	p := start(t, health.Config{Store: st, Claude: well, Redis: well, Email: broken, Environment: "production"})
	p.next()
	run(t, db, `ALTER TABLE sessions RENAME COLUMN features_selected TO features_lost`)
	got, status := p.Report(t.Context())
	if got.Cause == nil {
		t.Error("Cause = nil, want the error for the log")
	}
	got.Cause = nil
	want := health.Report{
		Timestamp: "2026-11-23T20:30:15.250Z", Status: "unhealthy", Version: "3.2.0", Environment: "production",
		Checks: health.Checks{Database: true, Claude: true, Redis: true},
		Error:  "The figures of today could not be read.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Report() mismatch (-want +got):\n%s", diff)
	}
	if status != 503 {
		t.Errorf("status = %d, want 503", status)
	}
}

// A database that can be read and takes no row is not healthy: nothing that a
// visitor answers could be kept. It is again with the next row that it takes.
func TestADatabaseThatTakesNoRow(t *testing.T) {
	t.Parallel()
	st, db := onDisk(t)
	now := &clock{now: noon()}
	p := start(t, health.Config{Store: st, Now: now.time})
	p.next()
	step := func(wantDatabase bool, wantStatus int) {
		t.Helper()
		now.wait(time.Minute)
		p.next()
		p.next()
		got, status := p.Report(t.Context())
		if got.Checks.Database != wantDatabase || status != wantStatus || p.Ready(t.Context()) != nil {
			t.Errorf("database %t, status %s %d, ready %v; want %t, %d and ready", got.Checks.Database, got.Status, status, p.Ready(t.Context()), wantDatabase, wantStatus)
		}
	}
	step(true, 200)
	run(t, db, `CREATE TRIGGER refuse BEFORE INSERT ON settings BEGIN SELECT RAISE(ABORT, 'no room'); END`)
	step(false, 503)
	run(t, db, `DROP TRIGGER refuse`)
	step(true, 200)
}

func TestPeersAreNeverAskedByAReport(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	var down atomic.Bool
	p := start(t, health.Config{Claude: func(context.Context) error {
		asked.Add(1)
		if down.Load() {
			return errors.New("down")
		}
		return nil
	}})
	down.Store(false)
	p.next() // the first probe has ended, the second is under way
	p.next()
	before := asked.Load()
	for range 50 {
		if _, status := p.Report(t.Context()); status != 200 {
			t.Fatalf("status = %d, want 200", status)
		}
	}
	if now := asked.Load(); now > before+1 { // the probe under way
		t.Errorf("50 reports asked the peer %d times, want never", now-before)
	}
	down.Store(true)
	p.next()
	p.next()
	if r, status := p.Report(t.Context()); status != 503 || r.Checks.Claude {
		t.Errorf("after the peer went down: status %d, claude %v; want 503, false", status, r.Checks.Claude)
	}
	down.Store(false)
	p.next()
	p.next()
	if r, status := p.Report(t.Context()); status != 200 || !r.Checks.Claude {
		t.Errorf("after the peer came back: status %d, claude %v; want 200, true", status, r.Checks.Claude)
	}
}

func TestPeersAreProbedInParallel(t *testing.T) {
	t.Parallel()
	claude, email := make(chan struct{}), make(chan struct{})
	meet := func(mine, other chan struct{}) func(context.Context) error {
		return func(ctx context.Context) error {
			select {
			case mine <- struct{}{}:
			case <-other:
			case <-ctx.Done():
				return ctx.Err()
			}
			return nil
		}
	}
	p := start(t, health.Config{Claude: meet(claude, email), Email: meet(email, claude)})
	p.next()
	if r, _ := p.Report(t.Context()); !r.Checks.Claude || !r.Checks.Email {
		t.Errorf("checks = %+v, want both: each waits for the other", r.Checks)
	}
}

// On a clock of the test's own: a peer that never answers is given up after
// 5 s and holds back nobody else's result; the next probe comes after 30 s.
func TestHangingPeer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		c := health.New(health.Config{Store: storetest.New(t), Claude: well, Redis: func(ctx context.Context) error {
			asked.Add(1)
			began := time.Now()
			err := hanging(ctx)
			if took := time.Since(began); took != 5*time.Second {
				t.Errorf("the hanging peer was given up after %s, want 5s", took)
			}
			return err
		}})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { c.Run(ctx); close(ended) }()

		<-time.After(time.Second)
		r, status := c.Report(t.Context())
		if diff := cmp.Diff(health.Checks{Database: true, Claude: true}, r.Checks); diff != "" || status != 200 {
			t.Errorf("while one peer hangs: status %d, checks mismatch (-want +got):\n%s", status, diff)
		}
		<-time.After(28 * time.Second)
		if n := asked.Load(); n != 1 {
			t.Errorf("after 29 s the peer was asked %d times, want 1", n)
		}
		<-time.After(2 * time.Second)
		if n := asked.Load(); n != 2 {
			t.Errorf("after 31 s the peer was asked %d times, want 2", n)
		}
		<-time.After(5 * time.Second)
		stop()
		<-ended
	})
}

func TestReady(t *testing.T) {
	t.Parallel()
	t.Run("with a migrated database, whatever the peers do", func(t *testing.T) {
		t.Parallel()
		p := start(t, health.Config{Claude: broken, Email: broken, Redis: broken})
		p.next()
		if err := p.Ready(t.Context()); err != nil {
			t.Errorf("Ready() = %v, want nil", err)
		}
	})
	t.Run("not while draining", func(t *testing.T) {
		t.Parallel()
		p := start(t, health.Config{})
		p.Drain()
		if err := p.Ready(t.Context()); !errors.Is(err, health.ErrDraining) {
			t.Errorf("Ready() = %v, want ErrDraining", err)
		}
		if _, status := p.Report(t.Context()); status != 200 {
			t.Errorf("Report() status while draining = %d, want 200: requests under way are still served", status)
		}
	})
	t.Run("not without a database", func(t *testing.T) {
		t.Parallel()
		st := storetest.New(t)
		p := start(t, health.Config{Store: st})
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if err := p.Ready(t.Context()); err == nil {
			t.Error("Ready(closed store) = nil, want an error")
		}
	})
	t.Run("not with a database of another version", func(t *testing.T) {
		t.Parallel()
		st, db := onDisk(t)
		p := start(t, health.Config{Store: st})
		run(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
		if err := p.Ready(t.Context()); err == nil {
			t.Error("Ready(database of a newer program) = nil, want an error")
		}
	})
	t.Run("not for a request that is gone", func(t *testing.T) {
		t.Parallel()
		p := start(t, health.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.Ready(ctx); err == nil {
			t.Error("Ready(cancelled) = nil, want an error")
		}
	})
}

// uptime reads the figure that the dashboard shows.
func uptime(tb testing.TB, st *store.Store) float64 {
	tb.Helper()
	rows, err := st.Rollups(tb.Context(), metric.Needed(noon(), pacific()))
	if err != nil {
		tb.Fatal(err)
	}
	d := metric.NewDashboard(rows, metric.Live{Now: noon(), Zone: pacific()}, func(id string) (string, int64) { return id, 0 })
	var got struct{ Performance struct{ Uptime float64 } }
	body, err := json.Marshal(d)
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(body, &got); err != nil {
		tb.Fatal(err)
	}
	return got.Performance.Uptime
}

// Every probe counts, also the one whose result the database could not take
// at the time.
func TestUptime(t *testing.T) {
	t.Parallel()
	st, db := onDisk(t)
	run(t, db, `ALTER TABLE rollups RENAME TO rollups_away`)
	verdict := make(chan error)
	p := start(t, health.Config{Store: st, Claude: func(ctx context.Context) error {
		select {
		case err := <-verdict:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}})
	verdict <- nil
	p.next()
	run(t, db, `ALTER TABLE rollups_away RENAME TO rollups`)
	verdict <- nil
	p.next()
	verdict <- errors.New("down")
	p.next()
	if got, want := uptime(t, st), 66.66; got != want {
		t.Errorf("uptime of two good probes and a bad one = %v, want %v", got, want)
	}
}

func TestRunEndsQuietly(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	asked := make(chan struct{}, 1)
	c := health.New(health.Config{Store: st, Now: noon, Zone: pacific(), Claude: func(ctx context.Context) error {
		asked <- struct{}{}
		return hanging(ctx)
	}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { c.Run(ctx); close(ended) }()
	<-asked
	stop()
	<-ended
	rows, err := st.Rollups(t.Context(), []metric.Range{{Tier: metric.Day, Metric: metric.Probes, From: 0, To: 1 << 40}})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) > 0 {
		t.Errorf("a probe cut short by the shutdown was counted: %v", rows)
	}
}

package health_test

import (
	"context"
	"crypto/x509"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/status"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// clock is a moment that a test moves while a checker runs.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// finding is the last reading of a check after the probe under way.
func (p prober) finding(tb testing.TB, name string) health.Finding {
	tb.Helper()
	for _, f := range p.Findings() {
		if f.Name == name {
			return f
		}
	}
	tb.Fatalf("there is no finding %q", name)
	return health.Finding{}
}

func TestChecksGradeWhatTheySee(t *testing.T) {
	t.Parallel()
	ago := func(d time.Duration) func() time.Time { return func() time.Time { return noon().Add(-d) } }
	backup := func(d time.Duration, err error) func(context.Context) (health.Backup, error) {
		return func(context.Context) (health.Backup, error) { return health.Backup{At: noon().Add(-d)}, err }
	}
	none := func(coming bool, reason string) func(context.Context) (health.Backup, error) {
		return func(context.Context) (health.Backup, error) {
			return health.Backup{Coming: coming, Reason: reason}, nil
		}
	}
	drill := func(d health.Drill) func(context.Context) (health.Drill, error) {
		return func(context.Context) (health.Drill, error) { return d, nil }
	}
	never := func() time.Time { return time.Time{} }
	for _, tt := range []struct {
		name   string
		cfg    health.Config
		check  string
		want   health.Grade
		detail string
	}{
		{"a database that takes a row", health.Config{}, "database_write", health.Pass, "A row was written."},
		{"no job waits", health.Config{}, "jobs_waiting", health.Pass, "Nothing is late."},
		{"no job is dead", health.Config{}, "jobs_dead", health.Pass, "None."},
		{"no audit yet", health.Config{}, "rollup_drift", health.Pass, "No audit ran since the start; one runs every 10 minutes."},
		{"an evaluator at work", health.Config{Heartbeat: ago(time.Minute)}, "evaluator", health.Pass, "Ran 60 seconds ago."},
		{"an evaluator that is late", health.Config{Heartbeat: ago(3 * time.Minute)}, "evaluator", health.Warn, "Ran 3 minutes ago."},
		{"an evaluator that stands", health.Config{Heartbeat: ago(10 * time.Minute)}, "evaluator", health.Fail, "Ran 10 minutes ago."},
		{"an evaluator that never ran", health.Config{Heartbeat: never}, "evaluator", health.Pass, "Has not run since the start."},
		{"an evaluator that never ran in an hour", health.Config{Heartbeat: never, Now: anHourAfterItsStart()}, "evaluator", health.Fail, "Has not run since the start."},
		{"a backup of the night", health.Config{Backup: backup(6*time.Hour, nil)}, "backup", health.Pass, "Made 6 hours ago."},
		{"a backup that was missed", health.Config{Backup: backup(27*time.Hour, nil)}, "backup", health.Warn, "Made 27 hours ago."},
		{"backups that stopped", health.Config{Backup: backup(60*time.Hour, nil)}, "backup", health.Fail, "Made 2 days ago."},
		{"backups that cannot be listed", health.Config{Backup: backup(0, errors.New("forbidden"))}, "backup", health.Fail, "Could not be read: forbidden"},
		{"a backup that was restored", health.Config{Drill: drill(health.Drill{At: noon().Add(-3 * time.Hour), RPO: 4 * time.Minute, RTO: 1234567890})}, "restore_drill", health.Pass, "Restored and proven 3 hours ago in 1.235s; a crash then would have lost 4 minutes."},
		{"a backup that could not be restored", health.Config{Drill: drill(health.Drill{At: noon().Add(-3 * time.Hour), Reason: "backup is damaged"})}, "restore_drill", health.Fail, "Failed 3 hours ago: backup is damaged"},
		{"no drill lately", health.Config{Drill: drill(health.Drill{At: noon().Add(-49 * time.Hour), RPO: time.Hour, RTO: time.Second})}, "restore_drill", health.Warn, "Restored and proven 2 days ago in 1s; a crash then would have lost 60 minutes."},
		{"no drill yet", health.Config{Drill: drill(health.Drill{})}, "restore_drill", health.Pass, "There is none yet; the first one follows the first backup."},
		{"no backup at all", health.Config{Backup: none(false, "")}, "backup", health.Fail, "There is no backup yet."},
		{"the first backup is on its way", health.Config{Backup: none(true, "")}, "backup", health.Pass, "There is none yet; the first one is being made, or about to be."},
		{"the first backup did not come in an hour", health.Config{Backup: none(true, ""), Now: anHourAfterItsStart()}, "backup", health.Fail, "There is no backup yet."},
		{"the first backup failed", health.Config{Backup: none(true, "no room")}, "backup", health.Fail, "There is no backup, the last attempt failed: no room"},
		{"encryption", health.Config{Keys: storetest.Keys(t)}, "encryption", health.Pass, "Sealed and opened."},
		{"a disk that is not there", health.Config{DataDir: "/nowhere/at/all"}, "disk", health.Fail, ""},
		{"an address that nobody answers at", health.Config{AppURL: "https://127.0.0.1:1"}, "certificate", health.Fail, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, tt.cfg)
			p.next()
			got := p.finding(t, tt.check)
			if open := strings.HasPrefix(got.Detail, "There is none yet") || strings.HasPrefix(got.Detail, "No audit ran") || got.Detail == "Has not run since the start." && got.Grade == health.Pass; got.Open != open {
				t.Errorf("%s %q: open is %t, want %t", tt.check, got.Detail, got.Open, open)
			}
			if got.Grade != tt.want || tt.detail != "" && got.Detail != tt.detail || got.At.IsZero() {
				t.Errorf("%s = %s %q, want %s %q", tt.check, got.Grade, got.Detail, tt.want, tt.detail)
			}
		})
	}
}

// anHourAfterItsStart is a clock that is first asked at the start.
func anHourAfterItsStart() func() time.Time {
	var asked atomic.Bool
	return func() time.Time {
		if asked.Swap(true) {
			return noon().Add(time.Hour)
		}
		return noon()
	}
}

func TestChecksAreShownOnlyWhenConfigured(t *testing.T) {
	t.Parallel()
	names := func(cfg health.Config) (out []string) {
		cfg.Store = storetest.New(t)
		for _, f := range health.New(cfg).Findings() {
			out = append(out, f.Name)
		}
		return out
	}
	few := []string{"database", "database_write", "jobs_waiting", "jobs_dead", "rollup_drift"}
	if diff := cmp.Diff(few, names(health.Config{})); diff != "" {
		t.Errorf("without configuration (-want +got):\n%s", diff)
	}
	all := []string{
		"database", "claude", "email", "redis", "database_write", "jobs_waiting", "jobs_dead", "rollup_drift",
		"disk", "evaluator", "backup", "restore_drill", "encryption", "certificate", "clock",
	}
	got := names(health.Config{
		Claude: well, Email: well, Redis: well, DataDir: ".", Heartbeat: noon, Keys: storetest.Keys(t), AppURL: "https://example.com",
		Backup: func(context.Context) (health.Backup, error) { return health.Backup{At: noon()}, nil },
		Drill:  func(context.Context) (health.Drill, error) { return health.Drill{At: noon()}, nil },
	})
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("with everything (-want +got):\n%s", diff)
	}
}

func TestLateAndDeadJobs(t *testing.T) {
	t.Parallel()
	st := storetest.Any(t, store.Config{Now: noon})
	add := func(late time.Duration) store.NewJob {
		return store.NewJob{ID: store.NewJobID(), Kind: "mail", Payload: []byte("{}"), Due: noon().Add(-late)}
	}
	if _, err := st.Enqueue(t.Context(), add(20*time.Minute), add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	leased, err := st.Lease(t.Context(), []string{"mail"}, 1, time.Minute)
	if err != nil || len(leased) != 1 {
		t.Fatalf("lease = %v, %v", leased, err)
	}
	if err := st.BuryJob(t.Context(), leased[0], "refused"); err != nil {
		t.Fatal(err)
	}
	p := start(t, health.Config{Store: st})
	p.next()
	if got := p.finding(t, "jobs_waiting"); got.Grade != health.Warn || got.Detail != "Due for 20 minutes." || got.Value != 1200 {
		t.Errorf("waiting = %+v, want a warning of 1200 s", got.Reading)
	}
	if got := p.finding(t, "jobs_dead"); got.Grade != health.Warn || got.Value != 1 {
		t.Errorf("dead = %+v, want a warning of one", got.Reading)
	}
	if got := p.Components()[status.Documents]; got != status.Degraded {
		t.Errorf("documents and mail = %s, want degraded", got)
	}
}

// Mails that wait for an hour are an outage to whoever waits for them, and whoever
// cannot be asked is no reason for comfort.
func TestJobsThatWaitForLong(t *testing.T) {
	t.Parallel()
	for late, want := range map[time.Duration]struct {
		grade health.Grade
		state status.State
	}{
		0:                            {health.Pass, status.Operational},
		15*time.Minute - time.Second: {health.Pass, status.Operational},
		15 * time.Minute:             {health.Warn, status.Degraded},
		time.Hour - time.Second:      {health.Warn, status.Degraded},
		time.Hour:                    {health.Fail, status.PartialOutage},
		100 * time.Hour:              {health.Fail, status.PartialOutage},
		-5 * time.Minute:             {health.Pass, status.Operational}, // not due yet
	} {
		st := storetest.Any(t, store.Config{Now: noon})
		if _, err := st.Enqueue(t.Context(), store.NewJob{Kind: "mail", Due: noon().Add(-late)}); err != nil {
			t.Fatal(err)
		}
		p := start(t, health.Config{Store: st})
		p.next()
		got, state := p.finding(t, "jobs_waiting"), p.Components()[status.Documents]
		if got.Grade != want.grade || state != want.state {
			t.Errorf("a mail that is %s late: %s, and documents and mail are %s; want %s, %s", late, got.Grade, state, want.grade, want.state)
		}
	}
	st := storetest.Any(t, store.Config{Now: noon})
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	p := start(t, health.Config{Store: st})
	p.next()
	for _, name := range []string{"database_write", "jobs_waiting", "jobs_dead"} {
		if got := p.finding(t, name); got.Grade != health.Fail || got.Detail == "" {
			t.Errorf("%s of a database that is closed = %+v, want it to fail", name, got.Reading)
		}
	}
	if got := p.finding(t, "database_write").Detail; !strings.HasPrefix(got, "No row can be written, perhaps on a disk that is read-only or broken") {
		t.Errorf("a row that cannot be written: %q", got)
	}
}

func TestCertificateAndClock(t *testing.T) {
	var date string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Date", date) }))
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	end := server.Certificate().NotAfter
	for _, tt := range []struct {
		name             string
		now              time.Time
		ahead            time.Duration
		certified, timed health.Grade
	}{
		{"a long time to go, and the clocks agree", end.Add(-60 * 24 * time.Hour), 0, health.Pass, health.Pass},
		{"three weeks, and five seconds apart", end.Add(-20 * 24 * time.Hour), 5 * time.Second, health.Warn, health.Warn},
		{"a week, and a minute apart", end.Add(-6 * 24 * time.Hour), -time.Minute, health.Fail, health.Fail},
		{"over", end.Add(time.Hour), 0, health.Fail, health.Fail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			date = tt.now.Add(tt.ahead).UTC().Format(http.TimeFormat)
			p := start(t, health.Config{AppURL: server.URL, Roots: roots, Now: func() time.Time { return tt.now }})
			p.next()
			got := p.finding(t, "certificate")
			if left := end.Sub(tt.now).Hours() / 24; got.Grade != tt.certified || got.Unit != "days" || math.Abs(got.Value-left) > 0.01 {
				t.Errorf("certificate = %s %q, %v %s; want %s, %v days: the alert needs the figure", got.Grade, got.Detail, got.Value, got.Unit, tt.certified, left)
			}
			if got := p.finding(t, "clock"); got.Grade != tt.timed {
				t.Errorf("clock = %s %q, want %s", got.Grade, got.Detail, tt.timed)
			}
		})
	}
}

// What is looked at once an hour is asked once an hour, and sooner when it
// failed.
func TestChecksAreCached(t *testing.T) {
	t.Parallel()
	now := &clock{now: noon()}
	var asked, off atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Date", now.time().Add(time.Duration(off.Load())).UTC().Format(http.TimeFormat))
	}))
	t.Cleanup(server.Close)
	p := start(t, health.Config{Now: now.time, AppURL: server.URL})
	p.next() // the first probe is finished, the second begins
	for _, step := range []struct {
		wait time.Duration
		off  time.Duration
		want int64
	}{
		{59 * time.Minute, 0, 1},
		{59_999 * time.Millisecond, time.Hour, 2}, // a tick a moment too soon; it fails
		{4 * time.Minute, time.Hour, 2},
		{time.Minute, 0, 3}, // and is well again
		{30 * time.Minute, 0, 3},
	} {
		now.wait(step.wait)
		off.Store(int64(step.off))
		p.next()
		p.next()
		if got := asked.Load(); got != step.want {
			t.Errorf("asked %d times %s later, want %d", got, step.wait, step.want)
		}
	}
}

// A check that hangs is failed at its deadline and holds up nothing else.
func TestCheckThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		deaf := make(chan struct{})
		defer close(deaf)
		p := start(t, health.Config{Backup: func(context.Context) (health.Backup, error) {
			<-deaf
			return health.Backup{}, nil
		}})
		p.next()
		if got := p.finding(t, "backup"); got.Grade != health.Fail || !strings.Contains(got.Detail, "within 5s") {
			t.Errorf("a check that hangs = %s %q, want failed", got.Grade, got.Detail)
		}
		if got := p.finding(t, "database_write"); got.Grade != health.Pass {
			t.Errorf("the check beside it = %s, want pass", got.Grade)
		}
	})
}

func TestComponents(t *testing.T) {
	t.Parallel()
	type states = map[status.Component]status.State
	fine := states{status.Intake: status.Operational, status.Documents: status.Operational, status.Dashboard: status.Operational, status.API: status.Operational}
	with := func(change states) states {
		out := states{}
		for c, s := range fine {
			out[c] = s
		}
		for c, s := range change {
			out[c] = s
		}
		return out
	}
	down := states{status.Intake: status.MajorOutage, status.Documents: status.MajorOutage, status.Dashboard: status.MajorOutage, status.API: status.MajorOutage}
	for _, tt := range []struct {
		name   string
		cfg    health.Config
		closed bool
		want   states
	}{
		{"everything answers", health.Config{Claude: well, Email: well, Redis: well}, false, fine},
		{"nothing is configured", health.Config{}, false, fine},
		{"without the model the embedded interviewer serves", health.Config{Claude: broken}, false, with(states{status.Intake: status.Degraded})},
		{"no mail", health.Config{Email: broken}, false, with(states{status.Documents: status.PartialOutage})},
		{"no redis", health.Config{Redis: broken}, false, with(states{status.API: status.Degraded})},
		{"a fresh start", health.Config{
			Heartbeat: func() time.Time { return time.Time{} }, Backup: func(context.Context) (health.Backup, error) { return health.Backup{}, nil },
		}, false, fine},
		{"no evaluator", health.Config{Heartbeat: func() time.Time { return noon().Add(-time.Hour) }}, false, with(states{status.Dashboard: status.Degraded})},
		{"no database", health.Config{}, true, down},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.Store = storetest.New(t)
			if tt.closed {
				if err := tt.cfg.Store.Close(); err != nil {
					t.Fatal(err)
				}
			}
			p := start(t, tt.cfg)
			p.next()
			if diff := cmp.Diff(tt.want, p.Components()); diff != "" {
				t.Errorf("components (-want +got):\n%s", diff)
			}
		})
	}
	if got := health.New(health.Config{Store: storetest.New(t)}).Components(); got != nil {
		t.Errorf("components before the first probe = %v, want none", got)
	}
}

// Probes are counted by component.
func TestProbeHistory(t *testing.T) {
	t.Parallel()
	st := storetest.SQLite(t, store.Config{Zone: pacific()})
	p := start(t, health.Config{Store: st, Email: broken})
	p.next()
	p.next()
	p.next()
	days, err := st.ProbeDays(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	day := metric.DayBucket(noon(), pacific())
	for name, bad := range map[string]bool{health.Service: false, "intake": false, "documents": true} {
		got := days[name][day]
		if got.Total() < 2 || bad != (got.Bad > 0) || bad == (got.Good > 0) {
			t.Errorf("probes of %s = %+v, want at least two, failed %v", name, got, bad)
		}
	}
}

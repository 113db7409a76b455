package vitals_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/vitals"
	"applicreations.com/introspect/internal/watch"
)

func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func same(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func builtin(tb testing.TB, id alert.RuleID) alert.Rule {
	tb.Helper()
	rules, err := alert.Builtin()
	if err != nil {
		tb.Fatal(err)
	}
	at := slices.IndexFunc(rules, func(r alert.Rule) bool { return r.ID == id })
	if at < 0 {
		tb.Fatalf("there is no rule %s", id)
	}
	return rules[at]
}

// read measures what a rule asks for.
func read(tb testing.TB, v *vitals.Vitals, id alert.RuleID, now time.Time) alert.Reading {
	tb.Helper()
	r := builtin(tb, id)
	source := v.Sources()[r.Metric]
	if source == nil {
		tb.Fatalf("nothing measures %s", r.Metric)
	}
	list, err := source(tb.Context(), r, now)
	if err != nil || len(list) != 1 {
		tb.Fatalf("%s = %v, %v; want one reading", r.Metric, list, err)
	}
	return list[0]
}

// everything is an installation that has all there is.
func everything(tb testing.TB) vitals.Config {
	tb.Helper()
	st := storetest.New(tb)
	return vitals.Config{
		Store: st, Began: noon().Add(-time.Hour), DataDir: tb.TempDir(), Public: vitals.NewProbe("https://example.com", []string{"https://example.org"}, noon),
		Beat: noon, Health: func() []health.Finding { return []health.Finding{{Name: "certificate"}, {Name: "clock"}} },
		Backups: func() backup.Status { return backup.Status{} }, Synced: noon, Audit: func() health.Audit { return health.Audit{} },
		Model: &vitals.Model{PerMinute: 60, Budgeted: true}, Queue: func(time.Time) (int, time.Duration) { return 0, 0 },
		Events: &vitals.Counter{}, Callers: vitals.NewCallers(), Kinds: vitals.NewKinds(st), Work: &vitals.Schedule{}, Changed: func() int { return 0 }, Postgres: true,
	}
}

// Every rule of the house is either measured or says why it cannot be, and of an
// installation that has everything only payments stay out.
func TestEveryRuleIsMeasuredOrSaysWhy(t *testing.T) {
	t.Parallel()
	never := []string{"payment_failed", "payment_failed_in_a_row", "payment_unmatched_minutes"}
	for name, cfg := range map[string]vitals.Config{"everything": everything(t), "nothing": {Store: storetest.New(t), Began: noon()}} {
		v := vitals.New(cfg)
		w, err := watch.New(watch.Config{Store: cfg.Store, Keys: storetest.Keys(t), Sources: v.Sources(), Reasons: v.Reasons(), Requests: new(gauge.Requests)})
		if err != nil {
			t.Fatal(err)
		}
		rules, err := w.Rules(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		asked, unmeasured := map[string]bool{}, map[string]bool{}
		for _, r := range rules {
			asked[r.Metric] = true
			if reason := w.Reason(r); w.Measures(r) != (reason == "") {
				t.Errorf("%s: rule %s is measured: %v, and the reason why not is %q", name, r.ID, w.Measures(r), reason)
			}
			if !w.Measures(r) {
				unmeasured[r.Metric] = true
			}
		}
		for metric := range v.Sources() {
			if !asked[metric] {
				t.Errorf("%s: no rule asks for %s", name, metric)
			}
		}
		if name == "everything" {
			var got []string
			for metric := range unmeasured {
				got = append(got, metric)
			}
			slices.Sort(got)
			same(t, "what is never measured", got, never)
		}
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	const group = "/sys/fs/cgroup/memory."
	for _, c := range []struct {
		name  string
		files map[string]string
		want  float64 // -1: no data
		fails bool
	}{
		{"the group, without the cache of files", map[string]string{group + "max": "1000\n", group + "current": "950\n", group + "stat": "anon 5\ninactive_file 40\nfile 9\n"}, 91, false},
		{"the group, nothing but cache", map[string]string{group + "max": "1000", group + "current": "10", group + "stat": "inactive_file 40\n"}, 0, false},
		{"the machine", map[string]string{"/proc/meminfo": "MemTotal:       1000 kB\nMemFree: 5 kB\nMemAvailable:    80 kB\n"}, 92, false},
		{"a group without a limit, on a machine", map[string]string{group + "max": "max\n", "/proc/meminfo": "MemTotal: 1000 kB\nMemAvailable: 500 kB\n"}, 50, false},
		{"the machine is nearer to its end", map[string]string{
			group + "max": "1000", group + "current": "100", group + "stat": "inactive_file 0", "/proc/meminfo": "MemTotal: 1000 kB\nMemAvailable: 10 kB\n",
		}, 99, false},
		{"neither", nil, -1, false},
		{"a group without a limit, alone", map[string]string{group + "max": "max"}, -1, false},
		{"nonsense", map[string]string{group + "max": "much"}, 0, true},
		{"nonsense in use", map[string]string{group + "max": "1000", group + "current": "much"}, 0, true},
		{"no details", map[string]string{group + "max": "1000", group + "current": "10"}, 0, true},
		{"nonsense of the machine", map[string]string{"/proc/meminfo": "MemTotal: much kB\n"}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := vitals.New(vitals.Config{Store: storetest.New(t), Read: func(name string) ([]byte, error) {
				if text, ok := c.files[name]; ok {
					return []byte(text), nil
				}
				return nil, fs.ErrNotExist
			}})
			list, err := v.Sources()["memory_percent"](t.Context(), alert.Rule{}, noon())
			if c.fails {
				if err == nil {
					t.Errorf("memory = %v, want an error", list)
				}
				return
			}
			want := []alert.Reading{{Value: c.want}}
			if c.want < 0 {
				want = []alert.Reading{{NoData: true}}
			}
			if err != nil {
				t.Error(err)
			}
			same(t, "memory", list, want)
		})
	}
}

// This machine tells of itself.
func TestThisMachine(t *testing.T) {
	t.Parallel()
	v := vitals.New(everything(t))
	if got := read(t, v, "disk_used", noon()); !got.NoData && (got.Value <= 0 || got.Value > 100) {
		t.Errorf("disk = %+v, want a share", got)
	}
	if got := read(t, v, "disk_slope", noon()); !got.NoData {
		t.Errorf("disk left = %+v, want no data before an hour was watched", got)
	}
	for m := range 61 {
		read(t, v, "disk_used", noon().Add(time.Duration(m)*time.Minute))
	}
	if got := read(t, v, "disk_slope", noon().Add(time.Hour)); got.NoData {
		t.Error("disk left is not known after the disk was watched for an hour")
	}
	if got := read(t, v, "memory", noon()); !got.NoData && (got.Value < 0 || got.Value > 100) {
		t.Errorf("memory = %+v, want a share", got)
	}
}

func TestBackups(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	var s backup.Status
	cfg.Backups = func() backup.Status { return s }
	v := vitals.New(cfg)
	same(t, "age of no backup", read(t, v, "backup_stale", noon()), alert.Reading{NoData: true})
	same(t, "no drill yet", read(t, v, "restore_drill_failed", noon()), alert.Reading{NoData: true})
	same(t, "and none that is old", read(t, v, "restore_drill_stale", noon()), alert.Reading{NoData: true})
	s.Newest = backup.Manifest{ID: "20261124T040000Z-00000000", At: noon().Add(-8 * time.Hour)}
	same(t, "soon after the start", read(t, v, "backup_stale", cfg.Began.Add(time.Minute)), alert.Reading{NoData: true})
	same(t, "age", read(t, v, "backup_stale", noon()).Value, 8.0)
	s.Failed = 2
	same(t, "failed", read(t, v, "backup_failed", noon()).Value, 2.0)
	s.Drill = backup.Drill{At: noon().Add(-50 * time.Hour), OK: true}
	same(t, "a good drill", read(t, v, "restore_drill_failed", noon()).Value, 0.0)
	same(t, "an old drill", read(t, v, "restore_drill_stale", noon()).Value, 50.0)
	s.Drill.OK = false
	same(t, "a bad drill", read(t, v, "restore_drill_failed", noon()).Value, 1.0)
}

func TestWhatTheChecksFound(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	cert := health.Finding{Name: "certificate"}
	cfg.Health = func() []health.Finding { return []health.Finding{{Name: "clock"}, cert} }
	v := vitals.New(cfg)
	same(t, "not looked at yet", read(t, v, "cert_expiry", noon()), alert.Reading{NoData: true})
	cert = health.Finding{Name: "certificate", At: noon(), Reading: health.Reading{Value: 20, Unit: "days"}}
	same(t, "days", read(t, v, "cert_expiry", noon()).Value, 20.0)
	cert = health.Finding{Name: "certificate", At: noon(), Reading: health.Reading{Grade: health.Fail, Detail: "There is no certificate."}}
	r := builtin(t, "cert_expiry")
	if _, err := v.Sources()[r.Metric](t.Context(), r, noon()); err == nil || err.Error() != "There is no certificate." {
		t.Errorf("a failed check gives err = %v, want what it said", err)
	}
}

func TestReplicaAndBeat(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	var last time.Time
	cfg.Synced, cfg.Beat = func() time.Time { return last }, func() time.Time { return last }
	v := vitals.New(cfg)
	same(t, "a replica that never followed lags since the start", read(t, v, "replication_lag", noon()).Value, 3600.0)
	same(t, "a switch that never answered is silent since the start", read(t, v, "heartbeat_missing", noon()).Last, cfg.Began)
	last = noon().Add(-time.Minute)
	same(t, "lag", read(t, v, "replication_lag", noon()).Value, 60.0)
	same(t, "beat", read(t, v, "heartbeat_missing", noon()).Last, last)
}

// Work is missed when it is later than its grace, each task by itself.
func TestSchedule(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	told := noon()
	cfg.Work.Expect("prune", 24*time.Hour, time.Hour, noon())
	cfg.Work.Follow("audit", time.Hour, time.Hour, noon(), func() time.Time { return told })
	v := vitals.New(cfg)
	r := builtin(t, "job_missed")
	missed := func(now time.Time) (out []string) {
		list, err := v.Sources()[r.Metric](t.Context(), r, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range list {
			if in.Value > 0 {
				out = append(out, in.Labels["task"])
			}
		}
		slices.Sort(out)
		return out
	}
	same(t, "in time", missed(noon().Add(2*time.Hour)), []string(nil))
	same(t, "the audit is late", missed(noon().Add(2*time.Hour+time.Second)), []string{"audit"})
	told = noon().Add(24 * time.Hour)
	same(t, "both late", missed(noon().Add(26*time.Hour+time.Second)), []string{"audit", "prune"})
	cfg.Work.Did("prune", noon().Add(26*time.Hour))
	told = noon().Add(26 * time.Hour)
	same(t, "both done", missed(noon().Add(27*time.Hour)), []string(nil))
}

// The model is judged by its calls and by the checks of its vendor; what our own
// limits held back says nothing of it.
func TestModel(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	state := advisor.State{}
	cfg.Model = &vitals.Model{
		Answers: &vitals.Counter{}, PerMinute: 10, Budgeted: true, State: func() advisor.State { return state },
		Gauges: func(context.Context) ([]advisor.Gauge, error) {
			return []advisor.Gauge{{Name: "day", Spent: 9, Limit: 10}, {Name: "month", Spent: 85, Limit: 100}}, nil
		},
	}
	v := vitals.New(cfg)
	price := int64(100)
	add := func(n int, outcome string, tries int, micro *int64) {
		for range n {
			err := cfg.Store.AddAdvisorCalls(t.Context(), store.AdvisorCall{
				ID: store.NewJobID(), Session: event.SessionID("visit"), At: noon().Add(-30 * time.Second), Question: "q", Model: "m", Prompt: "p",
				Outcome: outcome, Usage: advice.Usage{Input: 1}, Tries: tries, MicroUSD: micro,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	add(4, "ok", 1, &price)
	add(3, "rate_limited", 1, &price)
	add(2, "paused", 0, &price)
	add(5, "limited", 0, &price)
	add(1, "skipped", 0, &price)
	add(1, "cached", 0, &price)
	add(1, "ok", 1, nil)
	cfg.Model.Answers.Note(noon().Add(-time.Minute), 1, 1)
	cfg.Model.Answers.Note(noon().Add(-time.Minute), 0, 1)
	same(t, "answered", read(t, v, "llm_unavailable", noon()).Counts[0].Now, stat.Rate{Hits: 6, Of: 12})
	same(t, "turned away", read(t, v, "llm_rate_limited", noon()).Counts[0].Now, stat.Rate{Hits: 3, Of: 8})
	same(t, "near the limit", read(t, v, "llm_rate_near", noon()).Value, 80.0)
	same(t, "left out", read(t, v, "llm_left_out", noon()).Counts[0].Now, stat.Rate{Hits: 11, Of: 17})
	same(t, "unpriced", read(t, v, "llm_unpriced", noon()).Value, 1.0)
	same(t, "spent", read(t, v, "llm_spend", noon()).Value, 85.0)
	same(t, "capped", read(t, v, "llm_spend_cap", noon()).Value, 0.0)
	add(1, "spend_cap", 1, &price)
	same(t, "capped", read(t, v, "llm_spend_cap", noon()).Value, 1.0)
	same(t, "breaker", read(t, v, "llm_paused", noon()).Value, 0.0)
	state.Open = true
	same(t, "breaker", read(t, v, "llm_paused", noon()).Value, 1.0)
}

// What cannot be read is an error, and not a quiet figure.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	cfg.Model.Answers, cfg.Model.Gauges = &vitals.Counter{}, func(context.Context) ([]advisor.Gauge, error) { return nil, errors.New("away") }
	v := vitals.New(cfg)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, id := range []alert.RuleID{"llm_unavailable", "llm_spend", "llm_rate_near", "jobs_late", "jobs_dead", "email_bounces", "webhook_failures", "new_error", "new_error_users"} {
		r := builtin(t, id)
		if list, err := v.Sources()[r.Metric](ended, r, noon()); err == nil {
			t.Errorf("%s = %v for a caller that left, want an error", id, list)
		}
	}
}

func TestQueueDriftAndSettings(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	cfg.Queue = func(time.Time) (int, time.Duration) { return 21, 3 * time.Minute }
	cfg.Changed = func() int { return 2 }
	v := vitals.New(cfg)
	same(t, "waiting", read(t, v, "queue_overflow", noon()).Value, 21.0)
	same(t, "oldest", read(t, v, "queue_wait", noon()).Value, 180.0)
	same(t, "settings", read(t, v, "config_drift", noon()).Value, 2.0)
	same(t, "before the first audit", read(t, v, "rollup_drift", noon()), alert.Reading{NoData: true})
	cfg.Audit = func() health.Audit { return health.Audit{At: noon(), Found: 3} }
	same(t, "drift", read(t, vitals.New(cfg), "rollup_drift", noon()).Value, 3.0)
}

func TestReasonsAreSentences(t *testing.T) {
	t.Parallel()
	for metric, reason := range vitals.New(vitals.Config{Store: storetest.New(t)}).Reasons() {
		if !strings.HasSuffix(reason, ".") || len(reason) < 30 {
			t.Errorf("the reason of %s is %q, want a sentence", metric, reason)
		}
	}
}

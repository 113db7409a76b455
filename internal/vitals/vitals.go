// Package vitals measures what this process, its machine and what it depends on
// are like: memory and disk, errors of the database, backups, the certificate,
// the language model, who sends requests, and which errors were never seen.
// Package gauge measures the interviews; both are sources of the alert rules.
//
// What cannot be measured here is not left out in silence: Reasons says why, for
// the page of the alerts. Start with Vitals.Sources.
package vitals

import (
	"context"
	"time"

	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
)

// Config is what can be looked at. Store and Began are required; whatever is nil
// or empty is not measured, and Reasons says so.
type Config struct {
	Store   *store.Store
	Began   time.Time               // of this process
	DataDir string                  // whose disk must not fill up
	Public  *Probe                  // of the public address
	Beat    func() time.Time        // when a dead-man switch last took our sign of life; zero: never
	Health  func() []health.Finding // certificate and clock
	Backups func() backup.Status
	Synced  func() time.Time // when the replica last held everything; zero: never
	Audit   func() health.Audit
	Model   *Model
	Queue   func(now time.Time) (waiting int, oldest time.Duration) // for the model, in fallback mode
	Events  *Counter                                                // of the batches: refused of all
	Callers *Callers
	Kinds   *Kinds
	Work    *Schedule
	Changed func() int // settings that differ from those that were deployed

	Postgres bool // the database is a server, which may refuse connections

	Read func(name string) ([]byte, error) // reads files of the system; nil: os.ReadFile
}

// Vitals measure. They are safe for concurrent use.
type Vitals struct {
	cfg      Config
	disk     filling
	troubles window
}

// New makes Vitals.
func New(cfg Config) *Vitals { return &Vitals{cfg: cfg} }

// measure is a source that needs neither the rule nor a database.
type measure func(now time.Time) (alert.Reading, error)

func plain(m measure) gauge.Source {
	return func(_ context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
		in, err := m(now)
		if err != nil {
			return nil, err
		}
		return []alert.Reading{in}, nil
	}
}

func value(v float64) alert.Reading { return alert.Reading{Value: v} }

func nothing() alert.Reading { return alert.Reading{NoData: true} }

// Sources are all that can be measured here, by metric.
func (v *Vitals) Sources() map[string]gauge.Source {
	out := map[string]gauge.Source{
		"db_pool_timeouts":    plain(v.waits),
		"db_storage_errors":   plain(v.storage),
		"memory_percent":      plain(v.memory),
		"jobs_oldest_seconds": v.waitingJobs,
		"jobs_dead":           v.deadJobs,
		"email_bounced":       v.bounces,
		"webhooks_failed":     v.webhooks,
	}
	c := &v.cfg
	for _, s := range []struct {
		there   bool
		sources map[string]gauge.Source
	}{
		{true, v.operations()},
		{c.Postgres, map[string]gauge.Source{"db_server_errors": plain(v.refused)}},
		{c.DataDir != "", map[string]gauge.Source{"disk_percent": plain(v.diskUsed), "disk_hours_left": plain(v.diskLeft)}},
		{c.Public != nil, map[string]gauge.Source{"probe_failed": v.public}},
		{c.Beat != nil, map[string]gauge.Source{"heartbeat": plain(v.beat)}},
		{c.Health != nil && c.finds("certificate"), map[string]gauge.Source{"cert_days": plain(v.finding("certificate", "days"))}},
		{c.Health != nil && c.finds("clock"), map[string]gauge.Source{"clock_skew_seconds": plain(v.finding("clock", "s"))}},
		{c.Backups != nil, map[string]gauge.Source{
			"backup_age_hours": plain(v.backupAge), "backup_failed_in_a_row": plain(v.backupFailed),
			"restore_drill_failed": plain(v.drillFailed), "restore_drill_age_hours": plain(v.drillAge),
		}},
		{c.Synced != nil, map[string]gauge.Source{"replication_lag_seconds": plain(v.lag)}},
		{c.Audit != nil, map[string]gauge.Source{"rollup_drift_rows": plain(v.drift)}},
		{c.Model != nil, v.model()},
		{c.Queue != nil, map[string]gauge.Source{"queue_waiting": plain(v.waiting), "queue_oldest_seconds": plain(v.oldest)}},
		{c.Events != nil, map[string]gauge.Source{"events_refused": counted(c.Events)}},
		{c.Callers != nil, map[string]gauge.Source{"traffic_top_source": c.Callers.source}},
		{c.Kinds != nil, c.kinds()},
		{c.Work != nil, map[string]gauge.Source{"jobs_missed": c.Work.source}},
		{c.Changed != nil, map[string]gauge.Source{"config_drift": plain(func(time.Time) (alert.Reading, error) { return value(float64(c.Changed())), nil })}},
	} {
		if !s.there {
			continue
		}
		for name, source := range s.sources {
			out[name] = source
		}
	}
	return out
}

// finds reports whether a check of that name is made here.
func (c *Config) finds(name string) bool {
	for _, f := range c.Health() {
		if f.Name == name {
			return true
		}
	}
	return false
}

// Reasons say of every metric that has no source here why it has none, and what
// would give it one.
func (v *Vitals) Reasons() map[string]string {
	const payment = "Introspect takes no payments, so that there is nothing to measure. The rule is kept for an agency that adds a provider."
	const model = "No language model is configured, so that interviews go by rules alone. Set ANTHROPIC_API_KEY."
	const backups = "This process keeps no backups, as in a demo. introspect serve does."
	const server = "This process counts nothing of the kind; introspect serve does."
	const address = "APP_URL is not set to an https address, so that there is no public address to look at."
	out := map[string]string{
		"payment_failed_in_a_row": payment, "payment_failed": payment, "payment_unmatched_minutes": payment,
		"db_server_errors": "The database is a file inside this process, and there is no server that could refuse a connection. The rules about the file and its writer stand in its place.",
		"probe_failed":     "APP_URL is not set, so that this process cannot look at itself from outside. Set it, and run introspect watch on another host.",
		"heartbeat":        "HEARTBEAT_URL is not set. A process that is gone cannot tell: set it to a dead-man switch elsewhere, or run introspect watch on another host.",
		"error_first_seen": server, "error_new_users": server, "error_new_events": server, "traffic_top_source": server,
		"jobs_missed": server, "events_refused": server, "rollup_drift_rows": server,
		"disk_percent":            "There is no data directory to look at.",
		"cert_days":               address,
		"clock_skew_seconds":      "APP_URL is not set, so that there is no other clock to compare with.",
		"backup_age_hours":        backups,
		"backup_failed_in_a_row":  backups,
		"restore_drill_failed":    backups,
		"restore_drill_age_hours": backups,
		"replication_lag_seconds": "No replica follows the database. Set BACKUP_REPLICA_DIR, and start again.",
		"llm_ok":                  model, "llm_429": model, "llm_rpm_percent": model, "llm_spend_cap": model, "llm_breaker_open": model, "llm_left_out": model, "llm_unpriced": model,
		"llm_spend_percent":    "There is no budget of a month to compare with. Set ADVISOR_BUDGET_MONTH, and ANTHROPIC_API_KEY.",
		"queue_waiting":        "Nobody waits here: FALLBACK_CONVERSATIONS sets no limit to the conversations of fallback mode.",
		"queue_oldest_seconds": "Nobody waits here: FALLBACK_CONVERSATIONS sets no limit to the conversations of fallback mode.",
		"config_drift":         "The settings of this process are not compared with those of a deployment.",
	}
	out["disk_hours_left"] = out["disk_percent"]
	for metric := range v.Sources() {
		delete(out, metric)
	}
	return out
}

// spans are the windows of a share.
func spans(r alert.Rule) (out []alert.Duration) {
	if r.When.Ratio != nil {
		for _, w := range r.When.Ratio.Windows {
			out = append(out, w.Span)
		}
	}
	return out
}

// rates reads the windows of a rule about a share.
func rates(r alert.Rule, read func(span time.Duration) (stat.Rate, error)) (alert.Reading, error) {
	var out alert.Reading
	for _, span := range spans(r) {
		rate, err := read(span.Long())
		if err != nil {
			return alert.Reading{}, err
		}
		out.Counts = append(out.Counts, condition.Count{Span: span, Now: rate})
	}
	return out, nil
}

// counted is the source of what is counted in memory.
func counted(c *Counter) gauge.Source {
	return func(_ context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
		in, err := rates(r, func(span time.Duration) (stat.Rate, error) { return c.Since(now, span), nil })
		return []alert.Reading{in}, err
	}
}

// Model is what is known of the language model.
type Model struct {
	Answers   *Counter // of the checks whether the vendor answers: good of all
	State     func() advisor.State
	Gauges    func(context.Context) ([]advisor.Gauge, error)
	PerMinute uint // calls that the vendor may get; 0: any number
	Budgeted  bool // there is a budget of the month
}

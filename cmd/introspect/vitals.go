package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/prometheus"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/vitals"
	"applicreations.com/introspect/internal/web"
)

// signs is what this process notes of itself for the alerts, while it works.
type signs struct {
	callers *vitals.Callers
	kinds   *vitals.Kinds
	events  vitals.Counter
	answers vitals.Counter // of the model's vendor, to our checks
	work    vitals.Schedule
	public  *vitals.Probe // nil without a public address
	beat    vitals.Beat
	changed int // settings that differ from those of the deployment
}

// controlHosts are asked when nothing answers, to tell an outage from one of our
// own network: two of different networks, because one may be down at the same time
// as what is watched.
const controlHosts = "https://www.cloudflare.com/cdn-cgi/trace,https://www.google.com/generate_204"

// readControls reads WATCH_CONTROL_URL.
func readControls(text string) ([]string, error) {
	hosts := list(cmp.Or(text, controlHosts))
	for _, one := range hosts {
		if !httpAddress(one) {
			return nil, fmt.Errorf("WATCH_CONTROL_URL has %q, which is no address; set it to one or two addresses of others, such as https://www.cloudflare.com/cdn-cgi/trace, separated by commas", one)
		}
	}
	return hosts, nil
}

// newSigns makes what the alerts are told of this process.
func (a *app) newSigns() {
	a.signs.callers, a.signs.kinds = vitals.NewCallers(), vitals.NewKinds(a.store)
	if a.cfg.appURL != "" {
		a.signs.public = vitals.NewProbe(a.cfg.appURL, a.cfg.watching.controls, time.Now)
	}
}

// vitals are the sources of the alerts about this process and its machine. What
// does not exist here, such as a model or a budget, stays nil and gets a reason.
func (a *app) vitals() *vitals.Vitals {
	c := vitals.Config{
		Store: a.store, Began: time.Now(), DataDir: a.cfg.dataDir, Public: a.signs.public, Health: a.health.Findings,
		Audit: a.health.LastAudit, Synced: a.cfg.synced, Events: &a.signs.events, Callers: a.signs.callers, Kinds: a.signs.kinds,
		Work: &a.signs.work, Changed: func() int { return a.signs.changed }, Postgres: a.cfg.databaseURL != "",
	}
	if a.cfg.status.heartbeatURL != "" {
		c.Beat = a.signs.beat.Last
	}
	if a.cfg.keeps != nil {
		c.Backups = func() backup.Status {
			if a.keeper == nil {
				return backup.Status{}
			}
			return a.keeper.Status()
		}
	}
	if a.cfg.claudeKey != "" {
		c.Model = &vitals.Model{
			Answers: &a.signs.answers, State: func() advisor.State { return a.advisor.State() },
			Gauges:    func(ctx context.Context) ([]advisor.Gauge, error) { return a.advisor.Gauges(ctx) },
			PerMinute: a.cfg.advisor.perMinute, Budgeted: a.cfg.advisor.budget.Month > 0,
		}
	}
	if a.cfg.advisor.conversations > 0 {
		c.Queue = func(time.Time) (int, time.Duration) { return a.advisor.Waiting(), a.advisor.Oldest() }
	}
	return vitals.New(c)
}

// failed hands a fault of the web server on.
func (a *app) failed(f web.Failure) {
	a.signs.kinds.Note(vitals.Fault{At: time.Now(), Route: f.Route, Kind: f.Kind, Text: f.Text, Who: f.Network, Session: f.Session})
}

// called counts a request by its network.
func (a *app) called(network string) { a.signs.callers.Note(time.Now(), network) }

// taken counts what became of a batch of events, for the metrics and the alerts.
func (a *app) taken(shown *prometheus.Exposition) func(ingest.Report) {
	count := countEvents(shown)
	return func(r ingest.Report) {
		count(r)
		lost := int64(r.Dropped + r.Retry + r.Evicted)
		a.signs.events.Note(time.Now(), lost, lost+int64(r.Accepted+r.Duplicates))
	}
}

// answering counts whether the vendor of the model answered a check.
func (a *app) answering(check func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := check(ctx)
		good := int64(0)
		if err == nil {
			good = 1
		}
		if err == nil || !errors.Is(ctx.Err(), context.Canceled) {
			a.signs.answers.Note(time.Now(), good, 1)
		}
		return err
	}
}

// expectWork names the work that this process does by the clock.
func (a *app) expectWork() {
	now := time.Now()
	a.signs.work.Expect(taskAbandon, abandonEvery, 2*abandonEvery, now)
	a.signs.work.Expect(taskFlush, flushEvery, 5*time.Minute, now)
	a.signs.work.Follow(taskAudit, health.AuditInterval, health.AuditInterval, now, func() time.Time { return a.health.LastAudit().At })
	a.signs.work.Expect(taskPrune, 24*time.Hour, 2*time.Hour, now)
}

// The names of the work that is done by the clock.
const (
	taskAbandon = "idle sessions"
	taskFlush   = "latencies"
	taskAudit   = "audit of the figures"
	taskPrune   = "old events"
)

// deployedSetting holds the marks of the settings with which a version first ran.
const deployedSetting = "deployed_settings"

// deployed is what is kept of the settings of a deployment: marks that tell
// whether a value changed, and not what it is.
type deployed struct {
	Version string            `json:"version"`
	Commit  string            `json:"commit"`
	Marks   map[string]string `json:"marks"`
}

// compareSettings counts the settings that differ from those with which this
// version first ran. Another version is another deployment, and begins anew. A
// change of ENCRYPTION_KEY by way of ENCRYPTION_KEYS_OLD changes every mark and
// no other setting, so that what is the same gets its mark under the new key.
func (a *app) compareSettings(ctx context.Context, keys *seal.Keyring) error {
	now := deployed{version, a.cfg.commit, map[string]string{}}
	former := map[string][]string{} // marks under former keys
	for name, value := range a.cfg.given {
		var marks []string
		for _, mac := range keys.MACs("setting of a deployment", []byte(name+"\x00"+value)) {
			marks = append(marks, hex.EncodeToString(mac[:8]))
		}
		now.Marks[name], former[name] = marks[0], marks[1:]
	}
	var then deployed
	text, err := a.store.Setting(ctx, deployedSetting)
	if err == nil {
		err = json.Unmarshal([]byte(text), &then)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err != nil || then.Version != now.Version || then.Commit != now.Commit {
		return a.keepDeployed(ctx, now)
	}
	moved := false
	for name, mark := range then.Marks {
		if slices.Contains(former[name], mark) {
			then.Marks[name], moved = now.Marks[name], true
		}
	}
	a.signs.changed = then.differences(now)
	if moved {
		return a.keepDeployed(ctx, then)
	}
	return nil
}

// keepDeployed stores the settings of a deployment.
func (a *app) keepDeployed(ctx context.Context, d deployed) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return a.store.SetSetting(ctx, deployedSetting, string(data))
}

// differences counts the settings that are other ones, more or fewer.
func (d deployed) differences(now deployed) (n int) {
	for name, mark := range now.Marks {
		if d.Marks[name] != mark {
			n++
		}
	}
	for name := range d.Marks {
		if _, still := now.Marks[name]; !still {
			n++
		}
	}
	return n
}

package hindsight

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
)

// Days is how far a record looks back.
const Days = 30

// Record is how often a rule spoke, and would have spoken.
type Record struct {
	Fired    int             // episodes of the last 30 days
	Would    int             // episodes that its limits would have made, where there are readings
	Episodes []alert.Episode // those, the newest first
	Covered  time.Duration   // how much of the 30 days has readings
	Cut      bool            // more label sets were read than are kept

	Delay     time.Duration // at most, from the first bad reading to the first notice
	Drop      float64
	DropKnown bool // Drop is found within two days with 80 %
	DropNever bool // no drop is found at today's volume
	PerDay    float64
	Share     float64        // of a rule about shares: the one nearest to its limit that is found with 80 %
	Window    alert.Duration // once this one is full of it; 0: no share is found at today's volume
	Shared    bool           // it is such a rule, and its volume is known
}

// Tried reports whether there was anything to try the rule on.
func (r Record) Tried() bool { return r.Covered > 0 }

// Whole reports whether the readings cover the 30 days, but for a few hours in
// which the process was started again or its machine was.
func (r Record) Whole() bool { return r.Covered >= Days*24*time.Hour-6*time.Hour }

// Config is what a Tester needs. Store, Gauges and Now are required.
type Config struct {
	Store  *store.Store
	Gauges *gauge.Gauges
	// Retold reports whether what a rule measures can be worked out again from the
	// sessions; nil: nothing can.
	Retold func(alert.Rule) bool
	Now    func() time.Time
}

// Tester tries rules on the past. It is safe for concurrent use.
type Tester struct {
	cfg  Config
	mu   sync.Mutex
	list map[alert.RuleID]remembered
}

// remembered is a record that was worked out.
type remembered struct {
	version int
	at      time.Time
	record  Record
}

// recordLife is how long a record stands: a month moves little in an hour.
const recordLife = time.Hour

// NewTester makes a Tester.
func NewTester(cfg Config) *Tester { return &Tester{cfg: cfg, list: map[alert.RuleID]remembered{}} }

// Record is how often a rule spoke, and would have spoken. It may be an hour old,
// but knows of every episode.
func (t *Tester) Record(ctx context.Context, r alert.Rule) (Record, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.cfg.Now()
	old, known := t.list[r.ID]
	if known && old.version == r.Version && now.Sub(old.at) < recordLife && !now.Before(old.at) {
		fired, err := t.fired(ctx, r, now)
		if err == nil && fired == old.record.Fired {
			return old.record, nil
		}
	}
	rec, err := t.Try(ctx, r)
	if err == nil {
		t.list[r.ID] = remembered{r.Version, now, rec}
	}
	return rec, err
}

func (t *Tester) fired(ctx context.Context, r alert.Rule, now time.Time) (int, error) {
	list, err := t.cfg.Store.Episodes(ctx, store.EpisodeFilter{Rule: r.ID, Since: now.AddDate(0, 0, -Days), Limit: 1000})
	return len(list), err
}

// Try tries a rule, as it stands or as somebody would like it, on everything that
// is known of the last 30 days.
func (t *Tester) Try(ctx context.Context, r alert.Rule) (Record, error) {
	now := t.cfg.Now().UTC()
	since := now.AddDate(0, 0, -Days)
	fired, err := t.fired(ctx, r, now)
	if err != nil {
		return Record{}, err
	}
	rec := Record{Fired: fired, Delay: alert.Delay(r)}
	p := past{t: t, rule: r, since: since, now: now, tracks: map[alert.Fingerprint]*rerun{}}
	if _, err := t.cfg.Store.Readings(ctx, r.ID, now.Add(-Retention), p.add); err != nil {
		return Record{}, err
	}
	p.of(alert.FingerprintOf(r.ID, nil), now) // where nothing was kept, what can be worked out again
	p.sum(&rec)
	t.power(r, &rec, now)
	return rec, nil
}

// past is a rule that is tried.
type past struct {
	t          *Tester
	rule       alert.Rule
	since, now time.Time
	tracks     map[alert.Fingerprint]*rerun
}

// rerun is a rule that is tried on one set of labels.
type rerun struct {
	*alert.Rerun

	last    time.Time // the last reading; zero: none, or none that says anything
	covered time.Duration
}

// of finds the rerun of a set of labels. Before the first kept reading stands
// what can be worked out again.
func (p *past) of(f alert.Fingerprint, first time.Time) *rerun {
	if r := p.tracks[f]; r != nil {
		return r
	}
	r := &rerun{Rerun: alert.NewRerun(p.rule)}
	p.tracks[f] = r
	if t := p.t; t.cfg.Retold == nil || !t.cfg.Retold(p.rule) || f != alert.FingerprintOf(p.rule.ID, nil) {
		return r
	}
	series, known := p.t.cfg.Gauges.Series(p.rule, p.since, first.Add(-time.Millisecond))
	for known && len(series) > 0 && empty(series[0]) {
		series = series[1:] // before the first visitor
	}
	list := alert.Once(series)
	for i := range list {
		r.Add(&list[i])
	}
	if len(series) > 0 {
		r.covered = first.Sub(series[0].At)
	}
	return r
}

func (p *past) add(f alert.Fingerprint, s *alert.Stretch) {
	r := p.of(f, s.Times[0])
	r.Add(s)
	switch {
	case s.Again:
	case s.NoData || s.Err != "":
		r.cover(p, s.Times[0])
		r.last = time.Time{}
	default:
		for _, at := range s.Times {
			r.cover(p, at)
			r.last = at
		}
	}
}

// lateness is how much later than it should the next reading may come: more, and
// some are missing.
const lateness = time.Minute

// cover adds the time from the last reading to the next one.
func (r *rerun) cover(p *past, next time.Time) {
	every := p.rule.Every.Long()
	gap := next.Sub(r.last)
	if gap > every+lateness {
		gap = every
	}
	if !r.last.IsZero() && next.After(p.since) {
		r.covered += min(gap, next.Sub(p.since))
	}
}

// sum fills a record. Labels come and go, so the best covered set of them says
// how much of the time has readings.
func (p *past) sum(rec *Record) {
	rec.Cut = len(p.tracks) >= MaxTracks
	for _, f := range slices.Sorted(maps.Keys(p.tracks)) {
		r := p.tracks[f]
		for _, e := range r.Episodes() {
			if e.To.IsZero() || !e.To.Before(p.since) {
				rec.Episodes = append(rec.Episodes, e)
			}
		}
		r.cover(p, p.now)
		rec.Covered = max(rec.Covered, r.covered)
	}
	slices.SortStableFunc(rec.Episodes, func(a, b alert.Episode) int { return b.Told.Compare(a.Told) })
	rec.Would = len(rec.Episodes)
}

// Refresh works out one record that is missing or half its life old, so that a
// page of all rules finds them ready. It reports whether there was one. While a page
// works one out there is none.
func (t *Tester) Refresh(ctx context.Context, rules []alert.Rule) (bool, error) {
	if !t.mu.TryLock() {
		return false, nil
	}
	defer t.mu.Unlock()
	now := t.cfg.Now()
	for _, r := range rules {
		if old, known := t.list[r.ID]; known && old.version == r.Version && now.Sub(old.at) < recordLife/2 && !now.Before(old.at) {
			continue
		}
		rec, err := t.Try(ctx, r)
		if err == nil {
			t.list[r.ID] = remembered{r.Version, now, rec}
		}
		return true, err
	}
	return false, nil
}

// empty reports whether nothing at all was counted.
func empty(in alert.Reading) bool {
	return in.NoData || in.Value == 0 && in.Sample == 0 &&
		!slices.ContainsFunc(in.Counts, func(c condition.Count) bool { return c.Now != stat.Rate{} || c.Before != stat.Rate{} })
}

// power says what the rule can find at all.
func (t *Tester) power(r alert.Rule, rec *Record, now time.Time) {
	perDay, known := t.cfg.Gauges.PerDay(r, now)
	switch {
	case !known || t.cfg.Retold == nil || !t.cfg.Retold(r):
	case r.When.Drop != nil:
		rec.PerDay = perDay
		rec.Drop, rec.DropKnown = alert.Power(r, perDay)
		rec.DropNever = !rec.DropKnown
	case r.When.Ratio != nil:
		rec.PerDay, rec.Shared = perDay, true
		rec.Share, rec.Window, _ = alert.SharePower(r, perDay)
	}
}

// Package gauge measures what the alert rules ask for: how the interviews of
// today compare with those of the weeks before, what the web server answered,
// and what jobs and logins came to. A reading is counts with the windows that its
// rule names; what they mean is the business of package alert.
//
// It remembers the signs of all sessions of ten weeks in memory, so that a round
// over all rules reads next to nothing. Start with Gauges.Sources.
package gauge

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
)

// Source measures what a rule asks for: one reading for each set of labels. No
// reading at all means that there is nothing to judge. A now that was not made up
// carries the reading of a clock that is never set, so that its distance to what
// the process itself did is right whatever becomes of the wall clock.
type Source func(ctx context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error)

// Ago is when something was, by the wall clock of now: as long before it as a
// clock that is never set has counted, where both times have its reading.
func Ago(now, last time.Time) time.Time { return now.UTC().Add(last.Sub(now)) }

// Span is a stretch of time, up to but without its end.
type Span struct{ From, To time.Time }

// Config is what Gauges need. Store is required.
type Config struct {
	Store    *store.Store
	Zone     *time.Location // of the days; nil: UTC
	Requests *Requests      // what the web server answered; nil: not measured
	// Outages are more stretches of a time in which the figures say nothing of how
	// the interviews usually go, beside critical alerts and weekly windows; nil:
	// none are known.
	Outages func(ctx context.Context, from, til time.Time) ([]Span, error)
}

// Gauges measure. They are safe for concurrent use.
type Gauges struct {
	cfg   Config
	panel panel
	pings pings
}

// New makes Gauges.
func New(cfg Config) *Gauges {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	return &Gauges{cfg: cfg, panel: panel{zone: cfg.Zone}}
}

// past measures what a rule asks for at any moment that the panel remembers.
type past func(p *panel, r alert.Rule, at time.Time) []alert.Reading

// rates are the metrics that are shares of sessions, by the signs of what is
// counted and of what it is a share of.
func rates() map[string][2]int {
	return map[string][2]int{
		"funnel_cta":           {metric.SignCTA + 1, metric.SignCTA},
		"funnel_foundation":    {metric.SignFoundation + 1, metric.SignFoundation},
		"funnel_conversation":  {metric.SignConversation + 1, metric.SignConversation},
		"funnel_features":      {metric.SignFeatures + 1, metric.SignFeatures},
		"funnel_complete":      {metric.SignComplete + 1, metric.SignComplete},
		"funnel_overall":       {metric.SignOverall + 1, metric.SignOverall},
		"classified_on_time":   {metric.SignOnTime, metric.SignDue},
		"classified_unsure":    {metric.SignUnsure, metric.SignClassified},
		"validation_clarified": {metric.SignClarified, metric.SignLoops},
	}
}

// pasts are the metrics that can be measured at any moment of the last month.
func pasts() map[string]past {
	out := map[string]past{
		"questions_mean": func(p *panel, _ alert.Rule, at time.Time) []alert.Reading {
			mean, n := p.questions(at)
			return []alert.Reading{{Value: mean, Sample: n, Causes: p.most(metric.SignQuestions, metric.SignCounted, at)}}
		},
		"adoption_upper": func(p *panel, _ alert.Rule, at time.Time) []alert.Reading {
			upper, n := p.adoption(at)
			return []alert.Reading{{Value: upper, Sample: n, Causes: p.with(metric.SignOffering, metric.SignSelected, at, 0)}}
		},
		"classified_late": func(p *panel, _ alert.Rule, at time.Time) []alert.Reading {
			in := p.between(at.Add(-24*time.Hour), at.Add(quarter), false)
			return []alert.Reading{{Value: float64(in[metric.SignDue] - in[metric.SignOnTime]), Causes: p.with(metric.SignDue, metric.SignOnTime, at, 0)}}
		},
		"injections": func(p *panel, _ alert.Rule, at time.Time) []alert.Reading {
			in := p.between(at.Add(-time.Hour), at.Add(quarter), false)
			return []alert.Reading{{Value: float64(in[metric.SignInjections]), Causes: p.with(metric.SignInjections, -1, at, 0)}}
		},
		"traffic_score": func(p *panel, _ alert.Rule, at time.Time) []alert.Reading { return traffic(p, at, time.Hour, score) },
		"traffic_times": func(p *panel, _ alert.Rule, at time.Time) []alert.Reading { return traffic(p, at, time.Hour, times) },
	}
	for name, signs := range rates() {
		out[name] = func(p *panel, r alert.Rule, at time.Time) []alert.Reading {
			in := alert.Reading{Counts: shares(p, r, signs[0], signs[1], at)}
			switch name {
			case "classified_unsure", "validation_clarified": // the hits are the bad ones
				in.Causes = p.with(signs[0], -1, at, 0)
			case "classified_on_time":
				in.Causes = p.with(signs[1], signs[0], at, 0)
			default: // of age, or they may still get there
				in.Causes = p.with(signs[1], signs[0], at, cohortAge)
			}
			return []alert.Reading{in}
		}
	}
	return out
}

// shares reads the windows of a rule.
func shares(p *panel, r alert.Rule, hits, of int, at time.Time) (out []condition.Count) {
	add := func(span, before alert.Duration) {
		now, past := p.share(hits, of, at, span.Long(), before.Long())
		out = append(out, condition.Count{Span: span, Now: now, Before: past})
	}
	if r.When.Ratio != nil {
		for _, w := range r.When.Ratio.Windows {
			add(w.Span, 0)
		}
	}
	if r.When.Drop != nil {
		for _, w := range r.When.Drop.Windows {
			add(w.Span, w.Before)
		}
	}
	return out
}

// leastWeeks is how many weeks must be known to say what is usual.
const leastWeeks = 3

func traffic(p *panel, at time.Time, span time.Duration, judge func(x, median float64, before []float64) float64) []alert.Reading {
	x, before := p.usual(at, span)
	if len(before) < leastWeeks {
		return []alert.Reading{{NoData: true}}
	}
	median := middle(before)
	return []alert.Reading{{Value: judge(x, median, before), Sample: int64(max(median, x/3))}}
}

// score is how many robust deviations x lies from what is usual, either way.
func score(x, median float64, before []float64) float64 {
	away := make([]float64, len(before))
	for i, b := range before {
		away[i] = math.Abs(b - median)
	}
	return math.Abs(x-median) / max(1.4826*middle(away), math.Sqrt(median), 1)
}

func times(x, median float64, _ []float64) float64 { return x / max(median, 1) }

func middle(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Sources are all that is measured here, by metric.
func (g *Gauges) Sources() map[string]Source {
	out := map[string]Source{
		"auth_failed":      g.logins,
		"db_ping_failed":   g.pinged,
		"documents_failed": g.documents,
		"email_failed":     g.mails,
		"notices_dead":     g.dead,
		"feature_chosen":   g.features,
	}
	for name, measure := range pasts() {
		out[name] = func(ctx context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
			now = now.UTC() // the days and quarters of the panel are those of the wall clock alone
			if err := g.look(ctx, now); err != nil {
				return nil, err
			}
			g.panel.mu.RLock()
			defer g.panel.mu.RUnlock()
			return measure(&g.panel, r, now), nil
		}
	}
	if g.cfg.Requests != nil {
		out["http_5xx"] = g.requests(func(a answered) int64 { return a.failed })
		out["http_slow_3s"] = g.requests(func(a answered) int64 { return a.slow })
		out["http_slow_10s"] = g.requests(func(a answered) int64 { return a.stuck })
	}
	return out
}

// look brings the panel up to date.
func (g *Gauges) look(ctx context.Context, now time.Time) error {
	return g.panel.refresh(ctx, g.cfg, now)
}

func (g *Gauges) requests(bad func(answered) int64) Source {
	return func(_ context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
		var out alert.Reading
		for _, span := range spans(r) {
			in := g.cfg.Requests.since(now, span.Long())
			out.Counts = append(out.Counts, condition.Count{Span: span, Now: stat.Rate{Hits: bad(in), Of: in.all}})
		}
		return []alert.Reading{out}, nil
	}
}

// spans are the windows of a share or of a burn rate.
func spans(r alert.Rule) (out []alert.Duration) {
	if r.When.Ratio != nil {
		for _, w := range r.When.Ratio.Windows {
			out = append(out, w.Span)
		}
	}
	if r.When.Burn != nil {
		for _, p := range r.When.Burn.Pairs {
			out = append(out, p.Long, p.Short)
		}
	}
	return out
}

func (g *Gauges) logins(ctx context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
	n, err := g.cfg.Store.AuditCount(ctx, "login_failed", now.Add(-15*time.Minute))
	return []alert.Reading{{Value: float64(n)}}, err
}

func (g *Gauges) documents(ctx context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
	_, dead, err := g.cfg.Store.JobOutcomes(ctx, "documents", now.Add(-time.Hour))
	if err != nil {
		return nil, err
	}
	causes, err := g.cfg.Store.DeadSessions(ctx, "documents", now.Add(-time.Hour))
	return []alert.Reading{{Value: float64(dead), Causes: causes}}, err
}

func (g *Gauges) mails(ctx context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
	var out alert.Reading
	for _, span := range spans(r) {
		done, dead, err := g.cfg.Store.JobOutcomes(ctx, "mail", now.Add(-span.Long()))
		if err != nil {
			return nil, err
		}
		out.Counts = append(out.Counts, condition.Count{Span: span, Now: stat.Rate{Hits: dead, Of: done + dead}})
	}
	var err error
	out.Causes, err = g.cfg.Store.DeadSessions(ctx, "mail", now.Add(-24*time.Hour))
	return []alert.Reading{out}, err
}

// deadWindow is how long a notice that was given up counts.
const deadWindow = time.Hour

func (g *Gauges) dead(ctx context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
	n, err := g.cfg.Store.DeadNotices(ctx, now.Add(-deadWindow), r.ID)
	return []alert.Reading{{Value: float64(n)}}, err
}

// features reads how often each feature was chosen, one reading a feature.
func (g *Gauges) features(ctx context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
	var out []alert.Reading
	at := map[string]int{}
	for _, span := range spans(r) {
		today := metric.DayBucket(now, g.cfg.Zone)
		from := today - int64(span.Long()/(24*time.Hour)) + 1
		rows, err := g.cfg.Store.Rollups(ctx, []metric.Range{{Tier: metric.Day, Metric: metric.Features, Dimension: metric.DimFeature, From: from, To: today}})
		if err != nil {
			return nil, err
		}
		sums := map[string]stat.Rate{}
		for _, row := range rows {
			offered, selected := metric.Chosen(row.Vector)
			sum := sums[row.Key.Value]
			sums[row.Key.Value] = stat.Rate{Hits: sum.Hits + selected, Of: sum.Of + offered}
		}
		for id, rate := range sums {
			i, known := at[id]
			if !known {
				i = len(out)
				at[id] = i
				out = append(out, alert.Reading{Labels: map[string]string{"feature": id}})
			}
			out[i].Counts = append(out[i].Counts, condition.Count{Span: span, Now: rate})
		}
	}
	slices.SortFunc(out, func(a, b alert.Reading) int { return strings.Compare(a.Labels["feature"], b.Labels["feature"]) })
	return out, nil
}

// Series is what a rule would have read in a stretch, one reading at each of its
// evaluations. known is false for what cannot be measured in retrospect.
func (g *Gauges) Series(r alert.Rule, from, til time.Time) (list []alert.Reading, known bool) {
	measure := pasts()[r.Metric]
	p := &g.panel
	p.mu.RLock()
	defer p.mu.RUnlock()
	if measure == nil || len(p.sums) == 0 {
		return nil, false
	}
	every := max(r.Every.Long(), quarter)
	for at := from; !at.After(til); at = at.Add(every) {
		for _, in := range measure(p, r, at) {
			in.At, in.Causes = at, nil
			list = append(list, in)
		}
	}
	return list, true
}

// PerDay is how many sessions a day a rule about shares of sessions judges.
func (g *Gauges) PerDay(r alert.Rule, now time.Time) (n float64, known bool) {
	signs, known := rates()[r.Metric]
	if !known {
		return 0, false
	}
	const days = 14
	p := &g.panel
	p.mu.RLock()
	defer p.mu.RUnlock()
	in := p.between(now.AddDate(0, 0, -days), now, false)
	return float64(in[signs[1]]) / days, true
}

package gauge

import (
	"context"
	"slices"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/store"
)

// outagesOf are the stretches in which the figures say nothing of the site: open
// and past critical troubles, maintenance windows, and what the caller knows.
func (p *panel) outagesOf(ctx context.Context, cfg Config, from, now time.Time) ([]Span, error) {
	list, err := cfg.Store.Episodes(ctx, store.EpisodeFilter{Since: from, Limit: 1000})
	if err != nil {
		return nil, err
	}
	var out []Span
	for _, e := range list {
		if e.Severity != alert.Critical {
			continue
		}
		til := e.To
		if til.IsZero() {
			til = now
		}
		out = append(out, Span{From: e.From, To: til})
	}
	windows, err := cfg.Store.AlertWindows(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, p.upkeep.spansOf(windows, from, now)...)
	if cfg.Outages != nil {
		more, err := cfg.Outages(ctx, from, now)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// upkeepLife is how long the past windows stand.
const upkeepLife = 6 * time.Hour

// upkeep are the past maintenance windows, as they were worked out.
type upkeep struct {
	at      time.Time
	windows []store.AlertWindow
	spans   []Span
}

// spansOf are the past maintenance windows of all alerts. One of some alerts
// keeps those back, and the site is up. They are worked out again every few
// hours only, because what is usual ends a day ago.
func (u *upkeep) spansOf(windows []store.AlertWindow, from, til time.Time) []Span {
	if til.Sub(u.at) < upkeepLife && slices.EqualFunc(u.windows, windows, sameWindow) {
		return u.spans
	}
	u.at, u.windows, u.spans = til, windows, nil
	for _, w := range windows {
		for t := from; len(w.Match) == 0 && t.Before(til); t = t.Add(quarter) {
			if _, _, open := w.At(t); open {
				u.spans = append(u.spans, Span{From: t, To: t.Add(quarter)})
			}
		}
	}
	return u.spans
}

func sameWindow(a, b store.AlertWindow) bool {
	return a.ID == b.ID && a.From == b.From && a.To == b.To && a.ZoneName == b.ZoneName && slices.Equal(a.Days, b.Days) && slices.Equal(a.Match, b.Match)
}

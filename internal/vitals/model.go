package vitals

import (
	"context"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
)

// model are the sources of the language model, from the record of its calls.
func (v *Vitals) model() map[string]gauge.Source {
	m := v.cfg.Model
	if m == nil {
		return nil
	}
	out := map[string]gauge.Source{
		"llm_ok":           v.calls(v.answered),
		"llm_429":          v.calls(limited),
		"llm_left_out":     v.calls(leftOut),
		"llm_spend_cap":    v.ofDay(time.Hour, func(f store.AdvisorFigures) float64 { return float64(f.Outcomes["spend_cap"]) }),
		"llm_unpriced":     v.ofDay(24*time.Hour, func(f store.AdvisorFigures) float64 { return float64(f.Unpriced) }),
		"llm_breaker_open": plain(v.breaker),
	}
	if m.PerMinute > 0 {
		out["llm_rpm_percent"] = v.ofDay(time.Minute, func(f store.AdvisorFigures) float64 { return 100 * float64(f.Calls) / float64(m.PerMinute) })
	}
	if m.Budgeted {
		out["llm_spend_percent"] = v.spent
	}
	return out
}

// calls reads the calls of the windows of a rule and makes a share of them.
func (v *Vitals) calls(share func(f store.AdvisorFigures, now time.Time, span time.Duration) stat.Rate) gauge.Source {
	return func(ctx context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
		in, err := rates(r, func(span time.Duration) (stat.Rate, error) {
			f, err := v.cfg.Store.AdvisorFigures(ctx, now.Add(-span), now.Add(time.Second))
			return share(f, now, span), err
		})
		if err != nil {
			return nil, err
		}
		return []alert.Reading{in}, nil
	}
}

// ofDay reads one figure of the calls of a span.
func (v *Vitals) ofDay(span time.Duration, figure func(store.AdvisorFigures) float64) gauge.Source {
	return func(ctx context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
		f, err := v.cfg.Store.AdvisorFigures(ctx, now.Add(-span), now.Add(time.Second))
		if err != nil {
			return nil, err
		}
		return []alert.Reading{value(figure(f))}, nil
	}
}

// answered is the share of calls and of checks that the vendor answered. With
// few interviews there are too few calls to judge, so the checks of every half
// minute count as well. What our own limits held back says nothing of a vendor;
// what a breaker held back does, for it is open because of one.
func (v *Vitals) answered(f store.AdvisorFigures, now time.Time, span time.Duration) stat.Rate {
	var out stat.Rate
	if v.cfg.Model.Answers != nil {
		out = v.cfg.Model.Answers.Since(now, span)
	}
	for outcome, n := range f.Outcomes {
		switch outcome {
		case store.AdvisorOK, "refusal", "max_tokens", "malformed": // it answered, if not well
			out.Hits, out.Of = out.Hits+n, out.Of+n
		case store.AdvisorCached, store.AdvisorSkipped, "limited", "busy", "canceled":
		default:
			out.Of += n
		}
	}
	return out
}

// limited is the share of calls that the vendor turned away because there were
// too many.
func limited(f store.AdvisorFigures, _ time.Time, _ time.Duration) stat.Rate {
	return stat.Rate{Hits: f.Outcomes["rate_limited"], Of: f.Calls}
}

// leftOut is the share of turns that were left to the rules although advice was
// wanted.
func leftOut(f store.AdvisorFigures, _ time.Time, _ time.Duration) stat.Rate {
	return stat.Rate{Hits: f.Asked - f.Outcomes[store.AdvisorOK] - f.Outcomes[store.AdvisorCached], Of: f.Asked}
}

func (v *Vitals) breaker(time.Time) (alert.Reading, error) {
	if v.cfg.Model.State().Open {
		return value(1), nil
	}
	return value(0), nil
}

// spent is how much of the month's budget is spent, in percent.
func (v *Vitals) spent(ctx context.Context, _ alert.Rule, _ time.Time) ([]alert.Reading, error) {
	list, err := v.cfg.Model.Gauges(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range list {
		if g.Name == "month" && g.Limit > 0 {
			return []alert.Reading{value(100 * float64(g.Spent) / float64(g.Limit))}, nil
		}
	}
	return []alert.Reading{nothing()}, nil
}

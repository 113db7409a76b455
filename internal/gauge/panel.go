package gauge

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/stat"
)

// What a panel remembers.
const (
	quarter = 15 * time.Minute
	perDay  = int64(24 * time.Hour / quarter)
	horizon = 66 * perDay // the windows of every rule on each day of a month of backtests
	spare   = 2 * perDay

	// cohortAge is how old a session must be to be compared, and how long it has
	// to succeed (operations 2.9).
	cohortAge = 2 * time.Hour
	// openFor is how long a session is looked at again, because it may go on.
	openFor = 3 * 24 * time.Hour
	// lateness is how late its events may come and still be seen before a restart.
	lateness = 6 * time.Hour
	// stale is how old a panel may get.
	stale = 4 * time.Minute
)

// panel holds the signs of all sessions of the last weeks, by the quarter of an
// hour of their entry, and their running sums: any window is two look-ups.
type panel struct {
	mu      sync.RWMutex
	zone    *time.Location
	first   int64 // bucket of the first quarter
	at      time.Time
	signs   []metric.Signs
	sums    []metric.Signs // sums[i] is that of the quarters before i
	clean   []metric.Signs // the same without outages
	recent  map[event.SessionID]visit
	outages []Span
	upkeep  upkeep
}

// visit is a session that may go on. There may be many, and no sign of one is
// larger than the number of its events, so that two bytes each do.
type visit struct {
	bucket int64
	signs  [len(metric.Signs{})]uint16
}

func newVisit(bucket int64, signs *metric.Signs) visit {
	v := visit{bucket: bucket}
	for i, n := range signs {
		v.signs[i] = uint16(max(0, min(n, math.MaxUint16)))
	}
	return v
}

// sign is one of its signs.
func (v *visit) sign(i int) int64 { return int64(v.signs[i]) }

// all are its signs.
func (v *visit) all() (out metric.Signs) {
	for i := range out {
		out[i] = v.sign(i)
	}
	return out
}

// refresh reads what changed, if the panel is stale.
func (p *panel) refresh(ctx context.Context, cfg Config, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.at) < stale && !now.Before(p.at) && p.signs != nil {
		return nil
	}
	outages, err := p.outagesOf(ctx, cfg, now.Add(-time.Duration(horizon)*quarter), now)
	if err != nil {
		return err
	}
	last := metric.QuarterBucket(now)
	if p.signs == nil || now.Before(p.at) {
		p.first, p.signs, p.recent = last-horizon, nil, map[event.SessionID]visit{}
		p.at = time.Time{}
	}
	entered, seen := now.Add(-openFor), p.at.Add(-lateness)
	if p.at.IsZero() {
		entered, seen = time.Unix(p.first*int64(quarter/time.Second), 0), time.Unix(0, 0)
	}
	p.advance(last)
	err = cfg.Store.FactsSince(ctx, entered, seen, func(id event.SessionID, f metric.Facts) { p.take(id, f, now) })
	if err != nil {
		p.signs = nil // half a panel would show a drop
		return err
	}
	for id, v := range p.recent {
		if v.bucket < metric.QuarterBucket(now.Add(-openFor)) {
			delete(p.recent, id)
		}
	}
	p.at, p.outages = now, outages
	p.sum()
	return nil
}

// advance makes room up to a quarter, and drops what is too old.
func (p *panel) advance(last int64) {
	if over := last - p.first - horizon - spare; over > 0 {
		drop := min(over+spare, int64(len(p.signs)))
		p.signs = slices.Delete(p.signs, 0, int(drop))
		p.first += drop
	}
	for int64(len(p.signs)) <= last-p.first {
		p.signs = append(p.signs, metric.Signs{})
	}
}

func (p *panel) take(id event.SessionID, f metric.Facts, now time.Time) {
	bucket := metric.QuarterBucket(f.Entry())
	at := bucket - p.first
	if at < 0 || at >= int64(len(p.signs)) {
		return
	}
	signs := f.Signs(cohortAge)
	v := newVisit(bucket, &signs)
	signs = v.all()
	if old, known := p.recent[id]; known {
		if i := old.bucket - p.first; i >= 0 {
			before := old.all()
			p.signs[i].Add(&before, -1)
		}
	}
	p.signs[at].Add(&signs, 1)
	if now.Sub(f.Entry()) < openFor {
		p.recent[id] = v
	}
}

func (p *panel) sum() {
	p.sums = slices.Grow(p.sums[:0], len(p.signs)+1)[:len(p.signs)+1]
	p.clean = slices.Grow(p.clean[:0], len(p.signs)+1)[:len(p.signs)+1]
	p.sums[0], p.clean[0] = metric.Signs{}, metric.Signs{}
	for i := range p.signs {
		p.sums[i+1], p.clean[i+1] = p.sums[i], p.clean[i]
		p.sums[i+1].Add(&p.signs[i], 1)
		if !p.broken(p.first + int64(i)) {
			p.clean[i+1].Add(&p.signs[i], 1)
		}
	}
}

// broken reports whether a quarter overlaps an outage.
func (p *panel) broken(bucket int64) bool {
	from := time.Unix(bucket*int64(quarter/time.Second), 0)
	return slices.ContainsFunc(p.outages, func(o Span) bool { return o.From.Before(from.Add(quarter)) && o.To.After(from) })
}

// between adds up the sessions that entered in [from, til), in whole quarters.
func (p *panel) between(from, til time.Time, clean bool) metric.Signs {
	sums := p.sums
	if clean {
		sums = p.clean
	}
	if len(sums) == 0 {
		return metric.Signs{}
	}
	place := func(t time.Time) int64 {
		return min(max(metric.QuarterBucket(t)-p.first, 0), int64(len(sums))-1)
	}
	out := sums[place(til)]
	out.Add(&sums[place(from)], -1)
	return out
}

// share is the rate of a sign in sessions of an age.
func (p *panel) share(hits, of int, now time.Time, span, before time.Duration) (current, past stat.Rate) {
	end := now.Add(-cohortAge)
	in := p.between(end.Add(-span), end, false)
	current = stat.Rate{Hits: in[hits], Of: in[of]}
	if before > 0 {
		in = p.between(end.Add(-span-before), end.Add(-span), true)
		past = stat.Rate{Hits: in[hits], Of: in[of]}
	}
	return current, past
}

// questions is the mean number of questions of the sessions of a day that were
// completed, or of the last twenty.
func (p *panel) questions(now time.Time) (mean float64, sample int64) {
	til := now.Add(quarter)
	in := p.between(now.Add(-24*time.Hour), til, false)
	for back := 2 * 24 * time.Hour; in[metric.SignCounted] < 20 && back <= 30*24*time.Hour; back += 24 * time.Hour {
		if in[metric.SignCounted] >= 10 && back == 2*24*time.Hour {
			break // a day that has its sample stands for itself
		}
		in = p.between(now.Add(-back), til, false)
	}
	if in[metric.SignCounted] == 0 {
		return 0, 0
	}
	return float64(in[metric.SignQuestions]) / float64(in[metric.SignCounted]), in[metric.SignCounted]
}

// adoption is the upper end of the interval of the share of offered features
// that were selected in a week. The sessions, not the features, are independent:
// it is a ratio of means with the error of their residuals.
func (p *panel) adoption(now time.Time) (upper float64, sessions int64) {
	in := p.between(now.Add(-7*24*time.Hour), now, false)
	n, offered, selected := in[metric.SignOffering], float64(in[metric.SignOffered]), float64(in[metric.SignSelected])
	if n < 2 || offered == 0 {
		return 0, n
	}
	r := selected / offered
	rest := float64(in[metric.SignSelected2]) - 2*r*float64(in[metric.SignOfferedSelected]) + r*r*float64(in[metric.SignOffered2])
	return r + 1.96*math.Sqrt(max(rest, 0)*float64(n)/float64(n-1))/offered, n
}

// usual are the visits of a stretch in this week and in the weeks before, at the
// same hour of the week by the clocks of the reporting zone: visitors come an hour
// earlier or later when those change.
func (p *panel) usual(now time.Time, span time.Duration) (visits float64, before []float64) {
	til := now.Truncate(quarter)
	visits = float64(p.between(til.Add(-span), til, false)[metric.SignVisits])
	for week := range 5 {
		then := til.In(p.zone).AddDate(0, 0, -7*(week+1))
		if p.between(then.Add(-7*24*time.Hour), then, false)[metric.SignVisits] == 0 {
			break // nothing was counted yet
		}
		before = append(before, float64(p.between(then.Add(-span), then, true)[metric.SignVisits]))
	}
	return visits, before
}

// mostCauses is how many sessions a reading names.
const mostCauses = 5

// with lists the newest sessions of a day, of an age, that show a sign without
// another; -1 is no other.
func (p *panel) with(sign, without int, now time.Time, age time.Duration) []string {
	return p.causes(now, age, func(v *visit) int64 {
		if without >= 0 && v.sign(without) > 0 {
			return 0
		}
		return min(1, v.sign(sign))
	})
}

// most lists the sessions of a day that count and show most of a sign.
func (p *panel) most(sign, counted int, now time.Time) []string {
	return p.causes(now, 0, func(v *visit) int64 { return min(1, v.sign(counted)) * v.sign(sign) })
}

// causes lists the sessions of a day with the highest figure above 0, the newest
// first among equals.
func (p *panel) causes(now time.Time, age time.Duration, figure func(*visit) int64) []string {
	if now.Before(p.at.Add(-cohortAge)) {
		return nil // a backtest names nobody
	}
	type cause struct {
		id     event.SessionID
		bucket int64
		figure int64
	}
	var list []cause
	first, last := metric.QuarterBucket(now.Add(-24*time.Hour-age)), metric.QuarterBucket(now.Add(-age))
	for id, v := range p.recent {
		if n := figure(&v); n > 0 && v.bucket >= first && v.bucket <= last {
			list = append(list, cause{id, v.bucket, n})
		}
	}
	slices.SortFunc(list, func(a, b cause) int {
		return cmp.Or(cmp.Compare(b.figure, a.figure), cmp.Compare(b.bucket, a.bucket), cmp.Compare(a.id, b.id))
	})
	var out []string
	for _, c := range list[:min(len(list), mostCauses)] {
		out = append(out, string(c.id))
	}
	return out
}

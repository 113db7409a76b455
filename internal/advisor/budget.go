package advisor

import (
	"cmp"
	"context"
	"sync"
	"time"

	"applicreations.com/introspect/internal/event"
)

// Budget is what may be spent, in micro-dollars; 0 means no limit. A network
// is a prefix of client addresses; its budget is for a day and starts anew with
// the process, because addresses are not stored.
type Budget struct {
	Turn, Session, Network, Day, Month int64
}

// dearest is what a call of an unknown price is charged as.
func (b Budget) dearest() int64 { return cmp.Or(b.Turn, 50_000) }

// tightAt is the share of a budget from which on questions are not worded.
const tightAt = 80 // percent

// maxPurses bounds how many sessions and networks are remembered.
const maxPurses = 20_000

// purse knows what was spent. What is on its way is counted as spent, so that
// many calls at once cannot overdraw together.
type purse struct {
	budget Budget
	spent  func(context.Context, event.SessionID, time.Time) (int64, error)
	now    func() time.Time

	mu        sync.Mutex
	day       string    // of UTC that is counted
	refused   string    // the budget of everything that forbade the last call; empty: none
	read      time.Time // when the spending of the day was last read
	today     int64
	thisMonth int64
	sessions  map[event.SessionID]int64
	networks  map[string]int64
}

func newPurse(b Budget, spent func(context.Context, event.SessionID, time.Time) (int64, error), now func() time.Time) *purse {
	return &purse{budget: b, spent: spent, now: now, sessions: map[event.SessionID]int64{}, networks: map[string]int64{}}
}

// reservation is money put aside for one call.
type reservation struct {
	p     *purse
	t     Turn
	micro int64
	tight bool   // some budget is nearly used up
	scope string // which
}

// reserve puts an amount aside, or says which budget forbids it.
func (p *purse) reserve(ctx context.Context, t Turn, micro int64) (reservation, string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.open(ctx, t.Session); err != nil {
		return reservation{}, "", err
	}
	out := reservation{p: p, t: t, micro: micro}
	if p.budget.Turn > 0 && micro > p.budget.Turn {
		return out, "budget_turn", nil
	}
	for _, b := range []struct {
		name         string
		spent, limit int64
	}{
		{"budget_session", p.sessions[t.Session], p.budget.Session},
		{"budget_network", p.networks[t.Network], p.budget.Network},
		{"budget_day", p.today, p.budget.Day},
		{"budget_month", p.thisMonth, p.budget.Month},
	} {
		if b.limit <= 0 || b.name == "budget_network" && t.Network == "" {
			continue
		}
		if b.spent+micro > b.limit {
			p.refused = b.name
			return out, b.name, nil
		}
		if b.spent*100 >= b.limit*tightAt {
			out.tight, out.scope = true, b.name
		}
	}
	p.refused = ""
	p.add(t, micro)
	return out, "", nil
}

// settle puts the true cost in the place of the amount put aside. A cost that
// nobody knows counts as the dearest turn that is allowed.
func (r reservation) settle(cost *int64) {
	micro := max(r.p.budget.dearest(), r.micro)
	if cost != nil {
		micro = *cost
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	r.p.add(r.t, micro-r.micro)
}

func (p *purse) add(t Turn, micro int64) {
	p.today, p.thisMonth = p.today+micro, p.thisMonth+micro
	p.sessions[t.Session] += micro
	p.networks[t.Network] += micro
}

// open reads what is not known yet, and begins days and months.
func (p *purse) open(ctx context.Context, id event.SessionID) error {
	now := p.now().UTC()
	if day := now.Format(time.DateOnly); day != p.day {
		start := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
		today, err := p.spent(ctx, "", start)
		if err != nil {
			return err
		}
		month, err := p.spent(ctx, "", time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			return err
		}
		p.day, p.today, p.thisMonth, p.read = day, today, month, now
		p.refused = ""
		clear(p.networks)
	}
	if now.Sub(p.read) >= rereadAfter {
		if err := p.others(ctx, now); err != nil {
			return err
		}
	}
	if len(p.sessions) > maxPurses {
		clear(p.sessions) // read again from the store when they come back
	}
	if len(p.networks) > maxPurses {
		clear(p.networks)
	}
	if _, known := p.sessions[id]; !known {
		spent, err := p.spent(ctx, id, time.Unix(0, 0))
		if err != nil {
			return err
		}
		p.sessions[id] = spent
	}
	return nil
}

// rereadAfter is how long the spending of other processes on the same database may
// be unknown.
const rereadAfter = time.Minute

// others adds what other processes spent today. The day is read alone: the sum
// of a month would take longer, and what was spent before today is known.
func (p *purse) others(ctx context.Context, now time.Time) error {
	today, err := p.spent(ctx, "", time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC))
	if err != nil {
		return err
	}
	if more := today - p.today; more > 0 {
		p.today, p.thisMonth = p.today+more, p.thisMonth+more
	}
	p.read = now
	return nil
}

// usedUp reports whether a budget has no room for a call of an amount, or forbade
// the last one that was wanted.
func (p *purse) usedUp(ctx context.Context, network string, micro int64) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.open(ctx, ""); err != nil {
		return false, err
	}
	full := func(spent, limit int64) bool { return limit > 0 && spent+micro > limit }
	return full(0, p.budget.Turn) || full(0, p.budget.Session) || p.refused == "budget_day" || p.refused == "budget_month" || full(p.today, p.budget.Day) || full(p.thisMonth, p.budget.Month) ||
		network != "" && full(p.networks[network], p.budget.Network), nil
}

// Gauge is how full one budget is.
type Gauge struct {
	Name         string // day or month
	Spent, Limit int64  // micro-dollars; Limit 0: none
	UsedUp       bool   // it forbade the last call, so that the rules go on alone
}

// Gauges reads the budgets that cover everything.
func (s *Service) Gauges(ctx context.Context) ([]Gauge, error) {
	p := s.purse
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.open(ctx, ""); err != nil {
		return nil, err
	}
	return []Gauge{
		{"day", p.today, p.budget.Day, p.refused == "budget_day"}, {"month", p.thisMonth, p.budget.Month, p.refused == "budget_month"},
	}, nil
}

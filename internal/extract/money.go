package extract

import (
	"math"
	"strconv"

	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// sums gathers the figures that belong to one budget.
type sums struct {
	lo, hi      float64
	first, last int // tokens
	seen        int
	closed      bool
}

// take adds a figure. A second one counts only when it closes the side that
// the first left open, or raises the first ("4,000, maybe 5,000").
func (s *sums) take(f token.Figure) {
	lo, hi := f.Lo, f.Hi
	switch f.Bound {
	case token.AtMost:
		lo = 0
	case token.AtLeast:
		hi = 0
	case token.Exact:
	}
	switch {
	case s.closed:
		return
	case s.seen == 0:
		s.lo, s.hi, s.first = lo, hi, f.Lead
	case s.hi == 0 && f.Bound != token.AtLeast && f.Hi > s.lo:
		s.hi = f.Hi
	case s.lo == 0 && f.Bound == token.AtLeast && f.Lo < s.hi:
		s.lo = f.Lo
	case s.hi > 0 && f.Bound != token.AtLeast && f.Single() && f.Hi > s.hi && f.Hi <= 2*s.hi:
		s.hi = f.Hi
	default:
		s.closed = true
		return
	}
	s.last = f.Tail
	s.seen++
	s.closed = s.seen == 2
}

func (s *sums) cents() (lo, hi int64, ok bool) {
	if s.seen == 0 || s.lo == 0 && s.hi == 0 {
		return 0, 0, false
	}
	return int64(math.Round(s.lo * 100)), int64(math.Round(s.hi * 100)), true
}

// leastBudget is the smallest sum, in units of currency, that is taken for
// the budget of a website.
const leastBudget = 100

// budget reads the budget of the project: in sentences that speak of it, and
// anywhere when it was asked.
func (f *finder) budget() {
	asked := f.ctx.asked(slot.BudgetText, slot.BudgetMin, slot.BudgetMax)
	var sum sums
	sentence := -1
	for n, fig := range f.Figures {
		if !f.isBudget(n, fig, asked) {
			continue
		}
		if sentence >= 0 && f.Tokens[fig.First].Sentence != sentence && !asked {
			break
		}
		sentence = f.Tokens[fig.First].Sentence
		sum.take(fig)
	}
	lo, hi, ok := sum.cents()
	if !ok {
		return
	}
	if lo > 0 {
		f.add(slot.BudgetMin, strconv.FormatInt(lo, 10), sum.first, sum.last)
	}
	if hi > 0 {
		f.add(slot.BudgetMax, strconv.FormatInt(hi, 10), sum.first, sum.last)
	}
	first, last := sum.first, sum.last
	if asked {
		first, last = f.saidOf(sum.first, sum.last)
	}
	f.add(slot.BudgetText, `"`, first, last)
}

// isBudget reports whether the figure is part of a budget: an amount that no
// other rule has taken, not per hour or month, near words of budget unless
// the budget was asked.
func (f *finder) isBudget(n int, fig token.Figure, asked bool) bool {
	if fig.Percent || fig.Hi < leastBudget || f.used[n] || fig.Year && !fig.Money || f.perUnit(fig.Tail) {
		return false
	}
	if f.othersPaid(fig.Lead) {
		return false
	}
	near := f.prices[n] && (fig.Money || fig.Lo >= 1000) || f.budgetWords(fig.Lead)
	if f.prices[n] && !fig.Money && f.counts(fig.Last) && f.Next(fig.Last, 1) != "to" {
		return false // "we go to 1,200 homes a year"
	}
	if !fig.Money && fig.Lo < 1000 && !near {
		return false
	}
	return near || asked && (fig.Money || !f.counts(fig.Last))
}

// othersPaid reports whether the amount is a price that was paid or asked
// before, as in "we were quoted 8k".
func (f *finder) othersPaid(i int) bool {
	for n := i; n >= 0 && f.Tokens[n].Clause == f.Tokens[i].Clause; n-- {
		switch f.Tokens[n].Low {
		case "paid", "quoted", "charged", "spent":
			return true
		}
	}
	return false
}

// perUnit reports whether the amount is a rate or the price of one thing.
func (f *finder) perUnit(last int) bool {
	switch f.Next(last, 1) {
	case "a", "an", "per", "each", "every", "monthly", "weekly", "yearly", "annually", "hourly", "month", "mo", "hour", "apiece":
		return true
	default:
		return false
	}
}

// counts reports whether the plain number counts things, as in "1,200 members".
func (f *finder) counts(last int) bool {
	switch f.Next(last, 1) {
	case "", "or", "and", "max", "maximum", "tops", "total", "is", "for", "but", "depending", "if", "at", "would", "in", "all", "on", "plus", "minimum", "budget", "as", "then", "please", "ok", "okay", "now", "instead", "overall", "altogether", "though", "thanks":
		return false
	default:
		return last+1 < len(f.Tokens) && f.Tokens[last+1].Gap < token.GapDash
	}
}

// budgetWords looks for words of budget in the sentence of the token.
func (f *finder) budgetWords(i int) bool {
	from, to := f.Sentence(i)
	for n := from; n < to; n++ {
		if f.budgetWord(n) {
			return true
		}
	}
	return false
}

// budgetWord reports whether the word speaks of what the project may cost. A
// marketing budget and money spent on something else do not.
func (f *finder) budgetWord(i int) bool {
	before := f.Next(i, -1)
	switch f.Tokens[i].Low {
	case "budget", "budgeted", "budgets":
		switch before {
		case "ad", "ads", "advertising", "marketing", "annual", "monthly", "media", "household":
			return false
		}
		return true
	case "spend", "invest", "afford", "pay":
		switch before {
		case "to", "can", "could", "would", "will", "we'd", "i'd", "not", "can't", "don't", "rather", "cannot", "comfortably", "we'll", "i'll":
			return !f.spentElsewhere(i) && !f.spentByOthers(i)
		}
	case "range":
		return before == "price"
	case "aside":
		return before == "set"
	case "allocated", "earmarked", "allotted":
		return true
	}
	return false
}

// spentByOthers reports whether the clause speaks of what other people spend.
func (f *finder) spentByOthers(i int) bool {
	for n := i; n >= 0 && f.Tokens[n].Clause == f.Tokens[i].Clause; n-- {
		switch f.Tokens[n].Low {
		case "customers", "clients", "guests", "visitors", "members", "they":
			return true
		}
	}
	return false
}

// spentElsewhere reports whether the clause says that the money goes elsewhere.
func (f *finder) spentElsewhere(i int) bool {
	for n := i; n < len(f.Tokens) && f.Tokens[n].Sentence == f.Tokens[i].Sentence; n++ {
		switch f.Tokens[n].Low {
		case "ads", "ad", "advertising", "rent", "salaries", "marketing", "customers", "clients", "members", "month", "monthly", "hour", "wages", "staff":
			return true
		}
	}
	return false
}

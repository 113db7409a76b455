package extract

import (
	"slices"

	"applicreations.com/introspect/internal/extract/lexicon"
	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// terse reads answers that say nothing without their question: "50", "yes",
// "none", or "50, $85, 18%" to a question for three figures.
func (f *finder) terse() {
	if len(f.Tokens) == 0 {
		return
	}
	f.bareFigures()
	if len(f.Tokens) > shortAnswer+2*len(f.Figures) {
		return
	}
	last := len(f.Tokens) - 1
	if len(f.Tokens) > 4 {
		f.noneOfThem(last)
		return
	}
	if v, ok := yesNo(f.Tokens[0].Low); ok {
		if k, open := f.openAsked(slot.Bool); open == 1 {
			f.add(k, v, 0, 0)
		}
	}
	if nothing(f.Tokens) {
		f.none(last)
	}
}

// noneOfThem reads "we don't have any of that" and the like.
func (f *finder) noneOfThem(last int) {
	denied := false
	for _, t := range f.Tokens {
		switch t.Low {
		case "don't", "not", "no", "none", "nothing", "haven't":
			denied = true
		case "we", "i", "do", "have", "use", "need", "any", "of", "that", "those", "these", "them", "this", "yet", "at", "all", "really", "got", "the", "so", "far", "currently", "now", "right", "anything", "like", "here":
		default:
			return
		}
	}
	if denied {
		f.none(last)
	}
}

// none says of every list asked about that nothing is on it.
func (f *finder) none(last int) {
	for _, k := range f.ctx.Asked {
		if types[k] == slot.Multi && len(f.found[k]) == 0 {
			f.add(k, "none", 0, last)
		}
	}
}

// bareFigures gives each figure that no rule has taken to the one slot asked
// that fits its kind and is still empty. As many figures as figures were asked
// are the answers in that order.
func (f *finder) bareFigures() {
	if f.inOrder() {
		return
	}
	for n, fig := range f.Figures {
		from, to := f.Sentence(fig.First)
		if !f.used[n] && !f.taken(fig) && !f.aDay(fig.Last) && to-from <= shortAnswer+2 && !f.daysTold(from, to, fig) {
			f.bareFigure(n, fig)
		}
	}
}

// daysTold reports whether a sentence counts by the day, so that its plain numbers
// are none of a week or month: "50 tables a night, off season maybe 12".
func (f *finder) daysTold(from, to int, fig token.Figure) bool {
	return !fig.Money && !fig.Percent && slices.ContainsFunc(f.Figures, func(x token.Figure) bool {
		return x.First >= from && x.First < to && f.aDay(x.Last)
	})
}

// bareFigure files one figure. When several slots of a kind are open nobody
// can tell which is meant.
func (f *finder) bareFigure(n int, fig token.Figure) {
	for _, typ := range fitting(fig) {
		k, open := f.openAsked(typ)
		if typ == slot.Number && (open > 1 && f.alone(fig) || open == 1 && f.worded(fig)) {
			k, open = f.countAsked(fig)
		}
		if open == 1 {
			f.addFigure(k, fig)
			f.saidAgain(n)
		}
		if open > 0 {
			return
		}
	}
}

// inOrder reads "50 / $85 / 18%" as the answers to three figures asked.
func (f *finder) inOrder() bool {
	var keys []slot.Key
	for _, k := range f.ctx.Asked {
		if numeric(types[k]) && !own(k) {
			keys = append(keys, k)
		}
	}
	if len(keys) < 2 || len(keys) != len(f.Figures) || len(f.Tokens) > len(keys)+1 {
		return false
	}
	for n, fig := range f.Figures {
		if f.used[n] || !slices.Contains(fitting(fig), types[keys[n]]) {
			return false
		}
	}
	for n, fig := range f.Figures {
		f.addFigure(keys[n], fig)
	}
	return true
}

func (f *finder) addFigure(k slot.Key, fig token.Figure) {
	if v, ok := canonical(&lexicon.Rule{Slot: k, Factor: 1}, fig); ok {
		f.add(k, v, fig.First, fig.Last)
	}
}

// fitting lists the types of slots that the figure may fill, the likeliest
// first.
func fitting(fig token.Figure) []slot.Type {
	switch {
	case fig.Percent:
		return []slot.Type{slot.Percent}
	case fig.Money:
		return []slot.Type{slot.Money}
	default:
		return []slot.Type{slot.Number, slot.Money, slot.Percent}
	}
}

func numeric(t slot.Type) bool {
	return t == slot.Number || t == slot.Money || t == slot.Percent
}

// own reports the figures that have rules of their own: budgets and launch.
func own(k slot.Key) bool {
	return k == slot.BudgetMin || k == slot.BudgetMax || k == slot.LaunchWeeks
}

// taken reports whether a candidate of some slot already covers the figure.
func (f *finder) taken(fig token.Figure) bool {
	for _, cs := range f.found {
		for _, c := range cs {
			if c.first <= fig.First && c.last >= fig.Last && c.value != `"` && !c.wide {
				return true
			}
		}
	}
	return false
}

// openAsked counts the slots of the type that were asked and are still empty,
// and returns the last of them.
func (f *finder) openAsked(typ slot.Type) (k slot.Key, open int) {
	for _, a := range f.ctx.Asked {
		if types[a] == typ && !own(a) && len(f.found[a]) == 0 {
			k = a
			open++
		}
	}
	return k, open
}

// saidAgain takes the same number out of the sentence, so that it answers
// nothing else.
func (f *finder) saidAgain(n int) {
	for m, x := range f.Figures {
		if x.Lo == f.Figures[n].Lo && f.Tokens[x.First].Sentence == f.Tokens[f.Figures[n].First].Sentence {
			f.used[m] = true
		}
	}
}

// worded reports whether a sentence says more than a figure, so that its words
// must fit: "45 repairs per week" are no hours.
func (f *finder) worded(fig token.Figure) bool {
	from, to := f.Sentence(fig.First)
	return to-from > fig.Last-fig.First+2
}

// alone reports whether a sentence has no other plain number than this one,
// which may be said twice: "two dozen candles, 24".
func (f *finder) alone(fig token.Figure) bool {
	for _, x := range f.Figures {
		if f.Tokens[x.First].Sentence == f.Tokens[fig.First].Sentence && !x.Money && !x.Percent && x.Lo != fig.Lo {
			return false
		}
	}
	return true
}

// countAsked narrows the open slots for a plain number by the words of its
// sentence: hours are told in hours, orders by the month. What is left may be
// one slot that simply counts things: "two dozen candles, 24".
func (f *finder) countAsked(fig token.Figure) (k slot.Key, open int) {
	near := map[string]bool{}
	from, to := f.Sentence(fig.First)
	for _, t := range f.Tokens[from:to] {
		near[t.Low] = true
	}
	for _, a := range f.ctx.Asked {
		if types[a] == slot.Number && !own(a) && len(f.found[a]) == 0 && (tellable(a, near) || visits(a) && !f.worded(fig)) {
			k = a
			open++
		}
	}
	return k, open
}

// tellable reports whether a slot may be told with the words of a sentence.
func tellable(k slot.Key, near map[string]bool) bool {
	often := near["week"] || near["month"] || near["day"] || near["weekly"] || near["monthly"] || near["daily"]
	rhythm := often || near["year"]
	switch k {
	case slot.HoursPerWeekOnTask:
		return near["hours"] || near["hour"] || near["hrs"]
	case slot.MonthlyOrders, slot.PostsPerWeek, slot.LeadsPerMonth, slot.MonthlyVisitors:
		return often // what is told by the year would have to be divided
	case slot.AppointmentsPerWeek, slot.BookingsPerWeek:
		return often || visitWord(near)
	case slot.ProductsToSell, slot.MemberCount, slot.SubscriberCount, slot.CustomerBase, slot.PageCount:
		return !rhythm
	default:
		return true
	}
}

// visits reports whether the slot counts visits, which may be told as a bare
// number.
func visits(k slot.Key) bool { return k == slot.AppointmentsPerWeek || k == slot.BookingsPerWeek }

// visitWord reports whether one of the words is about visits: "hygienist 75" is
// a price.
func visitWord(near map[string]bool) bool {
	for low := range near {
		if facts.Has("appt", low) || facts.Has("stay", low) {
			return true
		}
	}
	return false
}

func yesNo(low string) (string, bool) {
	switch low {
	case "yes", "yeah", "yep", "sure", "definitely", "absolutely", "correct", "y", "true":
		return "yes", true
	case "no", "nope", "nah", "never", "n", "false":
		return "no", true
	default:
		return "", false
	}
}

// nothing reports whether the answer says that there is nothing.
func nothing(tokens []token.Token) bool {
	for _, t := range tokens {
		switch t.Low {
		case "no", "none", "nothing", "nope", "n", "a", "na", "not", "applicable", "at", "all", "yet", "really", "of", "these", "them", "the", "above", "so", "far":
		default:
			return false
		}
	}
	switch tokens[0].Low {
	case "no", "none", "nothing", "nope", "n", "na", "not":
		return true
	default:
		return false
	}
}

package extract

import (
	"strings"
	"time"

	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/extract/when"
	"applicreations.com/introspect/internal/slot"
)

// urgentWeeks is the time to launch up to which a project is urgent
// (DOMAIN 2.11).
const urgentWeeks = 4

// times reads launch and content dates and lengths of time (DOMAIN 2.10).
func (f *finder) times() {
	for i := 0; i < len(f.Tokens); i++ {
		if t, last, ok := when.At(f.Doc, i, f.ctx.Now); ok && !t.Before(when.Midnight(f.ctx.Now)) {
			if !f.ruledOut(i) {
				f.fileDate(t, i, last)
			}
			i = last
			continue
		}
		if w, last, ok := when.Length(f.Doc, i); ok && f.ahead(i, last) {
			f.fileLength(w, i, last)
			i = last
		}
	}
	f.launchWords()
}

// fileDate files a date as the launch or the delivery of content.
func (f *finder) fileDate(t time.Time, first, last int) {
	k := f.timeSlot(first)
	f.fileText(k, first, last)
	if k != slot.LaunchDate {
		return
	}
	f.addRanked(slot.LaunchDate, t.Format(time.DateOnly), first, last, f.deadline(first)+f.latest(last))
	if t.Before(when.Midnight(f.ctx.Now).AddDate(0, 0, 7*urgentWeeks+1)) {
		f.add(slot.IsUrgent, "yes", first, last)
	}
}

// ruledOut reports a time that is denied, as in "just not in August".
func (f *finder) ruledOut(i int) bool {
	if f.Tokens[i].Denied == token.Affirmed {
		return false
	}
	switch f.Next(i, -1) {
	case "in", "during", "on", "around", "over", "at":
		return true
	default:
		return false
	}
}

// fileLength files a length of time counted from now.
func (f *finder) fileLength(w float64, first, last int) {
	k := f.timeSlot(first)
	f.fileText(k, first, last)
	if k != slot.LaunchDate {
		return
	}
	f.addRanked(slot.LaunchWeeks, decimal(w, 1), first, last, count(strings.HasPrefix(f.Tokens[last].Low, "week")))
	if w <= urgentWeeks {
		f.add(slot.IsUrgent, "yes", first, last)
	}
}

// fileText keeps the client's words about a time: those around it when the launch
// was asked, otherwise the time with its preposition.
func (f *finder) fileText(k slot.Key, first, last int) {
	switch {
	case k == slot.ContentReadyDate:
		f.add(k, `"`, f.preposition(first), last)
	case k == slot.LaunchDate && f.askedLaunch():
		from, to := f.saidOf(first, last)
		f.add(slot.LaunchText, `"`, from, to)
	case k == slot.LaunchDate:
		f.addRanked(slot.LaunchText, `"`, f.preposition(first), last, f.deadline(first))
	}
}

// saidOf are the words about a sum or a time that was asked: its sentences, or only
// its clauses when budget and date were asked at once, as in "about 15k, by March".
func (f *finder) saidOf(first, last int) (from, to int) {
	around := f.Sentence
	if f.askedLaunch() && f.ctx.asked(slot.BudgetText, slot.BudgetMax) {
		around = f.Clause
	}
	from, _ = around(first)
	_, to = around(last)
	return from, to - 1
}

func (f *finder) askedLaunch() bool {
	return f.ctx.asked(slot.LaunchText, slot.LaunchDate, slot.LaunchWeeks)
}

// deadline ranks a latest date above other dates of the same text.
func (f *finder) deadline(first int) int {
	switch f.Next(first, -1) {
	case "by", "before", "until", "than":
		return 1
	default:
		return 0
	}
}

// latest ranks a time that is called the latest one above any other.
func (f *finder) latest(last int) int {
	if f.Next(last, 1) == "latest" || f.Next(last, 1) == "at" && (f.Next(last, 2) == "latest" || f.Next(last, 3) == "latest") {
		return 2
	}
	return 0
}

// preposition includes the word that leads the date into the quote.
func (f *finder) preposition(first int) int {
	if n, ok := f.FigureAt(first); ok && f.Figures[n].Lead < first {
		return f.Figures[n].Lead
	}
	at := first - 1
	if f.Next(first, -1) == "the" {
		at--
	}
	switch f.Next(first, at-first) {
	case "by", "in", "within", "around", "after":
		return at
	case "before", "until":
		if f.Next(at, -1) == "not" { // "not before June" is the opposite of "before June"
			return at - 1
		}
		return at
	default:
		return first
	}
}

// timeSlot decides whether a time at token i is the launch, the delivery of
// content, or neither (empty).
func (f *finder) timeSlot(i int) slot.Key {
	askedLaunch := f.askedLaunch()
	askedContent := f.ctx.asked(slot.ContentReadyDate)
	launch, content, past := f.timeWords(i)
	switch {
	case past || !launch && f.decided(i):
		return ""
	case content && (!askedLaunch || askedContent):
		return slot.ContentReadyDate
	case askedContent && !launch:
		return slot.ContentReadyDate
	case askedLaunch || launch && f.pointed(i):
		return slot.LaunchDate
	default:
		return ""
	}
}

// decided reports whether the clause tells when somebody decides.
func (f *finder) decided(i int) bool {
	from, to := f.Clause(i)
	for _, t := range f.Tokens[from:to] {
		switch t.Low {
		case "approve", "approves", "decide", "decides", "meet", "meets", "vote", "votes", "meeting":
			return true
		}
	}
	return false
}

// timeWords looks in the clause of token i for words of launching, of
// content and of the past. Where both launching and content are named, the
// nearer one counts; "ready" and the like may be said of both and give way.
func (f *finder) timeWords(i int) (launch, content, past bool) {
	from, to := f.Clause(i)
	far := to - from
	toLaunch, toContent, either := far, far, false
	for n := from; n < to; n++ {
		low := f.Tokens[n].Low
		past = past || facts.Has("pastword", low)
		either = either || facts.Has("readyword", low)
		if facts.Has("liveword", low) {
			toLaunch = min(toLaunch, max(n-i, i-n))
		}
		if facts.Has("contentword", low) {
			toContent = min(toContent, max(n-i, i-n))
		}
	}
	content = toContent < toLaunch
	return !content && toLaunch < far || toContent == far && either, content, past
}

// pointed reports whether a preposition or "from now" makes the time a point
// ahead rather than a length.
func (f *finder) pointed(i int) bool {
	switch f.Next(f.preposition(i), -1) {
	case "by", "before", "in", "within", "for", "is", "on", "until", "around", "about", "next", "of", "at", "the", "latest", "to", "launch", "live", "this", "than":
		return true
	}
	if f.preposition(i) < i || f.Next(i, 0) == "next" || f.Next(i, 0) == "this" {
		return true
	}
	for n := 1; n <= 4; n++ {
		if f.Next(i, n) == "now" {
			return true
		}
	}
	return f.askedLaunch()
}

// ahead reports whether a length of time lies ahead: not a rate ("days a
// week"), an age or a rhythm.
func (f *finder) ahead(first, last int) bool {
	switch f.Next(last, 1) {
	case "a", "per", "each", "every", "old", "ago", "of", "experience", "warranty", "later", "earlier":
		return false
	}
	if f.Tokens[first].Low == "a" {
		// "a week" alone is a rate unless something points ahead.
		switch f.Next(first, -1) {
		case "in", "within", "about", "under":
			return true
		}
		return f.Next(last, 1) == "from"
	}
	switch f.Next(first, -1) {
	case "for", "last", "past", "every", "per", "over":
		return false
	}
	return true
}

// launchWords files urgent words as the client's words about the launch.
func (f *finder) launchWords() {
	if len(f.found[slot.LaunchText]) > 0 {
		return
	}
	for _, c := range f.found[slot.IsUrgent] {
		f.addRanked(slot.LaunchText, `"`, c.first, c.last, c.rank)
	}
}

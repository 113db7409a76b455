package intake

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/contradiction"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// learn appends a fact unless the same is known already. Every fact quotes
// what the client wrote or chose; without a value or a quote there is none.
func (w *work) learn(f Fact) {
	if f.Value == "" || f.Evidence.Quote == "" {
		return
	}
	if f.Evidence.Question == 0 {
		f.Evidence.Question = w.s.Questions
	}
	if f.Confidence == 0 {
		f.Confidence = 95
	}
	w.append(f)
}

// append adds a fact that is new, with the number of the one it replaces.
func (w *work) append(f Fact) {
	at := w.s.factAt(f.Slot)
	if at >= 0 {
		if old := w.s.Facts[at]; old.Value == f.Value && old.Status == f.Status {
			return
		}
		f.Supersedes = at + 1
	}
	w.s.Facts = append(w.s.Facts, f)
	if f.Status.Known() {
		w.reopen(f.Slot)
	}
}

// decline notes that the client was asked and does not know or will not say.
func (w *work) decline(keys []slot.Key, status FactStatus, quote string) {
	for _, k := range keys {
		if _, ok := w.values()[k]; !ok {
			w.append(Fact{Slot: k, Status: status, Source: "client", Evidence: Evidence{Question: w.s.Questions, Quote: quote}})
		}
	}
}

// reopen drops an open point that a new fact has settled.
func (w *work) reopen(k slot.Key) {
	w.s.OpenPoints = slices.DeleteFunc(slices.Clone(w.s.OpenPoints), func(p OpenPoint) bool { return p.Slot == k })
}

// extract runs the rules over one text and keeps what they find (DOMAIN 2.10).
// A known value is replaced only when its slot was asked about; lists grow. A
// second value for what nobody asked again is a rival of the first. It reports
// which of the asked slots were found.
func (w *work) extract(text string, asked []slot.Key) []slot.Key {
	v := w.s.Values() // changed below
	var found []slot.Key
	w.read = extract.All(text, extract.Context{Now: w.now, Asked: asked, Open: w.wanted(asked, v)})
	w.moveLaunch(asked)
	for _, h := range w.read {
		wanted := w.askedFor(h.Slot, asked)
		f, ok := w.weighed(text, h, asked, v)
		if !ok {
			continue
		}
		if wanted {
			found = append(found, h.Slot)
		}
		w.learn(f)
		v[h.Slot] = f.Value
	}
	w.derive()
	return found
}

// weighed makes the fact of a hit, or reports false when it adds nothing to
// what is known or is about something else.
func (w *work) weighed(text string, h extract.Hit, asked []slot.Key, v slot.Values) (Fact, bool) {
	wanted := w.askedFor(h.Slot, asked)
	f := reading(h, wanted)
	f.Value = h.Value
	old, known := v[h.Slot]
	switch {
	case w.elsewhere(text, h, asked), w.giftCards(h, v), aboutLaunch(h.Slot) && !wanted && !launching(text, h):
		return f, false
	case known && w.narrows(h.Slot, h.Value):
	case known && w.e.defs[h.Slot].Type == slot.Multi:
		if f.Status == Inferred && !w.guessed(h.Slot) {
			return f, false // a hint adds nothing to what was stated
		}
		f.Value = union(old, h.Value)
	case known && !wanted:
		if !aboutOthers(asked) && !aboutRivals(asked, text, h) {
			w.rival(f, sentenceOf(text, h))
		}
		return f, false
	}
	return f, true
}

// wanted lists what an answer may tell beside what was asked: choices of the
// same question that had no room on the screen, and figures that this client's
// kind of business should have.
func (w *work) wanted(asked []slot.Key, v slot.Values) []slot.Key {
	var out []slot.Key
	if q := w.s.Current.Question; q != nil && w.s.Current.Kind == AskQuestion {
		if entry, ok := w.e.bank.Find(strings.TrimSuffix(q.Question.ID, clarifySuffix)); ok {
			out = slices.DeleteFunc(entry.Slots(), func(k slot.Key) bool { return slices.Contains(asked, k) || v.Has(k) })
		}
	}
	for _, d := range w.e.order {
		if d.Weight > 0 && len(d.RequiredIf) > 0 && !v.Has(d.Key) && d.Required(v) && (d.Type == slot.Money || d.Type == slot.Percent || d.Type == slot.Number) {
			out = append(out, d.Key)
		}
	}
	return out
}

// guessed reports whether what is known of a slot is a guess.
func (w *work) guessed(k slot.Key) bool {
	f, _ := w.s.Fact(k)
	return f.Status == Inferred || f.Status == Assumed
}

// reading is the fact that a rule read, still without its value.
func reading(h extract.Hit, wanted bool) Fact {
	f := Fact{Slot: h.Slot, Status: Stated, Source: "rule", Confidence: 90, Evidence: Evidence{Quote: h.Quote}}
	if h.Hedged || h.Slot == slot.VisitorActions && !wanted { // in passing nobody lists all of them
		f.Status, f.Confidence = Inferred, 50
	}
	return f
}

// askedFor reports whether an answer may replace what is known of a slot: it
// was asked, by itself or through the slot that it is edited with, and was not
// answered by a choice of this very answer.
func (w *work) askedFor(k slot.Key, asked []slot.Key) bool {
	return slices.Contains(asked, k) && !w.chosenNow(k) || slices.Contains(asked, owner(k)) && !w.chosenNow(owner(k))
}

// moveLaunch takes back an earlier date when the answer names a new time to
// launch in another form, so that "in 12 weeks" does not stand beside "May".
func (w *work) moveLaunch(asked []slot.Key) {
	if !w.askedFor(slot.LaunchText, asked) {
		return
	}
	has := func(k slot.Key) bool {
		return slices.ContainsFunc(w.read, func(h extract.Hit) bool { return h.Slot == k })
	}
	if has(slot.LaunchDate) || has(slot.LaunchWeeks) {
		w.forget(slot.LaunchDate, slot.LaunchWeeks, slot.IsUrgent)
	}
}

// narrows reports whether a figure lies within the range that was chosen in
// this very answer: beside "$5,000 to $10,000" the words "about 8k" are more
// exact, not another opinion.
func (w *work) narrows(k slot.Key, value string) bool {
	if k != slot.BudgetMin && k != slot.BudgetMax || !w.chosenNow(slot.BudgetText) {
		return false
	}
	v := w.values()
	n, ok := (slot.Values{k: value}).Number(k)
	low, _ := v.Number(slot.BudgetMin)
	high, bounded := v.Number(slot.BudgetMax)
	return ok && n >= low && (!bounded || n <= high)
}

// rival keeps a second value for a slot that has one, when both are firm and
// far enough apart to matter (references/intake.md 5.6): figures by a fifth,
// texts, logo and photos when they are said to be there and not to be there.
func (w *work) rival(f Fact, sentence string) {
	at := w.s.factAt(f.Slot)
	if at < 0 || w.editing || f.Status != Stated {
		return
	}
	older := w.s.Facts[at]
	settled := slices.ContainsFunc(w.s.Rivals, func(r Rival) bool { return r.Slot == f.Slot })
	if settled || older.Status == Assumed || older.Status == Inferred {
		return
	}
	figures := rivalling(f.Slot) && apart(older.Value, f.Value)
	if !figures && !contradiction.Opposed(f.Slot,
		contradiction.Told{Value: older.Value, Sentence: older.Evidence.Quote, Chosen: older.Source == "choice"},
		contradiction.Told{Value: f.Value, Sentence: sentence}) {
		return
	}
	f.Evidence.Question = w.s.Questions
	w.s.Rivals = append(slices.Clip(w.s.Rivals), Rival{Slot: f.Slot, Fact: f, Older: older})
}

// aboutOthers reports whether a question asks for wishes or for other people,
// so that a figure in its answer contradicts nothing about today.
func aboutOthers(asked []slot.Key) bool {
	return slices.ContainsFunc(asked, func(k slot.Key) bool {
		switch k {
		case slot.PrimaryGoal, slot.SuccessMetrics, slot.TargetAudience, slot.DesignReferences, slot.Avoid, slot.FuturePhases:
			return true
		default:
			return false
		}
	})
}

// theirs finds the words of a sentence about competitors.
var theirs = regexp.MustCompile(`(?i)\b(?:competitors?|competition|rivals?|they|their|theirs|them|others|unlike|compared? (?:to|with)|elsewhere)\b`)

// aboutRivals reports whether a figure in the answer about what sets the client
// apart is told of those it is compared with.
func aboutRivals(asked []slot.Key, text string, h extract.Hit) bool {
	return slices.Contains(asked, slot.Competitors) && theirs.MatchString(sentenceOf(text, h))
}

// rivalling lists the slots whose two values are worth a question: figures
// that prices, returns and the plan rest on.
func rivalling(k slot.Key) bool {
	switch k {
	case slot.AppointmentsPerWeek, slot.BookingsPerWeek, slot.AverageAppointmentValue, slot.ProductsToSell, slot.MonthlyOrders,
		slot.AverageOrderValue, slot.MemberCount, slot.MemberFee, slot.AnnualRevenue, slot.BudgetMax, slot.LaunchWeeks, slot.PageCount,
		slot.SubscriberCount:
		return true
	default:
		return false
	}
}

// apart reports whether two figures differ by more than a fifth.
func apart(a, b string) bool {
	x, ok := (slot.Values{"x": a}).Number("x")
	y, good := (slot.Values{"x": b}).Number("x")
	return ok && good && math.Abs(x-y) > 0.2*max(math.Abs(x), math.Abs(y))
}

// launch finds the words that make a date in passing the date of the website:
// "the club starts in autumn" is none.
var launch = regexp.MustCompile(`(?i)\b(?:re)?launch|\blive\b|\bdeadline\b|\bgo(?:es|ing)? online\b|\bonline by\b|\bneed(?:s|ed)? (?:it|this|the (?:web)?site|to be|everything)\b|\b(?:must|should|has to|needs to|can|could) be (?:ready|up|done|online|finished|complete)|\b(?:web)?site .{0,30}(?:ready|up|done|finished)|\basap\b|\burgent|\bas soon as\b|\btimeline\b|\brush\b|\bhurry\b`)

// launching reports whether the sentence of a hit speaks of the launch.
func launching(text string, h extract.Hit) bool {
	return launch.MatchString(sentenceOf(text, h))
}

// sentenceOf is the sentence around a hit.
func sentenceOf(text string, h extract.Hit) string {
	from, to := strings.LastIndexAny(text[:h.Start], ".!?\n")+1, len(text)
	if i := strings.IndexAny(text[h.End:], ".!?\n"); i >= 0 {
		to = h.End + i
	}
	return text[from:to]
}

// giftCards reports whether a shop's gift cards were read as packages of
// appointments, too, where nobody books anything.
func (w *work) giftCards(h extract.Hit, v slot.Values) bool {
	return h.Slot == slot.BookingDetails && h.Value == "packages" && !w.e.defs[h.Slot].Required(v) &&
		slices.ContainsFunc(w.read, func(o extract.Hit) bool { return o.Slot == slot.CheckoutDetails && o.Start < h.End && h.Start < o.End })
}

// elsewhere reports whether a figure is not about what its slot holds. In the
// answer about the goal it is what the client wants rather than what is:
// "60 orders a month, no-shows below 5 % within three months" names neither
// today's figures nor the launch. In answers about other people or content a
// date is not the launch either.
func (w *work) elsewhere(text string, h extract.Hit, asked []slot.Key) bool {
	k := h.Slot
	if slices.Contains(asked, k) {
		return false
	}
	if aboutLaunch(k) {
		return !slices.Contains(asked, slot.LaunchText) && (aboutOthers(asked) || slices.Contains(asked, slot.ContentReadyDate))
	}
	if k == slot.PainPoints && slices.Contains(asked, slot.UniqueValue) {
		return true // "our bread takes 48 hours" is what it prides itself on
	}
	if !slices.Contains(asked, slot.PrimaryGoal) || atPresent(text, h) {
		return false
	}
	switch w.e.defs[k].Type {
	case slot.Number, slot.Money, slot.Percent:
		return true
	default:
		return false
	}
}

// present finds the words that make a figure one of today.
var present = regexp.MustCompile(`(?i)\b(?:today|currently|at the moment|right now|nowadays|these days|at present|as of now|so far)\b`)

// nearby is how many bytes before and after a figure such a word may stand.
const nearby = 40

// atPresent reports whether the clause around a hit speaks of today: "from 50
// bookings a week today to 80" tells both what is and what is wished for.
func atPresent(text string, h extract.Hit) bool {
	from, to := max(0, h.Start-nearby), min(len(text), h.End+nearby)
	if i := strings.LastIndexAny(text[from:h.Start], ".!?;\n,"); i >= 0 {
		from += i
	}
	if i := strings.IndexAny(text[h.End:to], ".!?;\n,"); i >= 0 {
		to = h.End + i
	}
	loc := present.FindStringIndex(text[from:to])
	if loc == nil {
		return false
	}
	// Another figure between the word and the hit takes the word.
	between := text[min(h.End, from+loc[1]):max(h.End, from+loc[0])]
	if from+loc[1] <= h.Start {
		between = text[from+loc[1] : h.Start]
	}
	return !strings.ContainsAny(between, "0123456789")
}

// aboutLaunch slots tell one thing: when the website is to be live.
func aboutLaunch(k slot.Key) bool {
	return k == slot.LaunchWeeks || k == slot.LaunchDate || k == slot.LaunchText || k == slot.IsUrgent
}

// longestEntry is how many words an entry of a list may have that somebody
// types; what is longer is a sentence, whose commas part no entries.
const longestEntry = 7

// entries reads the client's words for a list: "a calculator, photos of dogs"
// are two, and a sentence is one, whatever commas it has.
func entries(text string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;\n", r) }) {
		part = strings.TrimRight(strings.TrimSpace(part), ".")
		words := strings.Fields(part)
		if len(words) > 1 && (strings.EqualFold(words[0], "and") || strings.EqualFold(words[0], "or")) {
			words = words[1:]
		}
		if len(words) > longestEntry {
			return []string{strings.Join(strings.Fields(text), " ")}
		}
		if len(words) > 0 {
			out = append(out, strings.Join(words, " "))
		}
	}
	return out
}

func union(a, b string) string {
	list := slot.Values{"x": a}.List("x")
	for _, id := range (slot.Values{"x": b}).List("x") {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return slot.Join(list)
}

// derive adds what follows from other facts: weeks to launch from the date,
// urgency (DOMAIN 2.11), and when content is ready.
func (w *work) derive() {
	v := w.values()
	if d, err := time.Parse(time.DateOnly, v[slot.LaunchDate]); err == nil {
		weeks := max(0, math.Ceil(d.Sub(w.now).Hours()/(24*7)))
		w.infer(slot.LaunchWeeks, strconv.FormatFloat(weeks, 'f', -1, 64), slot.LaunchDate)
		v = w.values()
	}
	if weeks, ok := v.Number(slot.LaunchWeeks); ok && weeks <= 4 {
		w.infer(slot.IsUrgent, "yes", slot.LaunchWeeks)
	}
	if who := v[slot.ContentOwner]; !v.Has(slot.Maintainer) && (who == "client" || who == "agency") {
		w.infer(slot.Maintainer, who, slot.ContentOwner)
	}
	if n, ok := v.Number(slot.PostsPerWeek); ok && n > 0 && !v.Has(slot.UpdateFrequency) {
		w.infer(slot.UpdateFrequency, rhythm(n), slot.PostsPerWeek)
	}
	if n, ok := v.Number(slot.MonthlyVisitors); ok && !v.Has(slot.EstimatedTraffic) {
		w.infer(slot.EstimatedTraffic, traffic(n), slot.MonthlyVisitors)
	}
	w.deriveDelivery(v)
}

// deriveDelivery says when content is there where that follows from its state or
// from who makes it. What followed from texts that are not ready after all goes
// with them.
func (w *work) deriveDelivery(v slot.Values) {
	ready, ours := v[slot.ContentReadiness] == "ready", v[slot.ContentProvider] == "agency"
	if f, ok := w.s.Fact(slot.ContentReadyDate); ok && f.Status == Inferred &&
		(f.From == slot.ContentReadiness && !ready || f.From == slot.ContentProvider && !ours) {
		w.forget(slot.ContentReadyDate)
		v = w.values()
	}
	switch {
	case v.Has(slot.ContentReadyDate):
	case ready:
		w.infer(slot.ContentReadyDate, "ready now", slot.ContentReadiness)
	case ours:
		w.infer(slot.ContentReadyDate, "made by the agency within the project", slot.ContentProvider)
	}
}

// rhythm is how often a website changes on which so much is published a week.
func rhythm(posts float64) string {
	switch {
	case posts >= 5:
		return "daily"
	case posts >= 1:
		return "weekly"
	case posts >= 0.2:
		return "monthly"
	default:
		return "every_few_months"
	}
}

// traffic is the class of a number of visitors a month, as the bank offers it.
func traffic(visitors float64) string {
	switch {
	case visitors < 1000:
		return "low"
	case visitors <= 10_000:
		return "medium"
	default:
		return "high"
	}
}

// infer records a fact that follows from another, with that one's evidence.
func (w *work) infer(k slot.Key, value string, from slot.Key) {
	src, ok := w.s.Fact(from)
	if !ok {
		return
	}
	w.learn(Fact{Slot: k, Value: value, Status: Inferred, Confidence: 80, Source: "rule", Evidence: src.Evidence, From: from})
}

// sentencesWith returns the sentences of text that hold one of the cues.
func sentencesWith(text string, cues []string) string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == ';' || r == '\n' || r == '?' }) {
		low := strings.ToLower(part)
		if slices.ContainsFunc(cues, func(c string) bool { return strings.Contains(low, c) }) {
			out = append(out, strings.TrimSpace(part))
		}
	}
	return strings.Join(out, ". ")
}

package scope

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// left begins the open point of a contradiction that the team has to settle.
const left = "Left to the team: "

// conflicts lists the contradictions with both quotations, and makes open
// points of those that the client did not settle.
func (w *sheet) conflicts(p *page) {
	p.head("Contradictions")
	if len(w.s.Conflicts) == 0 {
		p.text("None found.")
	}
	named := map[string]int{}
	for _, c := range w.s.Conflicts {
		title, both := w.conflictTitle(c), w.said(c.Original, false)+" against "+w.said(c.Conflicting, true)
		p.named(title, both)
		if named[title]++; named[title] > 1 {
			title = fmt.Sprintf("%s (%d)", title, named[title])
		}
		label := c.Label
		if fold(label) == "" {
			label = strings.ReplaceAll(c.Resolution, "_", " ")
		}
		switch {
		case fold(label) == "":
			p.sub("Not resolved.")
			w.open("Contradiction: "+title, "It was shown and not resolved: "+both+".")
		case c.Resolution == "team_decides":
			p.sub("Left to the team: " + quote(label))
			w.open("Contradiction: "+title, "The client left it to the team: "+both+".")
		case c.Unread:
			p.sub("Resolved in the client's own words, which no rule could read: " + quote(label))
			w.open("Contradiction: "+title, "The client settled it in own words, and nothing follows from them yet: "+quote(label)+" on "+both+".")
		default:
			p.sub("Resolved: " + quote(label))
		}
	}
}

// conflictTitle names what a contradiction is about.
func (w *sheet) conflictTitle(c intake.ConflictRecord) string {
	if c.Rival != "" {
		return "two values for " + lowerFirst(w.def(c.Rival).Label)
	}
	return strings.ReplaceAll(escape(strings.ReplaceAll(string(c.Type), "_", " ")), "other", "scope")
}

// lowerFirst continues a sentence with a label.
func lowerFirst(label string) string {
	_, n := utf8.DecodeRuneInString(label)
	return strings.ToLower(label[:n]) + label[n:]
}

// said quotes one side of a contradiction with the question it comes from, if
// the session still knows it: the record holds the words only. Of the later
// side the newest such question counts.
func (w *sheet) said(text string, later bool) string {
	asked := 0
	note := func(number int, words string) {
		if number > 0 && begins(words, text) && (asked == 0 || later) {
			asked = number
		}
	}
	for _, f := range w.s.Facts {
		note(f.Evidence.Question, f.Evidence.Quote)
	}
	for _, r := range w.s.Rivals {
		note(r.Older.Evidence.Question, r.Older.Evidence.Quote)
		note(r.Fact.Evidence.Question, r.Fact.Evidence.Quote)
	}
	if asked == 0 {
		asked = w.typed(text)
	}
	if asked == 0 {
		return quote(text)
	}
	return fmt.Sprintf("%s (Q%d)", quote(text), asked)
}

// typed finds the answer that holds some words.
func (w *sheet) typed(text string) int {
	text = strings.TrimSpace(strings.TrimSuffix(fold(text), "…"))
	for _, m := range w.s.Marks {
		if text != "" && strings.Contains(fold(m.Answer.Text), text) {
			return m.Questions
		}
	}
	if strings.HasPrefix(text, "Selected: ") && w.chosen() {
		return w.screenNumber()
	}
	return 0
}

// rivals makes open points of second values that nobody was asked about.
func (w *sheet) rivals() {
	for _, r := range w.s.Rivals {
		if slices.ContainsFunc(w.s.Conflicts, func(c intake.ConflictRecord) bool { return c.Rival == r.Slot }) {
			continue
		}
		w.open("Two values for "+lowerFirst(w.def(r.Slot).Label), fmt.Sprintf("The client said %s (Q%d) and later %s (Q%d); the document counts with %s.",
			quote(shorten(r.Older.Evidence.Quote, maxQuote)), r.Older.Evidence.Question,
			quote(shorten(r.Fact.Evidence.Quote, maxQuote)), r.Fact.Evidence.Question, w.show(r.Slot)))
	}
}

// openPoints lists what is missing, most of all the gaps of a forced
// completion: points found while writing, what the client skipped or could not
// say, and checklist items without or without sufficient answer.
func (w *sheet) openPoints(p *page) {
	w.unpriced()
	w.rivals()
	w.counted()
	for _, o := range w.s.OpenPoints {
		w.openPoint(o)
	}
	for _, d := range w.defs {
		if _, ok := w.known(d.Key); ok {
			continue
		}
		if why := w.unanswered(d.Key); why != "" {
			w.open(d.Label, why)
		} else if d.Item() {
			w.open(d.Label, gap)
		}
	}
	w.partial()
	w.notAsked()
	p.head("Open points and gaps")
	if len(w.points) == 0 {
		p.text("None.")
	}
	for _, o := range w.points {
		p.named(o.what, o.why)
	}
}

// openPoint records a point of the session. What an assumption fills, and what
// conflicts and loops have recorded in more detail, is left out.
func (w *sheet) openPoint(o intake.OpenPoint) {
	label := w.def(o.Slot).Label
	if text, ok := strings.CutPrefix(o.Reason, correction); ok {
		if !slices.ContainsFunc(w.s.Loops, func(l intake.LoopAnswer) bool { return begins(l.Clarification, text) }) {
			w.open("Correction in the client's words", "No rule could read it, so no requirement follows from it yet; to be settled at kickoff: "+quote(text))
		}
		return
	}
	team := func(c intake.ConflictRecord) bool {
		return c.Resolution == "team_decides" && strings.Contains(o.Reason, c.Original)
	}
	if strings.HasPrefix(o.Reason, left) && slices.ContainsFunc(w.s.Conflicts, team) {
		return
	}
	if why := w.unanswered(o.Slot); why != "" {
		w.open(label, why)
		return
	}
	w.open(label, sentence(o.Reason))
}

// partial lists the items that the interview ended without enough of.
func (w *sheet) partial() {
	if w.s.Completion == nil {
		return
	}
	for _, label := range w.s.Completion.Missing {
		i := slices.IndexFunc(w.defs, func(d slot.Def) bool { return d.Label == label })
		if i >= 0 && w.facts[w.defs[i].Key].Status == intake.Assumed {
			continue // it stands among the assumptions
		}
		w.open(escape(label), "Answered in part only.")
	}
}

// notAsked names in one point the details that belong to the project and did
// not come up at all.
func (w *sheet) notAsked() {
	var labels []string
	for _, d := range w.defs {
		if _, asked := w.s.Fact(d.Key); !asked && w.detail(d) && d.Required(w.v) && !w.s.LeftOut(d.Key) {
			labels = append(labels, lowerFirst(d.Label))
		}
	}
	if len(labels) > 0 {
		w.open("Details that did not come up", "To be settled at kickoff: "+strings.Join(labels, "; ")+".")
	}
}

// detail reports whether a slot holds what a page does or looks like, beyond
// the checklist.
func (w *sheet) detail(d slot.Def) bool {
	return !d.Item() && d.Priority != "" && d.Section >= 6 && d.Section <= 9 &&
		!slices.ContainsFunc(w.s.OpenPoints, func(o intake.OpenPoint) bool { return o.Slot == d.Key })
}

// sentence makes a safe sentence of a reason.
func sentence(text string) string {
	if fold(text) == "" {
		return gap
	}
	return trimStop(escape(text)) + "."
}

// unpriced lists wishes that no position of section 13 covers, because the
// catalog does not sell them.
func (w *sheet) unpriced() {
	for _, wish := range []struct {
		k     slot.Key
		value []string
		what  string
	}{
		{slot.LogoStatus, []string{"need*"}, "Creating a logo"},
		{slot.Copywriting, []string{"full", "partial"}, "Copywriting"},
		{slot.PhotoApproach, []string{"custom"}, "A photographer"},
		{slot.Video, []string{"creation"}, "Producing video"},
		{slot.MarketingMaterials, []string{"need*"}, "Marketing material besides the website"},
	} {
		f, ok := w.known(wish.k)
		if !ok || !slices.ContainsFunc(wish.value, func(pattern string) bool { return matches(pattern, f.Value) }) {
			continue
		}
		w.left = append(w.left, Lack{What: wish.what})
		how := "Wanted " + evidence(f)
		if f.Status == intake.Assumed {
			how = "Assumed, see above"
		}
		w.open(wish.what, how+", but not a position of section 13.")
	}
}

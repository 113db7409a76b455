package intake

import (
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/redact"
	"applicreations.com/introspect/internal/slot"
)

// Advised is a model's advice as the engine was given it. Kept with the
// session, it makes a replay possible without the model.
type Advised struct {
	Action ActionID      `json:"action"` // whose answer it is about
	Advice advice.Advice `json:"advice"`
	Late   bool          `json:"late,omitempty"` // it came after the next question was shown
}

// How far a model's preference reaches: among so many of the best candidates,
// and none that is worth less than this share of the best. Without the share a
// hostile model could lead a conversation astray one legal question at a time.
const (
	offeredQuestions = 3
	offeredShare     = 0.9
)

// openShown is how many open slots a model is told of.
const openShown = 25

// Consult says what a model may know about an answer that the engine has just
// taken: before is the session that was answered and after what came of it. It
// reports false when asking a model is pointless or unwanted: after choices
// alone, at the end, and in a session without AI. The text is not redacted yet.
func (e *Engine) Consult(before, after *Session, a Answer) (advice.Snapshot, bool) {
	text, _ := extract.WithoutOrders(extract.Clean(a.Text))
	if text = redact.Tame(text); strings.TrimSpace(text) == "" || after.Client.NoAI || after.Current.Kind == Complete {
		return advice.Snapshot{}, false
	}
	w := &work{e: e, s: after, memo: memo{}}
	v := after.Values()
	snap := advice.Snapshot{
		Lang: "en", SiteType: after.Client.WebsiteType, Turn: after.Questions,
		Budget: advice.Budget{QuestionsLeft: max(0, QuestionTarget-after.Questions)}, Facts: v,
		LastQuestion: advice.Question{ID: before.Prompt(), Text: askedText(before)}, LastAnswer: text,
		AllowedActions: []advice.Action{actionOf(after.Current)}, AllowedQuestions: w.offered(v),
	}
	if after.ModelAt > 0 {
		snap.BusinessModel = string(after.Model.Model)
	}
	for _, d := range e.order {
		if len(snap.Open) < openShown && d.Weight > 0 && !d.Personal && !v.Has(d.Key) && d.Required(v) && !after.closed(d.Key) {
			snap.Open = append(snap.Open, d.Key)
		}
	}
	return snap, true
}

func askedText(s *Session) string {
	if n := len(s.Asked); n > 0 {
		return s.Asked[n-1].Text
	}
	return ""
}

// actionOf names an action in the words of the decision schema.
func actionOf(a Action) advice.Action {
	switch a.Kind {
	case AskQuestion:
		if a.Question.Clarifies != "" {
			return advice.Probe
		}
		return advice.Ask
	case RecommendFeatures:
		return advice.Features
	case ValidateUnderstanding:
		return advice.Validate
	case ExampleOptions:
		return advice.Example
	case ConflictResolution:
		return advice.Clash
	case Complete:
	}
	return advice.Overview
}

// offered lists the questions that a model may prefer and word: the one that is
// shown, and beside it the close runners-up of the same rule.
func (w *work) offered(v slot.Values) []advice.Question {
	q := w.s.Current.Question
	if w.s.Current.Kind != AskQuestion || len(w.s.Asked) == 0 {
		return nil
	}
	out := []advice.Question{{ID: q.Question.ID, Text: q.Question.Text}}
	ranking := w.s.Asked[len(w.s.Asked)-1].Ranking
	for _, r := range ranking[min(1, len(ranking)):] {
		entry, ok := w.e.bank.Find(r.QuestionID)
		if best := ranking[0]; ok && r.Rule == best.Rule && r.Score >= offeredShare*best.Score {
			out = append(out, advice.Question{ID: entry.ID, Text: w.asks(entry, w.open(entry.Slots(), v), v)})
		}
	}
	return out
}

// Options lists the legal ids of the slots that are chosen from lists, for
// advice.ReviewContext.
func (e *Engine) Options() map[slot.Key][]string {
	out := map[slot.Key][]string{}
	for _, q := range e.bank.Questions {
		for _, g := range q.Groups {
			for _, o := range g.Options {
				if !slices.Contains(out[g.Slot], o.Value) {
					out[g.Slot] = append(out[g.Slot], o.Value)
				}
			}
		}
	}
	return out
}

// Late takes advice about the answer that was taken last, after the next
// question was shown: its facts become hints, and nothing that the client sees
// changes. It reports false, and leaves the session as it is, when the session
// has moved on from that answer.
func (e *Engine) Late(s *Session, about ActionID, adv advice.Advice, now time.Time) bool {
	if s.Status != InProgress || s.Answered != about || about == "" || len(s.Marks) == 0 {
		return false
	}
	w := &work{e: e, s: s.clone(), now: now, memo: memo{}}
	w.heed(about, w.s.Marks[len(w.s.Marks)-1].Answer.Text, adv, true)
	w.advised = advice.Advice{}
	*s = *w.s
	return true
}

// heed takes facts and suspicions of reviewed advice, and remembers the
// preferred question for the choice of the next action.
func (w *work) heed(about ActionID, text string, adv advice.Advice, late bool) {
	adv.Why = "" // it is for a log, and may quote the client
	adv.Facts = w.anchored(adv.Facts, text)
	if len(adv.Facts) == 0 && len(adv.Conflicts) == 0 && adv.QuestionID == "" {
		return
	}
	w.advised = adv
	w.s.Advice = append(w.s.Advice, Advised{Action: about, Advice: adv, Late: late})
	prompt := w.answeredPrompt(late)
	for _, f := range adv.Facts {
		w.heedFact(f, prompt, late)
	}
	for _, c := range adv.Conflicts {
		if len(w.s.Suspects) < maxSuspects && w.firm(c.SlotA) && w.firm(c.SlotB) && c.SlotA != c.SlotB {
			w.s.Suspects = append(w.s.Suspects, c.SlotA, c.SlotB)
		}
	}
	w.derive()
}

// anchored keeps the facts whose evidence stands in the answer, in the client's
// own spelling: a model may change letter case, quotation marks and spaces, and
// a quote may not.
func (w *work) anchored(facts []advice.Fact, text string) []advice.Fact {
	text = extract.Clean(text)
	var out []advice.Fact
	for _, f := range facts {
		if quote, ok := advice.Quote(text, f.Evidence); ok {
			f.Evidence = quote
			out = append(out, f)
		}
	}
	return out
}

// heedFact takes one fact of the answer to a prompt. What the rules or the client
// said already stands. A figure that was asked for counts as read, because our
// own rules read it in the quote; everything else, and what came late, is a hint, which no rule builds on and which closes no
// question: a model may guess, but it may not keep the client from being asked
// (docs/adr/0021).
func (w *work) heedFact(f advice.Fact, prompt Asked, late bool) {
	d, ok := w.e.defs[f.Slot]
	if !ok || d.Personal || decided(f.Slot) || w.values().Has(f.Slot) || f.Value == "" || f.Evidence == "" {
		return
	}
	fact := Fact{
		Slot: f.Slot, Value: f.Value, Status: Inferred, Confidence: 60, Source: "advisor",
		Evidence: Evidence{Question: prompt.Number, Quote: f.Evidence}, Note: "Read by a language model from the client's words.",
	}
	asked := slices.Contains(prompt.Slots, f.Slot)
	if asked && !late && isFigure(d.Type) { // our own rules read the figure; the model says what it is about
		w.append(fact)
		return
	}
	if !w.mayHint(d, f, asked) {
		return
	}
	fact.Status, fact.Confidence = Assumed, 40
	fact.Note = "A language model read this between the lines of what the client said; please confirm."
	w.s.Hints = append(w.s.Hints, fact)
}

// isFigure reports the types of slots that hold figures.
func isFigure(t slot.Type) bool {
	switch t {
	case slot.Money, slot.Number, slot.Percent, slot.Duration, slot.Date:
		return true
	default:
		return false
	}
}

// mayHint reports whether a fact may be assumed at the end. A quote fits
// anywhere, so a text must speak of what its slot is about.
func (w *work) mayHint(d slot.Def, f advice.Fact, asked bool) bool {
	switch {
	case isFigure(d.Type):
		return asked
	case d.Type == slot.Text && len(d.Facets) > 0:
		return w.memo.judge(d, f.Value).enough
	case d.Type == slot.Text:
		return asked
	default:
		return asked || f.Certainty == advice.Stated
	}
}

// decided slots are worked out by rules of their own or clicked by the client.
func decided(k slot.Key) bool {
	switch k {
	case slot.BusinessModel, slot.SecondaryModels, slot.ServiceSubtype, slot.PriceConfirmed, slot.IsUrgent, slot.Notes:
		return true
	default:
		return false
	}
}

// answeredPrompt is the prompt that the answer was given to. When advice comes
// late the next prompt is on the screen already.
func (w *work) answeredPrompt(late bool) Asked {
	n := len(w.s.Asked)
	if late {
		n = w.s.Marks[len(w.s.Marks)-1].Asked
	}
	if n == 0 || n > len(w.s.Asked) {
		return Asked{Number: w.s.Questions}
	}
	return w.s.Asked[n-1]
}

// firm reports whether the client itself said what a slot holds.
func (w *work) firm(k slot.Key) bool {
	f, ok := w.s.Fact(k)
	return ok && (f.Status == Stated || f.Status == Confirmed)
}

// assumeHints writes down hints about what was never said otherwise.
func (w *work) assumeHints() {
	for _, h := range w.s.Hints {
		v := w.values()
		if !v.Has(h.Slot) && w.e.defs[h.Slot].Required(v) && !w.s.closed(h.Slot) {
			w.append(h)
		}
	}
}

// preferred puts the question that a model prefers in the first place, when it
// is among those that were offered.
func (w *work) preferred(list []ranked) []ranked {
	for i, c := range list[:min(offeredQuestions, len(list))] {
		if c.Entry.ID != w.advised.QuestionID || i == 0 {
			continue
		}
		if c.rule != list[0].rule || c.Score < offeredShare*list[0].Score {
			break
		}
		out := append([]ranked{c}, list[:i]...)
		return append(out, list[i+1:]...)
	}
	return list
}

// worded is the text of a question: a model's wording when it is for this very
// one, else the bank's.
func (w *work) worded(q Question) string {
	if w.advised.Wording != "" && w.advised.QuestionID == q.ID {
		return w.advised.Wording
	}
	return q.Text
}

// maxSuspects is how many slots may be doubted in one interview.
const maxSuspects = 4

// doubted lists the slots of suspicions that no check has shown yet. A
// suspicion asks nothing by itself, because a wrong one would cost the client a
// question; both facts stand first in the next check instead.
func (w *work) doubted(v slot.Values) []slot.Key {
	var out []slot.Key
	for i := 0; i+1 < len(w.s.Suspects); i += 2 {
		a, b := w.s.Suspects[i], w.s.Suspects[i+1]
		if v.Has(a) && v.Has(b) && (!w.confirmed(a) || !w.confirmed(b)) && !slices.Contains(out, a) && !slices.Contains(out, b) {
			out = append(out, a, b)
		}
	}
	return out[:min(len(out), 2)]
}

func (w *work) confirmed(k slot.Key) bool {
	f, ok := w.s.Fact(k)
	return ok && f.Status == Confirmed
}

// doubts says in our own words what a pair of doubted slots stands there for.
func (w *work) doubts(pair []slot.Key) []string {
	if len(pair) < 2 {
		return nil
	}
	return []string{"Please look twice at these two, which may not go together: " + w.e.defs[pair[0]].Label + " and " + w.e.defs[pair[1]].Label + "."}
}

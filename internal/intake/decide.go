package intake

import (
	"fmt"
	"slices"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/choose"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
)

const clarifySuffix = "_clarify"

// decide marks the session and sets the next action in the order of
// DOMAIN 2.1: hard stop, contradictions, a follow-up, features, validation,
// completion, question.
func (w *work) decide(given Answer) {
	s := w.s
	s.Marks = append(slices.Clip(s.Marks), w.mark(given, s.Current))
	w.next()
}

// next sets the next action from what is known; back and edit call it again
// on a restored session.
func (w *work) next() {
	s := w.s
	s.Current = Action{ID: ActionID(fmt.Sprintf("a%03d", s.Turns+1))}
	switch {
	case s.Questions >= QuestionLimit:
		w.complete(true)
	case s.Features == nil && s.Questions+1 >= featuresForced:
		w.present() // the window closes, whatever else is pending (DOMAIN 2.8)
	case w.raiseConflict():
	case w.askModel():
	case w.askFollowup():
	case w.askQueued():
	case w.featuresDue():
		w.present()
	case w.validationDue():
	default:
		w.askNext()
	}
	s.Furthest = w.e.percent(s, w.memo)
}

// count numbers a counted prompt and records it (DOMAIN 0.1).
func (w *work) count(a Asked) int {
	w.s.Questions++
	a.Number, a.At = w.s.Questions, w.now
	w.s.Asked = append(w.s.Asked, a)
	w.emit(event.NewQuestionEfficiency(w.s.Questions))
	return w.s.Questions
}

// askNext asks the question that is worth most now, or ends the interview.
func (w *work) askNext() {
	v := w.values()
	if list := w.rank(v); len(list) > 0 {
		w.ask(w.preferred(list), v)
		return
	}
	if w.s.Features == nil {
		w.present() // nothing is left to ask, so waiting would only stall
		return
	}
	w.assumeRest()
	if w.finalValidationDue() && w.validate(4) {
		return
	}
	w.complete(false)
}

// rank lists the candidates for the next question, best first, under the
// fixed rules that go before the score.
func (w *work) rank(v slot.Values) []ranked {
	s := w.s
	state := w.state(v)
	if first := &w.e.bank.Questions[0]; s.Questions == foundationQuestions && !w.wasAsked(first.ID) {
		if c, ok := w.e.choose.Weigh(first, state); ok {
			return []ranked{{c, "opening"}}
		}
	}
	list := w.e.choose.Rank(state)
	out := make([]ranked, 0, len(list))
	for _, c := range list {
		out = append(out, ranked{Candidate: c})
	}
	w.prefer(out, v)
	return out
}

// ranked is a candidate with the rule that lifted it, if any.
type ranked struct {
	choose.Candidate

	rule string
}

// prefer lifts the candidates that a fixed rule wants first: until the feature
// screen what its gate still lacks, then the blind spots and the essentials
// while there is still room for them.
func (w *work) prefer(list []ranked, v slot.Values) {
	s := w.s
	left := QuestionTarget - s.Questions
	needs, missing := w.gateNeeds(v), w.gateMissing(v)
	about := func(c ranked, keys []slot.Key) bool {
		return slices.ContainsFunc(c.Open, func(k slot.Key) bool { return slices.Contains(keys, k) })
	}
	var blind []bank.BlindSpot
	if s.Features != nil {
		blind = w.blindLeft(v)
	}
	lift := func(c ranked) string {
		switch {
		case s.Features == nil && about(c, needs):
			return "basics"
		case s.Features == nil && about(c, missing):
			return "features"
		case slices.Contains(blind, c.Entry.Blind) && left <= len(blind)+roomForOthers:
			return "blind_spot"
		case s.Features != nil && (left <= roomForEssentials && w.anyOf(c.Open, slot.Essential) || c.Entry.Takes == slot.UniqueValue):
			return "essential" // without the difference no proposal reads like its client
		case s.Features != nil && left <= roomForChecklist && w.items(c.Open) >= screenful:
			return "checklist"
		}
		return ""
	}
	for i := range list {
		list[i].rule = lift(list[i])
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return order(b.rule) - order(a.rule) })
}

// How many questions before the target the fixed rules take over.
const (
	roomForOthers     = 1
	roomForEssentials = 4
	roomForChecklist  = 4
)

// screenful is how many items of the checklist make a question worth one of
// the last places.
const screenful = 3

// items counts the open items of the checklist.
func (w *work) items(keys []slot.Key) int {
	n := 0
	for _, k := range keys {
		if w.e.defs[k].Item() {
			n++
		}
	}
	return n
}

func order(rule string) int {
	return slices.Index([]string{"", "checklist", "blind_spot", "essential", "features", "basics"}, rule)
}

func (w *work) anyOf(keys []slot.Key, p slot.Priority) bool {
	return slices.ContainsFunc(keys, func(k slot.Key) bool { return w.e.defs[k].Priority == p })
}

// blindLeft lists the blind spots that no question has gone to and whose
// subject is not known (references/intake.md 5.5).
func (w *work) blindLeft(v slot.Values) []bank.BlindSpot {
	var out []bank.BlindSpot
	for _, spot := range []bank.BlindSpot{bank.Look, bank.References, bank.MustAvoid} {
		asked, open := false, false
		for _, q := range w.e.bank.Questions {
			if q.Blind != spot {
				continue
			}
			asked = asked || w.wasAsked(q.ID)
			open = open || len(w.open(q.Slots(), v)) > 0
		}
		if !asked && open {
			out = append(out, spot)
		}
	}
	return out
}

// state is what the choice depends on.
func (w *work) state(v slot.Values) choose.State {
	s := w.s
	st := choose.State{
		Values: v, Asked: map[string]bool{}, Missing: map[slot.Key]float64{},
		Open: func(k slot.Key) bool { return w.mayAsk(k, v) },
	}
	for _, a := range s.Asked {
		st.Asked[a.QuestionID] = true
		if q, ok := w.e.bank.Find(a.QuestionID); ok {
			st.Last = &q
		}
	}
	for k, d := range w.e.defs {
		if len(d.Facets) > 0 && v.Has(k) {
			st.Missing[k] = 1 - float64(len(w.memo.judge(d, v[k]).facets))/float64(len(d.Facets))
		}
	}
	return st
}

// mayAsk reports whether a slot is open and the question limit still lets it
// pass (DOMAIN 2.7).
func (w *work) mayAsk(k slot.Key, v slot.Values) bool {
	d := w.e.defs[k]
	if k == slot.BusinessModel {
		return w.s.ModelAt == 0 && w.s.Questions+1 >= event.ClassificationDeadline
	}
	return allowed(d, w.s.Questions) && !w.e.enough(w.s, k, v, w.memo) && !w.s.closed(k) && !w.s.LeftOut(k)
}

// LeftOut reports whether a slot tells details of a function that the client saw
// offered and did not choose, now or for a later phase: who takes no shop is asked
// nothing about its checkout, and the documents miss nothing.
func (s *Session) LeftOut(k slot.Key) bool {
	var bearers []catalog.FeatureID
	switch k {
	case slot.ProductDetails, slot.CheckoutDetails, slot.DeliveryOptions:
		bearers = []catalog.FeatureID{"ecommerce_basic", "ecommerce_advanced"}
	case slot.MemberDetails:
		bearers = []catalog.FeatureID{"membership_portal", "customer_portal"}
	default:
		return false
	}
	f := s.Features
	if f == nil || !f.Answered {
		return false
	}
	return !slices.ContainsFunc(bearers, func(id catalog.FeatureID) bool {
		return slices.Contains(f.Selection.Features, id) || slices.Contains(f.Phased, id) ||
			slices.ContainsFunc(f.Estimate.Lines, func(l catalog.Line) bool { return l.Feature == id })
	})
}

// allowed is the gate near the question limit (DOMAIN 2.7). From the target on
// only essentials are asked: the rest becomes a documented default or an open
// point.
func allowed(d slot.Def, questions int) bool {
	switch {
	case questions >= QuestionTarget:
		return d.Priority == slot.Essential
	case event.EfficiencyStatus(questions) != "normal":
		return d.Priority == slot.Essential || d.Priority == slot.Important
	}
	return d.Weight > 0 || d.Item()
}

// askModel asks outright when the business model is not known by question 7,
// the deadline of DOMAIN 3.3; it goes before anything that can wait.
func (w *work) askModel() bool {
	q, ok := w.e.bank.Find("model")
	if v := w.values(); ok && !w.wasAsked(q.ID) && w.mayAsk(slot.BusinessModel, v) {
		c, ok := w.e.choose.Weigh(&q, w.state(v))
		if ok {
			w.ask([]ranked{{c, "deadline"}}, v)
		}
		return ok
	}
	return false
}

func (w *work) wasAsked(id string) bool {
	return slices.ContainsFunc(w.s.Asked, func(a Asked) bool { return a.QuestionID == id })
}

// askQueued asks what the resolution of a contradiction calls for.
func (w *work) askQueued() bool {
	for len(w.s.Queue) > 0 {
		q, ok := w.e.bank.Find(w.s.Queue[0])
		w.s.Queue = w.s.Queue[1:]
		if ok {
			v := w.values()
			w.ask([]ranked{{choose.Candidate{Entry: &q, Open: w.open(q.Slots(), v)}, "resolution"}}, v)
			return true
		}
	}
	return false
}

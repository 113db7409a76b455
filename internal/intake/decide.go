package intake

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
)

const clarifySuffix = "_clarify"

// decide sets the next action in the order of DOMAIN 2.1: hard stop,
// contradictions, a follow-up, features, validation, completion, question.
func (w *work) decide() {
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
	s.Furthest = w.e.percent(s)
}

// count numbers a counted prompt and records it (DOMAIN 0.1).
func (w *work) count(id string, slots []slot.Key) int {
	w.s.Questions++
	w.s.Asked = append(w.s.Asked, Asked{QuestionID: id, Number: w.s.Questions, Slots: slots, At: w.now})
	w.emit(event.NewQuestionEfficiency(w.s.Questions))
	return w.s.Questions
}

// askNext asks the next open question of the plan, or ends the interview.
func (w *work) askNext() {
	v := w.s.Values()
	for _, q := range w.e.bank.entries {
		if w.askable(q, v) {
			w.ask(q, v)
			return
		}
	}
	if w.s.Features == nil {
		w.present() // nothing is left to ask, so waiting would only stall
		return
	}
	if w.finalValidationDue() {
		w.validate(4)
		return
	}
	w.complete(false)
}

// askModel asks outright when the business model is not known by question 7,
// the deadline of DOMAIN 3.3; it goes before anything that can wait.
func (w *work) askModel() bool {
	q, ok := w.e.bank.find("model")
	v := w.s.Values()
	if !ok || !w.askable(q, v) {
		return false
	}
	w.ask(q, v)
	return true
}

// askable reports whether a question may be asked now: it applies, was not
// asked before, and still has an open item that the limit lets pass
// (DOMAIN 2.7, 2.9b).
func (w *work) askable(q entry, v slot.Values) bool {
	if w.wasAsked(q.ID) || !w.applies(q, v) {
		return false
	}
	if q.ID == "figures" {
		return w.s.Questions < 20
	}
	for _, k := range w.s.open(q.slots(), v) {
		if allowed(w.e.defs[k].Priority, w.s.Questions) {
			return true
		}
	}
	return false
}

func (w *work) wasAsked(id string) bool {
	return slices.ContainsFunc(w.s.Asked, func(a Asked) bool { return a.QuestionID == id })
}

// allowed is the gate near the question limit (DOMAIN 2.7).
func allowed(p slot.Priority, questions int) bool {
	switch event.EfficiencyStatus(questions) {
	case "normal":
		return true
	case "warning":
		return p == slot.Essential || p == slot.Important
	case "critical":
		return p == slot.Essential
	}
	return false
}

// applies evaluates the named condition of a question.
func (w *work) applies(q entry, v slot.Values) bool {
	switch q.When {
	case "queued":
		return false
	case "model_unknown":
		return w.s.ModelAt == 0 && w.s.Questions+1 >= event.ClassificationDeadline
	case "figures_unknown":
		return slices.ContainsFunc(w.figures(v), func(k slot.Key) bool { return !v.Has(k) })
	}
	return true
}

// ask shows a question of the bank with the items that are still open.
func (w *work) ask(q entry, v slot.Values) {
	slots := w.s.open(q.slots(), v)
	n := w.count(q.ID, slots)
	wire := w.wire(q, slots, v, n)
	w.s.Current.Kind = AskQuestion
	w.s.Current.Question = &Ask{Question: wire, Slots: slots, Why: q.Why}
	w.say("assistant", wire.Text, q.ID)
}

// wire makes the wire form of a question for the slots that are open.
func (w *work) wire(q entry, slots []slot.Key, v slot.Values, n int) Question {
	out := Question{
		ID: q.ID, Category: q.Category, Text: w.word(w.variant(q, v), v), Type: q.Type,
		Validation: Limits{Required: true, MinLength: q.MinLength, MaxLength: MaxAnswer},
		HelpText:   q.Help, Examples: q.Examples, ScopeSection: q.Section, Priority: string(q.Priority), Number: n,
	}
	var groups []group
	for _, g := range q.Groups {
		for _, k := range slots {
			if k == g.Slot {
				groups = append(groups, g)
			}
		}
	}
	for _, g := range groups {
		prefix, key := "", ""
		if len(q.Groups) > 1 {
			key = string(g.Slot)
			prefix = key + "."
			out.Groups = append(out.Groups, Group{Key: key, Label: g.Label, Single: g.Single})
		}
		for _, c := range g.Options {
			out.Options = append(out.Options, Option{Value: prefix + c.Value, Label: c.Label, Description: c.Description, Group: key})
		}
	}
	if q.Type == Select || q.Type == MultiSelect {
		out.Other, out.OtherLabel = true, q.OtherLabel
		if out.OtherLabel == "" {
			out.OtherLabel = "Something else"
		}
	}
	return out
}

// variant picks the wording for the website type, or for the business model
// where figures are asked.
func (w *work) variant(q entry, v slot.Values) string {
	key := w.s.Client.WebsiteType
	if q.ID == "figures" {
		key = v[slot.BusinessModel]
		if key == string(classify.Hybrid) && len(w.s.Model.Secondary) > 0 {
			key = string(w.s.Model.Secondary[0])
		}
		if key == string(classify.Service) && v[slot.ServiceSubtype] == string(classify.Reservation) {
			key = "reservation"
		}
	}
	if text, ok := q.Text[key]; ok {
		return text
	}
	return q.Text[""]
}

// word fills the placeholders of a text; without a name it stays neutral.
func (w *work) word(text string, v slot.Values) string {
	name := v[slot.BusinessName]
	if name == "" || len(name) > 40 {
		name = "it"
	}
	return strings.ReplaceAll(text, "{business}", name)
}

// askFollowup asks once more about what the last answer left open: first a
// clarifying question, then example cards (DOMAIN 2.14).
func (w *work) askFollowup() bool {
	q, ok := w.e.bank.find(w.s.Followup)
	if !ok {
		return false
	}
	v := w.s.Values()
	slots := w.followSlots(q, v)
	if len(slots) == 0 {
		w.s.Followup = ""
		return false
	}
	spent := w.s.Clarified[q.ID]
	w.s.Clarified[q.ID]++
	if spent == 0 {
		w.askClarifying(q, slots, v)
		return true
	}
	n := w.count(q.ID+"_examples", slots)
	ex := &Examples{
		QuestionID: q.ID, Context: "Which of these comes closest? " + w.word(w.variant(q, v), v),
		Options: q.Options, AllowCustom: true, CustomPrompt: "None of these: in own words", Slots: slots, Number: n,
	}
	w.s.Current.Kind, w.s.Current.Examples = ExampleOptions, ex
	w.say("assistant", ex.Context, q.ID)
	return true
}

// followSlots lists what a follow-up is about.
func (w *work) followSlots(q entry, v slot.Values) []slot.Key {
	var out []slot.Key
	for _, k := range w.s.open(q.slots(), v) {
		if q.needed(w.e.defs[k]) {
			out = append(out, k)
		}
	}
	return out
}

func (w *work) askClarifying(q entry, slots []slot.Key, v slot.Values) {
	text := "One detail is still missing: " + strings.ToLower(w.e.defs[slots[0]].Label) + "."
	if own := q.Clarify[slots[0]]; own != "" {
		text = w.word(own, v)
		slots = slots[:1]
	}
	n := w.count(q.ID+clarifySuffix, slots)
	wire := w.wire(q, slots, v, n)
	wire.ID, wire.Text = q.ID+clarifySuffix, text
	if len(wire.Options) == 0 && (wire.Type == MultiSelect || wire.Type == Select) {
		wire.Type, wire.Groups, wire.Other, wire.OtherLabel = TextLine, nil, false, ""
	}
	w.s.Current.Kind = AskQuestion
	w.s.Current.Question = &Ask{
		Question: wire, Slots: slots, Why: q.Why,
		Clarifies: "A little more detail on this point makes the specification usable.",
	}
	w.say("assistant", text, q.ID)
}

// askQueued asks what the resolution of a contradiction calls for.
func (w *work) askQueued() bool {
	for len(w.s.Queue) > 0 {
		q, ok := w.e.bank.find(w.s.Queue[0])
		w.s.Queue = w.s.Queue[1:]
		if ok {
			w.ask(q, w.s.Values())
			return true
		}
	}
	return false
}

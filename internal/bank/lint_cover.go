package bank

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/slot"
)

// cover checks that the bank as a whole can lead an interview to its end.
func (l linter) cover() {
	l.first()
	for _, id := range []string{"model", "new_budget", "new_date"} {
		q, ok := l.Find(id)
		switch {
		case !ok:
			l.file.Wrong("questions", "there must be a question %q, because the rules ask it", id)
		case strings.HasPrefix(id, "new_") && !q.Queued:
			l.file.Wrong(at("questions", l.index(id))+".queued", "%q is asked only after a conflict, so it must be queued", id)
		}
	}
	for _, spot := range []BlindSpot{Look, MustAvoid, References} {
		if !slices.ContainsFunc(l.Questions, func(q Entry) bool { return q.Blind == spot && len(q.AskIf) == 0 && !q.Queued }) {
			l.file.Wrong("questions", "there must be a question with blindSpot %q and without askIf, because every interview asks one", spot)
		}
	}
	for loop := 1; loop <= loops; loop++ {
		if !slices.ContainsFunc(l.Validations, func(c Check) bool { return c.Loop == loop && len(c.When) == 0 }) {
			l.file.Wrong("validations", "there must be a check of loop %d without when, for every project that no other fits", loop)
		}
	}
	for _, d := range slot.Defs() {
		l.reach(d)
	}
}

// first checks the opening question.
func (l linter) first() {
	if len(l.Questions) == 0 {
		l.file.Wrong("questions", "there must be a question at least")
		return
	}
	q := l.Questions[0]
	if q.Type != TextArea || q.Takes != slot.BusinessDescription {
		l.file.Wrong("questions[0]", "the first question must be a textarea that takes businessDescription, because the others follow from it")
	}
	if len(q.AskIf)+len(q.NotIf) > 0 || q.Queued {
		l.file.Wrong("questions[0]", "the first question must be asked always; remove askIf, notIf and queued")
	}
}

func (l linter) index(id string) int {
	return slices.IndexFunc(l.Questions, func(q Entry) bool { return q.ID == id })
}

// reach checks that a slot of some weight gets an answer: from questions, and
// when little depends on it, from a default. What much depends on needs a
// second way: another question, or a probe, which is asked when the answer to
// the first question leaves the slot open.
func (l linter) reach(d slot.Def) {
	if d.Weight == 0 || d.Priority == "" {
		return
	}
	need, have := 1, 0
	if d.Weight >= askedTwice && d.Key != slot.BusinessModel { // the model is also read from what the client writes
		need = 2
	}
	for _, q := range l.Questions {
		if !q.Queued && slices.Contains(q.Slots(), d.Key) {
			have++
		}
	}
	if need == 2 && slices.ContainsFunc(l.Probes, func(p Probe) bool { return p.Slot == d.Key }) {
		need = 1
	}
	if have < need {
		l.file.Wrong("questions", "%s can be filled by too few questions: it needs %d in groups, takes or fills, and has %d", d.Key, need, have)
	}
	if d.Priority == slot.NiceToHave && d.Weight <= maxDefault &&
		!slices.ContainsFunc(l.Defaults, func(x Fallback) bool { return x.Slot == d.Key }) {
		l.file.Wrong("defaults", "there must be a default for %s, because it is often left open", d.Key)
	}
}

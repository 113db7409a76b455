package advice

import (
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/slot"
)

// ReviewContext is what a piece of advice is checked against.
type ReviewContext struct {
	// Sent is the snapshot as the model saw it, that is tamed and redacted.
	Sent Snapshot
	// Canary is the secret word of the system prompt. An answer that holds it,
	// in whatever disguise, is dropped as a whole. Empty means no canary.
	Canary string
	// Options lists the legal ids of Enum and Multi slots. An Enum that is not
	// listed takes no value of a model.
	Options map[slot.Key][]string
	// Now is what relative dates in the answer count from.
	Now time.Time
}

// Part names a part of advice.
type Part string

// The parts that can be dropped.
const (
	All          Part = "all"
	FactPart     Part = "fact"
	ConflictPart Part = "conflict"
	QualityPart  Part = "answer_quality"
	ActionPart   Part = "action"
	QuestionPart Part = "question_id"
	FocusPart    Part = "slot_focus"
	WordingPart  Part = "wording"
	// ExplainPart is the text of a conflict; the conflict stays without it.
	ExplainPart Part = "explanation"
)

// Drop is one rejected part. It quotes nothing that the model wrote but the
// key of a slot that exists, so that it may be logged and counted.
type Drop struct {
	Part   Part
	Slot   slot.Key // of a fact or conflict; empty when there is no such slot
	Reason string   // one of the Reason constants
}

// The reasons of a Drop.
const (
	ReasonCanary   = "canary"       // the system prompt leaked
	ReasonIllegal  = "not_offered"  // not among what the engine offered
	ReasonUnknown  = "unknown"      // no such slot or word
	ReasonPersonal = "personal"     // not for a model
	ReasonEvidence = "no_evidence"  // the client did not say it
	ReasonValue    = "bad_value"    // not of the slot's type, or not what the evidence says
	ReasonTwice    = "twice"        // the slot has a value in this advice already
	ReasonOrder    = "order"        // an order to a model, not a fact
	ReasonNoFact   = "no_fact"      // a conflict needs two facts
	ReasonOrphan   = "no_question"  // a wording without its question
	ReasonLength   = "length"       // empty or too long
	ReasonForm     = "form"         // not one plain question
	ReasonLetters  = "letters"      // letters or signs that hide something
	ReasonLink     = "link"         // an address
	ReasonNumber   = "number"       // a number that nobody named
	ReasonPrice    = "price"        // money that nobody named
	ReasonClaim    = "claim"        // speaks for the agency or as a person
	ReasonLure     = "lure"         // asks for a secret or for an act elsewhere
	ReasonLeak     = "prompt_leak"  // speaks about prompts and models
	ReasonOffTopic = "off_topic"    // not about a website
	ReasonMask     = "placeholder"  // a placeholder other than the client's name
	ReasonTooMuch  = "too_much"     // more entries than one answer can hold
	ReasonSame     = "same_slot"    // a slot cannot contradict itself
	ReasonWords    = "words"        // words that a question about a website does not need
	ReasonStrays   = "strays"       // asks for something else than the offered question
	ReasonNoAnswer = "empty_answer" // facts about an answer that holds nothing
)

// Review keeps what of the advice is legal and true to the client's words, and
// says what it dropped and why (references/intake.md 4.7, 4.8). It never adds
// anything; a choice that is not literally in its evidence becomes implied, so
// that the client confirms it. Reviewing accepted advice again changes nothing.
func Review(a Advice, c ReviewContext) (accepted Advice, dropped []Drop) {
	if leaks(a, c.Canary) {
		return Advice{}, []Drop{{Part: All, Reason: ReasonCanary}}
	}
	r := review{c: c, defs: slot.ByKey(), answer: plain(c.Sent.LastAnswer)}
	out := Advice{
		Quality: r.quality(a.Quality), Action: r.action(a.Action),
		SlotFocus: r.focus(a.SlotFocus), Facts: r.facts(a.Facts), Why: cut(a.Why, 300),
	}
	q, found := r.question(a.QuestionID)
	if found {
		out.QuestionID = q.ID
	}
	out.Wording = r.wording(a.Wording, q, found, out.Facts)
	out.Conflicts = r.conflicts(a.Conflicts, out.Facts)
	return out, r.dropped
}

type review struct {
	c       ReviewContext
	defs    map[slot.Key]slot.Def
	answer  string // the last answer, normalised
	dropped []Drop
}

func (r *review) drop(p Part, k slot.Key, reason string) {
	if _, ok := r.defs[k]; !ok {
		k = ""
	}
	r.dropped = append(r.dropped, Drop{Part: p, Slot: k, Reason: reason})
}

func (r *review) quality(q Quality) Quality {
	if q == "" || slices.Contains(Qualities(), q) {
		return q
	}
	r.drop(QualityPart, "", ReasonUnknown)
	return ""
}

func (r *review) action(a Action) Action {
	if a == "" || slices.Contains(r.c.Sent.AllowedActions, a) {
		return a
	}
	r.drop(ActionPart, "", ReasonIllegal)
	return ""
}

func (r *review) focus(k slot.Key) slot.Key {
	if _, ok := r.defs[k]; k == "" || ok {
		return k
	}
	r.drop(FocusPart, "", ReasonUnknown)
	return ""
}

// question finds the offered question of an id.
func (r *review) question(id string) (Question, bool) {
	for _, q := range r.c.Sent.AllowedQuestions {
		if q.ID == id && id != "" {
			return q, true
		}
	}
	if id != "" {
		r.drop(QuestionPart, "", ReasonIllegal)
	}
	return Question{}, false
}

func (r *review) wording(w string, q Question, found bool, facts []Fact) string {
	if w == "" {
		return ""
	}
	reason := ReasonOrphan
	if found {
		reason = lint(w, r.c.Sent, q, facts)
	}
	if reason != "" {
		r.drop(WordingPart, "", reason)
		return ""
	}
	return w
}

func (r *review) facts(list []Fact) (out []Fact) {
	seen := map[slot.Key]bool{}
	for i, f := range list {
		reason := ""
		switch {
		case i >= maxFacts:
			reason = ReasonTooMuch
		case r.answer == "":
			reason = ReasonNoAnswer
		case seen[f.Slot]:
			reason = ReasonTwice
		default:
			reason = r.fact(f)
		}
		if reason != "" {
			r.drop(FactPart, f.Slot, reason)
			continue
		}
		seen[f.Slot] = true
		if !proven(r.defs[f.Slot], f) {
			f.Certainty = Implied
		}
		out = append(out, f)
	}
	return out
}

// fact says why a fact cannot stand, or nothing.
func (r *review) fact(f Fact) string {
	d, ok := r.defs[f.Slot]
	switch {
	case !ok:
		return ReasonUnknown
	case d.Personal || untouchable(f.Slot):
		return ReasonPersonal
	case f.Certainty != Stated && f.Certainty != Implied:
		return ReasonUnknown
	case !said(r.answer, f.Evidence):
		return ReasonEvidence
	case isOrder(f.Evidence) || isOrder(f.Value):
		return ReasonOrder
	case !r.value(d, f):
		return ReasonValue
	}
	return ""
}

// untouchable are slots that only the client's own click may fill.
func untouchable(k slot.Key) bool { return k == slot.PriceConfirmed }

func (r *review) conflicts(list []Conflict, facts []Fact) (out []Conflict) {
	holds := func(k slot.Key) bool {
		return r.c.Sent.Facts.Has(k) || slices.ContainsFunc(facts, func(f Fact) bool { return f.Slot == k })
	}
	for i, c := range list {
		_, a := r.defs[c.SlotA]
		_, b := r.defs[c.SlotB]
		reason := ""
		switch {
		case i >= maxFacts:
			reason = ReasonTooMuch
		case !a || !b:
			reason = ReasonUnknown
		case c.SlotA == c.SlotB:
			reason = ReasonSame
		case !holds(c.SlotA) || !holds(c.SlotB):
			reason = ReasonNoFact
		}
		if reason != "" {
			r.drop(ConflictPart, c.SlotA, reason)
			continue
		}
		c.Explanation = r.explanation(c, facts)
		out = append(out, c)
	}
	return out
}

func (r *review) explanation(c Conflict, facts []Fact) string {
	if c.Explanation == "" {
		return ""
	}
	reason := lintSentence(c.Explanation, r.c.Sent, Question{}, facts)
	if reason == "" {
		reason = explains(c.Explanation, r.defs[c.SlotA], r.defs[c.SlotB], trustedText(r.c.Sent, Question{}, facts))
	}
	if reason != "" {
		r.drop(ExplainPart, c.SlotA, reason)
		return ""
	}
	return c.Explanation
}

func cut(s string, runes int) string {
	for i := range s {
		if runes--; runes < 0 {
			return s[:i]
		}
	}
	return strings.ToValidUTF8(s, "")
}

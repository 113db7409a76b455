package intake

import (
	"slices"
	"unicode/utf8"

	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// enough reports whether a slot is sufficiently known (DOMAIN 2.5, 2.6). Text
// is judged by the facets that it covers rather than by its length alone.
func (e *Engine) enough(s *Session, k slot.Key, v slot.Values, m memo) bool {
	switch k {
	case slot.BusinessName:
		return utf8.RuneCountInString(v[k]) >= 2
	case slot.BusinessModel:
		return s.ModelAt > 0
	case slot.LaunchText:
		return v.Has(slot.LaunchDate) || v.Has(slot.LaunchWeeks)
	case slot.BudgetText:
		return v.Has(slot.BudgetMax) || v.Has(slot.BudgetMin)
	case slot.ComplianceRequirements, slot.VisitorActions: // what a rule only suspects is still asked
		f, ok := s.Fact(k)
		return ok && v.Has(k) && f.Status != Inferred
	case slot.MustHaves:
		if v[k] == "none" && s.Features != nil && s.Features.Answered {
			return true // who names no must, and then chose, was asked twice
		}
		must := len(v.List(slot.MustHaves))
		return must >= 3 || must >= 1 && (s.askedAbout(k) || must+len(v.List(slot.VisitorActions)) >= 3)
	default:
	}
	d := e.defs[k]
	switch {
	case len(d.Facets) > 0:
		return m.judge(d, v[k]).enough
	case d.Enough > 1: // one entry heard in passing does not make the list
		n := len(v.List(k))
		return n >= d.Enough || n > 0 && s.askedAbout(k)
	default:
		return v.Has(k)
	}
}

// askedAbout reports whether a question went to the slot.
func (s *Session) askedAbout(k slot.Key) bool {
	return slices.ContainsFunc(s.Asked, func(a Asked) bool { return slices.Contains(a.Slots, k) })
}

// judge gives the verdict about a text, which is read once a turn.
func (m memo) judge(d slot.Def, text string) verdict {
	if seen, ok := m[d.Key]; ok && seen.text == text {
		return seen
	}
	quality, facets := extract.Judge(d.Key, text)
	seen := verdict{text: text, facets: facets}
	seen.enough = quality == extract.Good && sufficient(d, text, len(facets))
	m[d.Key] = seen
	return seen
}

// memo remembers verdicts about texts within one turn: judging one means
// reading it word by word.
type memo map[slot.Key]verdict

type verdict struct {
	text   string
	enough bool
	facets []string // the parts of the slot that the text covers
}

// sufficient judges a text by its facets. Without any facet it needs the
// length of two sentences; a foreign text is taken as it is.
func sufficient(d slot.Def, text string, found int) bool {
	n := utf8.RuneCountInString(text)
	return n >= 15 && found >= d.Enough || n >= 40 && found > 0 || n >= 100 || n >= 40 && d.Priority != slot.Essential
}

// closed reports whether a slot was asked for in vain and is an open point.
func (s *Session) closed(k slot.Key) bool {
	return slices.ContainsFunc(s.OpenPoints, func(p OpenPoint) bool { return p.Slot == k })
}

// open lists the slots of a question that are neither known nor closed.
func (w *work) open(keys []slot.Key, v slot.Values) []slot.Key {
	var out []slot.Key
	for _, k := range keys {
		if !w.e.enough(w.s, k, v, w.memo) && !w.s.closed(k) {
			out = append(out, k)
		}
	}
	return out
}

// closePoints turns slots into open points, so that they are not asked again.
func (w *work) closePoints(keys []slot.Key, reason string) {
	for _, k := range keys {
		if !w.s.closed(k) {
			w.s.OpenPoints = append(slices.Clip(w.s.OpenPoints), OpenPoint{Slot: k, Reason: reason})
		}
	}
}

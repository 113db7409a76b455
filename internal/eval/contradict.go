package eval

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/slot"
)

// contradictions compares what was raised with what was planted. What nobody
// planted is no false alarm when the client's own words and choices bear it
// out.
func (s *Score) contradictions(t Transcript, cat *catalog.Catalog) {
	found := map[string]bool{}
	planted := inPlace(t, cat)
	for _, c := range t.Session.Conflicts {
		kind := kindOf(c)
		found[kind] = true
		s.Alarms++
		if !slices.Contains(planted, kind) && !bornOut(t, c, kind, cat) {
			s.FalseAlarms++
			s.miss(FalseAlarm, kind, c.Original, c.Conflicting, "")
		}
	}
	for _, kind := range planted {
		s.Planted++
		if found[kind] {
			s.Found++
		} else {
			s.miss(MissedConflict, kind, "", "", "")
		}
	}
}

// leftOut is a must that was not chosen. Nobody plants it: it comes of how a client
// goes through the feature screen.
const leftOut = "must left out"

// kindOf names a raised contradiction as the briefs do.
func kindOf(c intake.ConflictRecord) string {
	text := strings.ToLower(c.Key)
	switch {
	case strings.Contains(text, "must/"):
		return leftOut
	case c.Rival != "":
		return persona.TwoValues
	case c.Type == intake.BudgetVsFeatures:
		return persona.OverBudget
	case c.Type == intake.TimelineVsScope || c.Type == intake.ContentVsLaunch:
		return persona.TooEarly
	case strings.Contains(text, "simpl"):
		return persona.NotSimple
	case strings.Contains(text, "complian"):
		return persona.NoDefence
	}
	return "other"
}

// inPlace lists the planted contradictions that the interview could have seen:
// both sides of each were told or chosen.
func inPlace(t Transcript, cat *catalog.Catalog) []string {
	var out []string
	for _, x := range t.Client.Brief.Contradictions {
		ok := !slices.Contains(out, x.Kind)
		for _, k := range x.Needs {
			ok = ok && told(t, k)
		}
		switch x.Kind {
		case persona.TwoValues:
			ok = ok && t.Client.Wavered
		case persona.OverBudget:
			ok = ok && tooDear(t, cat, 1.2)
		case persona.NoDefence:
			ok = ok && t.Client.Refuses
		case persona.TooEarly:
			ok = ok && tooEarly(t, cat)
		}
		if ok {
			out = append(out, x.Kind)
		}
	}
	return out
}

func told(t Transcript, k slot.Key) bool {
	for i, truth := range t.Client.Brief.Truths {
		if _, said := t.Client.Told[i]; said && truth.Slot == k {
			return true
		}
	}
	return false
}

// truth reads a number that the client holds, told or not.
func truth(t Transcript, k slot.Key) (float64, bool) {
	held, ok := t.Client.Brief.Truth(k)
	n, isNumber := slot.Values{k: held.Value}.Number(k)
	return n, ok && isNumber
}

// tooDear reports whether what the client chose costs more than so many times
// the budget (DOMAIN 2.11: 1.2).
func tooDear(t Transcript, cat *catalog.Catalog, times float64) bool {
	budget, ok := truth(t, slot.BudgetMax)
	if !ok || t.Chosen == nil {
		return false
	}
	total, _ := price(cat, *t.Chosen)
	return float64(total) > times*budget
}

// tooEarly reports whether the launch comes before the work can be done: the
// shortest working days of what was chosen, one after the other, with four
// weeks for the site itself; or within four weeks without content.
func tooEarly(t Transcript, cat *catalog.Catalog) bool {
	weeks, ok := weeksLeft(t)
	if !ok || t.Chosen == nil {
		return false
	}
	if state, known := t.Client.Brief.Truth(slot.ContentReadiness); known && state.Value == "need_help" && weeks <= 4 {
		return true
	}
	days := 20
	for _, id := range t.Chosen.Features {
		if f, known := cat.Feature(id); known {
			days += f.MinDays
		}
	}
	return weeks < float64(days)/5
}

func weeksLeft(t Transcript) (float64, bool) {
	if w, ok := truth(t, slot.LaunchWeeks); ok {
		return w, true
	}
	held, ok := t.Client.Brief.Truth(slot.LaunchDate)
	if !ok {
		return 0, false
	}
	return weeksUntil(t.Session.CreatedAt, held.Value)
}

// bornOut checks a contradiction that nobody planted against the client's own
// truths, words and choices.
func bornOut(t Transcript, c intake.ConflictRecord, kind string, cat *catalog.Catalog) bool {
	said := strings.ToLower(strings.Join(t.Client.Typed(), " "))
	switch kind {
	case persona.TwoValues:
		return false
	case persona.OverBudget:
		return tooDear(t, cat, 1)
	case persona.TooEarly:
		weeks, ok := weeksLeft(t)
		return ok && (weeks <= 5 || tooEarly(t, cat))
	case persona.NotSimple:
		return strings.Contains(said, "simple") || strings.Contains(said, "basic") || strings.Contains(said, "nothing fancy")
	case leftOut:
		return misses(t, c.Key, cat)
	case persona.NoDefence:
		rules, ok := t.Client.Brief.Truth(slot.ComplianceRequirements)
		wants, _ := t.Client.Brief.Truth(slot.MustHaves)
		return ok && rules.Value != "none" || strings.Contains(wants.Value, "commerce") || strings.Contains(wants.Value, "payment")
	}
	return ownWords(t, c.Original) && ownWords(t, c.Conflicting)
}

// misses reports whether a feature that a contradiction names was picked as a must, and
// neither it nor one sold instead was chosen.
func misses(t Transcript, key string, cat *catalog.Catalog) bool {
	for _, f := range cat.Features {
		if t.Chosen == nil || !strings.Contains(key, string(f.ID)) {
			continue
		}
		kin := append([]catalog.FeatureID{f.ID}, f.Conflicts...)
		picked := slices.ContainsFunc(t.Picks, func(p Pick) bool { return p.Slot == slot.MustHaves && slices.Contains(kin, catalog.FeatureID(p.Value)) })
		if picked && !slices.ContainsFunc(kin, func(id catalog.FeatureID) bool { return slices.Contains(t.Chosen.Features, id) }) {
			return true
		}
	}
	return false
}

// ownWords reports whether a quoted side of a contradiction was typed or
// chosen by the client.
func ownWords(t Transcript, quote string) bool {
	quote = persona.Squash(quote)
	has := func(text string) bool { return strings.Contains(persona.Squash(text), quote) }
	return quote != "" && (slices.ContainsFunc(t.Client.Typed(), has) || slices.ContainsFunc(t.Client.Picked(), has))
}

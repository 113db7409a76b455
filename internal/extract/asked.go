package extract

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// askedTexts reads the sentences that answer a question for names, when the
// rules found none: who competes and who decides are told in as many ways as
// there are clients, but always by naming somebody.
func (f *finder) askedTexts() {
	if f.ctx.asked(slot.Competitors) && len(f.found[slot.Competitors]) == 0 {
		f.sentenceWith(slot.Competitors, f.callsOthers)
		if len(f.found[slot.Competitors]) == 0 {
			f.sentenceWith(slot.Competitors, f.namesOthers)
		}
	}
	if f.ctx.asked(slot.DecisionMakers) {
		f.wholeDecision()
	}
}

// sentenceWith files the first sentence that fits.
func (f *finder) sentenceWith(k slot.Key, fits func(from, to int) bool) {
	for i := 0; i < len(f.Tokens); {
		from, to := f.Sentence(i)
		if fits(from, to) {
			f.add(k, `"`, from, to-1)
			return
		}
		i = max(to, i+1)
	}
}

// longestList is how many words a sentence may have that only names others.
const longestList = 14

// namesOthers reports whether a short sentence names somebody: with a capital
// letter inside it, or as a list of two.
func (f *finder) namesOthers(from, to int) bool {
	if to-from > longestList {
		return false
	}
	for n := from; n < to; n++ {
		switch f.Tokens[n].Low {
		case "we", "our", "us", "i", "my":
			return false // about themselves
		}
	}
	for n := from; n < to; n++ {
		t := f.Tokens[n]
		if t.Kind == token.Link {
			return true
		}
		capital := token.Capital(f.Text[t.Start:t.End]) && !noName(t.Low) && len(t.Low) > 2
		listed := n+1 < to && (f.Tokens[n+1].Gap == token.GapComma || f.Tokens[n+1].Low == "and")
		if capital && (n > from || listed) {
			return true
		}
	}
	return false
}

// callsOthers reports whether a short sentence names somebody and says that they
// are others.
func (f *finder) callsOthers(from, to int) bool {
	return to-from <= longestList && slices.ContainsFunc(f.Tokens[from:to], func(t token.Token) bool {
		switch t.Low {
		case "others", "other", "competitors", "competitor", "rivals", "rival", "similar", "vs", "versus", "alternative", "alternatives":
			return true
		}
		return false
	}) && slices.ContainsFunc(f.Tokens[from:to], func(t token.Token) bool { return token.Capital(f.Text[t.Start:t.End]) })
}

// wholeDecision widens what was read about deciders to the sentence, or takes
// the sentence that names a body or a person when no rule did.
func (f *finder) wholeDecision() {
	cs := f.found[slot.DecisionMakers]
	if len(cs) == 0 {
		f.sentenceWith(slot.DecisionMakers, f.namesDeciders)
		return
	}
	if f.noNameAt(cs[0].first) && cs[0].first < cs[0].last {
		cs[0].first++ // "by 31 March, trustees approve"
	}
	from, to := f.Sentence(cs[0].first)
	if f.sumOrDate(from, to) {
		from, to = f.Clause(cs[0].first)
	}
	if to-from <= longestList && to > cs[0].last && !f.sumOrDate(from, to) {
		cs[0].first, cs[0].last = from, to-1
	}
}

// noNameAt reports whether a word looks like a name and is none, as a month.
func (f *finder) noNameAt(i int) bool {
	low := f.Tokens[i].Low
	return token.Capital(f.Quote(i, i)) && (noName(low) || low == "march" || low == "may")
}

func (f *finder) namesDeciders(from, to int) bool {
	if to-from > longestList || f.sumOrDate(from, to) {
		return false
	}
	for _, t := range f.Tokens[from:to] {
		if facts.Has("kin", t.Low) || facts.Has("role", t.Low) || strings.HasPrefix(t.Low, "committee") {
			return true
		}
		switch t.Low {
		case "board", "council", "shareholders", "family", "together", "jointly", "alone", "head", "heads":
			return true
		}
	}
	return false
}

// sumOrDate reports whether a sentence tells money or a time, and so answers
// something else as well.
func (f *finder) sumOrDate(from, to int) bool {
	for _, fig := range f.Figures {
		if fig.First >= from && fig.First < to && (fig.Money || fig.Percent || fig.Year || fig.Lo >= 100) {
			return true
		}
	}
	for _, k := range []slot.Key{slot.LaunchText, slot.LaunchDate, slot.LaunchWeeks} {
		for _, c := range f.found[k] {
			if c.first >= from && c.first < to {
				return true
			}
		}
	}
	return false
}

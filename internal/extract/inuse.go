package extract

import (
	"strings"
	"unicode"

	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// namedTools reads the names of programs that no lexicon knows: capitalised
// words behind "we use", "we work with" and the like. Agencies' clients name
// thousands of them, and what is in use today decides what must be connected
// or moved.
func (f *finder) namedTools() {
	for i := range f.Tokens {
		if f.Tokens[i].Denied != token.Affirmed {
			continue
		}
		if at := f.usedAt(i); at >= 0 {
			f.toolList(slot.CurrentTools, at)
		}
		if at := f.wiredAt(i); at >= 0 {
			f.toolList(slot.Integrations, at)
		}
	}
	// A single name is taken with the whole answer; of a list the rules may know
	// one and would lose the others.
	if f.ctx.asked(slot.CurrentTools) && len(f.Tokens) <= shortAnswer*2 && strings.ContainsAny(f.Text, ",&+;/") {
		f.toolList(slot.CurrentTools, 0)
	}
	for i, t := range f.Tokens {
		if f.ctx.asked(slot.CurrentTools) && t.Kind == token.Word && t.Denied == token.Affirmed && camel(f.Text[t.Start:t.End]) &&
			!f.covered(slot.CurrentTools, i, i) && !f.covered(slot.Integrations, i, i) {
			f.add(slot.CurrentTools, f.Text[t.Start:t.End], i, i)
		}
	}
}

// camel reports a capital letter behind a small one, as only names of products
// have it: SumUp, QuickFile.
func camel(word string) bool {
	small := false
	for _, r := range word {
		if small && unicode.IsUpper(r) {
			return true
		}
		small = unicode.IsLower(r)
	}
	return false
}

// wiredAt returns where the names may begin behind "integrate with" and the
// like at token i, or -1.
func (f *finder) wiredAt(i int) int {
	if !facts.Has("keepcue", f.Tokens[i].Low) {
		return -1
	}
	for n := 1; n <= 5; n++ {
		switch f.Next(i, n) {
		case "with", "to", "into", "from":
			at := i + n + 1
			// "with our accounting program Symitar": the name ends the phrase.
			for end := at; at < len(f.Tokens) && at < end+5 && f.purpose(at); {
				at++
			}
			return at
		}
	}
	return -1
}

// usedAt returns where the names may begin behind a word of using at token i,
// or -1.
func (f *finder) usedAt(i int) int {
	switch f.Tokens[i].Low {
	case "use", "using", "uses":
		switch f.Next(i, -1) {
		case "to", "would", "could", "might", "may", "can", "will", "not", "never", "customers", "clients", "people", "visitors", "they":
			return -1
		}
		return i + 1
	case "through", "via", "with", "in", "on", "to":
		switch f.Next(i, -1) {
		case "run", "runs", "running", "everything", "bookings", "appointments", "orders", "invoices", "accounting", "bookkeeping", "invoicing", "records", "tickets", "payroll", "work":
			return i + 1
		}
	}
	return -1
}

// toolList files the names from a token on, as long as commas and "and" join
// them.
func (f *finder) toolList(k slot.Key, at int) {
	for at < len(f.Tokens) {
		last := f.toolName(at)
		if last < at {
			return
		}
		if !f.covered(slot.CurrentTools, at, last) && !f.covered(slot.Integrations, at, last) {
			f.add(k, strings.Join(strings.Fields(f.Quote(at, last)), " "), at, last)
		}
		at = last + 1
		if at < len(f.Tokens) && f.Tokens[at].Sentence != f.Tokens[last].Sentence {
			return
		}
		at = f.nextTool(at)
	}
}

// nextTool passes over what stands between two names of a list, as in "Xero for
// the books and Trello".
func (f *finder) nextTool(at int) int {
	for end := at + 4; at < end && at < len(f.Tokens) && f.purpose(at); {
		at++
	}
	if at < len(f.Tokens) && (f.Tokens[at].Low == "and" || f.Tokens[at].Low == "plus") {
		at++
	}
	return at
}

// purpose reports whether a word tells what a program is used for.
func (f *finder) purpose(i int) bool {
	t := f.Tokens[i]
	return t.Low != "and" && t.Low != "plus" && t.Gap < token.GapComma && !token.Capital(f.Text[t.Start:t.End])
}

// toolName returns the last token of the name that starts at the token.
func (f *finder) toolName(at int) int {
	last := at - 1
	for n := at; n < len(f.Tokens) && n < at+3; n++ {
		t := f.Tokens[n]
		raw := f.Text[t.Start:t.End]
		if n > at && t.Gap >= token.GapComma || t.Kind != token.Word || !token.Capital(raw) || len(raw) < 3 || noName(t.Low) || sentenceWord(t.Low) || pronoun(t.Low) {
			break
		}
		last = n
	}
	return last
}

func pronoun(low string) bool {
	switch low {
	case "we", "our", "the", "this", "that", "they", "there", "also", "but", "only", "just", "nothing", "none", "some", "paper", "yes", "for", "google":
		return true
	default:
		return false
	}
}

// covered reports whether a candidate of the slot overlaps the tokens.
func (f *finder) covered(k slot.Key, first, last int) bool {
	for _, c := range f.found[k] {
		if c.first <= last && first <= c.last {
			return true
		}
	}
	return false
}

package extract

import (
	"strings"

	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// pickIndustry keeps the client's words for the best industry of the text.
func (f *finder) pickIndustry() {
	c, ok := f.bestIndustry()
	if !ok {
		return
	}
	var words strings.Builder
	for i := c.first; i <= c.last; i++ {
		if i > c.first {
			words.WriteByte(" -"[count(f.Tokens[i].Gap == token.GapHyphen)])
		}
		words.WriteString(f.Tokens[i].Low)
	}
	f.found[slot.Industry] = []candidate{{value: words.String(), first: c.first, last: c.last, hedged: c.hedged}}
}

// bestIndustry prefers what the client claims to be ("we run a ..."), then
// the longer phrase, then the earlier one. Trades that are customers ("we
// sell to restaurants") or competitors do not count.
func (f *finder) bestIndustry() (candidate, bool) {
	var best candidate
	score := 0
	for _, c := range f.found[industry] {
		if f.customer(c.first) || f.sentenceHas(c.first, "rival") {
			continue
		}
		claimed := f.claimed(c.first)
		if !claimed && f.picky && !f.ctx.asked(slot.Industry) && !f.opens(c.first) {
			continue
		}
		s := 4 * (1 + c.last - c.first)
		if claimed {
			s += 3
		}
		if c.first > 0 && f.Tokens[c.first].Gap < token.GapStop && token.Capital(f.Text[f.Tokens[c.first].Start:]) {
			s -= 2 // part of a name, as in "Bella's Salon"
		}
		if s > score {
			best, score = c, s
		}
	}
	return best, score > 0
}

// customer reports whether the word stands behind "for" or "to", or the
// sentence speaks of others.
func (f *finder) customer(i int) bool {
	for n := i - 1; n >= 0 && n >= i-4 && f.Tokens[n].Sentence == f.Tokens[i].Sentence; n-- {
		switch f.Tokens[n].Low {
		case "for", "to", "like", "supply", "supplies", "supplying", "competitor", "competitors", "with", "help", "helping", "serve":
			return true
		case "and", "or":
			n-- // the customer before, as in "hotels and restaurants"
			continue
		case "local", "small", "other":
			continue
		}
		break
	}
	return false
}

// opens reports whether the text begins with the word, but for an article.
func (f *finder) opens(i int) bool {
	if i > 0 && i < 4 && f.Tokens[i].Sentence == 0 {
		switch f.Tokens[0].Low {
		case "a", "an", "the", "small", "family", "local", "online":
			return f.Tokens[i].Clause == 0
		}
	}
	return i == 0
}

// claimed reports whether the client says to be or to own it.
func (f *finder) claimed(i int) bool {
	for n := i - 1; n >= 0 && n >= i-8 && f.Tokens[n].Sentence == f.Tokens[i].Sentence; n-- {
		switch f.Tokens[n].Low {
		case "we're", "i'm", "am", "are", "run", "own", "it's", "manage", "started", "opened", "as", "have", "make", "makes", "making", "sell", "publish", "offer", "write", "host", "teach":
			return true
		case "my", "our":
			if n >= i-2 {
				return true
			}
		}
	}
	return false
}

package token

// Denial says whether and how a word is denied.
type Denial uint8

// The denials, from the weakest on.
const (
	Affirmed Denial = iota
	Lacking         // "don't have", "can't": missing today, perhaps wanted
	Denied          // "no", "not", "without": it is not so
	Refused         // "don't need", "no need for": it is not wanted
)

// reach is how many words a Denial covers within its clause.
const reach = 7

// scopes marks what is denied and what is hedged. Denials work forward to the
// end of the clause, and on through a list that ends in "or"; hedges work on
// their part of the clause.
func scopes(tokens []Token) {
	for i := range tokens {
		if d := denialAt(tokens, i); d != Affirmed {
			deny(tokens, i, d)
		}
		switch hedgeAt(tokens, i) {
		case hedgeForward:
			hedge(tokens, i, false)
		case hedgeAround:
			hedge(tokens, i, true)
		case noHedge:
		}
	}
}

// deny marks the words behind the Denial at i.
func deny(tokens []Token, i int, d Denial) {
	if d == Denied && clauseHas(tokens, i, "yet", "currently", "today", "moment", "now") {
		d = Lacking
	}
	clause := tokens[i].Clause
	for n := i + 1; n < len(tokens) && n <= i+reach; n++ {
		t := &tokens[n]
		if t.Clause != clause {
			if t.Gap != GapComma || !listGoesOn(tokens, n) {
				return
			}
			clause, i = t.Clause, n
		}
		switch t.Low {
		case "but", "just", "only", "except", "instead", "unless", "until", "because":
			return
		}
		t.Denied = max(t.Denied, d)
	}
}

// listGoesOn reports whether the words from n on belong to a list under
// Denial, as in "no blog, newsletter or shop": bare nouns up to an "or".
func listGoesOn(tokens []Token, n int) bool {
	for end := n; end < len(tokens) && end < n+8 && tokens[end].Sentence == tokens[n].Sentence; end++ {
		switch tokens[end].Low {
		case "or", "nor":
			return true
		case "we", "i", "our", "my", "is", "are", "have", "need", "want", "just", "but", "only", "they", "it", "so", "and", "please", "we'd", "i'd", "with":
			return false
		}
	}
	return false
}

// denialAt tells whether the word at i denies what follows.
func denialAt(tokens []Token, i int) Denial {
	switch low := tokens[i].Low; low {
	case "no", "not":
		return denialOfNo(tokens, i)
	case "without", "never", "neither", "nor", "isn't", "aren't", "wasn't", "nobody", "none":
		return Denied
	case "won't", "wouldn't", "shouldn't", "mustn't", "needn't", "skip", "avoid":
		return Refused
	case "can't", "cannot", "couldn't", "unable", "haven't", "hasn't", "lack", "lacking", "missing":
		return Lacking
	case "don't", "doesn't", "didn't":
		return denialOfDo(tokens, i)
	case "rather", "instead":
		if next(tokens, i, 1) == "than" || next(tokens, i, 1) == "of" {
			return Denied
		}
	}
	return Affirmed
}

// denialOfNo reads what "no" and "not" do, which is nothing in "no-show",
// "not only" and "no more than".
func denialOfNo(tokens []Token, i int) Denial {
	if i+1 < len(tokens) && tokens[i+1].Gap == GapHyphen {
		return Affirmed
	}
	switch next(tokens, i, 1) {
	case "need", "interest", "interested", "looking", "necessary", "required", "needed", "plans", "intention":
		return Refused
	case "show", "shows", "showing", "only", "just", "sure", "idea", "clue", "problem", "doubt", "matter", "rush", "to",
		"later", "more", "less", "bad", "mention", "enough", "certain", "preference", "different":
		return Affirmed
	case "way", "time", "one", "system":
		return Lacking
	case "have", "able", "having":
		return Lacking
	case "":
		return Affirmed
	}
	switch next(tokens, i, -1) {
	case "or", "why", "if", "whether":
		return Affirmed
	case "do", "does", "did":
		return denialOfDo(tokens, i)
	}
	return Denied
}

// denialOfDo reads the verb behind "don't".
func denialOfDo(tokens []Token, i int) Denial {
	switch next(tokens, i, 1) {
	case "know", "just", "only", "get", "like", "mind", "show", "turn", "forget", "miss", "worry", "hesitate":
		return Affirmed
	case "have", "really", "own", "currently", "yet", "even":
		if next(tokens, i, 1) == "really" || next(tokens, i, 1) == "currently" || next(tokens, i, 1) == "even" {
			return denialOfDo(tokens, i+1)
		}
		if next(tokens, i, 2) == "to" || next(tokens, i, 2) == "time" {
			return Affirmed
		}
		return Lacking
	case "need", "want", "think", "require", "care", "plan", "intend", "expect", "believe", "see":
		return Refused
	}
	return Denied
}

// hedging is how far a hedge works.
type hedging uint8

const (
	noHedge      hedging = iota
	hedgeForward         // what follows, as after "maybe"
	hedgeAround          // its side of the clause, as with "later"
)

// hedgeAt tells whether the word at i takes certainty away.
func hedgeAt(tokens []Token, i int) hedging {
	switch tokens[i].Low {
	case "maybe", "perhaps", "possibly":
		if estimates(tokens, i) {
			return noHedge // an estimate is still what the client says
		}
		return hedgeForward
	case "might", "unsure", "considering":
		return hedgeForward
	case "not":
		if n := next(tokens, i, 1); n == "sure" || n == "certain" {
			return hedgeForward
		}
	case "don't":
		if next(tokens, i, 1) == "know" {
			return hedgeForward
		}
	case "guess":
		if next(tokens, i, -1) == "i" {
			return hedgeForward
		}
	case "thinking":
		if n := next(tokens, i, 1); n == "about" || n == "of" {
			return hedgeForward
		}
	case "eventually", "someday", "potentially", "optional", "optionally":
		return hedgeAround
	case "possible":
		if next(tokens, i, -1) != "as" { // "as soon as possible" is no hedge
			return hedgeAround
		}
	case "later":
		return hedgeLater(tokens, i)
	case "future", "road", "point", "phase":
		return hedgeTime(tokens, i)
	}
	return noHedge
}

// estimates reports whether a hedge stands in front of a figure, as in "maybe
// 25 orders" and "perhaps about one in ten".
func estimates(tokens []Token, i int) bool {
	switch next(tokens, i, -1) {
	case "sure", "certain", "know", "idea", "unsure":
		return false // "not sure, maybe 5k"
	}
	for n := i + 1; n < len(tokens) && n <= i+3 && tokens[n].Gap < GapComma; n++ {
		if _, _, ok := amountAt(tokens, n); ok {
			return true
		}
		switch tokens[n].Low {
		case "about", "around", "roughly", "some", "like", "a", "good", "say", "another", "only":
		default:
			return false
		}
	}
	return false
}

// hedgeLater leaves "no later than", "later this week", "sooner or later" and
// "two weeks later" alone.
func hedgeLater(tokens []Token, i int) hedging {
	switch next(tokens, i, 1) {
	case "than", "this", "today", "tonight":
		return noHedge
	}
	switch next(tokens, i, -1) {
	case "no", "or", "weeks", "days", "months", "hours", "minutes":
		return noHedge
	}
	return hedgeAround
}

// hedgeTime knows "in the future", "down the road", "at some point", "phase two".
func hedgeTime(tokens []Token, i int) hedging {
	switch before := next(tokens, i, -1); tokens[i].Low {
	case "future":
		if (before == "the" || before == "near") && next(tokens, i, -2) != "of" {
			return hedgeAround
		}
	case "road":
		if before == "the" && next(tokens, i, -2) == "down" {
			return hedgeAround
		}
	case "point":
		if before == "some" {
			return hedgeAround
		}
	case "phase":
		if n := next(tokens, i, 1); n == "two" || n == "2" {
			return hedgeAround
		}
	}
	return noHedge
}

// hedge marks the rest of the clause and, when both ways, what stands before
// the hedge up to the last "and".
func hedge(tokens []Token, i int, both bool) {
	for n := i; n < len(tokens) && tokens[n].Clause == tokens[i].Clause; n++ {
		if both && n > i && tokens[n].Low == "and" {
			break
		}
		tokens[n].Hedged = true
	}
	if !both {
		return
	}
	for n := i - 1; n >= 0 && tokens[n].Clause == tokens[i].Clause && tokens[n].Low != "and"; n-- {
		tokens[n].Hedged = true
	}
}

func clauseHas(tokens []Token, i int, words ...string) bool {
	for n := i; n < len(tokens) && tokens[n].Clause == tokens[i].Clause; n++ {
		for _, w := range words {
			if tokens[n].Low == w {
				return true
			}
		}
	}
	return false
}

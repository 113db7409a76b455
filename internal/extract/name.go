package extract

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// businessName looks for a capitalised name behind words that introduce one
// (DOMAIN 2.10), then, when the name was asked, at the answer itself.
func (f *finder) businessName() {
	for i := range f.Tokens {
		at, rank := f.introduces(i)
		if at < 0 {
			continue
		}
		if f.quoted(at, rank) {
			continue
		}
		if last := f.nameAt(at); last >= at {
			f.addRanked(slot.BusinessName, `"`, at, last, rank)
		} else if last := f.smallName(at); rank > 0 && last >= at {
			f.addRanked(slot.BusinessName, `"`, at, last, rank)
		}
	}
	if f.ctx.asked(slot.BusinessName) && len(f.found[slot.BusinessName]) == 0 {
		f.answeredName()
	}
}

// introduces returns the token where a name may start behind the words at i,
// or -1, and how surely it is one.
func (f *finder) introduces(i int) (at, rank int) {
	before, after := f.Next(i, -1), f.Next(i, 1)
	switch low := f.Tokens[i].Low; {
	case low == "called" || low == "named":
		if !caller(before) {
			return i + 1, 2
		}
	case facts.Has("firm", low):
		return f.firmIs(i)
	case low == "name":
		if after == "is" && before != "my" && before != "first" && before != "last" {
			return i + 2, 1
		}
	case low == "we're" || low == "i'm":
		return i + 1, 0
	case low == "we" && after == "are":
		return i + 2, 0
	case (low == "it's" || low == "this") && f.ctx.asked(slot.BusinessName):
		return i + 1 + count(after == "is"), 0
	case (before == "i" || before == "we") && facts.Has("runs", low):
		return i + 1, 0
	}
	return -1, 0
}

// firmIs reads "our company is" and "the company name is".
func (f *finder) firmIs(i int) (at, rank int) {
	switch before, after := f.Next(i, -1), f.Next(i, 1); {
	case after == "is" && (before == "our" || before == "my" || before == "the"):
		return i + 2, 1
	case after == "name" && f.Next(i, 2) == "is":
		return i + 3, 2
	default:
		return -1, 0
	}
}

// caller reports words with which "called" is a phone call or a habit.
func caller(low string) bool {
	switch low {
	case "we", "i", "they", "he", "she", "have", "has", "so", "never", "who", "ever":
		return true
	default:
		return false
	}
}

// quoted takes a name in quotation marks.
func (f *finder) quoted(at, rank int) bool {
	if at >= len(f.Tokens) || at == 0 {
		return false
	}
	start := f.Tokens[at].Start
	before := strings.TrimRight(f.Text[f.Tokens[at-1].End:start], " ")
	mark, end := "", ""
	for _, q := range [][2]string{{`"`, `"`}, {"“", "”"}, {"‘", "’"}, {"«", "»"}, {"'", "'"}} {
		if strings.HasSuffix(before, q[0]) {
			mark, end = q[0], q[1]
		}
	}
	if mark == "" {
		return false
	}
	n := strings.Index(f.Text[start:], end)
	if n < 2 || n > 60 {
		return false
	}
	last := at
	for last+1 < len(f.Tokens) && f.Tokens[last+1].Start < start+n {
		last++
	}
	if f.Tokens[last].End > start+n {
		return false
	}
	f.addRanked(slot.BusinessName, `"`, at, last, rank)
	return true
}

// nameAt returns the last token of the capitalised name that starts at the
// token, or a smaller number when there is none.
func (f *finder) nameAt(at int) int {
	last := at - 1
	for n := at; n < len(f.Tokens) && n < at+7; n++ {
		t := f.Tokens[n]
		if n > at && t.Gap >= token.GapDash {
			break
		}
		raw := f.Text[t.Start:t.End]
		switch {
		case t.Kind == token.Link || t.Kind == token.Mail:
			return last
		case token.Capital(raw) && !noName(t.Low) || t.Kind == token.Number && n > at:
			last = n
		case n > at && connects(t.Low):
			// Counts when a capital follows.
		default:
			return last
		}
	}
	return last
}

// smallName takes up to four words to the end of the clause, where a client
// writes without capital letters at all.
func (f *finder) smallName(at int) int {
	if strings.ContainsFunc(f.Text, unicode.IsUpper) || at >= len(f.Tokens) {
		return -1
	}
	last := at
	for last+1 < len(f.Tokens) && f.Tokens[last+1].Clause == f.Tokens[at].Clause {
		last++
	}
	if last-at >= 4 {
		return -1
	}
	for _, t := range f.Tokens[at : last+1] {
		if sentenceWord(t.Low) {
			return -1
		}
	}
	return last
}

func connects(low string) bool {
	switch low {
	case "and", "of", "the", "de", "la", "le", "du", "del", "der", "von", "van", "n", "in", "for", "by":
		return true
	default:
		return false
	}
}

// noName lists capitalised words that start no name.
func noName(low string) bool {
	switch low {
	case "i", "i'm", "i've", "i'd", "we", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
		"january", "february", "april", "june", "july", "august", "september", "october", "november", "december",
		"english", "spanish", "french", "german", "italian", "american", "british", "canadian", "christian", "european",
		"ceo", "b2b", "it", "gdpr", "hipaa", "pci", "ada", "wcag", "faq", "crm", "pos", "hvac", "seo", "diy", "usa", "us", "uk", "ok", "yes", "no":
		return true
	default:
		return false
	}
}

// longestName is how many words an answer may have that is a name and a little
// more; a longer one starts with something else, such as the title of a brief.
const longestName = 30

// answeredName takes the first clause of a short answer as the name.
func (f *finder) answeredName() {
	if len(f.Tokens) == 0 || len(f.Tokens) > longestName || QualityOf(f.Text) != Good {
		return
	}
	hello := Greeting(f.Text)
	from := slices.IndexFunc(f.Tokens, func(t token.Token) bool { return t.Start >= hello })
	if from < 0 {
		return
	}
	last := from
	for last+1 < len(f.Tokens) && f.Tokens[last+1].Gap < token.GapDash && last < from+6 {
		last++
	}
	sentence := slices.ContainsFunc(f.Tokens[from:last+1], func(t token.Token) bool { return sentenceWord(t.Low) })
	if sentence || last+1 < len(f.Tokens) && f.Tokens[last+1].Gap < token.GapDash {
		return
	}
	first := f.Tokens[from]
	if last > from && (first.Low == "a" || first.Low == "an") && !token.Capital(f.Quote(from+1, from+1)) {
		return // "a web app for teachers" is a kind, "A Cut Above" a name
	}
	if f.Tokens[last].End-first.Start < 2 || !strings.ContainsFunc(f.Quote(from, last), unicode.IsLetter) {
		return
	}
	f.add(slot.BusinessName, `"`, from, last)
}

var greeting = regexp.MustCompile(`^(?i:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|dear (?:all|team|sirs?|sir or madam))(?: there| all| everyone| team)?)\s*[,.!:–—-]+\s*`)

// Greeting is the length of the greeting that some people begin with, in bytes.
func Greeting(text string) int { return len(greeting.FindString(text)) }

// sentenceWord reports words that names do not have, but sentences do.
func sentenceWord(low string) bool {
	switch low {
	case "i", "we", "i'm", "we're", "is", "are", "am", "was", "have", "has", "it's", "don't", "not", "no", "yet", "yes", "need",
		"want", "haven't", "would", "will", "can", "my", "our", "they", "you", "it", "none", "nothing", "undecided", "tbd", "where", "which", "who":
		return true
	default:
		return false
	}
}

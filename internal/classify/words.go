package classify

import (
	"strings"
	"unicode"
)

// word is one word of the text, lower case, hyphens cut.
type word struct {
	text     string
	clause   int // words of different clauses never match together
	sentence int
	negate   bool // said not to be so

	classes uint32 // the classes of lexicon.go that it belongs to
	blocked uint8  // the models that may not count it
	side    uint8  // the models that it makes no business of
	asked   bool   // stands in a question
	buyer   bool   // names other firms, who buy or pay
}

// words is a text that has been read.
type words struct{ list []word }

// read cuts a text into words, then marks negations and misleading words.
func read(text string) words {
	t := words{list: split(text)}
	for i := range t.list {
		w := &t.list[i]
		classIndex.each(w.text, func(bit uint32) { w.classes |= bit })
	}
	negate(t.list)
	t.block()
	t.belittle()
	return t
}

// cutter splits a text into words.
type cutter struct {
	text             string
	list             []word
	clause, sentence int
	start            int // of the word under way, -1 between words
}

// split cuts at everything that is neither letter, digit nor inner apostrophe.
// Sentence ends and commas open a new clause.
func split(text string) []word {
	c := cutter{text: strings.ToLower(strings.ReplaceAll(text, "’", "'")), start: -1}
	for i, r := range c.text {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && !thousands(c.text, i, r):
			c.flush(i)
			c.mark(r)
		case c.start < 0:
			c.start = i
		}
	}
	c.flush(len(c.text))
	return c.list
}

// flush ends the word under way.
func (c *cutter) flush(end int) {
	if c.start < 0 {
		return
	}
	if w := strings.Trim(c.text[c.start:end], "'"); w != "" {
		c.list = append(c.list, word{text: w, clause: c.clause, sentence: c.sentence})
	}
	c.start = -1
}

// mark takes a character between words.
func (c *cutter) mark(r rune) {
	if strings.ContainsRune("$€£", r) {
		c.list = append(c.list, word{text: "$", clause: c.clause, sentence: c.sentence})
	}
	if r == '?' {
		ask(c.list, c.clause)
	}
	if strings.ContainsRune(".!?\n", r) {
		c.sentence++
	}
	if strings.ContainsRune(".,;:!?()\n—–", r) {
		c.clause++
	}
}

// ask marks the words of a clause that is a question.
func ask(list []word, clause int) {
	for i := len(list) - 1; i >= 0 && list[i].clause == clause; i-- {
		list[i].asked = true
	}
}

func (t words) phrase(i, end int) string {
	var b strings.Builder
	for n, w := range t.list[i:end] {
		if n > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}

// counts reports whether the words from i up to end may count for the model.
func (t words) counts(i, end int, m Model) bool {
	if t.list[i].buyer || t.list[end-1].buyer {
		return false
	}
	for ; i < end; i++ {
		if t.list[i].negate || t.list[i].blocked&bit(m) != 0 {
			return false
		}
	}
	return true
}

// thousands reports whether the comma or point at i stands inside a number.
func thousands(text string, i int, r rune) bool {
	return (r == ',' || r == '.') && i > 0 && i+1 < len(text) && digit(text[i-1]) && digit(text[i+1])
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

// sequence returns the word after the last of the sequence that begins at at,
// or 0. Each place is tried without an article first, so that patterns may
// name articles themselves; it never leaves the clause of the word first.
func (t words) sequence(seq []element, at, first int) int {
	if len(seq) == 0 {
		return at
	}
	if seq[0].gap {
		if end := t.sequence(seq[1:], at, first); end > 0 || at >= len(t.list) {
			return end
		}
		return t.sequence(seq[1:], at+1, first)
	}
	if at >= len(t.list) || t.list[at].clause != t.list[first].clause {
		return 0
	}
	if seq[0].matches(t.list[at]) {
		if end := t.sequence(seq[1:], at+1, first); end > 0 {
			return end
		}
	}
	if at > first && article(t.list[at].text) {
		return t.sequence(seq, at+1, first)
	}
	return 0
}

func article(s string) bool {
	switch s {
	case "a", "an", "the", "our", "your":
		return true
	default:
		return false
	}
}

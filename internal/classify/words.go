package classify

import (
	"iter"
	"slices"
	"strings"
	"unicode"
)

// word is one word of the text, lower case, hyphens cut.
type word struct {
	text   string
	clause int  // words of different clauses never match together
	negate bool // said not to be so
}

// words is a text that has been read: its words, where words of each first
// letter stand, and per word the models that may not count it.
type words struct {
	list    []word
	starts  map[byte][]int // '#' stands for every digit
	blocked map[int][]Model
}

// read cuts a text into words, then marks negations and misleading words.
func read(text string) words {
	t := words{list: split(text), starts: map[byte][]int{}, blocked: map[int][]Model{}}
	for i, w := range t.list {
		t.starts[initial(w.text)] = append(t.starts[initial(w.text)], i)
	}
	negate(t.list)
	t.block()
	return t
}

// split cuts at everything that is neither letter, digit nor inner apostrophe.
// Sentence ends and commas open a new clause.
func split(text string) []word {
	var list []word
	clause, start := 0, -1
	text = strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	flush := func(end int) {
		if start < 0 {
			return
		}
		if w := strings.Trim(text[start:end], "'"); w != "" {
			list = append(list, word{text: w, clause: clause})
		}
		start = -1
	}
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' {
			if start < 0 {
				start = i
			}
			continue
		}
		flush(i)
		if strings.ContainsRune(".,;:!?()\n—–", r) {
			clause++
		}
	}
	flush(len(text))
	return list
}

// initial is the key of a word in starts.
func initial(s string) byte {
	if s[0] >= '0' && s[0] <= '9' {
		return '#'
	}
	return s[0]
}

// find returns the words with which the pattern occurs, unnegated and
// unblocked for the model, and empty text when it does not.
func (t words) find(p pattern, m Model) string {
	for i, n := range t.all(p) {
		if t.counts(i, i+n, m) {
			return t.phrase(i, i+n)
		}
	}
	return ""
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

// all yields where the pattern occurs and how many words it takes there.
func (t words) all(p pattern) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for _, seq := range p {
			for _, a := range seq[0].alts {
				for _, i := range t.starts[initial(a.text)] {
					if n := t.sequence(seq, i); n > 0 && !yield(i, n) {
						return
					}
				}
			}
		}
	}
}

// counts reports whether the words from i up to end may count for the model.
func (t words) counts(i, end int, m Model) bool {
	for ; i < end; i++ {
		if t.list[i].negate || slices.Contains(t.blocked[i], m) {
			return false
		}
	}
	return true
}

// sequence tries each place without an article first, so that patterns may
// name articles themselves.
func (t words) sequence(seq []element, i int) int {
	at := i
	for n, e := range seq {
		if e.gap {
			continue
		}
		if n > 0 && !t.fits(e, at, i) && at < len(t.list) && (article(t.list[at].text) || seq[n-1].gap) {
			at++
		}
		if !t.fits(e, at, i) {
			return 0
		}
		at++
	}
	return at - i
}

// fits reports whether the word at position at is the element, in the clause
// of the word at position first.
func (t words) fits(e element, at, first int) bool {
	if at >= len(t.list) || t.list[at].clause != t.list[first].clause {
		return false
	}
	return e.matches(t.list[at].text)
}

func article(s string) bool {
	switch s {
	case "a", "an", "the", "our", "your":
		return true
	default:
		return false
	}
}

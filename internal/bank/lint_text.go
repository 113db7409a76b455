package bank

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Bounds of a question that is understood at the first reading.
const (
	maxWords   = 30
	maxCommas  = 3
	maxGrade   = 9.0
	maxOverlap = 0.85 // share of longer words that two questions may have in common
)

var (
	addressForm = regexp.MustCompile(`(?i)https?://|www\.|\b[a-z0-9-]+\.(com|org|net|io|example)\b`)
	placeholder = regexp.MustCompile(`\{[^}]*\}`)
)

// The words that a text must not hold, in lower case.
func firstPerson() []string { return []string{"i", "we", "us", "our", "my", "me"} }

func praise() []string {
	return []string{"great", "awesome", "perfect", "wonderful", "amazing", "excellent"}
}

func jargon() []string {
	return []string{"cms", "seo", "ux", "ui", "api", "cta", "hero", "wireframe", "responsive", "backend"}
}

// ask checks the variants of one question to the client.
func (l linter) ask(path string, variants []string) {
	if len(variants) == 0 {
		l.file.Wrong(path, "there must be a text at least")
	}
	for i, text := range variants {
		l.asks(at(path, i), text)
	}
}

func (l linter) asks(path, text string) {
	l.plain(path, text, "{business}")
	words := wordsOf(text)
	if n := len(words); n > maxWords {
		l.file.Wrong(path, "%d words are too many; %d are the most", n, maxWords)
	}
	if n := strings.Count(text, "?"); n != 1 {
		l.file.Wrong(path, "a question has one question mark, not %d", n)
	}
	if n := strings.Count(text, ","); n > maxCommas {
		l.file.Wrong(path, "%d commas are too many; %d are the most", n, maxCommas)
	}
	if word := firstOf(words, jargon()); word != "" {
		l.file.Wrong(path, "%q is jargon; say what it does for a visitor", word)
	}
	if addressForm.MatchString(text) {
		l.file.Wrong(path, "a question holds no web address")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Sc, r) }) {
		l.file.Wrong(path, "a question holds no currency sign, because it does not know the client's currency")
	}
	if g := Grade(text); g > maxGrade {
		l.file.Wrong(path, "reading it takes %.1f years of school; %.0f are the most: use shorter words and sentences", g, maxGrade)
	}
}

// plain checks the tone of a text that the client reads, and that only those
// placeholders stand in it which are filled there.
func (l linter) plain(path, text string, filled ...string) {
	l.say(path, text)
	for _, name := range placeholder.FindAllString(text, -1) {
		if !slices.Contains(filled, name) {
			l.file.Wrong(path, "nothing fills %s here", name)
		}
	}
	if strings.Contains(text, "!") {
		l.file.Wrong(path, "a text holds no exclamation mark")
	}
	words := wordsOf(text)
	if word := firstOf(words, firstPerson()); word != "" {
		l.file.Wrong(path, "%q is the first person; name the agency or leave it out", word)
	}
	if word := firstOf(words, praise()); word != "" {
		l.file.Wrong(path, "%q is praise, which says nothing", word)
	}
}

func (l linter) help(path, text string) {
	if text != "" {
		l.plain(path+".help", text)
	}
}

// say refuses an empty text.
func (l linter) say(path, text string) {
	if strings.TrimSpace(text) == "" {
		l.file.Wrong(path, "must not be empty")
	}
}

// label checks words on a button or above a group.
func (l linter) label(path, text string) {
	l.say(path, text)
	if n := len(strings.Fields(text)); n > maxLabelWords {
		l.file.Wrong(path, "a label has %d words at most, not %d", maxLabelWords, n)
	}
}

// every checks the variants of a text that is no question to answer in words.
func (l linter) every(path string, variants []string, filled ...string) {
	if len(variants) == 0 {
		l.file.Wrong(path, "there must be a text at least")
	}
	for i, text := range variants {
		l.plain(at(path, i), text, filled...)
	}
}

// repeats finds questions that ask the same in the same words. Only default
// texts are compared: the others replace them.
func (l linter) repeats() {
	type text struct {
		path  string
		q     int
		words []string
	}
	var all []text
	for i, q := range l.Questions {
		for j, t := range q.Text[""] {
			one := text{at(at("questions", i)+`.text[""]`, j), i, longer(t)}
			for _, other := range all {
				if other.q != i && overlap(one.words, other.words) > maxOverlap {
					l.file.Wrong(one.path, "this is nearly the same question as %s of %q", other.path, l.Questions[other.q].ID)
					break
				}
			}
			all = append(all, one)
		}
	}
}

// longer lists the different words of more than two letters, sorted.
func longer(text string) []string {
	words := slices.DeleteFunc(wordsOf(text), func(w string) bool { return len([]rune(w)) <= 2 })
	slices.Sort(words)
	return slices.Compact(words)
}

// overlap is the share of the longer of two sorted lists that is in both. A
// question about one thing may well be part of a question about several.
func overlap(a, b []string) float64 {
	both := 0
	for _, w := range a {
		if _, ok := slices.BinarySearch(b, w); ok {
			both++
		}
	}
	return float64(both) / float64(max(len(a), len(b), 1))
}

func firstOf(words, refused []string) string {
	for _, w := range words {
		if slices.Contains(refused, w) {
			return w
		}
	}
	return ""
}

// wordsOf lists the words of a text in lower case, without punctuation. The
// country US keeps its capitals, because it is no first person.
func wordsOf(text string) []string {
	out := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’' })
	for i, w := range out {
		if w != "US" {
			out[i] = strings.ToLower(w)
		}
	}
	return out
}

// Grade is the Flesch-Kincaid grade of a text, the years of school that
// reading it takes, with syllables counted by their vowels.
func Grade(text string) float64 {
	words := wordsOf(text)
	if len(words) == 0 {
		return 0
	}
	sentences := 0
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".?!:;", r) }) {
		if strings.TrimSpace(part) != "" {
			sentences++
		}
	}
	count := 0
	for _, w := range words {
		count += syllables(w)
	}
	n := float64(len(words))
	return 0.39*n/float64(sentences) + 11.8*float64(count)/n - 15.59
}

// syllables counts groups of vowels; a last e is silent, unless it follows an
// l with a consonant before it ("table").
func syllables(word string) int {
	n, before := 0, false
	for _, r := range word {
		vowel := strings.ContainsRune("aeiouyáàâäéèêëíîïóôöúûü", r)
		if vowel && !before {
			n++
		}
		before = vowel
	}
	if strings.HasSuffix(word, "e") && !strings.HasSuffix(word, "le") || strings.HasSuffix(word, "es") && !strings.HasSuffix(word, "les") || strings.HasSuffix(word, "ed") && !strings.HasSuffix(word, "ted") && !strings.HasSuffix(word, "ded") {
		n--
	}
	return max(n, 1)
}

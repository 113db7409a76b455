package lexicon_test

import (
	"fmt"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/extract/lexicon"
	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// TestAListThatIsOptional reads a list of several words that may be missing.
func TestAListThatIsOptional(t *testing.T) {
	t.Parallel()
	l := lexicon.Must("let year ?a ?full year|annum\n= s v\nsales ?of # ?{year}")
	for text, want := range map[string]string{
		"sales of 30":             "sales of 30",
		"sales of 30 a full year": "sales of 30 a full year",
		"sales of 30 annum":       "sales of 30 annum",
	} {
		d := token.Read(text)
		longest := ""
		l.Each(d, func(m lexicon.Match) {
			if q := d.Quote(m.First, m.Last); len(q) > len(longest) {
				longest = q
			}
		})
		if longest != want {
			t.Errorf("in %q it finds %q, want %q", text, longest, want)
		}
	}
}

// found lists what one pattern matches in a text.
func found(heading, pattern, text string) string {
	l := lexicon.Must("= s v " + heading + "\n" + pattern)
	d := token.Read(text)
	var got []string
	l.Each(d, func(m lexicon.Match) { got = append(got, d.Quote(m.First, m.Last)) })
	return strings.Join(got, "; ")
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, heading, pattern, text, want string }{
		{"a word", "", "salon", "our Salon here", "Salon"},
		{"no part of a word", "", "salon", "salons", ""},
		{"a word beginning", "", "photograph*", "photographers", "photographers"},
		{"a sequence", "", "hair salon", "a hair salon", "hair salon"},
		{"a sequence over a hyphen", "", "no show", "no-show", "no-show"},
		{"no sequence over a comma", "", "hair salon", "hair, salon", ""},
		{"unless it may", "commas", "hair salon", "hair, salon", "hair, salon"},
		{"no sequence over a sentence", "commas", "hair salon", "hair. Salon", ""},
		{"a choice", "", "hair|nail salon", "nail salon, hair salon", "nail salon; hair salon"},
		{"several patterns", "", "hair salon, spa", "a spa and hair salon", "spa; hair salon"},
		{"an optional word present", "", "hair ?care salon", "hair care salon", "hair care salon"},
		{"an optional word absent", "", "hair ?care salon", "hair salon", "hair salon"},
		{"an optional choice", "", "per ?a|the week", "per the week, per week", "per the week; per week"},
		{"an optional word at the end", "", "dental ?clinic", "dental clinic", "dental clinic"},
		{"optional words at the beginning", "", "?the ?big salon", "the big salon", "the big salon; big salon; salon"},
		{"a gap is as short as it can be", "", "see ~2 clients", "see 30 happy clients and clients", "see 30 happy clients"},
		{"a gap may be empty", "", "see ~2 clients", "see clients", "see clients"},
		{"a gap has its width", "", "see ~2 clients", "see a b c clients", ""},
		{"no gap over a comma", "", "see ~2 clients", "see a, clients", ""},
		{"a number", "", "# clients", "30 clients, $30 clients, 30% clients", "30 clients"},
		{"a range is one number", "", "# clients", "20 to 30 clients", "20 to 30 clients"},
		{"an amount", "", "$ each", "$30 each, 30 each", "$30 each"},
		{"either", "", "$# each", "$30 each, 30 each, 30% each", "$30 each; 30 each"},
		{"a share", "", "% off", "30% off, 30 off", "30% off"},
		{"a name", "", "at ^ ^", "at Bella Hair, at home Now", "at Bella Hair"},
		{"a name in front", "", "^ our boss", "Kim our boss and he our boss", "Kim our boss"},
		{"a capital wanted", "cap", "square", "Square and square", "Square"},
		{"capitals wanted", "raw", "ADA", "ADA, Ada, ada", "ADA"},
		{"two readings backtrack", "", "a ?b b c", "a b c", "a b c"},
		{"short words", "", "it is", "it is", "it is"},
		{"nothing in nothing", "", "a", "", ""},
	} {
		if got := found(tc.heading, tc.pattern, tc.text); got != tc.want {
			t.Errorf("%s: %q in %q finds %q, want %q", tc.name, tc.pattern, tc.text, got, tc.want)
		}
	}
}

func TestHeadings(t *testing.T) {
	t.Parallel()
	l := lexicon.Must(`
// A comment.
let fruit apple|pear*
let meal ?a good {fruit}

= lunch yes deny=want asked=a+b cue=fruit not=x+y now high short hedged times=12/52 rank=-1
{meal}, {fruit} pie|tart
= dinner #
# {fruit}
`)
	d := token.Read("2 apples pie? A good pear")
	var got []string
	l.Each(d, func(m lexicon.Match) {
		got = append(got, fmt.Sprintf("%s=%s %q %d", m.Rule.Slot, m.Rule.Value, d.Quote(m.First, m.Last), m.Figure))
	})
	if s, want := strings.Join(got, "; "), `lunch=yes "A good pear" -1; lunch=yes "good pear" -1`; s != want {
		t.Errorf("Each finds %s, want %s", s, want)
	}
	l.Each(token.Read("2 pears"), func(m lexicon.Match) {
		if m.Rule.Slot != "dinner" || m.Figure != 0 || m.Rule.Factor != 1 || m.Rule.Deny != lexicon.Drops {
			t.Errorf("Each finds %+v with figure %d", *m.Rule, m.Figure)
		}
	})
	l.Each(token.Read("apple tart"), func(m lexicon.Match) {
		r := m.Rule
		if r.Deny != lexicon.Want || !r.Now || !r.High || !r.Short || !r.Hedged || r.Rank != -1 || r.Factor != 12.0/52 {
			t.Errorf("heading read as %+v", *r)
		}
		if fmt.Sprint(r.Asked, r.Cue, r.Not) != fmt.Sprint([]slot.Key{"a", "b"}, []string{"fruit"}, []string{"x", "y"}) {
			t.Errorf("heading lists read as %v %v %v", r.Asked, r.Cue, r.Not)
		}
	})
	if !l.Has("fruit", "pears") || l.Has("fruit", "plum") || l.Has("meal", "good") || l.Has("none", "apple") || l.Has("fruit", "") {
		t.Errorf("Has(fruit, pears) %v, want true; everything else false", l.Has("fruit", "pears"))
	}
}

func TestMistakesPanic(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"word before heading", "= s", "= s v what", "= s v rank=x", "= s v times=1/0", "= s v\n~2 word", "= s v\nab*", "= s v\na ~x b", "= s v\na|", "= s v\na ? b",
	} {
		if !panics(text) {
			t.Errorf("Must(%q) does not panic", text)
		}
	}
}

func panics(text string) (did bool) {
	defer func() { did = recover() != nil }()
	lexicon.Must(text)
	return false
}

func TestAListIsDefinedOnce(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("two lists of one name were accepted; the second would never be used")
		}
	}()
	lexicon.Must("let who people|guests\nlet who donors\n= s v\n{who}")
}

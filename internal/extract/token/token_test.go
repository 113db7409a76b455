package token_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/extract/token"
)

// kinds names the kinds in failures and tables.
var kinds = map[token.Kind]string{
	token.Word: "word", token.Number: "number", token.Ordinal: "ordinal", token.Date: "date",
	token.Link: "link", token.Mail: "mail", token.Hex: "hex", token.Other: "other",
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"words are lower case", "We Run", "we run"},
		{"hyphens cut", "no-shows e-commerce", "no shows e commerce"},
		{"apostrophes stay inside words", "we're customers' Bella's", "we're customers bella's"},
		{"typographic apostrophes become straight", "don’t", "don't"},
		{"contractions get their apostrophe", "dont doesnt cant", "don't doesn't can't"},
		{"an ampersand is a word", "Smith & Co", "smith and co"},
		{"accents stay", "café Žluť", "café žluť"},
		{"combining accents stay inside", "cafe\u0301s", "cafe\u0301s"},
		{"slips in long words are put right", "apointment restarant websitte calender", "appointment restaurant website calendar"},
		{"plurals of slips too", "apointments", "appointments"},
		{"other forms are no slips", "scheduled businesses memberships", "scheduled businesses memberships"},
		{"short words are left alone", "cooking sellers", "cooking sellers"},
		{"amounts keep their signs", "$4,000.50 18% 10+ €2.5k", "$4,000.50/number 18%/number 10+/number €2.5k/number"},
		{"a percent sign may stand apart", "18 %", "18 %/number"},
		{"units glued to numbers are words", "12h 6wks", "12/number h 6/number wks"},
		{"other letters make no amount", "10am 4x4 2nd", "10am/other 4/number x4 2nd/ordinal"},
		{"round the clock is a word", "24/7", "24/7"},
		{"dates in digits", "2027-03-15 3/15/2027 15.3.27 3/15", "2027-03-15/date 3/15/2027/date 15.3.27/date 3/15/date"},
		{"phone numbers with points and spaces", "555.123.4567 555 123 4567", "555.123.4567/other 555 123 4567/other"},
		{"too few digits for a phone", "+12 345 67", "12/number 345/number 67/number"},
		{"no phone", "555-12 555-1234", "555/number 12/number 555/number 1234/number"},
		{"no date", "50/60 13/13/2027", "50/number 60/number 13/number 13/number 2027/number"},
		{"phone numbers", "555-123-4567 (555) 123-4567 +44 20 7946 0958", "555-123-4567/other 555) 123-4567/other +44 20 7946 0958/other"},
		{"version numbers", "v1.2.3 1.2.3.4", "v1.2.3/other 1.2.3.4/other"},
		{"links", "https://a.example/x?y#z www.b.nu c.com.", "https://a.example/x?y#z/link www.b.nu/link c.com/link"},
		{"no links", "fast.We e.g. done.no", "fast we e g done no"},
		{"mail addresses", "jo@x.com", "jo@x.com/mail"},
		{"hex colours", "#FFF #0a84ff #12345 #ggg", "#fff/hex #0a84ff/hex 12345/number ggg"},
		{"a link keeps its case outside", "See Bella.COM/Menu now", "see bella.com/menu/link now"},
		{"a link ends before punctuation", "(a.com), b.org; \"c.net\"!", "a.com/link b.org/link c.net/link"},
		{"a link with port and query", "http://x.org:8080/a?b=c", "http://x.org:8080/a?b=c/link"},
		{"an unknown top level is no link", "a.zzz b.c", "a zzz b c"},
		{"but with www it is one", "www.a.zzz", "www.a.zzz/link"},
		{"empty labels make no link", "a..com", "a com"},
		{"odd characters make no link", "a_b.com", "a b.com/link"},
		{"no address without a name or host", "@x.com jo@x", "x.com/link jo x"},
		{"a swapped letter", "busniess", "business"},
		{"a doubled letter", "memmbership", "membership"},
		{"a missing letter", "newsleter", "newsletter"},
		{"a wrong letter", "invemtory", "inventory"},
		{"two slips are too many", "apoitmentt", "apoitmentt"},
		{"words that look alike stay", "remember costumer remainder subscribe", "remember costumer remainder subscribe"},
		{"a currency sign alone is nothing", "$ and €", "and"},
		{"a plus alone is nothing", "+ 5", "5/number"},
		{"huge numbers are nothing", "9999999999999999", "9999999999999999/other"},
		{"numbers with letters of other scripts", "5ж", "5ж/other"},
		{"bytes that are no UTF-8 only separate", "a\xffb", "a b"},
		{"nothing", " \n ", ""},
	} {
		var got []string
		for _, tok := range token.Read(tc.text).Tokens {
			s := tok.Low
			if tok.Kind != token.Word {
				s += "/" + kinds[tok.Kind]
			}
			got = append(got, s)
		}
		if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: Read(%q) (-want +got):\n%s", tc.name, tc.text, diff)
		}
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want token.Amount
	}{
		{"50", token.Amount{Value: 50}},
		{"4,000", token.Amount{Value: 4000}},
		{"4 000", token.Amount{Value: 4000}},
		{"4\u00a0000", token.Amount{Value: 4000}},
		{"4\u202f500", token.Amount{Value: 4500}},
		{"4'000", token.Amount{Value: 4000}},
		{"4’000", token.Amount{Value: 4000}},
		{"1,234,567", token.Amount{Value: 1234567}},
		{"1.234.567", token.Amount{Value: 1234567}},
		{"4.5", token.Amount{Value: 4.5}},
		{"4,5", token.Amount{Value: 4.5}},
		{"$4,000.50", token.Amount{Value: 4000.5, Money: true}},
		{"$ 85", token.Amount{Value: 85, Money: true}},
		{"€2.500", token.Amount{Value: 2500, Money: true}},
		{"85 €", token.Amount{Value: 85, Money: true}},
		{"£1.5m", token.Amount{Value: 1.5e6, Money: true, Scaled: true}},
		{"10k", token.Amount{Value: 10000, Scaled: true}},
		{"10K+", token.Amount{Value: 10000, Scaled: true, Plus: true}},
		{"18%", token.Amount{Value: 18, Percent: true}},
		{"2027", token.Amount{Value: 2027, Year: true}},
		{"$2027", token.Amount{Value: 2027, Money: true}},
		{"2027%", token.Amount{Value: 2027, Percent: true}},
		{"2,027", token.Amount{Value: 2027}},
	} {
		toks := token.Read(tc.text).Tokens
		if len(toks) != 1 {
			t.Errorf("Read(%q) has %d tokens, want 1", tc.text, len(toks))
			continue
		}
		if diff := cmp.Diff(tc.want, toks[0].Num); diff != "" {
			t.Errorf("Read(%q) amount (-want +got):\n%s", tc.text, diff)
		}
	}
}

func TestSentencesAndClauses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"a full stop ends a sentence", "We sell. We ship.", "0.0 0.0 1.1 1.1"},
		{"a full stop inside does not", "v1.5 bella.com", "0.0 0.0"},
		{"nor one behind an abbreviation", "approx. 50", "0.0 0.0"},
		{"a line end does", "one\ntwo", "0.0 1.1"},
		{"so do marks", "Really? Yes! Fine; ok", "0.0 1.1 2.2 3.3"},
		{"a comma ends a clause", "yes, sure", "0.0 0.1"},
		{"so does a dash between spaces", "salon - small", "0.0 0.1"},
		{"and a long dash", "salon—small", "0.0 0.1"},
		{"a hyphen does not", "no-show", "0.0 0.0"},
		{"but opens a clause", "small but nice", "0.0 0.1 0.1"},
		{"and we opens one", "big and we ship", "0.0 0.1 0.1 0.1"},
		{"and alone does not", "big and red", "0.0 0.0 0.0"},
	} {
		var got []string
		for _, tok := range token.Read(tc.text).Tokens {
			got = append(got, fmt.Sprintf("%d.%d", tok.Sentence, tok.Clause))
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: Read(%q) sentences and clauses %s, want %s", tc.name, tc.text, s, tc.want)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	// "x" stands for the word whose scope is wanted.
	for _, tc := range []struct {
		text   string
		denied token.Denial
		hedged bool
	}{
		{"we want x", token.Affirmed, false},
		{"no x", token.Denied, false},
		{"not a x", token.Denied, false},
		{"without any x", token.Denied, false},
		{"never x", token.Denied, false},
		{"it isn't x", token.Denied, false},
		{"we do not offer x", token.Denied, false},
		{"we don't sell x", token.Denied, false},
		{"rather than x", token.Denied, false},
		{"calls instead of x", token.Denied, false},
		{"we don't need x", token.Refused, false},
		{"we do not want any x", token.Refused, false},
		{"I don't think we need x", token.Refused, false},
		{"we won't use x", token.Refused, false},
		{"it shouldn't have x", token.Refused, false},
		{"there mustn't be x", token.Refused, false},
		{"there is no need for x", token.Refused, false},
		{"please skip x", token.Refused, false},
		{"we don't have x", token.Lacking, false},
		{"we don't really have x", token.Lacking, false},
		{"we can't take x", token.Lacking, false},
		{"we haven't got x", token.Lacking, false},
		{"no x yet", token.Lacking, false},
		{"no x at the moment", token.Lacking, false},
		{"not only x", token.Affirmed, false},
		{"why not x", token.Affirmed, false},
		{"no-show x", token.Affirmed, false},
		{"no more than x", token.Affirmed, false},
		{"we don't have to x", token.Affirmed, false},
		{"no a, b or x", token.Denied, false},
		{"no a, b and x", token.Affirmed, false},
		{"no a, we want x", token.Affirmed, false},
		{"no a but x", token.Affirmed, false},
		{"no a. x", token.Affirmed, false},
		{"we don't need a just x", token.Affirmed, false},
		{"no one two three four five six seven x", token.Affirmed, false},
		{"maybe x", token.Affirmed, true},
		{"perhaps we add x", token.Affirmed, true},
		{"we might want x", token.Affirmed, true},
		{"we are thinking about x", token.Affirmed, true},
		{"not sure about x", token.Affirmed, true},
		{"I don't know if x", token.Affirmed, true},
		{"x later", token.Affirmed, true},
		{"x eventually", token.Affirmed, true},
		{"x at some point", token.Affirmed, true},
		{"x in the future", token.Affirmed, true},
		{"x down the road", token.Affirmed, true},
		{"x in phase two", token.Affirmed, true},
		{"x if possible", token.Affirmed, true},
		{"x as soon as possible", token.Affirmed, false},
		{"x and y later", token.Affirmed, false},
		{"x no later than May", token.Affirmed, false},
		{"x two weeks later", token.Affirmed, false},
		{"x sooner or later", token.Affirmed, false},
		{"maybe a, x", token.Affirmed, false},
		{"x for the future of work", token.Affirmed, true},
		{"x is the point", token.Affirmed, false},
	} {
		for _, tok := range token.Read(tc.text).Tokens {
			if tok.Low == "x" && (tok.Denied != tc.denied || tok.Hedged != tc.hedged) {
				t.Errorf("Read(%q): x denied %d hedged %v, want %d %v", tc.text, tok.Denied, tok.Hedged, tc.denied, tc.hedged)
			}
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"a plain number", "50 clients", "50"},
		{"two numbers", "50 clients, 85 dollars", "50; $85"},
		{"in letters", "twenty-five clients", "25"},
		{"letters with a space", "forty two", "42"},
		{"twenty-one", "twenty-one, thirty one", "21; 31"},
		{"tens and teens do not join", "twenty fifteen", "20; 15"},
		{"a hundred", "a hundred", "100"},
		{"one hundred", "one hundred", "100"},
		{"five thousand", "five thousand", "5000"},
		{"half a million is not read", "half a million", "1e+06"},
		{"a dozen and a couple", "a dozen, a couple of", "12; 2"},
		{"a word with a number inside is none", "someone often", ""},
		{"currency words", "85 euros", "$85"},
		{"grand is money", "5 grand", "$5000"},
		{"percent words", "18 percent, 12 per cent", "18%; 12%"},
		{"one in five", "one in five clients", "20%"},
		{"1 in 10", "1 in 10", "10%"},
		{"one in the morning is no share", "one in the morning", "1"},
		{"half of", "half of them", "50%"},
		{"half alone is none", "half an hour", ""},
		{"a range with hyphen", "4-6 weeks", "4..6"},
		{"a range with dash", "4,000 – 5,000", "4000..5000"},
		{"a range with to", "4 to 6", "4..6"},
		{"a range with or", "2 or 3", "2..3"},
		{"and needs between", "3 and 5", "3; 5"},
		{"between and", "between 3 and 5", "3..5"},
		{"a suffix holds for both", "4-5k", "4000..5000"},
		{"a suffix that fits one only", "500-1k", "500..1000"},
		{"a currency holds for both", "$4,000-5,000", "$4000..5000"},
		{"a share holds for both", "10-15%", "10..15%"},
		{"falling numbers are no range", "from 18% to 5%", ">=18%; 5%"},
		{"a year and a number are no range", "in 2027 to 3000", "2027; 3000"},
		{"under", "under 5k", "<=5000"},
		{"less than about", "less than about 5k", "<=5000"},
		{"up to", "up to $5k", "<=$5000"},
		{"no more than", "no more than 5", "<=5"},
		{"at most behind", "5 at most", "<=5"},
		{"or less", "5 or less", "<=5"},
		{"max behind", "5k max", "<=5000"},
		{"over", "over 10k", ">=10000"},
		{"at least", "at least 3", ">=3"},
		{"more than", "more than 3", ">=3"},
		{"no less than", "no less than 3", ">=3"},
		{"plus sign", "10k+", ">=10000"},
		{"and up", "10 and up", ">=10"},
		{"a denied bound turns round", "we can't spend more than 5k", "<=5000"},
		{"a bound in another clause does not count", "over, 5", "5"},
		{"ordinals and dates are no figures", "the 15th, 3/15", ""},
	} {
		var got []string
		for _, f := range token.Read(tc.text).Figures {
			got = append(got, figure(f))
		}
		if s := strings.Join(got, "; "); s != tc.want {
			t.Errorf("%s: Read(%q) figures %q, want %q", tc.name, tc.text, s, tc.want)
		}
	}
}

func figure(f token.Figure) string {
	s := fmt.Sprint(f.Lo)
	if !f.Single() {
		s = fmt.Sprintf("%v..%v", f.Lo, f.Hi)
	}
	if f.Money {
		s = "$" + s
	}
	if f.Percent {
		s += "%"
	}
	switch f.Bound {
	case token.AtMost:
		s = "<=" + s
	case token.AtLeast:
		s = ">=" + s
	case token.Exact:
	}
	return s
}

func TestFigureTokens(t *testing.T) {
	t.Parallel()
	d := token.Read("We have under about 4 to 6 thousand dollars or so")
	if len(d.Figures) != 1 {
		t.Fatalf("Read has %d figures, want 1", len(d.Figures))
	}
	f := d.Figures[0]
	if got, want := d.Quote(f.First, f.Last), "4 to 6 thousand dollars"; got != want {
		t.Errorf("figure spans %q, want %q", got, want)
	}
	if n, ok := d.FigureAt(f.First); n != 0 || !ok {
		t.Errorf("FigureAt(%d) = %d, %v, want 0, true", f.First, n, ok)
	}
	for _, i := range []int{-1, f.First + 1, 99} {
		if n, ok := d.FigureAt(i); ok {
			t.Errorf("FigureAt(%d) = %d, true, want none", i, n)
		}
	}
	d = token.Read("pay under about $5k or so")
	f = d.Figures[0]
	if got, want := d.Quote(f.Lead, f.Tail), "under about $5k"; got != want {
		t.Errorf("figure with its bound spans %q, want %q", got, want)
	}
}

func TestDocMoves(t *testing.T) {
	t.Parallel()
	d := token.Read("One two, three. Four five")
	if got := d.Next(0, 2); got != "three" {
		t.Errorf("Next(0, 2) = %q, want three", got)
	}
	for _, at := range [][2]int{{2, 1}, {3, -1}, {0, -1}, {4, 1}, {9, 0}, {-1, 1}} {
		if got := d.Next(at[0], at[1]); got != "" {
			t.Errorf("Next(%d, %d) = %q, want nothing", at[0], at[1], got)
		}
	}
	if from, to := d.Sentence(1); from != 0 || to != 3 {
		t.Errorf("Sentence(1) = %d, %d, want 0, 3", from, to)
	}
	if from, to := d.Clause(1); from != 0 || to != 2 {
		t.Errorf("Clause(1) = %d, %d, want 0, 2", from, to)
	}
	if got := d.Quote(3, 3); got != "Four" || !token.Capital(got) || token.Capital("four") || token.Capital("") {
		t.Errorf("Quote(3, 3) = %q", got)
	}
}

// FuzzRead checks that tokens lie in order inside the text, numbers grow, and
// every figure covers tokens.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"We don't, no a, b or c.", "$4,000-5k", "\xff'’", "1 in 5 of a couple of", "12/3/", "+1", "#fff", "a.b@c.com", "between 3 and 5", "not over 5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := token.Read(text)
		end, sentence, clause := 0, 0, 0
		for i, tok := range d.Tokens {
			if tok.Start < end || tok.End <= tok.Start || tok.End > len(text) || tok.Low == "" {
				t.Fatalf("Read(%q): token %d %+v out of order", text, i, tok)
			}
			if tok.Sentence < sentence || tok.Clause < clause {
				t.Fatalf("Read(%q): token %d goes back to sentence %d, clause %d", text, i, tok.Sentence, tok.Clause)
			}
			end, sentence, clause = tok.End, tok.Sentence, tok.Clause
		}
		last := -1
		for _, fig := range d.Figures {
			if fig.First <= last || fig.Last < fig.First || fig.Last >= len(d.Tokens) || fig.Lo > fig.Hi ||
				fig.Lead > fig.First || fig.Tail < fig.Last || fig.Tail >= len(d.Tokens) || fig.Lead < 0 {
				t.Fatalf("Read(%q): figure %+v does not fit", text, fig)
			}
			last = fig.Last
		}
	})
}

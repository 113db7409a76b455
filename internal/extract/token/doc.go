package token

import "unicode"

// Doc is a text that has been read. Its fields are for reading only.
type Doc struct {
	Text    string
	Tokens  []Token
	Figures []Figure
	starts  []int // per token: 1 + index of the figure that starts there
}

// Read cuts the text into tokens, marks what is denied or hedged and finds all
// figures. It accepts any bytes.
func Read(text string) *Doc {
	d := &Doc{Text: text, Tokens: tokenise(text)}
	scopes(d.Tokens)
	d.Figures = figures(text, d.Tokens)
	d.starts = make([]int, len(d.Tokens))
	for n, f := range d.Figures {
		d.starts[f.First] = n + 1
	}
	return d
}

// FigureAt returns the index of the figure that starts at token i.
func (d *Doc) FigureAt(i int) (n int, ok bool) {
	if i < 0 || i >= len(d.starts) {
		return 0, false
	}
	return d.starts[i] - 1, d.starts[i] > 0
}

// Quote returns the text from token first to token last, inclusive.
func (d *Doc) Quote(first, last int) string {
	return d.Text[d.Tokens[first].Start:d.Tokens[last].End]
}

// Next returns the word n places from token i, and empty text outside its
// sentence or outside the text.
func (d *Doc) Next(i, n int) string { return next(d.Tokens, i, n) }

// Sentence returns the tokens of the sentence around token i, end exclusive.
func (d *Doc) Sentence(i int) (from, to int) {
	return d.around(i, func(t Token) int { return t.Sentence })
}

// Clause returns the tokens of the clause around token i, end exclusive.
func (d *Doc) Clause(i int) (from, to int) {
	return d.around(i, func(t Token) int { return t.Clause })
}

func (d *Doc) around(i int, part func(Token) int) (from, to int) {
	from, to = i, i+1
	for from > 0 && part(d.Tokens[from-1]) == part(d.Tokens[i]) {
		from--
	}
	for to < len(d.Tokens) && part(d.Tokens[to]) == part(d.Tokens[i]) {
		to++
	}
	return from, to
}

// next returns the word n places away, and empty text outside the sentence.
func next(tokens []Token, i, n int) string {
	if i < 0 || i >= len(tokens) {
		return ""
	}
	at := i + n
	if at < 0 || at >= len(tokens) || tokens[at].Sentence != tokens[i].Sentence {
		return ""
	}
	return tokens[at].Low
}

// Capital reports whether the text begins with a capital letter.
func Capital(s string) bool {
	for _, r := range s {
		return unicode.IsUpper(r)
	}
	return false
}

package scope

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape makes client text safe inside a line of Markdown: it folds it into
// one line and puts a backslash before everything that could begin a heading,
// list, quote, table, link, image, emphasis, code, HTML or an entity, also in
// the GitHub dialect (strikethrough, bare addresses). The words stay as they
// are, so a reader of the rendered document sees exactly what was written
// (DOMAIN 7.1, 8.1).
func escape(text string) string {
	text = fold(text)
	var b strings.Builder
	b.Grow(len(text) + len(text)/8)
	for i := 0; i < len(text); i++ {
		if special(text, i) {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// unescape takes the backslashes of escape out again.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// special reports whether the byte at i needs a backslash.
func special(text string, i int) bool {
	switch text[i] {
	case '\\', '`', '*', '_', '{', '}', '[', ']', '<', '>', '|', '~', '@':
		return true
	case '#':
		// Only a number sign before a blank makes a heading; colours stay plain.
		return i == 0 && (len(text) == 1 || text[1] == ' ' || text[1] == '#')
	case '+', '-', '=':
		return i == 0
	case '&':
		// An entity the client typed must not be decoded.
		return i+1 < len(text) && (text[i+1] == '#' || isLetter(text[i+1]))
	case ':':
		return strings.HasPrefix(text[i:], "://")
	case '.':
		return afterWWW(text[:i]) || numbersList(text, i)
	case ')':
		return numbersList(text, i)
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func afterWWW(before string) bool {
	return len(before) >= 3 && strings.EqualFold(before[len(before)-3:], "www")
}

// numbersList reports whether the mark at i ends the number of a list item.
func numbersList(text string, i int) bool {
	return i > 0 && strings.Trim(text[:i], "0123456789") == "" && (i+1 == len(text) || text[i+1] == ' ')
}

// fold makes one line of a text: white space and line breaks of any kind
// become one blank, control and invisible formatting characters go. Joiners
// stay, for some scripts need them to be readable.
func fold(text string) string {
	if folded(text) {
		return text
	}
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case r == '\u200c', r == '\u200d':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// folded reports whether a text is one line of plain ASCII already, as most
// are.
func folded(text string) bool {
	blank := true // at the start and after a blank
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c >= 0x7f || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || text == ""
}

// shorten cuts a text at a word near limit characters and marks the cut. Texts
// within the limit stay whole.
func shorten(text string, limit int) string {
	text = fold(text)
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	runes := []rune(text)[:limit-1]
	cut := string(runes)
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.-") + "…"
}

// mailbox writes an e-mail address so that it can be copied from the file.
// Anything else is escaped like all text.
func mailbox(s string) string {
	if address.MatchString(s) {
		return strings.ReplaceAll(escape(s), `\@`, "@")
	}
	return escape(s)
}

// quote puts client text in straight quotes; quotes inside are escaped so that
// the end of the quotation stays clear.
func quote(text string) string {
	return `"` + strings.ReplaceAll(escape(text), `"`, `\"`) + `"`
}

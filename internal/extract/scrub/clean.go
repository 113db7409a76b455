// Package scrub makes client text safe: it removes markup and invisible
// characters, and takes orders to a language model out (DOMAIN 8.1, 8.2).
//
// Both functions work in one pass, accept any bytes and change nothing when
// they are applied again. Start with Clean and Neutralise.
package scrub

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/extract/token"
)

// Clean makes client text safe to keep (DOMAIN 8.1): HTML tags go, with their
// attributes and the inside of scripts and styles, and so do control
// characters, invisible and direction-changing ones and bytes that are no
// UTF-8; line ends become "\n", white space around the text is cut. Text that
// only looks like markup stays: "a < b", "5 > 3", "I <3 it". A mail address or
// URL in angle brackets loses only the brackets.
//
// Unicode normalisation needs tables outside the standard library; whoever
// reads the text from the wire applies NFC before. Output is escaped wherever it
// is shown, whatever Clean does.
func Clean(text string) string {
	out := visible(text)
	if strings.IndexByte(out, '<') >= 0 {
		out = untag(out)
	}
	return strings.TrimSpace(out)
}

// visible drops or replaces the characters that nobody can see.
func visible(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r', r == '\u0085', r == '\u2028', r == '\u2029', r == '\v', r == '\f':
			return '\n'
		case r == '\t':
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), invisible(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// invisible reports zero-width characters, soft hyphens, direction controls
// and tag characters.
func invisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x180e, r == 0xfeff, r == 0x3164, r == 0x115f, r == 0x1160, r == 0xffa0:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r >= 0xfff9 && r <= 0xfffb:
		return true
	default:
		return r >= 0xe0000 && r <= 0xe0fff
	}
}

// untag removes tags. Every ">" closes the nearest "<" before it that opens a
// tag, so that no tag can be built from the pieces around another; each "<" is
// looked at once, so the work grows with the text alone.
func untag(text string) string {
	u := untagger{out: make([]byte, 0, len(text)), script: -1}
	for i := 0; i < len(text); i++ {
		if text[i] == '<' {
			if end := quotedTag(text, i); end > 0 {
				u.opens = append(u.opens, len(u.out))
				u.out = append(u.out, text[i:end]...)
				u.close()
				i = end
				continue
			}
			u.opens = append(u.opens, len(u.out))
		}
		if text[i] == '>' && u.close() {
			continue
		}
		u.out = append(u.out, text[i])
	}
	return string(u.out)
}

// untagger is the output so far and where its open angle brackets are.
type untagger struct {
	out    []byte
	opens  []int
	script int // where an open script or style began, or -1
}

// close removes the tag that a ">" would end and reports whether there was one.
func (u *untagger) close() bool {
	for len(u.opens) > 0 {
		at := u.opens[len(u.opens)-1]
		u.opens = u.opens[:len(u.opens)-1]
		inside := u.out[at+1:]
		if !opensTag(inside) {
			continue // "< b" can never become a tag
		}
		kept := address(string(inside))
		name := tagName(string(inside))
		u.out = u.out[:at]
		if u.script > at {
			u.script = -1
		}
		u.out = append(u.out, kept...)
		u.effect(name)
		return true
	}
	return false
}

// effect does what the removed tag means for the text around it: blocks end a
// line, scripts and styles take their inside with them.
func (u *untagger) effect(name string) {
	switch name {
	case "script", "style":
		if u.script < 0 {
			u.script = len(u.out)
		}
	case "/script", "/style":
		u.dropScript()
	case "br", "p", "/p", "div", "/div", "li", "/li", "tr", "/tr", "ul", "/ul", "ol", "/ol", "h1", "/h1", "h2", "/h2", "h3", "/h3", "table", "/table", "blockquote", "/blockquote":
		if n := len(u.out); n > 0 && u.out[n-1] != '\n' {
			u.out = append(u.out, '\n')
		}
	}
}

// dropScript removes the inside of the script or style that ends here.
func (u *untagger) dropScript() {
	at := u.script
	u.script = -1
	if at < 0 || at > len(u.out) {
		return
	}
	u.out = u.out[:at]
	for len(u.opens) > 0 && u.opens[len(u.opens)-1] >= at {
		u.opens = u.opens[:len(u.opens)-1]
	}
	if at > 0 && u.out[at-1] == '<' && !slices.Contains(u.opens, at-1) {
		u.opens = append(u.opens, at-1) // what follows it has changed
	}
}

// opensTag reports whether what follows a "<" makes it a tag.
func opensTag(inside []byte) bool {
	if len(inside) == 0 {
		return false
	}
	c := inside[0]
	return asciiLetter(c) || c == '!' || c == '?' || c == '/' && len(inside) > 1 && asciiLetter(inside[1])
}

// tagName returns the lower-case name of a tag, with its slash.
func tagName(inside string) string {
	slash := ""
	if s, ok := strings.CutPrefix(inside, "/"); ok {
		slash, inside = "/", s
	}
	end := strings.IndexFunc(inside, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end >= 0 {
		inside = inside[:end]
	}
	return slash + strings.ToLower(inside)
}

// address returns the inside of angle brackets that hold a mail address or
// URL instead of a tag.
func address(inside string) string {
	if end, k := token.LinkAt(inside, 0); end == len(inside) && (k == token.Mail || k == token.Link) && !strings.ContainsAny(inside, `"'=`) {
		return inside
	}
	return ""
}

// quotedTag returns the position of the ">" that ends a well-formed tag whose
// quoted attributes contain another one, or 0.
func quotedTag(text string, at int) int {
	var quote byte
	angle := false
	for i := at + 1; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			angle = angle || c == '>'
		case (c == '"' || c == '\'') && text[i-1] == '=':
			quote = c
		case c == '<':
			return 0
		case c == '>':
			if angle && opensTag([]byte(text[at+1:at+3])) {
				return i
			}
			return 0
		}
	}
	return 0
}

func asciiLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

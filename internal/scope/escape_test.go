package scope_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/scope"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain words stay as they are", "A hair salon, 50 clients (a week) at $85.50!", "A hair salon, 50 clients (a week) at $85.50!"},
		{"a heading is text", "# Owned", `\# Owned`},
		{"a colour keeps its number sign", "#1a2b3c and #fff", "#1a2b3c and #fff"},
		{"lines become one line", "one\r\ntwo\n\n\tthree\u2028four", "one two three four"},
		{"HTML is text", "<b onclick=x>", `\<b onclick=x\>`},
		{"a link is text", "[a](http://b)", `\[a\](http\://b)`},
		{"a bare address is text", "see https://a.example and WWW.b.example", `see https\://a.example and WWW\.b.example`},
		{"a bare address at the start is text", "www.a.example", `www\.a.example`},
		{"an e-mail address is text", "maria@salon.example", `maria\@salon.example`},
		{"code is text", "`rm`", "\\`rm\\`"},
		{"a table is text", "a | b", `a \| b`},
		{"emphasis and strikethrough are text", "*a* _b_ ~~c~~", `\*a\* \_b\_ \~\~c\~\~`},
		{"a template is text", "{{name}}", `\{\{name\}\}`},
		{"a backslash cannot undo an escape", `\<`, `\\\<`},
		{"an entity is text", "&lt; &#60; R&D & more", `\&lt; \&#60; R\&D & more`},
		{"a bullet at the start is text", "- one", `\- one`},
		{"a number at the start is text", "1. one", `1\. one`},
		{"a numbered bracket at the start is text", "12) one", `12\) one`},
		{"a decimal at the start is no list", "2.3 months", "2.3 months"},
		{"a rule at the start is text", "---", `\---`},
		{"an underline at the start is text", "===", `\===`},
		{"control and direction characters go", "a\x00b\u202ec\u200bd\ufeff\x1be", "abcde"},
		{"joiners stay", "क्\u200dष", "क्\u200dष"},
		{"broken bytes are marked", "a\xffb", "a\ufffdb"},
		{"nothing stays nothing", " \n ", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := scope.Escape(tt.in); got != tt.want {
				t.Errorf("escape(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	if got, want := scope.Quote(`she said "no" \`), `"she said \"no\" \\"`; got != want {
		t.Errorf("quote = %s, want %s", got, want)
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		limit    int
		want     string
	}{
		{"a text within the limit stays whole", "a few words", 11, "a few words"},
		{"a long text is cut at a word", "a few words more", 12, "a few words…"},
		{"punctuation before the cut goes", "a few, words more", 8, "a few…"},
		{"a word without blanks is cut anywhere", "abcdefghij", 5, "abcd…"},
		{"characters count, not bytes", "äöüäö", 5, "äöüäö"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := scope.Shorten(tt.in, tt.limit); got != tt.want {
				t.Errorf("shorten(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
			}
		})
	}
}

// active finds the first character that Markdown would act on in a line of
// client text: unescaped, or at the start a mark that begins a block.
func active(line string) string {
	if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
		return "a control character or line break"
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case '\\':
			if i+1 == len(line) {
				return "a backslash without a partner"
			}
			i++
		case '<', '>', '[', ']', '`', '|', '*', '_', '~', '{', '}', '@':
			return "unescaped " + string(c)
		case ':':
			if strings.HasPrefix(line[i:], "://") {
				return "a bare address"
			}
		case '&':
			if i+1 < len(line) && (line[i+1] == '#' || unicode.IsLetter(rune(line[i+1])) && line[i+1] < utf8.RuneSelf) {
				return "an entity"
			}
		}
	}
	return opening(line)
}

// opening finds a mark at the start of the line that begins a block.
func opening(line string) string {
	first, _, _ := strings.Cut(line, " ")
	switch {
	case strings.HasPrefix(line, " "), strings.HasPrefix(line, "\t"):
		return "indented code"
	case first != "" && strings.Trim(first, "#") == "", first == "-", first == "+", first == "*":
		return "block mark " + first
	case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "==="), strings.HasPrefix(line, "+++"):
		return "rule or underline"
	}
	number := strings.TrimLeft(first, "0123456789")
	if len(number) < len(first) && (number == "." || number == ")") {
		return "numbered list"
	}
	return ""
}

// plain undoes the escapes, as a Markdown reader does.
func plain(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && s[i+1] < utf8.RuneSelf && unicode.In(rune(s[i+1]), unicode.Punct, unicode.Symbol) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func FuzzEscape(f *testing.F) {
	for n := range 12 {
		f.Add(attack(n))
	}
	f.Add("1) x\n&#x3c;")
	f.Fuzz(func(t *testing.T, in string) {
		got := scope.Escape(in)
		if why := active(got); why != "" {
			t.Errorf("escape(%q) = %q holds %s", in, got, why)
		}
		if plain(got) != scope.Fold(in) {
			t.Errorf("escape(%q) = %q, which reads %q, want %q", in, got, plain(got), scope.Fold(in))
		}
	})
}

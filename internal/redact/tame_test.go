package redact_test

import (
	"strings"
	"testing"

	"applicreations.com/introspect/internal/redact"
)

func TestTame(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"plain text stays", "A salon.\nTwo lines.", "A salon.\nTwo lines."},
		{"markup goes", "<b>A</b> salon<script>x</script>", "A salon"},
		{"what nobody sees goes", "a\u200bb\u202ec\x00d\U000e0041", "abcd"},
		{"repeats end", "w" + strings.Repeat("o", 50) + "w", "w" + strings.Repeat("o", 8) + "w"},
		{"numbers do not", "1000000000000", "1000000000000"},
	} {
		if got := redact.Tame(tt.in); got != tt.want {
			t.Errorf("%s: Tame(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
	if got := len([]rune(redact.Tame(strings.Repeat("né ", 5000)))); got > 5000 || got < 4990 {
		t.Errorf("Tame of 15000 letters left %d, want about 5000", got)
	}
}

func FuzzTame(f *testing.F) {
	f.Add("<a href=x>hey</a> aaaaaaaaaaaaa \u202e")
	f.Fuzz(func(t *testing.T, text string) {
		once := redact.Tame(text)
		if len([]rune(once)) > 5000 {
			t.Errorf("Tame(%q) has %d letters", text, len([]rune(once)))
		}
		r := redact.New(ann)
		if safe := r.Out(once); r.Back()(safe) != once {
			t.Errorf("Back(Out(%q)) = %q", once, r.Back()(safe))
		}
	})
}

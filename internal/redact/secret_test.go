package redact_test

import (
	"strings"
	"testing"

	"applicreations.com/introspect/internal/redact"
)

const canary = "marten-7f3a91c2d8"

func TestHolds(t *testing.T) {
	t.Parallel()
	for name, leak := range map[string]string{
		"plain":           canary,
		"upper case":      strings.ToUpper(canary),
		"spaced":          strings.Join(strings.Split(canary, ""), " "),
		"dashed":          strings.Join(strings.Split(canary, ""), "-"),
		"zero-width":      strings.Join(strings.Split(canary, ""), "\u200b"),
		"backwards":       "8d2c19a3f7-netram",
		"hexadecimal":     "6d617274656e2d37663361393163326438",
		"ROT13":           "znegra-7s3n91p2q8",
		"base64":          "bWFydGVuLTdmM2E5MWMyZDg=",
		"inside a word":   "xx" + canary + "yy",
		"with line ends":  "marten\n-7f3a\n91c2d8",
		"with underlines": "marten_7f3a_91c2_d8",
	} {
		if !redact.Holds(canary, "a text", leak) {
			t.Errorf("%s: Holds(%q) = false", name, leak)
		}
	}
	if !redact.Holds(canary, "marten-7f3a", "91c2d8") {
		t.Error("spread over two texts: Holds = false")
	}
	for _, text := range []string{"", "marten", "7f3a", "Is there a logo?", canary[:len(canary)-1]} {
		if redact.Holds(canary, text) {
			t.Errorf("Holds(%q) = true", text)
		}
	}
	if redact.Holds("", "anything") || redact.Holds("--", "--") {
		t.Error("an empty secret is held by something")
	}
}

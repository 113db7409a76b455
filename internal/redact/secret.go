package redact

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
)

// Holds reports a secret word in one of the texts or spread over several, also
// spaced out, in another letter case, backwards, or in base64, hexadecimal or
// ROT13. An empty secret is nowhere.
func Holds(secret string, texts ...string) bool {
	word := squeeze(secret)
	if word == "" {
		return false
	}
	disguises := []string{word, reversed(word), rot13(word), hex.EncodeToString([]byte(secret)), base64Core(secret)}
	for _, text := range append(slices.Clone(texts), strings.Join(texts, "")) {
		low := squeeze(text)
		if slices.ContainsFunc(disguises, func(d string) bool { return d != "" && strings.Contains(low, d) }) {
			return true
		}
	}
	return false
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

func rot13(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return 'a' + (r-'a'+13)%26
		}
		return r
	}, s)
}

// base64Core is the secret's encoding without the ends, which depend on what
// stands around it.
func base64Core(s string) string {
	out := squeeze(base64.StdEncoding.EncodeToString([]byte(s)))
	if len(out) < 12 {
		return ""
	}
	return out[:len(out)-4]
}

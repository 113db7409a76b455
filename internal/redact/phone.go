package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxGap is how many signs may stand between two digits of a telephone number,
// as in "503 - 555 - 0147".
const maxGap = 3

// phones finds runs of digits that look like telephone numbers, and the
// person's own however it is grouped. Prices and dates are left alone.
func (r *Redactor) phones(text string) (out []span) {
	for i := 0; i < len(text); {
		first, size := utf8.DecodeRuneInString(text[i:])
		if digit(first) < 0 && first != '+' && first != '(' {
			i += size
			continue
		}
		to := runEnd(text, i+size)
		if run := inASCII(text[i:to]); r.phone(run) || announced(text[:i]) && callable(run) {
			out = append(out, span{i, to, "phone"})
		}
		i = to
	}
	return out
}

// runEnd is the end of the last digit of a run that goes on at from.
func runEnd(text string, from int) int {
	to, gap := from, 0
	for i, c := range text[from:] {
		if digit(c) >= 0 {
			to, gap = from+i+utf8.RuneLen(c), 0
			continue
		}
		if gap++; gap > maxGap || !parts(c) {
			break
		}
	}
	return to
}

// parts reports a sign that may stand between the digits of a number.
func parts(c rune) bool {
	return strings.ContainsRune("()./−·", c) || unicode.Is(unicode.Pd, c) || unicode.Is(unicode.Zs, c)
}

// digit is the value of a digit in one of the scripts in which people write
// telephone numbers, or below zero.
func digit(r rune) rune {
	for _, zero := range "0０٠۰०" {
		if r >= zero && r <= zero+9 {
			return r - zero
		}
	}
	return -1
}

// inASCII is a run with its digits in ASCII.
func inASCII(run string) string {
	return strings.Map(func(r rune) rune {
		if d := digit(r); d >= 0 {
			return '0' + d
		}
		return r
	}, run)
}

func (r *Redactor) phone(run string) bool {
	digits := onlyDigits(run)
	if r.digits != "" && strings.Contains(digits, r.digits) {
		return true
	}
	groups := groupsOf(run)
	n := len(groups)
	american := n >= 3 && n <= 4 && len(groups[n-1]) == 4 && len(groups[n-2]) == 3 && len(groups[n-3]) == 3
	switch {
	case american, n == 1 && northAmerican(digits), n == 2 && len(groups[0])%3 == 0 && northAmerican(digits):
		return true
	case len(digits) > 15:
		return false
	case run[0] == '+' || run[0] == '(':
		return len(digits) >= 8
	}
	return run[0] == '0' && len(digits) >= 9
}

// northAmerican reports ten digits, or eleven with the country, of which neither
// area nor exchange begins with 0 or 1: no price of a website is such a number.
func northAmerican(digits string) bool {
	if len(digits) == 11 {
		digits = strings.TrimPrefix(digits, "1")
	}
	return len(digits) == 10 && digits[0] >= '2' && digits[3] >= '2'
}

// announced reports words for a telephone right before a run.
func announced(before string) bool {
	before = before[max(0, len(before)-40):]
	words := strings.FieldsFunc(strings.ToLower(before), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(words[max(0, len(words)-3):], func(w string) bool {
		return slices.Contains([]string{
			"tel", "telephone", "telefon", "teléfono", "téléphone", "phone", "mobile", "mobil", "handy", "cell", "fax", "whatsapp", "signal", "call", "dial", "ring", "text", "sms",
		}, w)
	})
}

// callable reports a run that can be dialled and is no date.
func callable(run string) bool {
	groups := groupsOf(run)
	date := len(groups) == 3 && (len(groups[0]) == 4 && len(groups[1]) <= 2 && len(groups[2]) <= 2 || len(groups[0]) <= 2 && len(groups[1]) <= 2 && len(groups[2]) == 4)
	n := len(onlyDigits(run))
	return !date && n >= 7 && n <= 15
}

func groupsOf(run string) []string {
	return strings.FieldsFunc(run, func(c rune) bool { return c < '0' || c > '9' })
}

func onlyDigits(s string) string {
	return strings.Join(groupsOf(inASCII(s)), "")
}

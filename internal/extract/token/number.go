package token

import (
	"strconv"
	"strings"
	"unicode"
)

// opensAmount reports whether an amount may begin with the character.
func opensAmount(r rune) bool {
	return r >= '0' && r <= '9' || currencySign(r) || r == '+'
}

func currencySign(r rune) bool {
	return r == '$' || r == '€' || r == '£' || r == '¥'
}

// lexAmount takes a number with everything written onto it: "$4,000.50",
// "4.5k", "18 %", "15th", "10+". Dates and phone numbers become tokens of
// their own kind. It reports false when the characters are none of these.
func (s *scanner) lexAmount() bool {
	if strings.HasPrefix(s.text[s.pos:], "24/7") {
		s.add(s.pos, s.pos+4, "24/7", Word)
		return true
	}
	if end := phoneAt(s.text, s.pos); end > 0 {
		s.add(s.pos, end, s.text[s.pos:end], Other)
		return true
	}
	if end := digitDateAt(s.text, s.pos); end > 0 {
		s.add(s.pos, end, s.text[s.pos:end], Date)
		return true
	}
	return s.lexNumber()
}

func (s *scanner) lexNumber() bool {
	start, at := s.pos, s.pos
	var a Amount
	if r, size := s.runeAt(at); currencySign(r) {
		a.Money = true
		at += size
		for at < len(s.text) && s.text[at] == ' ' {
			at++
		}
	}
	digits, end := readDigits(s.text, at, a.Money)
	if whole, last := readDigits(s.text, at, true); last > end || whole != digits && last == end {
		if currencyAt(s.text, last) {
			digits, end = whole, last // "8.000 €"
		}
	}
	if digits == "" {
		return false
	}
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil || value > 1e12 {
		return false
	}
	a.Value = value
	a.Year = end-at == 4 && len(digits) == 4 && !a.Money && value >= 1900 && value <= 2100
	end, k := s.suffix(&a, end)
	if k == Other {
		return false
	}
	s.add(start, end, s.text[start:end], k)
	s.tokens[len(s.tokens)-1].Num = a
	return true
}

// currencyAt reports whether a currency stands at the offset, maybe behind a
// space.
func currencyAt(text string, at int) bool {
	rest := strings.ToLower(strings.TrimLeft(text[at:min(len(text), at+12)], " \u00a0"))
	for _, c := range []string{"$", "€", "£", "eur", "usd", "gbp", "dollar", "pound"} {
		if strings.HasPrefix(rest, c) {
			return true
		}
	}
	return false
}

// suffix reads what is written onto the digits and returns the new end. It
// returns Other when letters follow that make it no amount.
func (s *scanner) suffix(a *Amount, end int) (int, Kind) {
	letters := end
	for letters < len(s.text) && asciiLetter(s.text[letters]) {
		letters++
	}
	k := Number
	switch word := strings.ToLower(s.text[end:letters]); word {
	case "":
	case "k":
		a.Value, a.Scaled, a.Year, end = a.Value*1e3, true, false, letters
	case "m", "mm", "mil", "mio":
		a.Value, a.Scaled, a.Year, end = a.Value*1e6, true, false, letters
	case "st", "nd", "rd", "th":
		k, end = Ordinal, letters
	case "h", "hr", "hrs", "hour", "hours", "d", "day", "days", "wk", "wks", "week", "weeks", "mo", "mos", "month", "months", "yr", "yrs", "min", "mins", "usd", "eur", "gbp", "pct", "percent", "bucks", "page", "pages", "yo", "s", "x":
		// The unit is a word of its own.
	default:
		return end, Other
	}
	if r, size := s.runeAt(letters); size > 0 && r > 127 && unicode.IsLetter(r) {
		return end, Other
	}
	return s.signs(a, end), k
}

// signs reads "+", "%" and a currency sign behind the digits.
func (s *scanner) signs(a *Amount, end int) int {
	if end < len(s.text) && s.text[end] == '+' {
		a.Plus = true
		end++
	}
	at := end
	if at < len(s.text) && s.text[at] == ' ' {
		at++
	}
	switch r, size := s.runeAt(at); {
	case r == '%':
		a.Percent, a.Year = true, false
		return at + size
	case currencySign(r) && !a.Money && !digitAt(s.text, at+size):
		a.Money, a.Year = true, false
		return at + size
	}
	return end
}

// readDigits reads digits with thousands separators and decimals and returns
// them in plain form. A comma, space or apostrophe before exactly three
// digits separates thousands, and so does a point in sums of money, where
// three decimals make no sense, and before two zeros at their end ("8.500 to 12.000€").
func readDigits(text string, at int, money bool) (digits string, end int) {
	end = at
	for digitAt(text, end) {
		end++
	}
	if end == at || end-at > 12 {
		return "", at
	}
	digits = text[at:end]
	for sep := byte(0); len(digits) <= 9 && (sep != 0 || len(digits) <= 3); {
		n := groupAt(text, end, money || sep == '.')
		if n == 0 || sep != 0 && text[end] != sep {
			break
		}
		sep = text[end]
		digits += text[end+n-3 : end+n]
		end += n
	}
	if end < len(text) && (text[end] == '.' || text[end] == ',') && digitAt(text, end+1) {
		return decimals(text, at, end, digits)
	}
	return digits, end
}

// decimals reads the digits behind a decimal point or comma. A second point
// makes it a version number, which is no amount.
func decimals(text string, at, point int, digits string) (string, int) {
	end := point + 1
	for digitAt(text, end) {
		end++
	}
	if text[point] == ',' && end-point > 3 {
		return digits, point // a list such as 1,2345
	}
	if end < len(text) && text[end] == '.' && digitAt(text, end+1) {
		return "", at
	}
	return digits + "." + text[point+1:end], end
}

// groupAt returns the length of a separator with exactly three digits behind
// it, or 0.
func groupAt(text string, at int, money bool) int {
	n := 0
	switch rest := text[at:]; {
	case rest == "":
		return 0
	case rest[0] == ',' || rest[0] == '\'':
		n = 1
	case rest[0] == '.' && (money || len(rest) > 3 && rest[2:4] == "00" || threeDigits(text, at+5) && at+4 < len(text) && text[at+4] == '.'):
		n = 1
	case rest[0] == ' ' && (money || len(rest) > 3 && rest[3] == '0'):
		n = 1
	case strings.HasPrefix(rest, "\u00a0"):
		n = 2
	case strings.HasPrefix(rest, "\u202f"), strings.HasPrefix(rest, "\u2009"), strings.HasPrefix(rest, "’"):
		n = 3
	default:
		return 0
	}
	if !threeDigits(text, at+n) {
		return 0
	}
	return n + 3
}

// threeDigits reports whether exactly three digits stand at the offset.
func threeDigits(text string, at int) bool {
	return digitAt(text, at) && digitAt(text, at+1) && digitAt(text, at+2) && !digitAt(text, at+3)
}

func digitAt(text string, at int) bool {
	return at < len(text) && text[at] >= '0' && text[at] <= '9'
}

func asciiLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// phoneAt returns the end of a phone number that starts at the offset, or 0.
func phoneAt(text string, at int) int {
	if text[at] == '+' {
		return foreignPhone(text, at)
	}
	if !threeDigits(text, at) {
		return 0
	}
	end := at + 3
	for end < len(text) && strings.IndexByte(") .-", text[end]) >= 0 && end < at+5 {
		end++
	}
	if end == at+3 || !threeDigits(text, end) || end+3 >= len(text) || strings.IndexByte(" .-", text[end+3]) < 0 {
		return 0
	}
	if end += 4; digitAt(text, end) && threeDigits(text, end+1) {
		return end + 4
	}
	return 0
}

// foreignPhone takes a plus with at least eight digits.
func foreignPhone(text string, at int) int {
	end, digits := at+1, 0
	for end < len(text) && strings.IndexByte("0123456789 ().-", text[end]) >= 0 {
		digits += truth(digitAt(text, end))
		end++
	}
	if digits < 8 {
		return 0
	}
	for !digitAt(text, end-1) {
		end--
	}
	return end
}

// digitDateAt returns the end of a date in digits that starts at the offset,
// or 0. What the parts mean is decided by parseDigitDate.
func digitDateAt(text string, at int) int {
	var d digitDate
	end := d.part(text, at)
	for end > 0 && d.n < 3 && end+1 < len(text) && digitAt(text, end+1) && d.continues(text[end]) {
		end = d.part(text, end+1)
	}
	if end == 0 || !dateShape(d.parts, d.widths, d.n, d.sep) {
		return 0
	}
	if end < len(text) && (asciiLetter(text[end]) || text[end] == '%' || text[end] == '/') {
		return 0
	}
	return end
}

// digitDate gathers the parts of a date in digits.
type digitDate struct {
	parts, widths [3]int
	n             int
	sep           byte
}

// part reads up to four digits and returns the offset behind them, or 0.
func (d *digitDate) part(text string, at int) int {
	end := at
	for digitAt(text, end) && end-at < 4 {
		d.parts[d.n] = d.parts[d.n]*10 + int(text[end]-'0')
		end++
	}
	d.widths[d.n] = end - at
	if d.n++; end == at || digitAt(text, end) {
		return 0
	}
	return end
}

// continues reports whether the date goes on behind the character, which is
// the same between all parts.
func (d *digitDate) continues(c byte) bool {
	if c != '/' && c != '-' && c != '.' || d.n > 1 && c != d.sep {
		return false
	}
	d.sep = c
	return true
}

// dateShape tells dates from other numbers with separators.
func dateShape(parts, widths [3]int, n int, sep byte) bool {
	switch {
	case n == 3 && widths[0] == 4 && sep == '-':
		return parts[1] >= 1 && parts[1] <= 12 && parts[2] >= 1 && parts[2] <= 31
	case n == 3 && (widths[2] == 4 || widths[2] == 2):
		return dayMonth(parts[0], parts[1]) && widths[0] <= 2 && widths[1] <= 2
	case n == 2 && sep == '/':
		return dayMonth(parts[0], parts[1]) && widths[0] <= 2 && widths[1] <= 2
	default:
		return false
	}
}

func dayMonth(a, b int) bool {
	return a >= 1 && b >= 1 && a <= 31 && b <= 31 && min(a, b) <= 12
}

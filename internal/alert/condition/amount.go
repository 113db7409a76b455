package condition

import "strings"

// Amount writes a figure with its unit for people, such as "3 errors in 60 s" or
// "1 error in 60 s": rules spell their units as many, and the noun follows the
// figure.
func Amount(v float64, unit string) string {
	text := number(v)
	if text == "1" || text == "-1" {
		unit = one(unit)
	}
	return text + unit
}

// one turns the noun of a unit into that of a single thing. The noun stands
// before any "in" or "of"; what is said of a multiple ("times the median") and
// the short names of measures ("s") have none.
func one(unit string) string {
	parts := strings.Split(unit, " ")
	for i, word := range parts {
		next := ""
		if i+1 < len(parts) {
			next = parts[i+1]
		}
		switch {
		case word == "in" || word == "of" || next == "the":
			return strings.Join(parts, " ")
		case word == "people":
			parts[i] = "person"
		case strings.HasSuffix(word, "ies"):
			parts[i] = strings.TrimSuffix(word, "ies") + "y"
		case len(word) > 2 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss"):
			parts[i] = strings.TrimSuffix(word, "s")
		}
	}
	return strings.Join(parts, " ")
}

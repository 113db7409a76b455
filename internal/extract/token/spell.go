package token

import "strings"

// spell puts right one slip of the finger in long words that the lexicon
// lives on: one letter wrong, missing, doubled or swapped with its neighbour.
// Short words are left alone, because "cooking" is no misspelt "booking".
func spell(low string) string {
	if len(low) < 7 {
		return low
	}
	for _, w := range longWords(low[0]) {
		if strings.HasPrefix(low, w) || strings.HasPrefix(w, low) {
			return low // "scheduled" is another form, not a slip
		}
		if nearly(low, w) {
			return w
		}
		if stem := low[:len(low)-1]; low[len(low)-1] == 's' && nearly(stem, w) {
			return w + "s"
		}
	}
	return low
}

func longWords(first byte) []string {
	switch first {
	case 'a':
		return []string{"appointment", "association", "availability"}
	case 'b':
		return []string{"business"}
	case 'c':
		return []string{"calendar", "consultation", "competitor"}
	case 'i':
		return []string{"inventory", "integration", "immediately"}
	case 'm':
		return []string{"membership", "member"}
	case 'n':
		return []string{"newsletter"}
	case 'r':
		return []string{"restaurant", "reservation"}
	case 's':
		return []string{"scheduling", "subscription", "schedule"}
	case 'w':
		return []string{"wholesale", "wordpress", "website"}
	default:
		return nil
	}
}

// nearly reports whether a becomes b by one insertion, deletion, substitution
// or swap of neighbours.
func nearly(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a)-len(b) > 1 {
		return false
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	if len(a) != len(b) {
		return a[i+1:] == b[i:]
	}
	if i == len(a) {
		return false
	}
	return a[i+1:] == b[i+1:] ||
		i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

package classify

import (
	"slices"
	"strings"
)

// reach is how many words after a negator are taken as negated.
const reach = 5

// negate marks the words that the client denies. A clause that says "yet"
// or "not only" denies nothing: what is missing today is still the business.
func negate(list []word) {
	for i := range list {
		lookBack(list[:i+1])
		if !negator(list, i) || waived(list, i) {
			continue
		}
		for n := 1; n <= reach && i+n < len(list); n++ {
			w := list[i+n]
			if w.clause != list[i].clause || breaks(list, i+n) {
				break
			}
			list[i+n].negate = true
		}
	}
}

// lookBack marks what the last word denies before it: a verb, as in "I repair
// nothing", or a question, as in "Rental? No, we sell them".
func lookBack(list []word) {
	last := len(list) - 1
	if last == 0 {
		return
	}
	switch before := list[last-1]; {
	case list[last].text == "nothing" && before.clause == list[last].clause:
		list[last-1].negate = true
	case list[last].text == "no" && before.asked && !list[last].asked:
		for n := last - 1; n >= 0 && list[n].clause == before.clause; n-- {
			list[n].negate = true
		}
	}
}

// negator reports whether the word at i denies what follows.
func negator(list []word, i int) bool {
	switch s := list[i].text; s {
	case "no":
		return !follows(list, i, "show", "shows", "showing", "way", "time", "idea", "problem", "trouble", "doubt", "system", "one")
	case "not":
		return !follows(list, i, "only", "just", "sure", "all", "enough", "every") && !after(list, i, "why", "or", "can", "could")
	case "never", "without", "neither", "nor", "isn't", "aren't", "isnt", "arent", "wasn't", "won't":
		return true
	case "instead", "rather":
		return follows(list, i, "of", "than")
	default:
		s = strings.ReplaceAll(s, "'", "")
		return (s == "dont" || s == "doesnt" || s == "didnt") &&
			!follows(list, i, "know", "just", "only", "show", "turn", "get", "like", "miss")
	}
}

func follows(list []word, i int, these ...string) bool {
	if i+1 >= len(list) || list[i+1].clause != list[i].clause {
		return false
	}
	return slices.Contains(these, list[i+1].text)
}

func after(list []word, i int, these ...string) bool {
	return i > 0 && slices.Contains(these, list[i-1].text)
}

// waived reports whether the clause of the negator speaks of a lack.
func waived(list []word, i int) bool {
	for n := i + 1; n < len(list) && list[n].clause == list[i].clause; n++ {
		if list[n].text == "yet" {
			return true
		}
	}
	return false
}

// breaks reports whether a new thought begins at the word.
func breaks(list []word, i int) bool {
	switch list[i].text {
	case "but", "however", "although", "because", "just", "only", "except", "so", "while":
		return true
	case "and", "as":
		return follows(list, i, "we", "i", "our", "my", "they", "it", "people", "just", "only", "instead")
	default:
		return false
	}
}

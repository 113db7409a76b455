package scrub

import "slices"

// orders are the ways in which people tell a language model to drop what it
// was told, or to show it: a verb, words of little weight, one word that aims at
// the model's own text, and the name of that text. "My" is not among the light
// words: "ignore my earlier instructions" is a client who changes their mind.
var orders = []struct {
	id                        string
	verbs, light, aims, nouns []string
}{
	{
		"ignore_previous",
		[]string{"ignore", "disregard", "forget", "override", "bypass"},
		[]string{"all", "any", "of", "the", "your", "these", "those", "and", "or"},
		[]string{"previous", "prior", "above", "earlier", "preceding", "foregoing", "system", "initial", "original"},
		[]string{"instructions", "prompts", "rules", "directions", "commands", "guidelines", "prompt", "directives"},
	},
	{
		"reveal_prompt",
		[]string{"reveal", "print", "show", "output", "repeat", "display", "leak"},
		[]string{"me", "us", "the", "your", "full", "whole", "entire"},
		[]string{"system"},
		[]string{"prompt", "prompts", "instructions"},
	},
}

// order removes an order that ends with the letter just taken.
func (p *purge) order(last rune) {
	if last != 's' && last != 't' { // as all the nouns end
		return
	}
	noun, at := p.wordBefore(len(p.kept))
	for _, o := range orders {
		if !slices.Contains(o.nouns, noun) {
			continue
		}
		aimed := false
		for start := at; ; {
			word, from := p.wordBefore(start)
			switch {
			case slices.Contains(o.aims, word):
				aimed = true
			case aimed && slices.Contains(o.verbs, word):
				p.kept = p.kept[:from]
				p.hits = append(p.hits, Suspicion{o.id, true})
				return
			case !slices.Contains(o.light, word):
				from = -1
			}
			if start = from; start < 0 {
				break
			}
		}
	}
}

// longestWord is that of the words of an order, in letters.
const longestWord = 12

// wordBefore reads the word that ends before the letter at end, over one
// space, and where it starts; "" when nothing short stands there.
func (p *purge) wordBefore(end int) (word string, start int) {
	if end < len(p.kept) && end > 0 && p.kept[end-1].r == ' ' {
		end--
	}
	var back [longestWord]byte
	for start = end; start > 0; start-- {
		r := p.kept[start-1].r
		if r < 'a' || r > 'z' {
			break
		}
		n := end - start
		if n == longestWord {
			return "", -1
		}
		back[longestWord-1-n] = byte(r)
	}
	return string(back[longestWord-(end-start):]), start
}

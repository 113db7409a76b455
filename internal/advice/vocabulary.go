package advice

import (
	_ "embed"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/slot"
)

// vocabularyText lists the words that a question about a website needs, in
// their base forms. Words of secrets, payments and promises are missing on
// purpose. A list of what is allowed holds against attacks that nobody has
// thought of yet; lists of what is forbidden do not.
//
//go:embed vocabulary.txt
var vocabularyText string

// lexis is a set of words.
type lexis map[string]bool

// words adds every word of the texts.
func (l lexis) words(texts ...string) lexis {
	for _, t := range texts {
		for w := range strings.FieldsSeq(strip(plain(t))) {
			l[w] = true
		}
	}
	return l
}

// has reports a word or its base form.
func (l lexis) has(word string) bool {
	return slices.ContainsFunc(forms(word), func(f string) bool { return l[f] })
}

// forms lists a word and what it may be an inflection of.
func forms(word string) []string {
	out := []string{word}
	for _, s := range []struct{ end, base string }{
		{"s", ""}, {"es", ""}, {"ies", "y"}, {"ed", ""}, {"d", ""}, {"ing", ""}, {"ing", "e"}, {"er", ""}, {"r", ""}, {"est", ""}, {"st", ""}, {"ly", ""}, {"ily", "y"},
	} {
		if stem, ok := strings.CutSuffix(word, s.end); ok && len(stem) >= 3 {
			out = append(out, stem+s.base)
			if n := len(stem); s.base == "" && n > 3 && stem[n-1] == stem[n-2] {
				out = append(out, stem[:n-1]) // planning, plan
			}
		}
	}
	return out
}

// tokens are the words of a text as compared with a lexis: contractions fall
// apart, possessives lose their s, numbers are checked elsewhere.
func tokens(text string) (out []string) {
	text = strings.NewReplacer("n't", " not", "'s", "", "'re", " are", "'d", " would", "'ve", " have", "'ll", " will").Replace(plain(text))
	for w := range strings.FieldsSeq(strip(text)) {
		if strings.Trim(w, "0123456789k") != "" {
			out = append(out, w)
		}
	}
	return out
}

// structure says what is wrong with the words and the build of a question: it
// may use plain words only, may say nothing but what the client said, and must
// ask for what the offered question asks.
func structure(w, trusted, client string, q Question) string {
	own, common := lexis{}.words(trusted, client), "\n"+vocabularyText
	for _, t := range tokens(w) {
		// Looked up in the text: a set of it would be built for one question.
		if !own.has(t) && !slices.ContainsFunc(forms(t), func(f string) bool { return strings.Contains(common, "\n"+f+"\n") }) {
			return ReasonWords
		}
	}
	// Without a clause that asks, as in "green: for the background or for the
	// text?", every word has to be the client's or the offered question's.
	said, asked := parts(w)
	if reasoning(asked) {
		return ReasonForm
	}
	echo := lexis{}.words(functionWords, trusted, client)
	for _, t := range tokens(said) {
		if !echo.has(t) {
			return ReasonClaim
		}
	}
	if !akin(w, q.Text) || slices.ContainsFunc(further(asked), func(clause string) bool { return foreign(clause, trusted, client) && !akin(clause, q.Text) }) {
		return ReasonStrays
	}
	return ""
}

// further lists the second and later questions of one wording, such as "and
// who decides?".
func further(asked string) (out []string) {
	for i, clause := range strings.FieldsFunc(asked, func(r rune) bool { return strings.ContainsRune(",.;:–—", r) }) {
		if i > 0 && (asks(clause) || strings.Contains(clause, "please")) {
			out = append(out, clause)
		}
	}
	return out
}

// foreign reports a word of substance that neither the rules nor the client
// brought up.
func foreign(clause, trusted, client string) bool {
	known := lexis{}.words(idleWords(), trusted, client)
	return slices.ContainsFunc(tokens(clause), func(t string) bool { return !known.has(t) })
}

// idleWords carry no topic.
func idleWords() string {
	return functionWords + " " + starters + " " + leads + " name need want have there thing kind way good well use make get take give go come would like please tell"
}

const functionWords = emptyWords + " no not only both all any each than then when where while who which what how if about into over under between after before since until " +
	"more most less there here already still often always mostly mainly around noted understood so far say says said mean means like one ones other others " +
	"without roughly maybe perhaps normal usual typical instead besides apart"

// parts cuts a wording into what it says and what it asks. The question starts
// at the first clause that begins like one.
func parts(w string) (said, asked string) {
	rest := w
	for rest != "" {
		if asks(rest) {
			return w[:len(w)-len(rest)], rest
		}
		i := strings.IndexAny(rest, ",.;:–—")
		if i < 0 {
			return w, ""
		}
		rest = strings.TrimLeft(rest[i:], " ,.;:–—")
	}
	return w, ""
}

// asks reports whether a clause begins like a question, perhaps after a
// preposition ("by when") or a phrase of time or case ("when it is live, who").
func asks(clause string) bool {
	for i, t := range tokens(clause) {
		switch {
		case slices.Contains(strings.Fields(starters), t), i == 0 && strings.HasPrefix(t, "any"):
			return true
		case i > 1 || !slices.Contains(strings.Fields(leads), t):
			return false
		}
	}
	return false
}

const (
	starters = "who whom whose what when where which how why is are was were do does did has have had can could may might would will should shall must"
	leads    = "and or but so then by at in on for from to with within without until since under of about besides apart as roughly"
)

// reasoning finds clauses that slip a claim into a question.
func reasoning(asked string) bool {
	clauses := strings.ReplaceAll(plain(asked), "because of", "by") // a cause that is a thing claims nothing
	return slices.ContainsFunc(tokens(clauses), func(t string) bool {
		return slices.Contains([]string{"since", "because", "otherwise", "therefore", "unless", "although", "though", "hence", "given"}, t)
	})
}

// akin reports whether two questions share a word that carries meaning.
func akin(a, b string) bool {
	empty := lexis{}.words(idleWords())
	other := lexis{}
	for _, t := range tokens(b) {
		if !empty.has(t) {
			for _, f := range forms(t) {
				other[f] = true
			}
		}
	}
	if len(other) == 0 {
		return true // a question of function words only, such as "who else?"
	}
	return slices.ContainsFunc(tokens(a), func(t string) bool { return !empty.has(t) && other.has(t) })
}

// explains says what is wrong with the explanation of a conflict. It may name
// the two slots and what the client said about them, and that they clash.
func explains(text string, a, b slot.Def, trusted string) string {
	allowed := lexis{}.words(functionWords, trusted, a.Label, b.Label,
		"the do does not fit together match contradict conflict clash exclude budget date time launch scope too small large low high short long early late tight little much for with cannot can both answer answers")
	for _, t := range tokens(text) {
		if !allowed.has(t) {
			return ReasonWords
		}
	}
	return ""
}

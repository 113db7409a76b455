package intake

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// takeQuestion takes the answer to ask_question: text, choices or both.
func (w *work) takeQuestion(a Answer) error {
	ask := w.s.Current.Question
	q, ok := w.e.bank.Find(strings.TrimSuffix(ask.Question.ID, clarifySuffix))
	if !ok {
		return fmt.Errorf("question %q is not in the bank", ask.Question.ID)
	}
	if a.Unsure || a.Skip {
		w.pass(q.ID, ask.Slots, a.Skip)
		w.keepGuess(q)
		return nil
	}
	labels, err := w.takeChoices(q, ask, a.Values)
	if err != nil {
		return err
	}
	if len(labels) == 0 && a.Text == "" {
		if w.suspected { // an injected instruction was removed and nothing else was said
			w.judge(q, ask.Slots, "")
			return nil
		}
		return &Invalid{"text", "Please answer in a few words, or say that it is not known yet."}
	}
	w.say("client", strings.Join(append(labels, nonEmpty(a.Text)...), "; "), q.ID)
	if a.Text != "" {
		w.takeText(q, ask, a.Text)
	}
	w.derive()
	w.classify(q, a.Values, a.Text)
	w.judge(q, ask.Slots, a.Text)
	return nil
}

// pass closes a question that the client cannot or will not answer: what is
// open of it becomes an open point.
func (w *work) pass(id string, slots []slot.Key, skip bool) {
	w.s.Followup = ""
	words, status, reason := "Not sure", Unknown, "The client was not sure."
	if skip {
		words, status, reason = "Skip", Declined, "The client skipped this question."
	}
	w.say("client", words, id)
	open := w.open(slots, w.values())
	w.decline(open, status, words)
	w.closePoints(open, reason)
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// takeChoices checks the chosen options against the ones that were offered and
// learns them group by group.
func (w *work) takeChoices(q bank.Entry, ask *Ask, values []string) ([]string, error) {
	shown := ask.Question
	chosen := map[string][]Option{}
	var labels []string
	for _, value := range values {
		i := slices.IndexFunc(shown.Options, func(o Option) bool { return o.Value == value })
		if i < 0 {
			return nil, &Invalid{"values", fmt.Sprintf("%q is not one of the choices of this question. Please choose from the list.", value)}
		}
		o := shown.Options[i]
		if !slices.Contains(chosen[o.Group], o) {
			chosen[o.Group] = append(chosen[o.Group], o)
			labels = append(labels, o.Label)
		}
	}
	for _, g := range q.Groups {
		picked := chosen[groupKey(shown, g)]
		if len(picked) == 0 || !slices.Contains(ask.Slots, g.Slot) {
			continue
		}
		if g.Single && len(picked) > 1 {
			return nil, &Invalid{"values", fmt.Sprintf("Only one choice is possible for %q. Please keep the one that fits best.", g.Label)}
		}
		w.learnChoice(g, picked)
	}
	return labels, nil
}

// groupKey is the group of a slot's options on the wire: a question with one
// group shows plain options.
func groupKey(shown Question, g bank.OptionGroup) string {
	if len(shown.Groups) == 0 {
		return ""
	}
	return string(g.Slot)
}

func (w *work) learnChoice(g bank.OptionGroup, picked []Option) {
	ids, labels := make([]string, len(picked)), make([]string, len(picked))
	for i, o := range picked {
		ids[i], labels[i] = strings.TrimPrefix(o.Value, string(g.Slot)+"."), o.Label
	}
	if len(ids) > 1 {
		ids = slices.DeleteFunc(ids, func(id string) bool { return id == "none" })
	}
	if g.Slot == slot.BusinessModel {
		return // classified by choice, see classify
	}
	value := ids[0]
	if w.e.defs[g.Slot].Type == slot.Multi {
		value = slot.Join(ids)
		if f, ok := w.s.Fact(g.Slot); ok && f.Status.Known() && f.Status != Inferred && value != "none" {
			value = union(f.Value, value)
		}
	}
	quote := strings.Join(labels, ", ")
	w.learn(Fact{Slot: g.Slot, Value: value, Status: Stated, Source: "choice", Confidence: 100, Evidence: Evidence{Quote: quote}})
	for _, o := range g.Options {
		if slices.Contains(ids, o.Value) {
			w.choiceSets(o)
		}
	}
}

// choiceSets learns what else an option stands for, such as the bounds of a
// budget. Lists grow.
func (w *work) choiceSets(o bank.Pick) {
	for _, k := range slices.Sorted(maps.Keys(o.Sets)) {
		value := o.Sets[k]
		if w.e.defs[k].Type == slot.Multi {
			if old := w.values()[k]; old != "" {
				value = union(old, value)
			}
		}
		w.learn(Fact{Slot: k, Value: value, Status: Stated, Source: "choice", Confidence: 100, Evidence: Evidence{Quote: o.Label}})
	}
}

// takeText learns from a free text: every rule over all of it, single
// sentences by cues, and the whole into the question's own slot. The text
// beside choices goes to its slot only when no rule understood it.
func (w *work) takeText(q bank.Entry, ask *Ask, text string) {
	probed := ask.Clarifies != "" && len(ask.Slots) == 1
	k := q.Takes
	if k == "" {
		k = q.OtherSlot
	}
	if probed {
		k = ask.Slots[0]
	}
	found := w.extract(text, append(slices.Clone(ask.Slots), k))
	switch {
	case q.Takes == slot.BusinessDescription:
		w.takeBusiness(ask, text, k, found)
	case k == "" || !w.takesWhole(k, q, probed, found, text):
		if k != "" && k != q.Takes && !slices.Contains(found, k) {
			w.takeSentence(k, text)
		}
		w.note(q, text)
	default:
		w.learn(w.textFact(k, text, probed && k == q.Takes))
	}
	for _, key := range slices.Sorted(maps.Keys(q.Cues)) {
		if said := sentencesWith(text, q.Cues[key]); said != "" {
			w.learn(Fact{Slot: key, Value: said, Status: Stated, Source: "client", Evidence: Evidence{Quote: said}})
		}
	}
	w.remember(q, text)
}

// note keeps the sentences that no rule and no cue understood, so that nothing
// a client writes is lost: they stand in the scope in the client's words.
func (w *work) note(q bank.Entry, text string) {
	for _, s := range w.unread(text) {
		cued := func(k slot.Key) bool { return sentencesWith(s, q.Cues[k]) != "" }
		if len(strings.Fields(s)) < 2 || extract.QualityOf(s) != extract.Good || slices.ContainsFunc(slices.Collect(maps.Keys(q.Cues)), cued) {
			continue
		}
		value := s
		if old := w.values()[slot.Notes]; strings.Contains(old, s) {
			continue
		} else if old != "" {
			value = joined(old, s)
		}
		w.learn(Fact{Slot: slot.Notes, Value: value, Status: Stated, Source: "client", Evidence: Evidence{Quote: s}})
	}
}

// unread lists the sentences of the text taken last of which the rules read
// less than half: "our turquoise on the buttons" says more than a colour.
func (w *work) unread(text string) []string {
	var out []string
	for _, s := range extract.Sentences(text) {
		covered := make([]bool, s.End-s.Start)
		for _, h := range w.read {
			for i := max(h.Start, s.Start); i < min(h.End, s.End); i++ {
				covered[i-s.Start] = true
			}
		}
		read := 0
		for _, c := range covered {
			if c {
				read++
			}
		}
		if 2*read < len(covered) {
			out = append(out, text[s.Start:s.End])
		}
	}
	return out
}

// chosenNow reports whether a slot was answered by a choice of this very
// answer: a text beside choices does not overrule them.
func (w *work) chosenNow(k slot.Key) bool {
	f, ok := w.s.Fact(k)
	return ok && f.Source == "choice" && f.Evidence.Question == w.s.Questions
}

// takesWhole reports whether a slot gets the whole text: always the slot that
// the question is about, and the one beside choices when nothing else was
// understood. A slot with a form of its own only takes what the rules read.
func (w *work) takesWhole(k slot.Key, q bank.Entry, probed bool, found []slot.Key, text string) bool {
	if !saysSomething(k, text) || q.Takes != k && !probed && !namesAThing(text) {
		return false
	}
	switch w.e.defs[k].Type {
	case slot.Text:
		return q.Takes == k || (probed || len(found) == 0) && fitting[k] == nil && (k != slot.DecisionMakers || deciding.MatchString(text))
	case slot.Multi:
		return !slices.Contains(found, k) && (probed || len(found) == 0) && fitting[k] == nil && (!names(k) || len(strings.Fields(text)) <= longestName)
	default:
		return false
	}
}

// idle are words that name nothing by themselves.
var idle = strings.Fields("just only myself our you your they that this the and but with without for from under over above below about around roughly maximum between than more less most least same before said again yes not none okay fine good all any some both everything anything something nothing please thanks later now pounds euros dollars grand thousand hundred")

// namesAThing reports whether a text beside choices could be an entry of its own:
// "just me" and "under 7000" are no function that a website must have.
func namesAThing(text string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), func(word string) bool {
		return len(word) > 2 && !strings.ContainsFunc(word, unicode.IsDigit) && !slices.Contains(idle, word)
	})
}

// saysSomething reports whether a text holds something to build: "idk", keys hit
// at random and "the usual stuff" would stand in the scope as requirements that
// nobody can test. Who decides and when content is ready is said in words that
// are fillers elsewhere.
func saysSomething(k slot.Key, text string) bool {
	if extract.QualityOf(text) == extract.Good {
		return true
	}
	fits := fitting[k]
	if k == slot.DecisionMakers {
		fits = deciding
	}
	return fits != nil && extract.QualityOf(text) == extract.Thin && fits.MatchString(text)
}

// longestName is how many words an entry may have on a list of names.
const longestName = 5

// names reports the lists of names and kinds, on which no sentence belongs;
// lists of wishes take the client's words.
func names(k slot.Key) bool {
	switch k {
	case slot.CurrentTools, slot.Integrations, slot.VisitorActions, slot.SecurityNeeds, slot.Languages, slot.PageReadiness, slot.LegalPages, slot.Downloads, slot.MaintenancePlan:
		return true
	default:
		return false
	}
}

// fitting holds what a text that no rule understood must speak of to be about a
// slot: beside a list of choices people also write what comes to their mind.
// These never change.
var fitting = map[slot.Key]*regexp.Regexp{
	slot.ContentReadyDate:       timely,
	slot.LaunchText:             timely,
	slot.BudgetText:             regexp.MustCompile(`(?i)\b(?:budget|money|costs?|price|cheap|expensive|hundred|thousand|grand|dollars?|euros?|pounds?|afford|spend|pay|quote|offer|estimate|grant|funding)\b|[$€£]`),
	slot.ComplianceRequirements: regexp.MustCompile(`(?i)\b(?:law|laws|legal|rules?|regulat\w*|acts?|privacy|data|protection|licen[cs]e\w*|permits?|standards?|iso|compliance|complian\w*|directive|authority|audit\w*|certif\w*|tax|fca|fda|ferpa|coppa|ccpa|sox|age)\b`),
}

// deciding finds people: words for them, or names.
var deciding = regexp.MustCompile(`^\p{Lu}\p{Ll}+\.?$|\p{Lu}\p{Ll}+(?:,| and| und| &) \p{Lu}\p{Ll}+|\p{Lu}\p{Ll}+ (?:(?:von|van|de|den|der|da|di|la|le) )*\p{Lu}\p{Ll}+|(?i:\b(?:i|i'm|i'll|me|myself|we|us|our|my|both|alone|nobody|just me|partners?|owners?|co-?owners?|founders?|co-?founders?|boss|directors?|managers?|ceo|cto|cfo|coo|cmo|presidents?|chair\w*|board|committee|council|team|head|leads?|mum|mom|dad|mother|father|parents?|husband|wife|spouse|sons?|daughters?|brothers?|sisters?|nephew|niece|family|investors?|treasurers?|secretar\w*|trustees?|editors?|principals?|pastor|priest|imam|rabbi|doctors?|dr|staff|members?|colleagues?|decides?|deciding|decisions?|sign(?:s|ed)? off|approv\w+|final say|vote|votes)\b)`)

var timely = regexp.MustCompile(`(?i)\b(?:ready|done|finished|now|soon|asap|today|tomorrow|already|spring|summer|autumn|fall|winter|easter|christmas|january|february|march|april|may|june|july|august|september|october|november|december|before|after|until|when|whenever|flexible|deadline|urgent|hurry|rush|launch|in (?:a|an|one|two|three|four|five|six|\d+) \w+|\d+ (?:days?|weeks?|months?)|next (?:week|month|year))\b`)

// takeSentence keeps the first sentence that speaks of a slot and that the rules
// have not read.
func (w *work) takeSentence(k slot.Key, text string) {
	fits := fitting[k]
	if fits == nil {
		return
	}
	for _, s := range w.unread(text) {
		if fits.MatchString(s) {
			f := w.textFact(k, s, false)
			f.Evidence.Quote = s
			w.learn(f)
			return
		}
	}
}

// textFact makes the fact of a free text. A clarification is joined to what
// was said before, because both together answer the question (DOMAIN 2.6).
func (w *work) textFact(k slot.Key, text string, join bool) Fact {
	value := text
	old := w.values()[k]
	if join && old != "" && !strings.Contains(old, text) && extract.QualityOf(old) == extract.Good { // "dunno" is no first half
		value = joined(old, text)
	}
	if w.e.defs[k].Type == slot.Multi {
		value = union(old, slot.Join(entries(text)))
	}
	return Fact{Slot: k, Value: value, Status: Stated, Source: "client", Evidence: Evidence{Quote: text}}
}

// joined puts a second text behind a first, as sentences.
func joined(first, second string) string {
	first = strings.TrimRight(first, " .")
	if strings.HasSuffix(first, "!") || strings.HasSuffix(first, "?") || strings.HasSuffix(first, "…") {
		return first + " " + second
	}
	return first + ". " + second
}

// takeBusiness reads name and trade out of the first answer.
func (w *work) takeBusiness(ask *Ask, text string, k slot.Key, found []slot.Key) {
	quote := Evidence{Quote: text}
	if ask.Clarifies != "" && k == slot.BusinessName {
		if slices.Contains(found, k) {
			return // "It is called Bella Hair."
		}
		name := strings.TrimRight(strings.SplitN(text, "\n", 2)[0], " .")
		if !nameLike(name) {
			w.note(bank.Entry{}, text)
			return
		}
		w.learn(Fact{Slot: slot.BusinessName, Value: name, Status: Stated, Source: "client", Evidence: quote})
		return
	}
	w.learn(w.textFact(slot.BusinessDescription, opening(text), ask.Clarifies != ""))
	v := w.values()
	name := leadingName(text)
	if name == "" {
		name = nameInside(text)
	}
	if !v.Has(slot.BusinessName) && name != "" && ask.Clarifies == "" {
		w.learn(Fact{Slot: slot.BusinessName, Value: name, Status: Stated, Confidence: 80, Source: "rule", Evidence: Evidence{Quote: name}})
	}
	if v.Has(slot.Industry) {
		return
	}
	trade := strings.TrimSpace(strings.TrimLeft(strings.TrimPrefix(text, w.values()[slot.BusinessName]), " ,.-–—:"))
	if utf8.RuneCountInString(trade) >= 30 || ask.Clarifies != "" {
		if named := w.tradeNamed(text); named != "" {
			w.learn(Fact{Slot: slot.Industry, Value: named, Status: Inferred, Confidence: 60, Source: "rule", Evidence: Evidence{Quote: firstSentence(text, 160)}})
			return
		}
		trade = firstSentence(trade, 80)
		w.learn(Fact{Slot: slot.Industry, Value: bareTrade(trade), Status: Inferred, Confidence: 60, Source: "rule", Evidence: Evidence{Quote: trade}})
	}
}

// introduction and naming stand around the trade in "I write a newsletter about
// cooking called The Low Oven".
var (
	introduction = regexp.MustCompile(`^(?i:(?:(?:i|we)(?:'m|'re| am| are)?(?: (?:have|run|own|write|make|do|sell|offer|teach|started|build|publish))?|is|are|makes|sells|offers|does|provides|runs)(?: (?:a|an|the))? )`)
	naming       = regexp.MustCompile(`(?: (?:called|named|under the name) |, (?:about|around|with|each|which|that|since|for|in) ).*$|,$`)
)

// bareTrade takes from a sentence what merely leads to the trade, unless nothing
// would be left.
func bareTrade(sentence string) string {
	trade := naming.ReplaceAllString(introduction.ReplaceAllString(sentence, ""), "")
	if len(strings.Fields(trade)) < 2 {
		return sentence
	}
	return trade
}

// tradeNamed finds a trade that the text names anywhere, also where nobody
// says "we are": a whole sentence is no name of an industry.
func (w *work) tradeNamed(text string) string {
	for _, h := range extract.All(text, extract.Context{Now: w.now, Asked: []slot.Key{slot.Industry}}) {
		if h.Slot == slot.Industry {
			return h.Value
		}
	}
	return ""
}

// maxDescription is how much of a pasted brief becomes the description; its
// other parts stand in their own slots.
const maxDescription = 800

// opening is the start of a long text, up to the end of a sentence. It is a
// verbatim part, so that it can be quoted.
func opening(text string) string {
	if utf8.RuneCountInString(text) <= maxDescription {
		return text
	}
	cut := string([]rune(text)[:maxDescription])
	if i := strings.LastIndexAny(cut, ".!?\n"); i > maxDescription/3 {
		cut = cut[:i+1]
	}
	return strings.TrimSpace(cut)
}

// firstSentence cuts text after its first sentence, a greeting left out, at most n characters and
// at a word boundary.
func firstSentence(text string, n int) string {
	text = text[extract.Greeting(text):]
	if i := strings.IndexAny(text, ".\n;!?"); i > 0 {
		text = text[:i]
	}
	if utf8.RuneCountInString(text) <= n {
		return strings.TrimSpace(text)
	}
	cut := string([]rune(text)[:n])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimSpace(cut)
}

// unclear is the reason of an open point whose answer said nothing to build, with
// the words of the client, because people may know what they meant.
func unclear(text string) string {
	if words := firstSentence(text, 80); words != "" && extract.QualityOf(text) == extract.Thin {
		return "Not stated clearly: \"" + words + "\"."
	}
	return "Not stated clearly."
}

// aSentence is the length in characters from which a text says something.
const aSentence = 25

// judge decides what an answer left open: essential items get one probe, then
// example cards, and are then taken as they are (DOMAIN 2.14). Everything else
// that was offered and left out is an open point at once. After three answers
// that said too little nothing is probed any more.
func (w *work) judge(q bank.Entry, shown []slot.Key, text string) {
	v := w.values()
	open := w.open(shown, v)
	w.s.Followup = ""
	open = slices.DeleteFunc(open, func(k slot.Key) bool { return k == slot.MustHaves && v.Has(k) }) // one wish is an answer
	follow := slices.DeleteFunc(slices.Clone(open), func(k slot.Key) bool { return !needed(q, w.e.defs[k]) })
	if q.Takes != "" && !slices.Contains(follow, q.Takes) && slices.Contains(w.open(q.Slots(), v), q.Takes) {
		follow = append(follow, q.Takes)
	}
	short := q.Takes != "" && slices.Contains(follow, q.Takes) && utf8.RuneCountInString(v[q.Takes]) < aSentence
	if len(follow) > 0 && w.s.Quality != "" && (w.s.Quality != extract.Good || short) {
		w.s.Thin++
	}
	spent := w.s.Clarified[q.ID]
	// Cards help those who do not know what to write; who wrote a sentence twice
	// has said what there is to say.
	lost := w.s.Quality != extract.Good || utf8.RuneCountInString(v[q.Takes]) < aSentence
	can := spent == 0 || spent == 1 && len(w.cards(q)) > 0 && q.Takes != "" && lost
	if len(follow) > 0 && can && w.s.Thin < maxThin && w.clarifications() < maxClarifications && w.s.Questions < QuestionLimit-1 {
		w.s.Followup = q.ID
		return
	}
	w.closePoints(open, unclear(text))
}

func (w *work) clarifications() int {
	n := 0
	for _, spent := range w.s.Clarified {
		n += spent
	}
	return n
}

package bank

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/strictjson"
)

// Bounds of a form that a person can take in at one look.
const (
	minOptions, maxOptions = 2, 14
	maxLabelWords          = 8
	minCards, maxCards     = 2, 3
	minChecked, maxChecked = 3, 8
	loops                  = 4
	sections               = 14
	askedTwice             = 3 // slots of this weight can be filled by two questions
	maxDefault             = 2 // nice-to-have slots up to this weight have a default
)

var idForm = regexp.MustCompile(`^[a-z0-9_]+$`)

// contexts are the keys of wordings, "" apart; the same words are values of
// slots that the foundation form and the classifier fill.
func contexts() []string {
	return []string{
		"service", "product", "content", "membership", "hybrid", "appointment", "reservation",
		"business", "personal", "project", "nonprofit", "other",
	}
}

// linter looks for mistakes that the form of the file does not show.
type linter struct {
	*Bank
	file    *strictjson.File
	defs    map[slot.Key]slot.Def
	offered map[slot.Key]map[string]bool // option values by slot
	known   map[slot.Key]map[string]bool // other values that conditions may name
}

func newLinter(b *Bank, f *strictjson.File) linter {
	l := linter{Bank: b, file: f, defs: slot.ByKey(), offered: map[slot.Key]map[string]bool{}, known: map[slot.Key]map[string]bool{}}
	for _, q := range b.Questions {
		for _, g := range q.Groups {
			for _, o := range g.Options {
				note(l.offered, g.Slot, o.Value)
				for key, text := range o.Sets {
					note(l.known, key, strings.Split(text, ",")...)
				}
			}
		}
	}
	for _, d := range l.defs {
		for _, w := range d.RequiredIf {
			note(l.known, w.Slot, w.Any...)
		}
	}
	return l
}

func note(values map[slot.Key]map[string]bool, key slot.Key, add ...string) {
	if values[key] == nil {
		values[key] = map[string]bool{}
	}
	for _, v := range add {
		values[key][v] = true
	}
}

func (l linter) all() {
	l.ids()
	for i, q := range l.Questions {
		l.question(at("questions", i), q)
	}
	for i, p := range l.Probes {
		l.probe(at("probes", i), p)
	}
	for i, c := range l.Validations {
		l.check(at("validations", i), c)
	}
	for i, x := range l.Beliefs {
		l.belief(at("beliefs", i), x)
	}
	for i, d := range l.Defaults {
		l.fallback(at("defaults", i), d)
	}
	l.cover()
	l.repeats()
}

func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// ids checks the form of all ids, and that each names one thing of its list.
func (l linter) ids() {
	seen := map[string]string{}
	claim := func(list string, i int, id string) {
		path := at(list, i)
		first, taken := seen[list+id]
		switch {
		case !idForm.MatchString(id):
			l.file.Wrong(path+".id", "%q is no id; use lower-case letters, digits and underscores", id)
		case taken:
			l.file.Wrong(path+".id", "%q is already the id of %s", id, first)
		default:
			seen[list+id] = path
		}
	}
	for i, q := range l.Questions {
		claim("questions", i, q.ID)
	}
	for i, p := range l.Probes {
		claim("probes", i, p.ID)
	}
	for i, c := range l.Validations {
		claim("validations", i, c.ID)
	}
}

func (l linter) question(path string, q Entry) {
	l.oneOf(path+".type", string(q.Type), string(Select), string(MultiSelect), string(TextLine), string(TextArea))
	l.oneOf(path+".priority", string(q.Priority), string(slot.Essential), string(slot.Important), string(slot.NiceToHave))
	if q.Blind != "" {
		l.oneOf(path+".blindSpot", string(q.Blind), string(Look), string(MustAvoid), string(References))
	}
	l.between(path+".section", q.Section, 1, sections)
	l.between(path+".answerable", q.Answerable, 0, 100)
	l.between(path+".seconds", q.Seconds, 0, 600)
	l.between(path+".minLength", q.MinLength, 0, 500)
	l.say(path+".category", q.Category)
	l.plain(path+".why", q.Why)
	l.help(path, q.Help)
	if len(q.Text[""]) == 0 {
		l.file.Wrong(path+".text", `there must be a text for the context "", which is used whenever no other fits`)
	}
	for _, context := range slices.Sorted(maps.Keys(q.Text)) {
		l.ask(l.wording(path+".text", context), q.Text[context])
	}
	l.parts(path, q)
	for _, context := range slices.Sorted(maps.Keys(q.Examples)) {
		below := l.wording(path+".examples", context)
		for i, text := range q.Examples[context] {
			l.say(at(below, i), text)
		}
	}
	l.form(path, q)
	l.slots(path, q)
	l.cards(path+".cards", q.Cards)
	l.when(path+".askIf", q.AskIf)
	l.when(path+".notIf", q.NotIf)
}

// parts checks that each part of a question can stand alone and with one other.
func (l linter) parts(path string, q Entry) {
	for _, k := range slices.Sorted(maps.Keys(q.Parts)) {
		below := strictjson.Key(path+".parts", string(k))
		part := q.Parts[k]
		if !slices.Contains(q.Slots(), k) {
			l.file.Wrong(below, "the question is not about %s; name a slot that it takes, fills or offers", k)
		}
		if part == "" || part[0] < 'a' || part[0] > 'z' || strings.ContainsAny(part, "?.,") {
			l.file.Wrong(below, "%q is no part of a question; begin with a lower-case letter, and leave out commas and the end mark", part)
			continue
		}
		l.asks(below, part+"?")
	}
	if len(q.Parts) == 1 {
		l.file.Wrong(path+".parts", "one part alone is the whole question; name all of them or none")
	}
}

// form checks that a question can be answered in the way of its type.
func (l linter) form(path string, q Entry) {
	switch q.Type {
	case Select:
		if len(q.Groups) != 1 || !q.Groups[0].Single {
			l.file.Wrong(path+".groups", `a select question has one group with "single": true; for more use multiSelect`)
		}
	case MultiSelect:
		if len(q.Groups) == 0 {
			l.file.Wrong(path+".groups", "a multiSelect question has one group of options at least")
		}
	case TextLine, TextArea:
		if len(q.Groups) > 0 {
			l.file.Wrong(path+".groups", "a text question has no options; use select or multiSelect")
		}
		if q.Takes == "" && len(q.Fills) == 0 {
			l.file.Wrong(path, "a text question needs takes or fills, or its answer is lost")
		}
	}
	for i, g := range q.Groups {
		l.group(at(path+".groups", i), g)
	}
}

// slots checks everything of a question that names a slot.
func (l linter) slots(path string, q Entry) {
	if q.Takes != "" {
		l.slot(path+".takes", q.Takes)
	}
	for i, key := range q.Fills {
		l.slot(at(path+".fills", i), key)
	}
	if q.OtherSlot != "" {
		l.slot(path+".otherSlot", q.OtherSlot)
	}
	for _, key := range slices.Sorted(maps.Keys(q.Cues)) {
		below := strictjson.Key(path+".cues", string(key))
		if l.slot(below, key) && !slices.Contains(q.Slots(), key) {
			l.file.Wrong(below, "the question does not fill %q, so its cues are never used", key)
		}
	}
}

func (l linter) group(path string, g OptionGroup) {
	l.slot(path+".slot", g.Slot)
	l.label(path+".label", g.Label)
	if n := len(g.Options); n < minOptions || n > maxOptions {
		l.file.Wrong(path+".options", "a group has %d to %d options, not %d", minOptions, maxOptions, n)
	}
	for i, o := range g.Options {
		below := at(path+".options", i)
		l.say(below+".value", o.Value)
		l.label(below+".label", o.Label)
		if slices.ContainsFunc(g.Options[:i], func(other Pick) bool { return other.Value == o.Value }) {
			l.file.Wrong(below+".value", "%q is an option of this group already", o.Value)
		}
		for _, key := range slices.Sorted(maps.Keys(o.Sets)) {
			l.value(strictjson.Key(below+".sets", string(key)), key, o.Sets[key])
		}
	}
}

func (l linter) cards(path string, cards map[string][]Card) {
	for _, context := range slices.Sorted(maps.Keys(cards)) {
		below := l.wording(path, context)
		if n := len(cards[context]); n < minCards || n > maxCards {
			l.file.Wrong(below, "a context has %d or %d cards, not %d", minCards, maxCards, n)
		}
		for i, c := range cards[context] {
			l.say(at(below, i)+".value", c.Value)
			l.label(at(below, i)+".label", c.Label)
			if slices.ContainsFunc(cards[context][:i], func(other Card) bool { return other.Value == c.Value }) {
				l.file.Wrong(at(below, i)+".value", "%q is a card of this context already", c.Value)
			}
		}
	}
}

func (l linter) probe(path string, p Probe) {
	if l.slot(path+".slot", p.Slot) && p.Facet != "" && !slices.Contains(l.defs[p.Slot].Facets, p.Facet) {
		l.file.Wrong(path+".facet", "%q is no part of %s; known are %s", p.Facet, p.Slot, cmp.Or(strings.Join(l.defs[p.Slot].Facets, ", "), "none"))
	}
	l.when(path+".when", p.When)
	l.ask(path+".text", p.Text)
	l.help(path, p.Help)
}

func (l linter) check(path string, c Check) {
	l.between(path+".loop", c.Loop, 1, loops)
	if n := len(c.Slots); n < minChecked || n > maxChecked {
		l.file.Wrong(path+".slots", "a check names %d to %d slots, not %d", minChecked, maxChecked, n)
	}
	for i, key := range c.Slots {
		l.slot(at(path+".slots", i), key)
	}
	l.say(path+".category", c.Category)
	l.every(path+".summary", c.Summary, "{business}")
	l.every(path+".question", c.Question)
	l.when(path+".when", c.When)
	for i, imp := range c.Implications {
		l.when(at(path+".implications", i)+".when", imp.When)
		l.plain(at(path+".implications", i)+".text", imp.Text, "{total}")
	}
}

func (l linter) belief(path string, x Belief) {
	l.when(path+".when", x.When)
	if !l.slot(path+".slot", x.Slot) {
		return
	}
	sum := 0
	for _, option := range slices.Sorted(maps.Keys(x.Chances)) {
		below, percent := strictjson.Key(path+".chances", option), x.Chances[option]
		l.between(below, percent, 0, 100)
		sum += percent
		if known := l.offered[x.Slot]; len(known) > 0 && !known[option] {
			l.file.Wrong(below, "no question offers %q for %s; offered are %s", option, x.Slot, list(known))
		}
	}
	if sum > 100 {
		l.file.Wrong(path+".chances", "the chances add up to %d percent; 100 is the most", sum)
	}
}

func (l linter) fallback(path string, d Fallback) {
	l.when(path+".when", d.When)
	if l.slot(path+".slot", d.Slot) {
		l.value(path+".value", d.Slot, d.Value)
	}
	l.plain(path+".says", d.Says)
}

// when checks conditions. What a slot of options can be is what questions
// offer and set, what decides whether a slot belongs to a project (features
// that are read from the client's words are never offered), and what the
// foundation form and the classifier find out.
func (l linter) when(path string, list []slot.When) {
	for i, w := range list {
		below := at(path, i)
		if !l.slot(below+".slot", w.Slot) {
			continue
		}
		for j, v := range w.Any {
			if !l.possible(w.Slot, v) {
				l.file.Wrong(at(below+".any", j), "%s never is %q", w.Slot, v)
			}
		}
	}
}

func (l linter) possible(key slot.Key, value string) bool {
	switch l.defs[key].Type {
	case slot.Bool:
		return value == "yes" || value == "no"
	case slot.Enum, slot.Multi:
		found := slices.Contains([]slot.Key{slot.BusinessModel, slot.SecondaryModels, slot.ServiceSubtype, slot.WebsiteType}, key)
		return l.offered[key][value] || l.known[key][value] || found && slices.Contains(contexts(), value)
	default:
		return true // the client's own words
	}
}

// wording checks the context of a text and returns its path.
func (l linter) wording(path, context string) string {
	below := strictjson.Key(path, context)
	if context != "" && !slices.Contains(contexts(), context) {
		l.file.Wrong(below, `%q is no context; known are "" and %s`, context, strings.Join(contexts(), ", "))
	}
	return below
}

// slot reports whether a slot exists.
func (l linter) slot(path string, key slot.Key) bool {
	_, ok := l.defs[key]
	if !ok {
		l.file.Wrong(path, "there is no slot %q", key)
	}
	return ok
}

// value checks that text can be read as a value of the slot.
func (l linter) value(path string, key slot.Key, text string) {
	if !l.slot(path, key) {
		return
	}
	l.say(path, text)
	var err error
	need := ""
	switch l.defs[key].Type {
	case slot.Money:
		_, err = strconv.ParseUint(text, 10, 50)
		need = "cents without a point, such as 450000"
	case slot.Number, slot.Duration, slot.Percent:
		_, err = strconv.ParseFloat(text, 64)
		need = "a number such as 12 or 0.4"
	case slot.Date:
		_, err = time.Parse(time.DateOnly, text)
		need = "a date such as 2027-03-15"
	case slot.Bool:
		if text != "yes" && text != "no" {
			l.file.Wrong(path, "%s is %q, but must be yes or no", key, text)
		}
	default: // any text
	}
	if err != nil {
		l.file.Wrong(path, "%s is %q, but must be %s", key, text, need)
	}
}

func (l linter) oneOf(path, got string, known ...string) {
	if !slices.Contains(known, got) {
		l.file.Wrong(path, "%q is none of %s", got, strings.Join(known, ", "))
	}
}

func (l linter) between(path string, got, low, high int) {
	if got < low || got > high {
		l.file.Wrong(path, "must be %d to %d", low, high)
	}
}

func list(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), ", ") }

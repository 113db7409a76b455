package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// check finds the wording of loop n for this client.
func (w *work) check(n int, v slot.Values) (bank.Check, bool) {
	for _, c := range w.e.bank.Validations {
		if c.Loop == n && (len(c.When) == 0 || slot.AnyHolds(c.When, v)) {
			return c, true
		}
	}
	return bank.Check{}, false
}

// validationDue shows a loop when one is due: after question 8, after question
// 16 once features are chosen, and after question 24.
func (w *work) validationDue() bool {
	n := w.s.Questions
	switch {
	case n >= 8 && !w.looped(1):
		return w.validate(1)
	case n >= 16 && !w.looped(2) && w.s.Features != nil && w.s.Features.Answered:
		return w.validate(2)
	case n >= 24 && !w.looped(3):
		return w.validate(3)
	}
	return false
}

// finalValidationDue reports whether the last loop still has to be shown
// before completion: not when one was confirmed by the answer just taken. An
// edit never ends an interview by itself: the check is shown again.
func (w *work) finalValidationDue() bool {
	loops, marks := len(w.s.Loops), len(w.s.Marks)
	switch {
	case w.s.Edited != nil:
		return true
	case w.looped(4):
		return false
	case loops == 0 || marks == 0:
		return true
	}
	return w.s.Loops[loops-1].Response != "correct" || w.s.Marks[marks-1].Kind != ValidateUnderstanding
}

func (w *work) looped(n int) bool {
	for _, l := range w.s.Loops {
		if l.Number == n {
			return true
		}
	}
	return false
}

// validate shows loop n. It reports false when nothing is known to check.
func (w *work) validate(n int) bool {
	v := w.values()
	c, ok := w.check(n, v)
	if !ok {
		return false
	}
	doubted := w.doubted(v)
	points, slots := w.points(append(doubted, slices.DeleteFunc(slices.Clone(c.Slots), func(k slot.Key) bool { return slices.Contains(doubted, k) })...), 5, v)
	if n == 2 || n == 4 {
		keep := min(len(points), 4)
		points, slots = append(points[:keep], w.chosen()), append(slots[:keep], "")
	}
	if short := 3 - len(points); short > 0 {
		more, keys := w.points(w.others(c.Slots), short, v)
		points, slots = append(points, more...), append(slots, keys...)
	}
	if len(points) == 0 {
		return false
	}
	val := &Validation{
		Loop: n, Category: c.Category, Points: points, PointSlots: slots, Summary: w.word(w.one(c.ID, c.Summary), v),
		Question: w.one(c.ID+"?", c.Question), Implications: []string{},
		Options: []Choice{{Value: "correct", Label: "Yes, that's right"}, {Value: "clarify", Label: "Let me clarify something..."}},
	}
	for _, i := range c.Implications {
		if len(i.When) == 0 || slot.AnyHolds(i.When, v) {
			val.Implications = append(val.Implications, strings.ReplaceAll(i.Text, "{total}", w.total()))
		}
	}
	val.Implications = append(val.Implications, w.doubts(doubted)...)
	w.s.Current.Kind, w.s.Current.Validation = ValidateUnderstanding, val
	w.emit(event.ValidationShown{LoopNumber: n, Category: c.Category})
	w.say("assistant", val.Summary, "validation_"+strconv.Itoa(n))
	return true
}

// points puts known slots into words, at most n of them.
func (w *work) points(keys []slot.Key, n int, v slot.Values) ([]string, []slot.Key) {
	var out []string
	var slots []slot.Key
	for _, k := range keys {
		if len(out) < n && v.Has(k) {
			out, slots = append(out, w.e.defs[k].Label+": "+w.point(k, v)), append(slots, k)
		}
	}
	return out, slots
}

// point is the value of a point; the name of an option begins with a capital,
// as it does everywhere else that it stands by itself.
func (w *work) point(k slot.Key, v slot.Values) string {
	words := w.plain(k, v)
	if t := w.e.defs[k].Type; t == slot.Enum || t == slot.Bool {
		r, size := utf8.DecodeRuneInString(words)
		words = string(unicode.ToUpper(r)) + words[size:]
	}
	return words
}

// others lists the checklist items that a loop is not about, for a loop that
// would otherwise have too little to show.
func (w *work) others(keys []slot.Key) []slot.Key {
	var out []slot.Key
	for _, d := range w.e.order {
		if d.Item() && !slices.Contains(keys, d.Key) {
			out = append(out, d.Key)
		}
	}
	return out
}

// chosen says which package and features were chosen and at what price.
func (w *work) chosen() string {
	f := w.s.Features
	if f == nil || !f.Answered {
		return "Package: not chosen yet"
	}
	return fmt.Sprintf("Package: %s with %s, %s in total and %s a month for hosting",
		f.Estimate.Package.Name, counted(len(f.Selection.Features), "extra feature"), f.Estimate.Total, f.Estimate.HostingMonthly)
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (w *work) total() string {
	if f := w.s.Features; f != nil && f.Answered {
		return f.Estimate.Total.String()
	}
	return catalog.Cents(0).String()
}

// plain turns a slot's value into words for people.
func (w *work) plain(k slot.Key, v slot.Values) string { return w.e.Plain(k, v[k]) }

// Plain turns the canonical text of a slot into words for people: amounts with
// a currency, options by their labels.
func (e *Engine) Plain(k slot.Key, value string) string {
	v := slot.Values{k: value}
	switch e.defs[k].Type {
	case slot.Money:
		if c, ok := v.Cents(k); ok {
			return catalog.Cents(c).String()
		}
	case slot.Percent:
		if n, ok := v.Number(k); ok {
			return strconv.FormatFloat(n*100, 'f', -1, 64) + "%"
		}
	case slot.Duration:
		if value == "1" {
			return "1 week"
		}
		return value + " weeks"
	case slot.Multi:
		words := strings.Split(value, ",")
		for i, id := range words {
			words[i] = e.word(k, id)
		}
		return firstChars(strings.Join(words, ", "), 240)
	case slot.Date:
		if d, err := time.Parse(time.DateOnly, value); err == nil {
			return d.Format("January 2, 2006")
		}
	case slot.Enum, slot.Bool, slot.Text, slot.Number, slot.URL:
	}
	return firstChars(e.word(k, value), 160)
}

// word is the label of an option, or the value itself.
func (e *Engine) word(k slot.Key, value string) string {
	if k == slot.BusinessModel { // most models follow from what was said, so that no option was chosen
		if name := models(value); name != "" {
			return name
		}
	}
	if label := e.labels[k][value]; label != "" {
		return label
	}
	if f, ok := e.cat.Feature(catalog.FeatureID(value)); ok {
		return f.Name
	}
	if t := e.defs[k].Type; t == slot.Enum || t == slot.Multi {
		return strings.ReplaceAll(value, "_", " ")
	}
	return value
}

// models names a business model by what brings the money.
func models(value string) string {
	return map[string]string{
		"service": "Services", "product": "Products", "content": "Content and its readers", "membership": "Memberships", "hybrid": "A mix of models",
	}[value]
}

// firstChars shortens text to n characters at a word boundary.
func firstChars(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	cut := string(r[:n])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;") + " …"
}

// takeValidation takes the answer to a loop. A confirmation confirms the facts
// shown; a clarification is read like any answer and corrects them.
func (w *work) takeValidation(a Answer) error {
	val := w.s.Current.Validation
	slots := slices.DeleteFunc(slices.Clone(val.PointSlots), func(k slot.Key) bool { return k == "" })
	record := LoopAnswer{
		Number: val.Loop, Category: val.Category, Summary: val.Summary, Points: val.Points, Response: a.Response, At: w.now,
	}
	switch {
	case a.Response == "correct":
		w.say("client", "Yes, that's right", "")
		w.confirm(slots)
	case a.Response == "clarify" && a.Text != "":
		record.Clarification = a.Text
		w.say("client", a.Text, "")
		w.clarify(a.Text, slots)
		w.s.Said = append(slices.Clip(w.s.Said), a.Text)
	case a.Response == "clarify" && w.suspected: // nothing but an injected instruction: nothing is confirmed
	case a.Response == "clarify":
		return &Invalid{"text", "Please say what should be different."}
	default:
		return &Invalid{"response", "Please choose whether this is right, or clarify something."}
	}
	w.s.Loops = append(w.s.Loops, record)
	w.emit(event.ValidationLoop{
		LoopNumber: val.Loop, Category: val.Category, Response: a.Response, HadClarification: record.Clarification != "",
	})
	return nil
}

// clarify reads a correction. A line "Label: value" corrects the point of that
// label; the rules read the rest. What nothing understood stands as an open
// point, so that nobody builds on what the client objected to.
func (w *work) clarify(text string, shown []slot.Key) {
	var rest []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || w.relabel(line, shown) {
			continue
		}
		if line = w.restated(line, shown); line != "" {
			rest = append(rest, line)
		}
	}
	if len(rest) == 0 {
		return
	}
	text = strings.Join(rest, "\n")
	found := w.extract(text, shown)
	for _, s := range w.unread(text) {
		if len(found) == 0 || extract.QualityOf(s) == extract.Good && len(strings.Fields(s)) > 3 {
			w.objection(s)
		}
	}
}

// relabel takes a line that names one of the points shown and its right value.
func (w *work) relabel(line string, shown []slot.Key) bool {
	label, value, ok := strings.Cut(line, ":")
	if value = strings.TrimSpace(value); !ok || value == "" {
		return false
	}
	for _, k := range shown {
		if strings.EqualFold(strings.TrimLeft(strings.TrimSpace(label), "-*• "), w.e.defs[k].Label) {
			w.editing = true // the new value replaces the old one
			err := w.applyText(k, value)
			w.editing = false
			return err == nil
		}
	}
	return false
}

// restated takes the sentences of a line that say anew what a point is, and
// returns the others.
func (w *work) restated(line string, shown []slot.Key) string {
	var others []string
	sentences := extract.Sentences(line)
	for _, s := range sentences {
		if said := line[s.Start:s.End]; !w.restate(said, shown) {
			others = append(others, said)
		}
	}
	if len(others) == len(sentences) {
		return line // as it was written
	}
	return strings.Join(others, " ")
}

// anew finds a sentence that names a point and says what it is: "the goal is
// fewer calls", "no, our industry should be bakery".
var anew = regexp.MustCompile(`^(?i:(?:no|actually|well|sorry|and|but|also)[,.]? )*(?i:the|our|my) ([\p{L} ]{3,30}?) (?i:is|are|should be|must be)(?i: rather| really| actually| now| just)? (.{4,})$`)

// denied finds what says only that something is not so; that corrects nothing.
var denied = regexp.MustCompile(`^(?i:not|no|wrong|incorrect|false|off|too|missing|unclear|different|changed|fine|ok|okay|right|correct|good)\b`)

// restate takes a sentence that says anew what a text among the points shown
// is. Figures, dates and choices are left to the rules, which read them anyway.
func (w *work) restate(said string, shown []slot.Key) bool {
	m := anew.FindStringSubmatch(strings.TrimRight(strings.TrimSpace(said), ".!"))
	if m == nil || denied.MatchString(m[2]) {
		return false
	}
	var named []slot.Key
	for _, k := range shown {
		words := strings.Fields(w.e.defs[k].Label)
		if label := w.e.defs[k].Label; w.e.defs[k].Type == slot.Text && len(words) > 0 && (strings.EqualFold(label, m[1]) || strings.EqualFold(words[len(words)-1], m[1])) {
			named = append(named, k)
		}
	}
	if len(named) != 1 {
		return false
	}
	w.editing = true // the new value replaces the old one
	err := w.applyText(named[0], m[2])
	w.editing = false
	return err == nil
}

// objection keeps words against what was shown as an open point.
func (w *work) objection(words string) {
	const lead = "Correction in the client's words: "
	words = firstChars(words, 300)
	for i, p := range w.s.OpenPoints {
		if p.Slot == slot.BusinessDescription && strings.HasPrefix(p.Reason, lead) {
			w.s.OpenPoints = slices.Clone(w.s.OpenPoints)
			w.s.OpenPoints[i].Reason += " " + words
			return
		}
	}
	w.s.OpenPoints = append(slices.Clip(w.s.OpenPoints), OpenPoint{Slot: slot.BusinessDescription, Reason: lead + words})
}

func (w *work) confirm(keys []slot.Key) {
	for _, k := range keys {
		f, ok := w.s.Fact(k)
		if ok && (f.Status == Stated || f.Status == Inferred) {
			f.Status, f.Confidence = Confirmed, 100
			w.learn(f)
		}
	}
}

package intake

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// ErrNotEditable is returned for slots that only follow from others.
var ErrNotEditable = errors.New("this point follows from other answers and cannot be edited by itself")

// owner is the slot through which another one is edited: the bounds of a
// budget follow from the budget, the date from the launch wish.
func owner(k slot.Key) slot.Key {
	switch k {
	case slot.BudgetMin, slot.BudgetMax:
		return slot.BudgetText
	case slot.LaunchDate, slot.LaunchWeeks, slot.IsUrgent:
		return slot.LaunchText
	case slot.ComplianceStated:
		return slot.ComplianceRequirements
	case slot.SecondaryModels:
		return slot.BusinessModel
	default:
		return k
	}
}

// EditForm gives the question that changes a slot, filled with what is known.
// It reports false when the slot only follows from others or is unknown to the
// product.
func (e *Engine) EditForm(s *Session, k slot.Key) (EditForm, bool) {
	k = owner(k)
	d, ok := e.defs[k]
	if !ok || k == slot.WebsiteType || k == slot.PriceConfirmed || k == slot.ServiceSubtype || s.Status != InProgress {
		return EditForm{}, false
	}
	w := &work{e: e, s: s, memo: memo{}}
	v := s.Values()
	q, ok := e.editor(k)
	if !ok {
		return e.plainForm(d, v), true
	}
	several := len(q.Slots()) > 1 && q.Takes != k
	wire := w.wire(alone(q, k), []slot.Key{k}, v)
	wire.ID, wire.Validation.MaxLength, wire.Number = "edit_"+string(k), MaxAnswer, s.Questions
	if several {
		wire.Text, wire.HelpText = e.editText(d), ""
		if p, ok := w.probe(k, slot.Values{}); ok {
			wire.Text, wire.HelpText = w.word(w.one(p.ID, p.Text), v), p.Help
		}
	}
	return EditForm{Question: wire, Now: e.filled(wire, d, v[k])}, true
}

// alone narrows a question to one slot.
func alone(q bank.Entry, k slot.Key) bank.Entry {
	for _, g := range q.Groups {
		if g.Slot != k {
			continue
		}
		q.Type, q.Groups, q.OtherLabel = MultiSelect, []bank.OptionGroup{g}, "In other words"
		if g.Single {
			q.Type = Select
		}
	}
	return q
}

func (e *Engine) editText(d slot.Def) string { return d.Label + ": what is right?" }

// editor finds the question that is closest to one slot alone: one that offers
// its options, else one that takes its text.
func (e *Engine) editor(k slot.Key) (bank.Entry, bool) {
	best, distance := bank.Entry{}, 0
	for _, q := range e.bank.Questions {
		d := len(q.Slots())
		switch {
		case slices.ContainsFunc(q.Groups, func(g bank.OptionGroup) bool { return g.Slot == k }):
		case q.Takes == k:
			d += 1000 // its options go before any text
		default:
			continue
		}
		if distance == 0 || d < distance {
			best, distance = q, d
		}
	}
	return best, distance > 0
}

// plainForm edits a slot that no question is about: a figure or a signal that
// was read between the lines.
func (e *Engine) plainForm(d slot.Def, v slot.Values) EditForm {
	q := Question{
		ID: "edit_" + string(d.Key), Category: "business", Text: e.editText(d), Type: TextLine, ScopeSection: d.Section,
		Validation: Limits{Required: true, MaxLength: MaxAnswer}, Priority: string(d.Priority),
	}
	now := Answer{Text: v[d.Key]}
	switch d.Type {
	case slot.Bool:
		q.Type, q.Options = Select, []Option{{Value: "yes", Label: "Yes"}, {Value: "no", Label: "No"}}
		now = Answer{Values: nonEmpty(v[d.Key])}
	case slot.Money, slot.Percent, slot.Number, slot.Duration, slot.Date:
		q.HelpText = "One figure is enough."
		if v.Has(d.Key) {
			now.Text = e.Plain(d.Key, v[d.Key])
		}
	case slot.Text, slot.Enum, slot.Multi, slot.URL:
	}
	return EditForm{Question: q, Now: now}
}

// filled puts a value into the form: options where they match, words else.
func (e *Engine) filled(q Question, d slot.Def, value string) Answer {
	var now Answer
	if value == "" {
		return now
	}
	parts := []string{value}
	if d.Type == slot.Multi {
		parts = strings.Split(value, ",")
	}
	var words []string
	for _, p := range parts {
		if slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == p }) {
			now.Values = append(now.Values, p)
		} else {
			words = append(words, e.Plain(d.Key, p))
		}
	}
	if len(q.Options) == 0 || len(words) > 0 && d.Type != slot.Enum {
		now.Text = strings.Join(words, ", ")
		if d.Type == slot.Text {
			now.Text = value
		}
	}
	return now
}

// Edit changes one fact; only what depends on it opens again, which
// Session.Edited then names. id is the current action; another one is
// ErrStale. A bad value is an *Invalid.
func (e *Engine) Edit(s *Session, id ActionID, edit Edit, now time.Time) (Turn, error) {
	edit.Slot = owner(edit.Slot)
	switch {
	case s.Status != InProgress:
		return Turn{}, ErrClosed
	case id != s.Current.ID:
		return Turn{}, ErrStale
	}
	form, ok := e.EditForm(s, edit.Slot)
	if !ok {
		return Turn{}, ErrNotEditable
	}
	w := &work{e: e, s: s.clone(), now: now, memo: memo{}, editing: true}
	text, err := w.cleanEdit(edit.Text)
	if err != nil {
		return Turn{}, err
	}
	edit.Text = text
	var last Mark
	if n := len(w.s.Marks); n > 0 { // the action chosen on the old facts is chosen again
		last = w.s.Marks[n-1]
		w.restore(last)
		w.s.Marks = w.s.Marks[:n-1]
	}
	before := len(w.s.Facts)
	if err := w.apply(form, edit); err != nil {
		return Turn{}, err
	}
	reopened := w.settle(edit.Slot, before)
	features := w.reviseFeatures()
	w.moved()
	w.emit(event.FactEdited{Slot: string(edit.Slot), QuestionNumber: w.s.Questions})
	w.say("client", "Changed: "+w.e.defs[edit.Slot].Label, "edit_"+string(edit.Slot))
	w.s.Edited = &Edited{Slot: edit.Slot, Reopened: reopened, Features: features, Turn: w.s.Turns}
	renewed := w.mark(last.Answer, Action{})
	renewed.Action, renewed.Kind, renewed.Question = last.Action, last.Kind, last.Question
	w.s.Marks = append(slices.Clip(w.s.Marks), renewed)
	w.next()
	*s = *w.s
	return w.turn, nil
}

func (w *work) cleanEdit(raw string) (string, error) {
	if n := utf8.RuneCountInString(raw); n > MaxAnswer {
		return "", &Invalid{"text", fmt.Sprintf("The text has %d characters, and at most %d can be taken. Please shorten it; nothing was changed.", n, MaxAnswer)}
	}
	return w.neutral(raw), nil
}

// apply learns the new value.
func (w *work) apply(form EditForm, edit Edit) error {
	k := edit.Slot
	switch {
	case edit.Unsure:
		w.forget(k)
		w.closePoints([]slot.Key{k}, "The client was not sure.")
		return nil
	case len(edit.Values) == 0 && edit.Text == "":
		return &Invalid{"text", "Please say what is right, or that it is not known."}
	}
	labels := make([]string, 0, len(edit.Values))
	for _, value := range edit.Values {
		i := slices.IndexFunc(form.Question.Options, func(o Option) bool { return o.Value == value })
		if i < 0 {
			return &Invalid{"values", fmt.Sprintf("%q is not one of the choices. Please choose from the list.", value)}
		}
		labels = append(labels, form.Question.Options[i].Label)
	}
	if len(edit.Values) > 0 {
		w.applyChoice(k, edit.Values, labels, edit.Text)
		return nil
	}
	return w.applyText(k, edit.Text)
}

func (w *work) applyChoice(k slot.Key, values, labels []string, more string) {
	value, d := values[0], w.e.defs[k]
	if d.Type == slot.Multi {
		if len(values) > 1 {
			values = slices.DeleteFunc(values, func(id string) bool { return id == "none" })
		}
		value = slot.Join(append(slices.Clone(values), nonEmpty(more)...))
	}
	if k == slot.BusinessModel {
		if r, ok := classify.FromChoice(value); ok {
			w.s.Model = r
			w.s.ModelAt = 0 // accepted anew, with what follows from it
			w.acceptModel(r, labels[0])
		}
		return
	}
	w.forgetFollowers(k)
	w.learn(Fact{Slot: k, Value: value, Status: Stated, Confidence: 100, Evidence: Evidence{Quote: strings.Join(append(labels, nonEmpty(more)...), ", ")}})
	if q, ok := w.e.editor(k); ok {
		for _, o := range alone(q, k).Groups[0].Options {
			if slices.Contains(values, o.Value) {
				w.choiceSets(o)
			}
		}
	}
}

// applyText learns a text. A slot with a form of its own takes what the rules
// read in it.
func (w *work) applyText(k slot.Key, text string) error {
	d := w.e.defs[k]
	if k == slot.BusinessModel {
		return &Invalid{"values", "Please choose one of the models."}
	}
	w.forgetFollowers(k)
	asked := []slot.Key{k}
	if k == slot.BudgetText {
		asked = append(asked, slot.BudgetMin, slot.BudgetMax)
	}
	before := len(w.s.Facts)
	w.extract(text, asked)
	switch d.Type {
	case slot.Text:
		if k == slot.BusinessDescription {
			w.replaceSaid(text)
		}
		w.learn(Fact{Slot: k, Value: text, Status: Stated, Confidence: 100, Evidence: Evidence{Quote: text}})
	case slot.Multi:
		if !w.learnedSince(before, k) {
			w.learn(Fact{Slot: k, Value: slot.Join(strings.Split(text, ",")), Status: Stated, Confidence: 100, Evidence: Evidence{Quote: text}})
		}
	default:
		value, ok := figure(d.Type, text)
		switch {
		case w.learnedSince(before, k):
		case ok:
			w.learn(Fact{Slot: k, Value: value, Status: Stated, Confidence: 100, Evidence: Evidence{Quote: text}})
		default:
			return &Invalid{"text", fmt.Sprintf("This was not understood as an answer about %q. Please write just that, for example one figure.", d.Label)}
		}
	}
	return nil
}

// figure reads a bare figure as Plain writes it, in canonical text.
func figure(t slot.Type, text string) (string, bool) {
	text = strings.TrimSpace(text)
	switch t {
	case slot.Date:
		for _, layout := range []string{time.DateOnly, "January 2, 2006", "2 January 2006"} {
			if d, err := time.Parse(layout, text); err == nil {
				return d.Format(time.DateOnly), true
			}
		}
		return "", false
	case slot.Bool:
		low := strings.ToLower(text)
		return low, low == "yes" || low == "no"
	case slot.Enum, slot.URL, slot.Text, slot.Multi:
		return text, true
	case slot.Money, slot.Percent, slot.Number, slot.Duration:
	}
	bare := strings.NewReplacer("$", "", ",", "", "%", "", " weeks", "", " week", "").Replace(text)
	n, err := strconv.ParseFloat(strings.TrimSpace(bare), 64)
	if err != nil || n < 0 || n > 1e12 {
		return "", false
	}
	switch t {
	case slot.Money:
		n = math.Round(n * 100)
	case slot.Percent:
		if n > 1 || strings.Contains(text, "%") { // DOMAIN 0.1: above 1 is read as percent
			n /= 100
		}
	default:
	}
	return strconv.FormatFloat(n, 'f', -1, 64), true
}

func (w *work) learnedSince(n int, k slot.Key) bool {
	return slices.ContainsFunc(w.s.Facts[n:], func(f Fact) bool { return f.Slot == k })
}

// replaceSaid puts a new description in the place of the old one among the
// words that classify.
func (w *work) replaceSaid(text string) {
	if len(w.s.Said) == 0 {
		w.s.Said = []string{text}
		return
	}
	w.s.Said = append([]string{text}, w.s.Said[1:]...)
}

// forgetFollowers takes back what is edited through the slot, such as the
// bounds of a budget, so that nothing old stands beside the new value.
func (w *work) forgetFollowers(k slot.Key) {
	for _, d := range w.e.order {
		if d.Key != k && owner(d.Key) == k {
			w.forget(d.Key)
		}
	}
	w.s.Rivals = slices.DeleteFunc(slices.Clone(w.s.Rivals), func(r Rival) bool { return owner(r.Slot) == k })
}

// settle brings what follows from the edited slot up to date: facts inferred
// from it are derived again or opened again. It returns the latter, and marks
// what was learned as edited.
func (w *work) settle(k slot.Key, before int) []slot.Key {
	var stale []slot.Key
	for _, f := range w.s.CurrentFacts() {
		if f.From == k && f.Status.Known() && !w.learnedSince(before, f.Slot) {
			stale = append(stale, f.Slot)
		}
	}
	w.forget(stale...)
	w.derive()
	if k == slot.BusinessDescription {
		w.reclassify()
	}
	for i := before; i < len(w.s.Facts); i++ {
		if f := &w.s.Facts[i]; f.Status.Known() && f.From == "" {
			f.Source = "edit"
		}
	}
	v := w.values()
	var reopened []slot.Key
	for _, s := range stale {
		if !v.Has(s) {
			reopened = append(reopened, s)
		}
	}
	return reopened
}

// reclassify judges the business model again after its description changed;
// a model that the client chose outright stays.
func (w *work) reclassify() {
	r := classify.Classify(w.corpus(), w.values())
	if f, ok := w.s.Fact(slot.BusinessModel); !ok || f.Source == "choice" || !r.Accepted() || r.Model == w.s.Model.Model {
		return
	}
	w.s.Model = r
	w.acceptModel(r, w.s.Said[0])
}

// reviseFeatures opens the feature screen again when the edit calls for an
// essential feature or a package that was not chosen.
func (w *work) reviseFeatures() bool {
	f := w.s.Features
	if f == nil || !f.Answered {
		return false
	}
	v := w.values()
	rec := recommend.Recommend(w.e.cat, v)
	need := recommend.PackageFor(w.e.cat, v, f.Selection.Features)
	wanted := w.e.packageRank(need) > max(w.e.packageRank(f.Selection.Package), w.e.packageRank(f.Recommendation.Minimum))
	for _, item := range rec.Recommended {
		known := slices.ContainsFunc(f.Recommendation.Recommended, func(old recommend.Item) bool { return old.Feature == item.Feature && old.Priority == item.Priority })
		if item.Priority == recommend.Essential && !known && !slices.Contains(f.Selection.Features, item.Feature) {
			wanted = true
		}
	}
	if wanted {
		revised := *f
		revised.Recommendation, revised.Reopened = rec, true
		w.s.Features = &revised
	}
	return wanted
}

func (e *Engine) packageRank(id catalog.PackageID) int {
	return slices.IndexFunc(e.cat.Packages, func(p catalog.Package) bool { return p.ID == id })
}

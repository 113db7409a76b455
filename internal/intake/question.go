package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
)

// takeQuestion takes the answer to ask_question: text, choices or both.
func (w *work) takeQuestion(a Answer) error {
	ask := w.s.Current.Question
	q, ok := w.e.bank.find(strings.TrimSuffix(ask.Question.ID, clarifySuffix))
	if !ok {
		return fmt.Errorf("question %q is not in the bank", ask.Question.ID)
	}
	if a.Unsure {
		w.say("client", "Not sure", q.ID)
		w.s.Followup = ""
		w.closePoints(w.s.open(ask.Slots, w.s.Values()), "The client was not sure.")
		return nil
	}
	labels, err := w.takeChoices(q, ask.Question, a.Values)
	if err != nil {
		return err
	}
	if len(labels) == 0 && a.Text == "" {
		if w.suspected { // an injected instruction was removed and nothing else was said
			w.judge(q, ask.Slots)
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
	w.judge(q, ask.Slots)
	return nil
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// takeChoices checks the chosen options against the ones that were offered and
// learns them group by group.
func (w *work) takeChoices(q entry, shown Question, values []string) ([]string, error) {
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
		if len(picked) == 0 {
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
func groupKey(shown Question, g group) string {
	if len(shown.Groups) == 0 {
		return ""
	}
	return string(g.Slot)
}

func (w *work) learnChoice(g group, picked []Option) {
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
		if old := w.s.Values()[g.Slot]; old != "" && value != "none" {
			value = union(old, value)
		}
	}
	quote := strings.Join(labels, ", ")
	w.learn(Fact{Slot: g.Slot, Value: value, Status: Stated, Source: "choice", Confidence: 100, Evidence: Evidence{Quote: quote}})
	w.choiceEffects(g.Slot, value, quote)
}

// choiceEffects derives figures from options that stand for them.
func (w *work) choiceEffects(k slot.Key, value, quote string) {
	set := func(k slot.Key, value string) {
		w.learn(Fact{Slot: k, Value: value, Status: Stated, Source: "choice", Confidence: 100, Evidence: Evidence{Quote: quote}})
	}
	switch {
	case k == slot.BudgetText:
		bounds := map[string][2]string{
			"under_3k": {"", "300000"}, "3k_5k": {"300000", "500000"}, "5k_10k": {"500000", "1000000"}, "over_10k": {"1000000", ""},
		}[value]
		if bounds[0] != "" {
			set(slot.BudgetMin, bounds[0])
		}
		if bounds[1] != "" {
			set(slot.BudgetMax, bounds[1])
		}
	case k == slot.ComplianceRequirements && value != "none":
		set(slot.ComplianceStated, value)
	case k == slot.Copywriting && value == "full":
		w.infer(slot.ContentReadiness, "need_help", k)
	}
}

// takeText learns from a free text: the whole into the question's own slot,
// single sentences by cues, and every rule over all of it.
func (w *work) takeText(q entry, ask *Ask, text string) {
	asked := slices.Clone(ask.Slots)
	if q.ID == "figures" {
		asked = append(asked, w.figures(w.s.Values())...)
	}
	k := q.Takes
	if k == "" {
		k = q.OtherSlot
	}
	if ask.Clarifies != "" && len(ask.Slots) > 0 && q.Clarify[ask.Slots[0]] != "" {
		k = ask.Slots[0]
	}
	w.extract(text, append(asked, k))
	if q.ID == "business" {
		w.takeBusiness(ask, text, k)
	} else if k != "" {
		w.learn(w.textFact(k, text, q.Takes == k && ask.Clarifies != ""))
	}
	for key, cues := range q.Cues {
		if said := sentencesWith(text, cues); said != "" {
			w.learn(Fact{Slot: key, Value: said, Status: Stated, Source: "client", Evidence: Evidence{Quote: said}})
		}
	}
	w.remember(q, text)
}

// textFact makes the fact of a free text. A clarification is joined to what
// was said before, because both together answer the question (DOMAIN 2.6).
func (w *work) textFact(k slot.Key, text string, join bool) Fact {
	value := text
	old := w.s.Values()[k]
	if join && old != "" && !strings.Contains(old, text) {
		value = strings.TrimRight(old, " .") + ". " + text
	}
	if w.e.defs[k].Type == slot.Multi {
		value = union(old, strings.ReplaceAll(text, "\n", " "))
		if old == "" {
			value = slot.Join([]string{text})
		}
	}
	return Fact{Slot: k, Value: value, Status: Stated, Source: "client", Evidence: Evidence{Quote: text}}
}

// takeBusiness reads name and trade out of the first answer.
func (w *work) takeBusiness(ask *Ask, text string, k slot.Key) {
	quote := Evidence{Quote: text}
	if ask.Clarifies != "" && k == slot.BusinessName {
		name := strings.TrimRight(strings.SplitN(text, "\n", 2)[0], " .")
		w.learn(Fact{Slot: slot.BusinessName, Value: name, Status: Stated, Source: "client", Evidence: quote})
		return
	}
	w.learn(w.textFact(slot.BusinessDescription, text, ask.Clarifies != ""))
	v := w.s.Values()
	if name := leadingName(text); !v.Has(slot.BusinessName) && name != "" && ask.Clarifies == "" {
		w.learn(Fact{Slot: slot.BusinessName, Value: name, Status: Stated, Confidence: 80, Source: "rule", Evidence: Evidence{Quote: name}})
	}
	if v.Has(slot.Industry) {
		return
	}
	trade := strings.TrimSpace(strings.TrimLeft(strings.TrimPrefix(text, v[slot.BusinessName]), " ,.-–—:"))
	if utf8.RuneCountInString(trade) >= 30 || ask.Clarifies != "" {
		trade = firstSentence(trade, 80)
		w.learn(Fact{Slot: slot.Industry, Value: trade, Status: Inferred, Confidence: 60, Source: "rule", Evidence: Evidence{Quote: trade}})
	}
}

// firstSentence cuts text after its first sentence, at most n characters and
// at a word boundary.
func firstSentence(text string, n int) string {
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

// remember keeps the words that classification may use: not those about the
// audience or competitors, which describe others (DOMAIN 3.3).
func (w *work) remember(q entry, text string) {
	if q.ID == "audience" || q.ID == "references" || len(w.s.Corpus)+len(text) > 20_000 {
		return
	}
	for _, sentence := range strings.Split(sentencesWith(text, q.Cues[slot.Competitors]), ". ") {
		if sentence != "" {
			text = strings.ReplaceAll(text, sentence, "")
		}
	}
	w.s.Corpus += text + "\n"
}

// classify decides the business model from question 5 on (DOMAIN 3.3).
func (w *work) classify(q entry, values []string, text string) {
	if w.s.ModelAt > 0 {
		return
	}
	r := classify.Classify(w.s.Corpus, w.s.Values())
	if q.ID == "model" && len(values) == 1 {
		if chosen, ok := classify.FromChoice(values[0]); ok {
			r, text = chosen, w.e.label(slot.BusinessModel, values[0])
		}
	}
	w.s.Model = r
	switch {
	case r.Accepted():
		w.acceptModel(r, text)
	case w.s.Questions >= event.ClassificationDeadline && !w.s.ModelAlerted:
		w.s.ModelAlerted = true
		w.emit(event.ClassificationUncertain{Model: string(r.Model), Confidence: r.Confidence})
	}
}

// acceptModel settles the model. When the answer that tipped the scale was a
// choice, the evidence is what was said before.
func (w *work) acceptModel(r classify.Result, text string) {
	w.s.ModelAt = w.s.Questions
	quote := firstSentence(text, 200)
	if quote == "" {
		quote = firstSentence(strings.TrimSpace(w.s.Corpus), 200)
	}
	w.learn(Fact{Slot: slot.BusinessModel, Value: string(r.Model), Status: Inferred, Confidence: r.Confidence, Source: "rule", Evidence: Evidence{Quote: quote}})
	if r.Model == classify.Service || slices.Contains(r.Secondary, classify.Service) {
		sub := classify.SubtypeOf(w.s.Corpus)
		w.learn(Fact{Slot: slot.ServiceSubtype, Value: string(sub), Status: Inferred, Confidence: 70, Source: "rule", Evidence: Evidence{Quote: quote}})
	}
	w.emit(event.NewBusinessModelClassified(string(r.Model), r.Confidence, w.s.Questions))
}

// judge decides what an answer left open: essential items get one clarifying
// question, then example cards, and are then taken as they are (DOMAIN 2.14).
// Everything else that was offered and left out is an open point at once.
func (w *work) judge(q entry, shown []slot.Key) {
	v := w.s.Values()
	open := w.s.open(shown, v)
	w.s.Followup = ""
	var follow []slot.Key
	for _, k := range open {
		if q.needed(w.e.defs[k]) {
			follow = append(follow, k)
		}
	}
	if q.Takes != "" && slices.Contains(w.s.open(q.slots(), v), q.Takes) && !slices.Contains(follow, q.Takes) {
		follow = append(follow, q.Takes)
	}
	spent := w.s.Clarified[q.ID]
	can := spent == 0 || spent == 1 && len(q.Options) > 0 && q.Takes != ""
	if len(follow) > 0 && can && w.clarifications() < maxClarifications && w.s.Questions < QuestionLimit-1 {
		w.s.Followup = q.ID
		return
	}
	w.closePoints(open, "Not stated clearly.")
}

func (w *work) clarifications() int {
	n := 0
	for _, spent := range w.s.Clarified {
		n += spent
	}
	return n
}

// takeExample takes the answer to example_options: a card or own words.
func (w *work) takeExample(a Answer) error {
	ex := w.s.Current.Examples
	q, ok := w.e.bank.find(ex.QuestionID)
	if !ok {
		return fmt.Errorf("question %q is not in the bank", ex.QuestionID)
	}
	text := a.Text
	if a.Value != "" {
		i := slices.IndexFunc(ex.Options, func(c Choice) bool { return c.Value == a.Value })
		if i < 0 {
			return &Invalid{"value", fmt.Sprintf("%q is not one of the examples. Please choose one, or use own words.", a.Value)}
		}
		text = ex.Options[i].Label + ". " + ex.Options[i].Description
	}
	if text == "" && !a.Unsure {
		return &Invalid{"value", "Please choose one of the examples, or write own words."}
	}
	w.s.Followup = ""
	if a.Unsure {
		w.say("client", "Not sure", q.ID)
	} else {
		w.say("client", text, q.ID)
		w.extract(text, ex.Slots)
		f := w.textFact(q.Takes, text, a.Value == "")
		w.learn(f)
		w.remember(q, text)
		w.classify(q, nil, text)
	}
	w.closePoints(w.s.open(ex.Slots, w.s.Values()), "Taken as stated after two clarifications.")
	return nil
}

// takeFeatures takes the feature screen (DOMAIN 1.7, 6.3).
func (w *work) takeFeatures(a Answer) error {
	if a.Package == "" {
		return &Invalid{"package", "Please choose a package first."}
	}
	sel := catalog.Selection{Package: a.Package, Features: dedupe(a.Features)}
	if n, ok := w.s.Values().Number(slot.MonthlyVisitors); ok {
		sel.MonthlyVisitors = int(n)
	}
	est, err := w.e.cat.Price(sel)
	if err != nil {
		return &Invalid{"features", err.Error()}
	}
	w.choose(sel, est)
	w.say("client", fmt.Sprintf("%s, %d features, %s", est.Package.Name, len(sel.Features), est.Total), "features")
	w.learn(Fact{
		Slot: slot.PriceConfirmed, Value: "yes", Status: Confirmed, Source: "choice", Confidence: 100,
		Evidence: Evidence{Quote: est.Total.String()},
	})
	return nil
}

// choose stores a selection and records it; the rejected features are the
// recommended ones that were left out (S51).
func (w *work) choose(sel catalog.Selection, est catalog.Estimate) {
	f := w.s.Features
	f.Selection, f.Estimate, f.Answered, f.Reopened = sel, est, true, false
	var selected, rejected []string
	for _, id := range sel.Features {
		selected = append(selected, string(id))
	}
	for _, item := range f.Recommendation.Recommended {
		if !slices.Contains(sel.Features, item.Feature) {
			rejected = append(rejected, string(item.Feature))
		}
	}
	w.emit(event.NewFeaturesSelected(selected, rejected, est.Total.Dollars()))
}

func dedupe(ids []catalog.FeatureID) []catalog.FeatureID {
	var out []catalog.FeatureID
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// figures are the key figures that the figures question asks for, by business
// model; a bare number in the answer may stand for one of them.
func (w *work) figures(v slot.Values) []slot.Key {
	model := v[slot.BusinessModel]
	if model == string(classify.Hybrid) && len(w.s.Model.Secondary) > 0 {
		model = string(w.s.Model.Secondary[0])
	}
	switch classify.Model(model) {
	case classify.Service:
		volume := slot.AppointmentsPerWeek
		if v[slot.ServiceSubtype] == string(classify.Reservation) {
			volume = slot.BookingsPerWeek
		}
		return []slot.Key{volume, slot.AverageAppointmentValue, slot.CurrentNoShowRate, slot.HoursPerWeekOnTask}
	case classify.Product:
		return []slot.Key{slot.ProductsToSell, slot.MonthlyOrders, slot.AverageOrderValue, slot.AnnualRevenue}
	case classify.Content:
		return []slot.Key{slot.PostsPerWeek, slot.SubscriberCount, slot.LeadsPerMonth}
	case classify.Membership:
		return []slot.Key{slot.MemberCount, slot.MemberFee, slot.ChurnRate}
	case classify.Hybrid:
	}
	return []slot.Key{slot.CustomerBase, slot.AverageTransaction, slot.HoursPerWeekOnTask}
}

package intake

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// ask shows the best of the candidates with the slots that are still open.
func (w *work) ask(list []ranked, v slot.Values) {
	best := list[0]
	q, slots := *best.Entry, best.Open
	wire := w.wire(q, slots, v)
	wire.Text = w.worded(wire)
	asked := Asked{QuestionID: q.ID, Slots: slots, Text: wire.Text}
	for _, c := range list[:min(3, len(list))] {
		asked.Ranking = append(asked.Ranking, Ranked{
			QuestionID: c.Entry.ID, Score: round(c.Score), Value: round(c.Value), Unlock: round(c.Unlock), Price: round(c.Price),
			Seconds: math.Round(c.Seconds), Flow: round(c.Flow), Rule: c.rule,
		})
	}
	wire.Number = w.count(asked)
	a := &Ask{Question: wire, Slots: slots, Why: q.Why, WhyNow: w.whyNow(best)}
	if wire.Validation.MaxLength == MaxBrief {
		a.Brief = true
	}
	w.s.Current.Kind, w.s.Current.Question = AskQuestion, a
	w.say("assistant", wire.Text, q.ID)
}

func round(x float64) float64 { return math.Round(x*100) / 100 }

// whyNow tells the client in one sentence why this is asked before other
// things.
func (w *work) whyNow(c ranked) string {
	var labels []string
	for _, k := range c.Open {
		if d := w.e.defs[k]; d.Weight > 0 && len(labels) < 3 {
			labels = append(labels, strings.ToLower(d.Label))
		}
	}
	subject := series(labels)
	if n := len(c.Open) - len(labels); n > 0 && len(labels) > 0 {
		subject = fmt.Sprintf("%s and %d more", strings.Join(labels, ", "), n)
	}
	switch c.rule {
	case "opening":
		return "It comes first because everything else follows from it."
	case "features", "basics":
		return "The features and their prices can only be suggested once this is known: " + subject + "."
	case "blind_spot":
		return "Taste is rarely said unasked, so one question is always kept for it: " + subject + "."
	case "essential":
		return "The documents cannot be written without it: " + subject + "."
	case "checklist":
		return "Few questions are left, and this one settles the most points of a specification at once: " + subject + "."
	case "deadline":
		return "It decides which of the next questions make sense."
	case "resolution":
		return "It settles the point that was just decided."
	}
	return fmt.Sprintf("Of all open points this settles the most in the least time: %s, in about %d seconds.", subject, int(math.Round(c.Seconds/5)*5))
}

func series(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// wire makes the wire form of a question for the slots that are open.
func (w *work) wire(q bank.Entry, slots []slot.Key, v slot.Values) Question {
	out := Question{
		ID: q.ID, Category: q.Category, Text: w.asks(q, slots, v), Type: q.Type,
		Validation: Limits{Required: true, MinLength: q.MinLength, MaxLength: MaxAnswer},
		HelpText:   q.Help, Examples: w.samples(q, slots), ScopeSection: q.Section, Priority: string(q.Priority),
	}
	if q.ID == w.e.bank.Questions[0].ID {
		out.Validation.MaxLength = MaxBrief
	}
	var groups []bank.OptionGroup
	for _, g := range q.Groups {
		if slices.Contains(slots, g.Slot) {
			groups = append(groups, g)
		}
	}
	if len(groups) == 1 && out.Type == MultiSelect && groups[0].Single {
		out.Type = Select
	}
	for _, g := range groups {
		prefix, key := "", ""
		if len(groups) > 1 {
			key = string(g.Slot)
			prefix = key + "."
			out.Groups = append(out.Groups, Group{Key: key, Label: g.Label, Single: g.Single})
		}
		for _, c := range g.Options {
			out.Options = append(out.Options, Option{Value: prefix + c.Value, Label: c.Label, Description: c.Description, Group: key})
		}
	}
	if q.Type == Select || q.Type == MultiSelect {
		out.Other, out.OtherLabel = true, q.OtherLabel
		if out.OtherLabel == "" {
			out.OtherLabel = "Something else"
		}
	}
	return out
}

// asks is the text of a question about open slots: what is known is not asked for
// again.
func (w *work) asks(q bank.Entry, open []slot.Key, v slot.Values) string {
	if text := q.Narrowed(open); text != "" {
		return w.word(text, v)
	}
	return w.word(w.variant(q.ID, q.Text), v)
}

// samples are example answers; they answer the whole question, and none of its
// parts.
func (w *work) samples(q bank.Entry, open []slot.Key) []string {
	if q.Narrowed(open) != "" {
		return nil
	}
	return w.contextual(q.Examples)
}

// contexts lists the keys of wordings that fit the session, the closest first:
// the subtype and model of the business, then the type of website.
func (w *work) contexts() []string {
	var out []string
	if m := w.s.Model; w.s.ModelAt > 0 {
		v := w.values()
		if m.Model == classify.Service && v.Has(slot.ServiceSubtype) {
			out = append(out, v[slot.ServiceSubtype])
		}
		out = append(out, string(m.Model))
		if m.Model == classify.Hybrid && len(m.Secondary) > 0 {
			out = append(out, string(m.Secondary[0]))
		}
	}
	if w.s.Client.WebsiteType == "business" {
		return append(out, "business")
	}
	// A site that is no business speaks of supporters or work, whatever pays.
	return append([]string{w.s.Client.WebsiteType}, out...)
}

// contextual picks the list of texts for the session's context.
func (w *work) contextual(t bank.Wordings) []string {
	for _, c := range w.contexts() {
		if list := t[c]; len(list) > 0 {
			return list
		}
	}
	return t[""]
}

// variant picks one wording by the hash of session and text, so that a replay
// is identical.
func (w *work) variant(id string, t bank.Wordings) string { return w.one(id, w.contextual(t)) }

func (w *work) one(id string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(string(w.s.ID) + "/" + id)) // never fails
	return list[int(h.Sum32()%uint32(len(list)))]     //nolint:gosec // a list of wordings is short
}

// word fills the placeholders of a text; without a name it stays neutral.
func (w *work) word(text string, v slot.Values) string {
	name := v[slot.BusinessName]
	if name == "" || len(name) > 40 {
		name = "it"
	}
	return strings.ReplaceAll(text, "{business}", name)
}

// askFollowup asks once more about what the last answer left open: first a
// probe, then example cards (DOMAIN 2.14).
func (w *work) askFollowup() bool {
	q, ok := w.e.bank.Find(w.s.Followup)
	if !ok {
		return false
	}
	v := w.values()
	slots := w.followSlots(q, v)
	if len(slots) == 0 {
		w.s.Followup = ""
		return false
	}
	spent := w.s.Clarified[q.ID]
	w.s.Clarified[q.ID]++
	if spent == 0 {
		w.askProbe(q, slots[0], v)
		return true
	}
	ex := &Examples{
		QuestionID: q.ID, Context: "Which of these comes closest? " + w.asks(q, slots, v),
		AllowCustom: true, CustomPrompt: "None of these: in own words", Slots: slots,
	}
	for _, c := range w.cards(q) {
		ex.Options = append(ex.Options, Choice{Value: c.Value, Label: c.Label, Description: c.Description})
	}
	ex.Number = w.count(Asked{QuestionID: q.ID + "_examples", Slots: slots, Text: ex.Context})
	w.s.Current.Kind, w.s.Current.Examples = ExampleOptions, ex
	w.say("assistant", ex.Context, q.ID)
	return true
}

// cards are the example answers of a question in the session's context.
func (w *work) cards(q bank.Entry) []bank.Card {
	for _, c := range w.contexts() {
		if list := q.Cards[c]; len(list) > 0 {
			return list
		}
	}
	return q.Cards[""]
}

// followSlots lists what a follow-up is about.
func (w *work) followSlots(q bank.Entry, v slot.Values) []slot.Key {
	return slices.DeleteFunc(w.open(q.Slots(), v), func(k slot.Key) bool {
		return !needed(q, w.e.defs[k]) || !w.e.defs[k].Required(v) || k == slot.MustHaves && v.Has(k)
	})
}

// needed reports whether an open slot of a question deserves a follow-up:
// essential items, and whatever the text as a whole should have answered.
func needed(q bank.Entry, d slot.Def) bool {
	return d.Priority == slot.Essential || q.Takes != "" && d.Key == q.Takes
}

// probe finds the wording for what is open of a slot: of the facet that its
// text lacks, else of the slot as a whole.
func (w *work) probe(k slot.Key, v slot.Values) (bank.Probe, bool) {
	have := w.memo.judge(w.e.defs[k], v[k]).facets
	best, found := bank.Probe{}, false
	for _, p := range w.e.bank.Probes {
		if p.Slot != k || len(p.When) > 0 && !slot.AnyHolds(p.When, v) {
			continue
		}
		lacks := p.Facet != "" && v.Has(k) && !slices.Contains(have, p.Facet)
		if lacks {
			return p, true
		}
		if p.Facet == "" && (!found || len(p.When) > 0 && len(best.When) == 0) {
			best, found = p, true
		}
	}
	return best, found
}

func (w *work) askProbe(q bank.Entry, k slot.Key, v slot.Values) {
	wire := w.wire(q, []slot.Key{k}, v)
	wire.ID, wire.Text, wire.Validation.MaxLength = q.ID+clarifySuffix, "Which "+strings.ToLower(w.e.defs[k].Label)+" should the plan use?", MaxAnswer
	wire.Examples = nil
	wire.Validation.MinLength = 0 // it was for everything that the question asks, and one name is short
	if p, ok := w.probe(k, v); ok {
		wire.Text, wire.HelpText = w.word(w.one(p.ID, p.Text), v), p.Help
	}
	if len(wire.Options) == 0 && (wire.Type == MultiSelect || wire.Type == Select) {
		wire.Type, wire.Groups, wire.Other, wire.OtherLabel = TextLine, nil, false, ""
	}
	wire.Text = w.worded(wire)
	wire.Number = w.count(Asked{QuestionID: wire.ID, Slots: []slot.Key{k}, Text: wire.Text})
	w.s.Current.Kind = AskQuestion
	w.s.Current.Question = &Ask{Question: wire, Slots: []slot.Key{k}, Why: q.Why, Clarifies: w.tone()}
	w.say("assistant", wire.Text, q.ID)
}

// tone is one calm line above a clarifying question, by the kind of answer
// that made it necessary.
func (w *work) tone() string {
	switch w.s.Quality {
	case extract.OffTopic:
		return "This conversation is only about the website; this point is still needed for it."
	case extract.Unsure:
		return "A rough idea is enough, and it can be changed later."
	default:
		return "A little more detail on this point makes the specification usable."
	}
}

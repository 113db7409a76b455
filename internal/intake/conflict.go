package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/contradiction"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// How often contradictions interrupt: the same type twice at the most, and
// four in one interview. What is left over is an open point for the team.
const (
	maxPerType   = 2
	maxConflicts = 4
)

// input is what the rules look at. A regulation that is only suspected
// contradicts nothing yet.
func (w *work) input(v slot.Values) contradiction.Input {
	if f, ok := w.s.Fact(slot.ComplianceRequirements); ok && f.Status == Inferred {
		delete(v, slot.ComplianceRequirements)
	}
	in := contradiction.Input{
		Catalog: w.e.cat, Values: v, Now: w.now, Rank: w.importance(), Quote: func(k slot.Key) contradiction.Statement { return w.quote(k, v) },
		Fits: func(ids []catalog.FeatureID) catalog.PackageID { return recommend.PackageFor(w.e.cat, v, ids) },
	}
	if f := w.s.Features; f != nil && f.Answered {
		in.Chosen, in.Estimate, in.Phased = &f.Selection, f.Estimate, f.Phased
	}
	in.Musts = w.picked(v)
	for _, r := range w.s.Rivals {
		in.Rivals = append(in.Rivals, contradiction.Rival{
			Slot: r.Slot, Label: w.e.defs[r.Slot].Label, OlderValue: r.Older.Value, NewerValue: r.Fact.Value,
			Older: w.plain(r.Slot, slot.Values{r.Slot: r.Older.Value}), Newer: w.plain(r.Slot, slot.Values{r.Slot: r.Fact.Value}),
			Earlier: contradiction.Statement{Text: r.Older.Evidence.Quote, Question: r.Older.Evidence.Question},
			Now:     contradiction.Statement{Text: r.Fact.Evidence.Quote, Question: r.Fact.Evidence.Question},
		})
	}
	return in
}

// picked lists the features that the client picked from a list of what the website
// must have, and still calls a must.
func (w *work) picked(v slot.Values) []contradiction.Must {
	var out []contradiction.Must
	for _, f := range w.s.Facts {
		if f.Slot != slot.MustHaves || f.Source != "choice" {
			continue
		}
		labels := strings.Split(f.Evidence.Quote, ", ")
		for _, id := range v.List(slot.MustHaves) {
			must := contradiction.Must{Feature: catalog.FeatureID(id), Said: contradiction.Statement{Text: firstChars(f.Evidence.Quote, 200), Question: f.Evidence.Question}}
			if label := w.e.labels[slot.MustHaves][id]; label != "" && slices.Contains(labels, label) &&
				!slices.ContainsFunc(out, func(m contradiction.Must) bool { return m.Feature == must.Feature }) {
				out = append(out, must)
			}
		}
	}
	return out
}

// importance is the rank of the recommended features, 2 for essential ones.
func (w *work) importance() map[catalog.FeatureID]int {
	rank := map[catalog.FeatureID]int{}
	if w.s.Features == nil {
		return rank
	}
	for _, item := range w.s.Features.Recommendation.Recommended {
		rank[item.Feature] = map[recommend.Priority]int{recommend.Essential: 2, recommend.HighlyRecommended: 1}[item.Priority]
	}
	return rank
}

// quote gives the client's words for a slot, or its value in plain words where
// it followed from something else.
func (w *work) quote(k slot.Key, v slot.Values) contradiction.Statement {
	f, ok := w.s.Fact(k)
	if !ok || !f.Status.Known() {
		return contradiction.Statement{Text: w.plain(k, v)}
	}
	text := f.Evidence.Quote
	if text == "" {
		text = w.plain(k, v)
	}
	return contradiction.Statement{Text: firstChars(text, 200), Question: f.Evidence.Question}
}

// raiseConflict shows the first contradiction that was not raised before, in
// the order budget, timeline, content, other (DOMAIN 2.11).
func (w *work) raiseConflict() bool {
	if len(w.s.Conflicts) >= maxConflicts {
		return false
	}
	for _, f := range contradiction.Find(w.input(w.s.Values())) {
		key := string(f.Kind) + ":" + f.Key
		raised := 0
		known := slices.ContainsFunc(w.s.Conflicts, func(c ConflictRecord) bool {
			if string(c.Type) == string(f.Kind) && sameSubject(c.Key, key) {
				raised++
			}
			return c.Key == key
		})
		if known || raised >= maxPerType {
			continue
		}
		w.showConflict(f, key)
		return true
	}
	return false
}

// sameSubject compares the kinds of two keys, so that "other" contradictions
// about different things do not count as one.
func sameSubject(a, b string) bool {
	subject := func(key string) string { return strings.SplitN(key, "/", 2)[0] }
	return !strings.HasPrefix(a, string(OtherConflict)) || subject(a) == subject(b)
}

func (w *work) showConflict(f contradiction.Finding, key string) {
	kind := ConflictType(f.Kind)
	n := w.count(Asked{QuestionID: "conflict_" + string(kind), Text: f.Description})
	w.s.Conflicts = append(w.s.Conflicts, ConflictRecord{
		Type: kind, Key: key, Original: f.Earlier.Text, Conflicting: f.Now.Text, Rival: f.Rival, At: w.now,
	})
	title := map[ConflictType]string{
		BudgetVsFeatures: "Budget and features", TimelineVsScope: "Timeline and scope", ContentVsLaunch: "Content and launch",
		OtherConflict: "Clarification needed",
	}[kind]
	c := &Conflict{
		Type: kind, Title: title, Description: f.Description, Original: f.Earlier.Text, Conflicting: f.Now.Text,
		OriginalAt: f.Earlier.Question, ConflictAt: f.Now.Question,
		Question: "Which way should this be settled?", HelpText: "Choose one, or use own words.", Key: key, Number: n,
	}
	for _, o := range f.Options {
		c.Options = append(c.Options, Choice{Value: o.Value, Label: o.Label, Description: o.Description, Effect: o.Effect})
	}
	w.s.Current.Kind, w.s.Current.Conflict = ConflictResolution, c
	w.say("assistant", f.Description, "conflict")
}

// takeConflict settles the contradiction shown: by a choice with its effect,
// by own words, which are read like any answer, or by leaving it to the team.
func (w *work) takeConflict(a Answer) error {
	c := w.s.Current.Conflict
	rec := &w.s.Conflicts[len(w.s.Conflicts)-1]
	switch {
	case a.Skip || a.Unsure:
		rec.Resolution, rec.Label = "team_decides", "Decide later"
		w.say("client", rec.Label, "conflict")
		w.resolve(rec.Resolution)
	case a.Choice != "":
		i := slices.IndexFunc(c.Options, func(o Choice) bool { return o.Value == a.Choice })
		if i < 0 {
			return &Invalid{"choice", fmt.Sprintf("%q is not one of the choices. Please choose one, or use own words.", a.Choice)}
		}
		rec.Resolution, rec.Label = a.Choice, c.Options[i].Label
		w.say("client", rec.Label, "conflict")
		w.resolve(a.Choice)
	case a.Text != "":
		rec.Resolution, rec.Label = "own_words", a.Text
		w.say("client", a.Text, "conflict")
		asked := []slot.Key{slot.BudgetText, slot.BudgetMin, slot.BudgetMax, slot.LaunchText, slot.LaunchDate, slot.LaunchWeeks, slot.ContentReadyDate}
		if rec.Rival != "" {
			asked = append(asked, rec.Rival)
		}
		rec.Unread = len(w.extract(a.Text, asked)) == 0
	case w.suspected: // nothing but an injected instruction
		rec.Resolution, rec.Label = "team_decides", "Decide later"
		w.resolve(rec.Resolution)
	default:
		return &Invalid{"choice", "Please choose how this should be settled, or use own words."}
	}
	if rec.Rival != "" {
		w.s.Rivals = slices.DeleteFunc(slices.Clone(w.s.Rivals), func(r Rival) bool { return r.Slot == rec.Rival })
	}
	w.emit(event.ConflictResolution{ConflictType: string(c.Type), Resolution: rec.Resolution})
	return nil
}

// resolve applies the effect of a choice (DOMAIN 2.11).
func (w *work) resolve(choice string) {
	rec := w.s.Conflicts[len(w.s.Conflicts)-1]
	set := func(k slot.Key, value string) {
		w.learn(Fact{Slot: k, Value: value, Status: Stated, Source: "choice", Confidence: 100, Evidence: Evidence{Quote: rec.Label}})
	}
	switch choice {
	case "raise_budget":
		w.forget(slot.BudgetText, slot.BudgetMin, slot.BudgetMax)
		w.s.Queue = append(w.s.Queue, "new_budget")
	case "extend_timeline", "delay_launch":
		w.forget(slot.LaunchText, slot.LaunchDate, slot.LaunchWeeks, slot.IsUrgent)
		w.s.Queue = append(w.s.Queue, "new_date")
	case "reduce_features", "reduce_scope":
		w.s.Features.Reopened = true
	case "phase_features", "mvp_first":
		w.phase()
	case "upgrade_package", "editing_package":
		w.upgrade()
	case "add_features", "payments_no":
		w.settleSelection(choice, rec.Key)
	case "later_phase":
		w.s.Features.Phased = append(slices.Clip(w.s.Features.Phased), mustsOf(rec.Key)...)
		w.notePhases(w.s.Features.Phased)
	case "no_must":
		w.dropMusts(mustsOf(rec.Key))
	case "rule_does_not_apply":
		w.dropRule(rec.Key)
	case "use_later":
		w.useLater(rec.Rival)
	default:
		stated := outcomes(choice)
		for _, k := range slices.Sorted(maps.Keys(stated)) { // one order, so that replays are identical
			set(k, stated[k])
		}
		w.derive()
	}
	if choice == "team_decides" {
		w.closePoints([]slot.Key{w.subject(rec)}, "Left to the team: "+rec.Original+" and "+rec.Conflicting+" do not go together.")
	}
}

// outcomes lists what a choice states about slots.
func outcomes(choice string) slot.Values {
	return map[string]slot.Values{
		"content_help":   {slot.ContentProvider: "agency", slot.Copywriting: "full"},
		"full_scope":     {slot.SimpleSite: "no"},
		"keep_simple":    {slot.MustHaves: "none"},
		"payments_yes":   {slot.AcceptsPayments: "yes"},
		"agency_updates": {slot.Maintainer: "agency"},
		"rare_updates":   {slot.UpdateFrequency: "every_few_months"},
		"texts_ready":    {slot.Copywriting: "none"},
		"texts_polish":   {slot.Copywriting: "partial"},
		"texts_new":      {slot.ContentReadiness: "need_help"},
		"texts_partly":   {slot.ContentReadiness: "in_progress"},
	}[choice]
}

// subject is the slot under which an unsettled contradiction is listed.
func (w *work) subject(rec ConflictRecord) slot.Key {
	switch {
	case rec.Rival != "":
		return rec.Rival
	case rec.Type == BudgetVsFeatures:
		return slot.BudgetText
	case rec.Type == TimelineVsScope:
		return slot.LaunchText
	case rec.Type == ContentVsLaunch:
		return slot.ContentReadyDate
	}
	return slot.MustHaves
}

// useLater puts the later of two values in the place of the earlier.
func (w *work) useLater(k slot.Key) {
	for _, r := range w.s.Rivals {
		if r.Slot == k {
			w.learn(r.Fact)
		}
	}
	w.derive()
}

// mustsOf reads the functions out of the key of a contradiction about them.
func mustsOf(key string) []catalog.FeatureID {
	_, list, ok := strings.Cut(key, ":must/")
	if !ok {
		return nil
	}
	var out []catalog.FeatureID
	for id := range strings.SplitSeq(list, ",") {
		out = append(out, catalog.FeatureID(id))
	}
	return out
}

// dropMusts takes functions, and those sold instead of them, off the list of what
// the client cannot do without.
func (w *work) dropMusts(ids []catalog.FeatureID) {
	list := w.values().List(slot.MustHaves)
	for _, id := range ids {
		f, _ := w.e.cat.Feature(id)
		list = slices.DeleteFunc(list, func(must string) bool {
			return must == string(id) || slices.Contains(f.Conflicts, catalog.FeatureID(must))
		})
	}
	quote := w.s.Conflicts[len(w.s.Conflicts)-1].Label
	w.learn(Fact{Slot: slot.MustHaves, Value: slot.Join(list), Status: Stated, Source: "choice", Confidence: 100, Evidence: Evidence{Quote: quote}})
}

// dropRule takes a regulation off the list.
func (w *work) dropRule(key string) {
	rule := key[strings.LastIndexByte(key, '/')+1:]
	quote := w.s.Conflicts[len(w.s.Conflicts)-1].Label
	for _, k := range []slot.Key{slot.ComplianceRequirements, slot.ComplianceStated} {
		list := w.values().List(k)
		if !slices.Contains(list, rule) {
			continue
		}
		list = slices.DeleteFunc(list, func(id string) bool { return id == rule })
		w.learn(Fact{Slot: k, Value: slot.Join(list), Status: Stated, Source: "choice", Confidence: 100, Evidence: Evidence{Quote: quote}})
	}
}

// settleSelection adds what a regulation calls for or what was called a must, or
// takes out what takes money online.
func (w *work) settleSelection(choice, key string) {
	f := w.s.Features
	sel := f.Selection
	sel.Features = slices.Clone(sel.Features)
	switch musts := mustsOf(key); {
	case choice == "payments_no":
		sel = contradiction.WithoutPayments(w.e.cat, sel)
	case len(musts) > 0:
		sel.Features = append(sel.Features, musts...)
	default:
		rule := catalog.Regulation(key[strings.LastIndexByte(key, '/')+1:])
		sel.Features = append(sel.Features, contradiction.LackedBy(w.input(w.s.Values()), rule)...)
	}
	if sel.Package == catalog.Starter {
		sel.Package = recommend.PackageFor(w.e.cat, w.values(), sel.Features)
	}
	if est, err := w.e.cat.Price(sel); err == nil {
		f.Selection, f.Estimate = sel, est
	}
}

// forget makes slots unknown, because the client takes them back.
func (w *work) forget(keys ...slot.Key) {
	for _, k := range keys {
		if f, ok := w.s.Fact(k); ok && f.Status.Known() {
			w.append(Fact{Slot: k, Status: Unknown, Source: "client", Evidence: Evidence{Question: w.s.Questions, Quote: "taken back"}})
		}
	}
}

// phase moves what is not essential to a later phase until the total is within
// the budget; without a budget all of it.
func (w *work) phase() {
	f := w.s.Features
	if f == nil || !f.Answered {
		return
	}
	limit := catalog.Cents(-1)
	if c, ok := w.values().Cents(slot.BudgetMax); ok {
		limit = catalog.Cents(c)
	}
	sel, moved := contradiction.Phase(w.e.cat, f.Selection, w.importance(), limit)
	if est, err := w.e.cat.Price(sel); err == nil {
		f.Selection, f.Estimate = sel, est
		f.Phased = append(slices.Clip(f.Phased), moved...)
	}
	w.notePhases(f.Phased)
}

func (w *work) notePhases(phased []catalog.FeatureID) {
	var names []string
	for _, id := range phased {
		if feat, ok := w.e.cat.Feature(id); ok {
			names = append(names, feat.Name)
		}
	}
	if len(names) == 0 {
		return
	}
	quote, value := w.s.Conflicts[len(w.s.Conflicts)-1].Label, strings.Join(names, ", ")
	for _, f := range slices.Backward(w.s.Facts) { // beside what the client plans anyway
		if f.Slot == slot.FuturePhases && f.Status.Known() && f.Status != Assumed && f.Source != "choice" {
			value = strings.TrimRight(f.Value, " .") + "; " + value
			break
		}
	}
	w.learn(Fact{Slot: slot.FuturePhases, Value: value, Status: Stated, Source: "choice", Evidence: Evidence{Quote: quote}})
}

// upgrade puts the selection on the smallest package that carries it and lets
// the team edit pages where that was wanted.
func (w *work) upgrade() {
	f := w.s.Features
	sel := f.Selection
	sel.Package = recommend.PackageFor(w.e.cat, w.values(), sel.Features)
	if sel.Package == catalog.Starter {
		sel.Package = catalog.Professional
	}
	if est, err := w.e.cat.Price(sel); err == nil {
		f.Selection, f.Estimate = sel, est
	}
}

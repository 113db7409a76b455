package intake

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// maxPerType bounds how often one kind of contradiction is raised: a third
// time would be nagging, and the point is then left to the team.
const maxPerType = 2

// finding is a contradiction between two statements.
type finding struct {
	kind                  ConflictType
	key                   string // the values that contradict each other
	description           string
	original, conflicting string
	options               []Choice
}

// raiseConflict shows the first contradiction that was not raised before, in
// the order budget, timeline, content, other (DOMAIN 2.11).
func (w *work) raiseConflict() bool {
	for _, f := range w.findings() {
		key := string(f.kind) + ":" + f.key
		raised := 0
		known := slices.ContainsFunc(w.s.Conflicts, func(c ConflictRecord) bool {
			if c.Type == f.kind {
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

func (w *work) showConflict(f finding, key string) {
	n := w.count("conflict_"+string(f.kind), nil)
	w.s.Conflicts = append(w.s.Conflicts, ConflictRecord{Type: f.kind, Key: key, Original: f.original, Conflicting: f.conflicting, At: w.now})
	title := map[ConflictType]string{
		BudgetVsFeatures: "Budget and features", TimelineVsScope: "Timeline and scope", ContentVsLaunch: "Content and launch",
		OtherConflict: "Clarification needed",
	}[f.kind]
	c := &Conflict{
		Type: f.kind, Title: title, Description: f.description, Original: f.original, Conflicting: f.conflicting,
		Question: "Which way should this be settled?", HelpText: "Choose one, or use own words.",
		Options: f.options, Key: key, Number: n,
	}
	w.s.Current.Kind, w.s.Current.Conflict = ConflictResolution, c
	w.say("assistant", f.description, "conflict")
}

// findings lists the contradictions that hold now.
func (w *work) findings() []finding {
	v := w.s.Values()
	var out []finding
	for _, detect := range []func(slot.Values) *finding{
		w.budgetConflict, w.timelineConflict, w.contentConflict, w.packageConflict, w.simplicityConflict,
	} {
		if f := detect(v); f != nil {
			out = append(out, *f)
		}
	}
	return out
}

func (w *work) selected() (catalog.Selection, bool) {
	if f := w.s.Features; f != nil && f.Answered {
		return f.Selection, true
	}
	return catalog.Selection{}, false
}

// budgetConflict fires when the total is more than a fifth over the budget.
func (w *work) budgetConflict(v slot.Values) *finding {
	limit, ok := v.Cents(slot.BudgetMax)
	if _, chosen := w.selected(); !ok || !chosen || limit <= 0 {
		return nil
	}
	total := w.s.Features.Estimate.Total
	if float64(total) <= 1.2*float64(limit) {
		return nil
	}
	budget := catalog.Cents(limit)
	return &finding{
		kind: BudgetVsFeatures, key: fmt.Sprintf("%d/%d", limit, total),
		description: fmt.Sprintf("The selection comes to %s, and the budget ends at %s. Settling this now avoids a surprise in the proposal.", total, budget),
		original:    w.chosen(), conflicting: "Budget: up to " + budget.String(),
		options: []Choice{
			{Value: "raise_budget", Label: "Raise the budget", Description: "A new figure is asked next."},
			{Value: "reduce_features", Label: "Choose fewer features", Description: "The feature screen opens again with the current choice."},
			{Value: "phase_features", Label: "Move features to a later phase", Description: "What is not essential is built later."},
		},
	}
}

// timelineConflict fires when the work cannot be done by the wished launch.
func (w *work) timelineConflict(v slot.Values) *finding {
	sel, chosen := w.selected()
	weeks, known := v.Number(slot.LaunchWeeks)
	if !chosen || !known && !v.Yes(slot.IsUrgent) {
		return nil
	}
	low, high := w.duration(v, sel)
	urgent := v.Yes(slot.IsUrgent) || known && weeks <= 4
	if (sel.Package != "custom" || !urgent) && (!known || float64(low) <= weeks) {
		return nil
	}
	wish := w.plain(slot.LaunchText, v)
	return &finding{
		kind: TimelineVsScope, key: fmt.Sprintf("%s/%d", v[slot.LaunchWeeks], low),
		description: fmt.Sprintf("The selected scope takes %d to %d weeks, which is longer than the time until the launch.", low, high),
		original:    "Launch: " + wish, conflicting: fmt.Sprintf("Selected: %s, %d to %d weeks of work", w.s.Features.Estimate.Package.Name, low, high),
		options: []Choice{
			{Value: "extend_timeline", Label: "Launch later", Description: "A new date is asked next."},
			{Value: "reduce_scope", Label: "Reduce the scope", Description: "The feature screen opens again with the current choice."},
			{Value: "mvp_first", Label: "Launch a first version, then add", Description: "What is not essential moves to a second phase."},
		},
	}
}

// contentConflict fires when content cannot be there in time: it has to be
// written for an urgent launch, or arrives less than 14 days before it.
func (w *work) contentConflict(v slot.Values) *finding {
	weeks, known := v.Number(slot.LaunchWeeks)
	urgent := v.Yes(slot.IsUrgent) || known && weeks <= 4
	late := false
	if ready, _, err := contentDate(v, w.now); err == nil && known {
		launch := w.now.Add(time.Duration(weeks*7*24) * time.Hour)
		late = ready.After(launch.AddDate(0, 0, -14))
	}
	if (v[slot.ContentReadiness] != "need_help" || !urgent) && !late {
		return nil
	}
	return &finding{
		kind: ContentVsLaunch, key: v[slot.ContentReadiness] + "/" + v[slot.ContentReadyDate] + "/" + v[slot.LaunchWeeks],
		description: "The content arrives too late for this launch: pages need their texts and pictures about two weeks before.",
		original:    "Launch: " + w.plain(slot.LaunchText, v), conflicting: "Content: " + contentState(v),
		options: []Choice{
			{Value: "delay_launch", Label: "Launch when the content is ready", Description: "A new date is asked next."},
			{Value: "placeholder_content", Label: "Start with short interim texts", Description: "The final texts follow after the launch."},
			{Value: "content_help", Label: "Have the agency write the texts", Description: "Writing becomes part of the project."},
		},
	}
}

func contentState(v slot.Values) string {
	parts := []string{}
	if r := v[slot.ContentReadiness]; r != "" {
		parts = append(parts, map[string]string{"need_help": "not started", "in_progress": "in progress", "ready": "ready"}[r])
	}
	if d := v[slot.ContentReadyDate]; d != "" {
		parts = append(parts, d)
	}
	return strings.Join(parts, ", ")
}

// packageConflict fires when the smallest package cannot carry what is needed.
func (w *work) packageConflict(v slot.Values) *finding {
	sel, chosen := w.selected()
	if !chosen || sel.Package != "starter" {
		return nil
	}
	var need []string
	if v.Holds(slot.ComplianceRequirements, "HIPAA") {
		need = append(need, "HIPAA")
	}
	for id, name := range map[catalog.FeatureID]string{"api_integration": "an API integration", "membership_portal": "a membership portal"} {
		if slices.Contains(sel.Features, id) {
			need = append(need, name)
		}
	}
	if len(need) == 0 {
		return nil
	}
	slices.Sort(need)
	minimum := recommend.PackageFor(w.e.cat, v, sel.Features)
	return &finding{
		kind: OtherConflict, key: "package/" + strings.Join(need, "/"),
		description: fmt.Sprintf("The Starter package has no room for %s.", strings.Join(need, " and ")),
		original:    "Package: Starter", conflicting: "Needed: " + strings.Join(need, ", "),
		options: []Choice{
			{Value: "upgrade_package", Label: "Use the package that fits", Description: w.packageName(minimum) + " contains what this needs."},
			{Value: "reduce_features", Label: "Change the selection", Description: "The feature screen opens again with the current choice."},
			{Value: "team_decides", Label: "Let the team advise", Description: "The point is noted for the first meeting."},
		},
	}
}

func (w *work) packageName(id catalog.PackageID) string {
	if p, ok := w.e.cat.Package(id); ok {
		return p.Name
	}
	return string(id)
}

// simplicityConflict fires when a simple site was asked for and two or more
// heavy functions are needed.
func (w *work) simplicityConflict(v slot.Values) *finding {
	if !v.Yes(slot.SimpleSite) {
		return nil
	}
	sel, _ := w.selected()
	has := func(ids ...catalog.FeatureID) bool {
		return slices.ContainsFunc(ids, func(id catalog.FeatureID) bool {
			return slices.Contains(sel.Features, id) || v.Holds(slot.MustHaves, string(id))
		})
	}
	var heavy []string
	for _, x := range []struct {
		name string
		is   bool
	}{
		{"a shop", has("ecommerce_basic", "ecommerce_advanced")},
		{"a member area", has("membership_portal", "customer_portal")},
		{"stock management", has("inventory_management")},
		{"online payment", has("payment_processing")},
	} {
		if x.is {
			heavy = append(heavy, x.name)
		}
	}
	if len(heavy) < 2 {
		return nil
	}
	said := "A simple website was asked for."
	if f, ok := w.s.Fact(slot.SimpleSite); ok {
		said = f.Evidence.Quote
	}
	return &finding{
		kind: OtherConflict, key: "simple/" + strings.Join(heavy, "/"),
		description: fmt.Sprintf("A simple website and %s do not go together without more work.", strings.Join(heavy, " and ")),
		original:    said, conflicting: "Needed: " + strings.Join(heavy, ", "),
		options: []Choice{
			{Value: "full_scope", Label: "All of it is needed", Description: "The website is planned larger than simple."},
			{Value: "phase_features", Label: "Start simple, add later", Description: "What is not essential is built later."},
			{Value: "keep_simple", Label: "Keep it simple", Description: "The larger functions are left out of the plan."},
		},
	}
}

// takeConflict settles the contradiction shown: by a choice with its effect,
// or by own words, which are read like any answer.
func (w *work) takeConflict(a Answer) error {
	c := w.s.Current.Conflict
	rec := &w.s.Conflicts[len(w.s.Conflicts)-1]
	switch {
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
		w.extract(a.Text, []slot.Key{slot.BudgetText, slot.BudgetMin, slot.BudgetMax, slot.LaunchText, slot.LaunchDate, slot.LaunchWeeks, slot.ContentReadyDate})
	default:
		return &Invalid{"choice", "Please choose how this should be settled, or use own words."}
	}
	w.emit(event.ConflictResolution{ConflictType: string(c.Type), Resolution: rec.Resolution})
	return nil
}

// resolve applies the effect of a choice (DOMAIN 2.11).
func (w *work) resolve(choice string) {
	quote := w.s.Conflicts[len(w.s.Conflicts)-1].Label
	set := func(k slot.Key, value string) {
		w.learn(Fact{Slot: k, Value: value, Status: Stated, Source: "choice", Confidence: 100, Evidence: Evidence{Quote: quote}})
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
	case "content_help":
		set(slot.ContentProvider, "agency")
		set(slot.Copywriting, "full")
	case "upgrade_package":
		w.upgrade()
	case "full_scope":
		set(slot.SimpleSite, "no")
	case "keep_simple":
		set(slot.MustHaves, "none")
	}
}

// forget makes slots unknown, because the client takes them back.
func (w *work) forget(keys ...slot.Key) {
	for _, k := range keys {
		if f, ok := w.s.Fact(k); ok && f.Status != Unknown {
			w.s.Facts = append(w.s.Facts, Fact{Slot: k, Status: Unknown, Source: "client", Evidence: Evidence{Question: w.s.Questions, Quote: "taken back"}})
		}
	}
}

// phase moves what is not essential to a later phase, the least important
// first, until the total is within the budget; without a budget all of it.
func (w *work) phase() {
	f := w.s.Features
	if f == nil || !f.Answered {
		return
	}
	limit := catalog.Cents(-1)
	if c, ok := w.s.Values().Cents(slot.BudgetMax); ok {
		limit = catalog.Cents(c)
	}
	rank := map[catalog.FeatureID]int{}
	for _, item := range f.Recommendation.Recommended {
		rank[item.Feature] = map[recommend.Priority]int{recommend.Essential: 2, recommend.HighlyRecommended: 1}[item.Priority]
	}
	order := slices.Clone(f.Selection.Features)
	slices.SortStableFunc(order, func(a, b catalog.FeatureID) int { return rank[a] - rank[b] })
	for _, id := range order {
		if rank[id] == 2 || limit >= 0 && f.Estimate.Total <= limit {
			break
		}
		sel := f.Selection
		sel.Features = slices.DeleteFunc(slices.Clone(sel.Features), func(x catalog.FeatureID) bool { return x == id })
		est, err := w.e.cat.Price(sel)
		if err != nil {
			continue // another chosen feature needs this one
		}
		f.Selection, f.Estimate = sel, est
		f.Phased = append(slices.Clip(f.Phased), id)
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
	quote := w.s.Conflicts[len(w.s.Conflicts)-1].Label
	w.learn(Fact{Slot: slot.FuturePhases, Value: strings.Join(names, ", "), Status: Stated, Source: "choice", Evidence: Evidence{Quote: quote}})
}

// upgrade puts the selection on the smallest package that carries it.
func (w *work) upgrade() {
	f := w.s.Features
	sel := f.Selection
	sel.Package = recommend.PackageFor(w.e.cat, w.s.Values(), sel.Features)
	if est, err := w.e.cat.Price(sel); err == nil {
		f.Selection, f.Estimate = sel, est
	}
}

// contentDate reads when the content is ready.
func contentDate(v slot.Values, now time.Time) (time.Time, string, error) {
	text := v[slot.ContentReadyDate]
	if d, err := time.Parse(time.DateOnly, text); err == nil {
		return d, text, nil
	}
	if d, quote, ok := extract.Date(text, now); ok {
		return d, quote, nil
	}
	if weeks, ok := extract.Duration(text); ok {
		return now.Add(time.Duration(math.Round(weeks*7*24)) * time.Hour), text, nil
	}
	return time.Time{}, "", fmt.Errorf("no date in %q", text)
}

package contradiction

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// The words for choices that several rules offer.
const (
	teamLabel  = "Let the team advise"
	teamDetail = "The point is noted for the first meeting."
	unchanged  = "Price and date stay as they are."
)

// overBudget is how far a total may exceed the budget before it is raised.
const overBudget = 1.2

// budget fires when the total is more than a fifth over the budget.
func budget(in Input) *Finding {
	cents, ok := in.Values.Cents(slot.BudgetMax)
	if in.Chosen == nil || !ok || cents <= 0 {
		return nil
	}
	limit, total := catalog.Cents(cents), in.Estimate.Total
	if float64(total) <= overBudget*float64(limit) {
		return nil
	}
	later, moved := Phase(in.Catalog, *in.Chosen, in.Rank, limit)
	third := Option{Value: "team_decides", Label: teamLabel, Description: teamDetail, Effect: unchanged} // all of it is essential
	if len(moved) > 0 {
		third = Option{
			Value: "phase_features", Label: "Move features to a later phase", Description: "What is not essential is built later.",
			Effect: fmt.Sprintf("First phase: %s. Later: %s.", in.outlook(later), in.names(moved)),
		}
	}
	small := in.without(*in.Chosen, in.Chosen.Features...)
	return &Finding{
		Kind: Budget, Key: fmt.Sprintf("%d/%d", limit, total), Earlier: in.Quote(slot.BudgetText), Now: in.said(),
		Description: fmt.Sprintf("The selection comes to %s, and the budget ends at %s. Settling this now avoids a surprise in the proposal.", total, limit),
		Options: []Option{
			{Value: "raise_budget", Label: "Raise the budget", Description: "A new figure is asked next.", Effect: in.outlook(*in.Chosen) + ", all of the selection."},
			{Value: "reduce_features", Label: "Choose fewer features", Description: "The feature screen opens again with the current choice.", Effect: fmt.Sprintf("From %s for the package alone.", in.outlook(small))},
			third,
		},
	}
}

// timeline fires when the work cannot be done by the wished launch. It offers
// only what brings the launch nearer, besides a later date and the team's
// advice.
func timeline(in Input) *Finding {
	urgent, weeks, known := in.urgent()
	if in.Chosen == nil || !known && !urgent {
		return nil
	}
	low, high := in.weeks(*in.Chosen)
	late := known && float64(low) > weeks
	if (in.Chosen.Package != catalog.Custom || !urgent) && !late {
		return nil
	}
	why := fmt.Sprintf("The selected scope takes %d to %d weeks, which is longer than the time until the launch.", low, high)
	if known && !late {
		why = fmt.Sprintf("A custom project that takes %d to %d weeks leaves nothing to spare until the launch.", low, high)
	} else if !known {
		why = fmt.Sprintf("The launch is urgent, and the selected scope takes %d to %d weeks.", low, high)
	}
	ways := []Option{{
		Value: "extend_timeline", Label: "Launch later", Description: "A new date is asked next.",
		Effect: fmt.Sprintf("Not before %s, %s.", in.day(max(float64(low), weeks)), in.total(*in.Chosen)),
	}}
	if effect := in.shorter(low); effect != "" {
		ways = append(ways, Option{Value: "reduce_scope", Label: "Reduce the scope", Description: "The feature screen opens again with the current choice.", Effect: effect})
	}
	if first, moved := Phase(in.Catalog, *in.Chosen, in.Rank, -1); len(moved) > 0 && in.saves(first, low) {
		ways = append(ways, Option{
			Value: "mvp_first", Label: "Launch a first version, then add", Description: "What is not essential moves to a second phase.",
			Effect: fmt.Sprintf("First version: %s. Later: %s.", in.outlook(first), in.names(moved)),
		})
	}
	if len(ways) < 3 {
		ways = append(ways, Option{Value: "team_decides", Label: teamLabel, Description: teamDetail, Effect: unchanged})
	}
	return &Finding{
		Kind: Timeline, Key: fmt.Sprintf("%s/%d", in.Values[slot.LaunchWeeks], low), Earlier: in.Quote(slot.LaunchText), Now: in.said(),
		Description: why, Options: ways,
	}
}

// saves reports whether a selection is done at least a week before low.
func (in Input) saves(sel catalog.Selection, low int) bool {
	weeks, _ := in.weeks(sel)
	return weeks < low
}

// shorter says how a smaller scope is done in less than low weeks, by the
// longest feature alone or by all of them, or "" when no choice of features
// saves a week.
func (in Input) shorter(low int) string {
	if id, n := effort.Longest(in.Chosen.Features, in.Catalog); id != "" {
		if rest := in.without(*in.Chosen, id); in.saves(rest, low) {
			return fmt.Sprintf("The longest part is %s, up to %d weeks; without it %s.", in.names([]catalog.FeatureID{id}), n, in.outlook(rest))
		}
	}
	if alone := in.without(*in.Chosen, in.Chosen.Features...); in.saves(alone, low) {
		return fmt.Sprintf("The package alone: %s.", in.outlook(alone))
	}
	return ""
}

// review is how long pages need between the last text and the launch.
const review = 14 * 24 * time.Hour

// content fires when content cannot be there in time: it has to be written for
// an urgent launch, or arrives less than 14 days before it.
func content(in Input) *Finding {
	urgent, weeks, known := in.urgent()
	ready, dated := ReadyDate(in.Values, in.Now)
	launch := in.Now.Add(time.Duration(weeks * 7 * 24 * float64(time.Hour)))
	late := known && dated && ready.After(launch.Add(-review))
	if (in.Values[slot.ContentReadiness] != "need_help" || !urgent) && !late {
		return nil
	}
	delay := "The new date sets the plan."
	if dated {
		delay = "Launch from " + ready.Add(review).Format("January 2, 2006") + "."
	}
	said := in.Quote(slot.ContentReadyDate)
	if said.Text == "" {
		said = in.Quote(slot.ContentReadiness)
	}
	said.Text = "Content: " + said.Text
	return &Finding{
		Kind: Content, Key: in.Values[slot.ContentReadiness] + "/" + in.Values[slot.ContentReadyDate] + "/" + in.Values[slot.LaunchWeeks],
		Earlier: in.Quote(slot.LaunchText), Now: said,
		Description: "The content arrives too late for this launch: pages need their texts and pictures about two weeks before.",
		Options: []Option{
			{Value: "delay_launch", Label: "Launch when the content is ready", Description: "A new date is asked next.", Effect: delay},
			{Value: "placeholder_content", Label: "Start with short interim texts", Description: "The final texts follow after the launch.", Effect: "The date stays; the price stays."},
			{Value: "content_help", Label: "Have the agency write the texts", Description: "Writing becomes part of the project.", Effect: in.writing()},
		},
	}
}

// writing says what it means for the plan that the agency writes.
func (in Input) writing() string {
	v := copied(in.Values)
	v[slot.Copywriting] = "full"
	var ids []catalog.FeatureID
	if in.Chosen != nil {
		ids = in.Chosen.Features
	}
	low, high := effort.Duration(v, ids, in.Catalog)
	return fmt.Sprintf("%d to %d weeks with the writing; its price is agreed with the team.", low, high)
}

func copied(v slot.Values) slot.Values {
	out := make(slot.Values, len(v)+1)
	for k, x := range v {
		out[k] = x
	}
	return out
}

// ReadyDate reads when the content is ready.
func ReadyDate(v slot.Values, now time.Time) (time.Time, bool) {
	text := v[slot.ContentReadyDate]
	if d, err := time.Parse(time.DateOnly, text); err == nil {
		return d, true
	}
	if d, _, ok := extract.Date(text, now); ok {
		return d, true
	}
	if weeks, ok := extract.Duration(text); ok {
		return now.Add(time.Duration(weeks * 7 * 24 * float64(time.Hour))), true
	}
	return time.Time{}, false
}

// smallPackage fires when the smallest package cannot carry what is needed.
func smallPackage(in Input) *Finding {
	if in.Chosen == nil || in.Chosen.Package != catalog.Starter {
		return nil
	}
	var need []string
	if in.Values.Holds(slot.ComplianceRequirements, "HIPAA") {
		need = append(need, "HIPAA")
	}
	if slices.Contains(in.Chosen.Features, "api_integration") {
		need = append(need, "an API integration")
	}
	if slices.Contains(in.Chosen.Features, "membership_portal") {
		need = append(need, "a membership portal")
	}
	if len(need) == 0 {
		return nil
	}
	larger := *in.Chosen
	larger.Package = in.Fits(in.Chosen.Features)
	name := string(larger.Package)
	if p, ok := in.Catalog.Package(larger.Package); ok {
		name = p.Name
	}
	return &Finding{
		Kind: Other, Key: "package/" + strings.Join(need, "/"), Earlier: in.said(),
		Now:         Statement{Text: "Needed: " + series(need), Question: in.Quote(slot.ComplianceRequirements).Question},
		Description: fmt.Sprintf("The Starter package has no room for %s.", series(need)),
		Options: []Option{
			{Value: "upgrade_package", Label: "Use the package that fits", Description: name + " contains what this needs.", Effect: in.outlook(larger) + "."},
			{Value: "reduce_features", Label: "Change the selection", Description: "The feature screen opens again with the current choice.", Effect: "Price and date follow the new choice."},
			{Value: "team_decides", Label: teamLabel, Description: teamDetail, Effect: unchanged},
		},
	}
}

// wished is the selection, or before there is one the smallest that holds what
// the client called a must.
func (in Input) wished() catalog.Selection {
	if in.Chosen != nil {
		return *in.Chosen
	}
	var ids []catalog.FeatureID
	for _, id := range in.Values.List(slot.MustHaves) {
		if _, ok := in.Catalog.Feature(catalog.FeatureID(id)); ok {
			ids = append(ids, catalog.FeatureID(id))
		}
	}
	sel := catalog.Selection{Package: in.Fits(ids), Features: ids}
	if _, err := in.Catalog.Price(sel); err != nil {
		sel = in.without(sel) // what lacks something it requires cannot be priced yet
	}
	return sel
}

// simplicity fires when a simple site was asked for and two or more heavy
// functions are needed.
func simplicity(in Input) *Finding {
	if !in.Values.Yes(slot.SimpleSite) {
		return nil
	}
	var chosen []catalog.FeatureID
	if in.Chosen != nil {
		chosen = in.Chosen.Features
	}
	has := func(ids ...catalog.FeatureID) bool {
		return slices.ContainsFunc(ids, func(id catalog.FeatureID) bool {
			return slices.Contains(chosen, id) || in.Values.Holds(slot.MustHaves, string(id))
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
	sel := in.wished()
	less, _ := Phase(in.Catalog, sel, in.Rank, -1)
	all, first := in.outlook(sel)+".", "First phase: "+in.outlook(less)+"."
	least := in.outlook(in.without(sel, "ecommerce_basic", "ecommerce_advanced", "membership_portal", "customer_portal", "inventory_management", "payment_processing")) + "."
	return &Finding{
		Kind: Other, Key: "simple/" + strings.Join(heavy, "/"), Earlier: in.Quote(slot.SimpleSite),
		Now:         Statement{Text: "Needed: " + series(heavy), Question: in.Quote(slot.MustHaves).Question},
		Description: fmt.Sprintf("A simple website and %s do not go together without more work.", series(heavy)),
		Options: []Option{
			{Value: "full_scope", Label: "All of it is needed", Description: "The website is planned larger than simple.", Effect: all},
			{Value: "phase_features", Label: "Start simple, add later", Description: "What is not essential is built later.", Effect: first},
			{Value: "keep_simple", Label: "Keep it simple", Description: "The larger functions are left out of the plan.", Effect: least},
		},
	}
}

package contradiction

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// compliance fires when a regulation applies and the selection lacks a feature
// that it calls for as essential (DOMAIN 4.4).
func compliance(in Input) *Finding {
	if in.Chosen == nil {
		return nil
	}
	for _, rule := range []catalog.Regulation{catalog.HIPAA, catalog.PCI, catalog.GDPR, catalog.ADA} {
		if !in.Values.Holds(slot.ComplianceRequirements, string(rule)) {
			continue
		}
		lacking := in.lacking(rule)
		if len(lacking) == 0 {
			continue
		}
		return &Finding{
			Kind: Other, Key: "compliance/" + string(rule), Earlier: in.Quote(slot.ComplianceRequirements), Now: in.said(),
			Description: fmt.Sprintf("%s applies, and the selection leaves out what it calls for: %s.", rule, in.names(lacking)),
			Options: []Option{
				{Value: "add_features", Label: "Add what the rule calls for", Description: in.names(lacking) + ".", Effect: in.outlook(in.with(lacking)) + "."},
				{Value: "rule_does_not_apply", Label: "The rule does not apply after all", Description: string(rule) + " is taken off the list.", Effect: unchanged},
				{Value: "team_decides", Label: teamLabel, Description: teamDetail, Effect: unchanged},
			},
		}
	}
	return nil
}

// lacking lists the essential features of a regulation that were not chosen.
func (in Input) lacking(rule catalog.Regulation) []catalog.FeatureID {
	var out []catalog.FeatureID
	for _, f := range in.Catalog.Features {
		if f.Compliance == nil || f.Compliance.Regulation != rule || f.Compliance.Priority != "essential" {
			continue
		}
		if slices.Contains(in.Chosen.Features, f.ID) || in.bought(f.ID) {
			continue
		}
		out = append(out, f.ID)
	}
	return out
}

// bought reports whether the estimate holds a feature, also one that came
// along with another.
func (in Input) bought(id catalog.FeatureID) bool {
	return slices.ContainsFunc(in.Estimate.Lines, func(l catalog.Line) bool { return l.Feature == id })
}

// LackedBy lists the essential features of a regulation that the selection
// lacks, for whoever adds them.
func LackedBy(in Input, rule catalog.Regulation) []catalog.FeatureID { return in.lacking(rule) }

// musts fires when the client picked a function as a must that the website cannot do
// without, and then did not choose it: nothing is ticked at the start of the feature
// screen, so that it may have been overlooked, and the documents would leave it out
// without a word.
func musts(in Input) *Finding {
	if in.Chosen == nil {
		return nil
	}
	missed, said := in.missed()
	if len(missed) == 0 {
		return nil
	}
	more := in.with(missed)
	if _, err := in.Catalog.Price(more); err != nil {
		return nil // it does not go with the rest of the selection, which the team sorts out
	}
	are, it := " are added to the selection.", "them"
	if len(missed) == 1 {
		are, it = " is added to the selection.", "it"
	}
	ids := make([]string, len(missed))
	for i, id := range missed {
		ids[i] = string(id)
	}
	name := in.names(missed)
	return &Finding{
		Kind: Other, Key: "must/" + strings.Join(ids, ","), Earlier: said, Now: in.said(),
		Description: "What was called a must is missing in the selection: " + name + ".",
		Options: []Option{
			{Value: "add_features", Label: "Add " + it, Description: name + are, Effect: in.outlook(more) + "."},
			{Value: "later_phase", Label: "Build " + it + " later", Description: "The website starts without; the plan names " + it + " for a later phase.", Effect: unchanged},
			{Value: "no_must", Label: "Leave " + it + " out", Description: "The website does without.", Effect: unchanged},
		},
	}
}

// missed lists the essential functions that were picked as a must and are neither
// chosen, nor part of the package, nor planned for later, with the words of the first.
// Of two that are never sold together one is enough, and the one that was recommended
// counts.
func (in Input) missed() (out []catalog.FeatureID, said Statement) {
	for _, must := range in.Musts {
		f, _ := in.Catalog.Feature(must.Feature)
		kin := append([]catalog.FeatureID{must.Feature}, f.Conflicts...)
		there := slices.ContainsFunc(kin, func(id catalog.FeatureID) bool {
			return slices.Contains(in.Chosen.Features, id) || slices.Contains(in.Phased, id) || in.bought(id) || in.included(in.Chosen.Package, string(id))
		})
		i := slices.IndexFunc(kin, func(id catalog.FeatureID) bool { return in.Rank[id] == 2 })
		if there || i < 0 || slices.Contains(out, kin[i]) || in.Values[slot.AcceptsPayments] == "no" && takesMoney(kin[i]) {
			continue
		}
		if len(out) == 0 {
			said = must.Said
		}
		out = append(out, kin[i])
	}
	return out, said
}

// with is the selection and some features more, in a package that carries them.
func (in Input) with(add []catalog.FeatureID) catalog.Selection {
	more := *in.Chosen
	more.Features = append(slices.Clone(more.Features), add...)
	if more.Package == catalog.Starter {
		more.Package = in.Fits(more.Features)
	}
	return more
}

// payments fires when online payment was refused and a shop was chosen.
func payments(in Input) *Finding {
	if in.Chosen == nil || in.Values[slot.AcceptsPayments] != "no" {
		return nil
	}
	chosen := slices.DeleteFunc(slices.Clone(in.Chosen.Features), func(id catalog.FeatureID) bool { return !takesMoney(id) })
	if len(chosen) == 0 {
		return nil
	}
	rest := WithoutPayments(in.Catalog, *in.Chosen)
	gone := slices.DeleteFunc(slices.Clone(in.Chosen.Features), func(id catalog.FeatureID) bool { return slices.Contains(rest.Features, id) })
	are := " are removed."
	if len(gone) == 1 {
		are = " is removed."
	}
	return &Finding{
		Kind: Other, Key: "payments/" + in.names(chosen), Earlier: in.Quote(slot.AcceptsPayments), Now: Statement{Text: "Selected: " + in.names(chosen)},
		Description: "Online payment was ruled out, and the selection takes money online.",
		Options: []Option{
			{Value: "payments_yes", Label: "Payments online are wanted", Description: "The selection stays as it is.", Effect: in.outlook(*in.Chosen) + "."},
			{Value: "payments_no", Label: "Leave these features out", Description: in.names(gone) + are, Effect: in.outlook(rest) + "."},
			{Value: "team_decides", Label: teamLabel, Description: teamDetail, Effect: unchanged},
		},
	}
}

// takesMoney reports whether a feature cannot work without online payment.
func takesMoney(id catalog.FeatureID) bool {
	switch id {
	case "ecommerce_basic", "ecommerce_advanced", "membership_portal", "payment_processing":
		return true
	}
	return false
}

// WithoutPayments is the selection less what takes money online, and less
// what needs that.
func WithoutPayments(cat *catalog.Catalog, sel catalog.Selection) catalog.Selection {
	drop := slices.DeleteFunc(slices.Clone(sel.Features), func(id catalog.FeatureID) bool { return !takesMoney(id) })
	return Input{Catalog: cat}.without(sel, drop...)
}

// updates fires when the client wants to change pages often and the package
// has no way to do so.
func updates(in Input) *Finding {
	often := in.Values[slot.UpdateFrequency] == "daily" || in.Values[slot.UpdateFrequency] == "weekly"
	own := in.Values[slot.Maintainer] == "client" || in.Values[slot.Maintainer] == "training"
	if in.Chosen == nil || !often || !own || in.included(in.Chosen.Package, "cms") {
		return nil
	}
	larger := *in.Chosen
	larger.Package = catalog.Professional
	return &Finding{
		Kind: Other, Key: "updates/" + in.Values[slot.UpdateFrequency], Earlier: in.said(), Now: in.Quote(slot.UpdateFrequency),
		Description: "Frequent changes by your own team need an editor for pages, which the chosen package does not contain.",
		Options: []Option{
			{Value: "editing_package", Label: "Take the package with an editor", Description: "Professional lets your team change pages.", Effect: in.outlook(larger) + "."},
			{Value: "agency_updates", Label: "The agency makes the changes", Description: "Changes are sent by e-mail and billed as care.", Effect: "The project price stays; care is agreed with the team."},
			{Value: "rare_updates", Label: "Changes are rarer than that", Description: "The plan counts on a few changes a year.", Effect: unchanged},
		},
	}
}

// copywriting fires when the texts are ready and all of them are to be
// written.
func copywriting(in Input) *Finding {
	if in.Values[slot.ContentReadiness] != "ready" || in.Values[slot.Copywriting] != "full" {
		return nil
	}
	return &Finding{
		Kind: Other, Key: "copywriting/ready/full", Earlier: in.Quote(slot.ContentReadiness), Now: in.Quote(slot.Copywriting),
		Description: "The texts are ready, and help with writing all of them is wanted too.",
		Options: []Option{
			{Value: "texts_ready", Label: "The texts are ready to use", Description: "No writing is planned.", Effect: "The plan is two weeks shorter."},
			{Value: "texts_polish", Label: "They need some polish", Description: "Some pages are edited.", Effect: "Price of the editing is agreed with the team; the date stays."},
			{Value: "texts_new", Label: "All pages are written anew", Description: "The texts at hand are material.", Effect: in.writing()},
		},
	}
}

// rival turns two values of one slot into a choice between them.
func rival(in Input, r Rival) Finding {
	if f, ok := material(in, r); ok {
		return f
	}
	effect := func(value string) string {
		if in.Chosen == nil {
			return "The plan counts on " + value + "."
		}
		return "The plan counts on " + value + "; " + in.outlook(*in.Chosen) + " for the selection."
	}
	return Finding{
		Kind: Other, Key: "two_values/" + string(r.Slot) + "/" + r.OlderValue + "/" + r.NewerValue, Rival: r.Slot, Earlier: r.Earlier, Now: r.Now,
		Description: fmt.Sprintf("Two answers about one thing: %s.", strings.ToLower(r.Label)),
		Options: []Option{
			{Value: "keep_earlier", Label: r.Older, Description: "As in the earlier answer.", Effect: effect(r.Older)},
			{Value: "use_later", Label: r.Newer, Description: "As in the later answer.", Effect: effect(r.Newer)},
			{Value: "team_decides", Label: "Not certain yet", Description: teamDetail, Effect: unchanged},
		},
	}
}

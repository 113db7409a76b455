package intake

import (
	"slices"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// The window of the feature screen (DOMAIN 2.8).
const (
	featuresFrom    = 10
	featuresBy      = 12 // the last question of the window
	featuresForced  = 15
	featuresAtLeast = 3  // relevant ones
	modelNeeded     = 75 // confidence
)

// featuresDue reports whether the feature screen is the next prompt: from
// question 10 on when enough is known, and again when a resolution reopened
// it. At question 15 decide shows it in any case.
func (w *work) featuresDue() bool {
	s := w.s
	if s.Features != nil {
		return s.Features.Reopened
	}
	if s.Questions+1 < featuresFrom || s.Model.Confidence < modelNeeded || s.ModelAt == 0 {
		return false
	}
	v := s.Values()
	if len(w.gateNeeds(v)) > 0 {
		return false
	}
	// At the end of the window nothing is waited for that no question can bring:
	// a club has a member area and hardly anything else (ADR 0009).
	return s.Questions+1 >= featuresBy || len(w.gateMissing(v)) == 0 && len(recommend.Relevant(w.e.cat, v)) >= featuresAtLeast
}

// gateNeeds lists the four things without which no feature can be suggested
// (DOMAIN 2.8, K-80) and which can still be asked.
func (w *work) gateNeeds(v slot.Values) []slot.Key {
	var out []slot.Key
	for _, k := range []slot.Key{slot.Industry, slot.PrimaryGoal, slot.TargetAudience, slot.VisitorActions} {
		if !v.Has(k) && !w.s.closed(k) {
			out = append(out, k)
		}
	}
	return out
}

// gateMissing lists what the feature screen still waits for inside its window
// (DOMAIN 2.8): what it needs, the open items of a category that is not far
// enough, and the figures for returns. What was asked in vain is no longer
// waited for, nor is what is merely nice to have.
func (w *work) gateMissing(v slot.Values) []slot.Key {
	out := w.gateNeeds(v)
	percent := w.e.categories(w.s, w.memo)
	short := map[slot.Category]bool{slot.Business: percent[string(slot.Business)] < 80, slot.Technical: percent[string(slot.Technical)] < 60}
	for _, d := range w.e.order {
		if (short[d.Category] && d.Priority != slot.NiceToHave || w.worthKnowing(d)) && d.Required(v) && w.mayAsk(d.Key, v) && !slices.Contains(out, d.Key) {
			out = append(out, d.Key)
		}
	}
	return out
}

// worthKnowing reports whether a slot is a figure that returns are computed
// from: they belong on the feature screen while its window leaves room.
func (w *work) worthKnowing(d slot.Def) bool {
	return !d.Item() && d.Weight > 0 && d.Section == 4 && len(d.RequiredIf) > 0 && w.s.Questions+1 < featuresBy
}

// present shows the feature screen. Its second showing, in edit mode, keeps
// the first recommendation and is not recorded as a presentation.
func (w *work) present() {
	s := w.s
	v := s.Values()
	first := s.Features == nil
	id := "features"
	if !first {
		id = "features_edit"
	}
	n := w.count(Asked{QuestionID: id})
	if first {
		s.Features = &FeatureChoice{PresentedAt: n, Recommendation: recommend.Recommend(w.e.cat, v)}
		w.recordPresentation(n)
	}
	s.Features.Reopened = false
	screen := w.screen(s.Features, n)
	screen.Edit = !first
	s.Current.Kind, s.Current.Features = RecommendFeatures, screen
	w.say("assistant", screen.ContextSummary, "features")
}

// recordPresentation records the offer: all recommended features with the
// price of package and offer together.
func (w *work) recordPresentation(n int) {
	rec := w.s.Features.Recommendation
	sel := catalog.Selection{Package: rec.Package}
	var ids []string
	for _, item := range rec.Recommended {
		sel.Features = append(sel.Features, item.Feature)
		ids = append(ids, string(item.Feature))
	}
	var total catalog.Cents
	if est, err := w.e.cat.Price(sel); err == nil {
		total = est.Total
	} else if p, ok := w.e.cat.Package(rec.Package); ok {
		total = p.Price
	}
	w.emit(event.NewFeaturesRecommended(ids, string(rec.Package), total.Dollars(), n))
}

func (w *work) screen(f *FeatureChoice, n int) *Features {
	rec := f.Recommendation
	out := &Features{
		ContextSummary: rec.ContextSummary, Package: rec.Package, PackageRationale: rec.PackageRationale, Minimum: rec.Minimum,
		Included: inclusionCards(rec.Included), Recommended: featureCards(rec.Recommended), Additional: featureCards(rec.Additional),
		BudgetNote: rec.BudgetNote, Selected: []string{}, Number: n,
	}
	for _, p := range w.e.cat.Packages {
		card := PackageCard{
			ID: p.ID, Name: p.Name, Price: p.Price.Dollars(), Popular: p.Popular, IdealFor: p.IdealFor,
			Included: inclusionCards(w.e.cat.Inclusions(p.ID)),
		}
		if h, ok := w.e.cat.HostingTier(p.Hosting); ok {
			card.HostingMonthly = h.Monthly.Dollars()
		}
		out.Packages = append(out.Packages, card)
	}
	if f.Answered {
		out.Package = f.Selection.Package
		for _, id := range f.Selection.Features {
			out.Selected = append(out.Selected, string(id))
		}
	}
	return out
}

func inclusionCards(list []catalog.Inclusion) []InclusionCard {
	out := make([]InclusionCard, 0, len(list))
	for _, i := range list {
		out = append(out, InclusionCard{ID: i.ID, Name: i.Name, Description: i.Description})
	}
	return out
}

func featureCards(items []recommend.Item) []FeatureCard {
	out := make([]FeatureCard, 0, len(items))
	for _, i := range items {
		card := FeatureCard{
			ID: i.Feature, Name: i.Name, Description: i.Description, Price: i.Price.Dollars(),
			Reasoning: i.Reasoning, Priority: i.Priority, DependencyNote: i.DependencyNote,
		}
		if i.ROI != nil {
			card.ROI = &ROICard{AnnualValue: i.ROI.Annual.Dollars(), Basis: i.ROI.Basis, Payback: i.ROI.Payback}
		}
		out = append(out, card)
	}
	return out
}

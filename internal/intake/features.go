package intake

import (
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// The window of the feature screen (DOMAIN 2.8).
const (
	featuresFrom    = 10
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
	for _, k := range []slot.Key{slot.Industry, slot.PrimaryGoal, slot.TargetAudience, slot.VisitorActions} {
		if !v.Has(k) {
			return false
		}
	}
	c := w.e.categories(s)
	return c[string(slot.Business)] >= 80 && c[string(slot.Technical)] >= 60 && len(recommend.Relevant(w.e.cat, v)) >= featuresAtLeast
}

// present shows the feature screen. Its second showing, in edit mode, keeps
// the first recommendation and is not recorded as a presentation.
func (w *work) present() {
	s := w.s
	v := s.Values()
	first := s.Features == nil
	n := w.count("features", nil)
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

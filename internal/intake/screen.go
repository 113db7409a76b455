package intake

import (
	"fmt"
	"slices"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
)

// takeExample takes the answer to example_options: a card or own words.
func (w *work) takeExample(a Answer) error {
	ex := w.s.Current.Examples
	q, ok := w.e.bank.Find(ex.QuestionID)
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
	pass := a.Unsure || a.Skip
	if text == "" && w.suspected { // an injected instruction was removed and nothing else was said
		w.s.Followup = ""
		w.closePoints(w.open(ex.Slots, w.values()), "Not stated clearly.")
		return nil
	}
	if text == "" && !pass {
		return &Invalid{"value", "Please choose one of the examples, or write own words."}
	}
	w.s.Followup = ""
	if pass {
		w.pass(q.ID, ex.Slots, a.Skip)
		return nil
	}
	w.say("client", text, q.ID)
	w.extract(text, ex.Slots)
	reason := "Taken as stated after two clarifications."
	if a.Value != "" || saysSomething(q.Takes, text) {
		w.learn(w.textFact(q.Takes, text, a.Value == ""))
	} else {
		reason = unclear(text)
	}
	w.remember(q, text)
	w.classify(q, nil, text)
	w.closePoints(w.open(ex.Slots, w.values()), reason)
	return nil
}

// takeFeatures takes the feature screen (DOMAIN 1.7, 6.3).
func (w *work) takeFeatures(a Answer) error {
	if a.Package == "" {
		return &Invalid{"package", "Please choose a package first."}
	}
	sel := catalog.Selection{Package: a.Package, Features: dedupe(a.Features)}
	if n, ok := w.values().Number(slot.MonthlyVisitors); ok {
		sel.MonthlyVisitors = int(n)
	}
	est, err := w.e.cat.Price(sel)
	if err != nil {
		return &Invalid{"features", err.Error()}
	}
	w.choose(sel, est)
	w.say("client", fmt.Sprintf("%s, %s, %s", est.Package.Name, counted(len(sel.Features), "feature"), est.Total), "features")
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

package intake

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
)

// complete ends the interview (DOMAIN 2.12). A forced end, at the question
// limit, chooses the recommended package if the client never did, so that the
// documents can name a price.
func (w *work) complete(forced bool) {
	s := w.s
	if s.Features == nil || !s.Features.Answered {
		w.assumePackage()
	}
	w.assumeRest()
	v := s.Values()
	confidence := w.e.confidence(s, w.memo)
	s.Status = Completed
	s.Completion = &Completion{Forced: forced, Confidence: confidence, Missing: w.missing(v), At: w.now}
	s.Current.Kind, s.Current.Done = Complete, w.done(v)
	w.emit(event.NewSessionComplete(s.Questions, w.now.Sub(s.CreatedAt), confidence))
	w.say("assistant", s.Current.Done.Summary, "complete")
}

// assumePackage fills in the recommended package without extras.
func (w *work) assumePackage() {
	if w.s.Features == nil {
		w.present()
		w.s.Current = Action{ID: w.s.Current.ID}
	}
	sel := w.s.Features.Selection
	if sel.Package == "" {
		sel.Package = w.s.Features.Recommendation.Package
	}
	est, err := w.e.cat.Price(sel)
	if err != nil {
		sel.Features = nil
		est, _ = w.e.cat.Price(sel) // a package alone always has a price
	}
	w.s.Features.Selection, w.s.Features.Estimate, w.s.Features.Answered = sel, est, true
	w.closePoints([]slot.Key{slot.PriceConfirmed}, "The interview ended before the price was confirmed.")
}

// assumeRest writes down what is assumed about everything that was never
// asked and has a documented default; each stands in SCOPE.md as an
// assumption (references/intake.md 5.4).
func (w *work) assumeRest() {
	w.assumeHints()
	for _, d := range w.e.bank.Defaults {
		v := w.values()
		def := w.e.defs[d.Slot]
		if v.Has(d.Slot) || !def.Required(v) || len(d.When) > 0 && !slot.AnyHolds(d.When, v) {
			continue
		}
		if d = w.fitting(d); d.Value == "" {
			continue
		}
		w.append(Fact{Slot: d.Slot, Value: d.Value, Status: Assumed, Confidence: 30, Source: "default", Note: d.Says})
		w.reopen(d.Slot)
	}
}

// fitting makes an assumption agree with what the client chose; without a value
// nothing is assumed. Without a shop there is nothing to return, and without an
// editor in the package nobody is trained in it or keeps the content with it.
func (w *work) fitting(d bank.Fallback) bank.Fallback {
	f := w.s.Features
	uneditable := f != nil && f.Answered && !slices.ContainsFunc(w.e.cat.Inclusions(f.Selection.Package), func(i catalog.Inclusion) bool { return i.ID == "cms" })
	switch {
	case d.Slot == slot.PageCount:
		return w.pages(d)
	case d.Slot == slot.LegalPages && strings.Contains(d.Value, "returns") && w.s.LeftOut(slot.CheckoutDetails):
		return bank.Fallback{} // the next one of the slot is for websites without a shop
	case d.Slot == slot.TrainingNeeds && uneditable:
		d.Value, d.Says = "none", "No training is planned, because the package has no editor for pages."
	case d.Slot == slot.ContentOwner && d.Value == "client" && uneditable:
		return bank.Fallback{}
	}
	return d
}

// pages keeps the assumed number of pages within the package that the client
// chose: nobody asked for more of them than it holds.
func (w *work) pages(d bank.Fallback) bank.Fallback {
	if w.s.Features == nil {
		return d
	}
	p, ok := w.e.cat.Package(w.s.Features.Selection.Package)
	if n, known := (slot.Values{d.Slot: d.Value}).Number(d.Slot); ok && known && p.Pages > 0 && n > float64(p.Pages) {
		d.Value, d.Says = strconv.Itoa(p.Pages), fmt.Sprintf("The plan is for up to %s, as many as the %s package holds.", counted(p.Pages, "page"), p.Name)
	}
	return d
}

// missing names the open items, essential ones first.
func (w *work) missing(v slot.Values) []string {
	out := []string{}
	for _, p := range []slot.Priority{slot.Essential, slot.Important, slot.NiceToHave} {
		for _, d := range w.e.order {
			if d.Item() && d.Priority == p && !w.e.enough(w.s, d.Key, v, w.memo) {
				out = append(out, d.Label)
			}
		}
	}
	return out
}

func (w *work) done(v slot.Values) *Done {
	s, f := w.s, w.s.Features
	low, high := w.duration(v, f.Selection)
	check := map[string]bool{}
	keys := map[slot.Category]string{
		slot.Business: "businessContext", slot.Brand: "brandAssets", slot.Content: "contentReadiness", slot.Technical: "technicalRequirements",
		slot.Media: "mediaRequirements", slot.Design: "designDirection", slot.Support: "postLaunchSupport", slot.Parameters: "projectParameters",
	}
	percent := w.e.categories(s, w.memo)
	for c, key := range keys {
		check[key] = percent[string(c)] >= 90
	}
	done := &Done{
		Ready: true, Missing: []string{}, Check: check,
		Package: f.Selection.Package, SelectedFeatures: slices.Clone(f.Selection.Features),
		TotalEstimate: f.Estimate.Total.Dollars(), MonthlyHosting: f.Estimate.HostingMonthly.Dollars(),
		Timeline: fmt.Sprintf("%d to %d weeks", low, high),
		Summary: fmt.Sprintf("The documents for %s are written: %s, %s, %d to %d weeks.%s",
			w.projectName(v), f.Estimate.Package.Name, f.Estimate.Total, low, high, openNote(len(s.Completion.Missing))),
	}
	if done.SelectedFeatures == nil {
		done.SelectedFeatures = dedupe(nil)
	}
	if s.Completion.Forced {
		done.Missing = s.Completion.Missing
	}
	return done
}

// duration is the estimated length of the work in weeks, exactly as SCOPE.md
// states it.
func (w *work) duration(v slot.Values, sel catalog.Selection) (low, high int) {
	v[effort.WebsiteType] = w.s.Client.WebsiteType
	return effort.Duration(v, sel.Features, w.e.cat)
}

func (w *work) projectName(v slot.Values) string {
	if name := v[slot.BusinessName]; name != "" {
		return firstChars(name, 60)
	}
	return "the project"
}

func openNote(n int) string {
	switch n {
	case 0:
		return " Everything that was asked for is known."
	case 1:
		return " One point is still open and listed there."
	}
	return fmt.Sprintf(" %d points are still open and listed there.", n)
}

// confidence is how much of the checklist is known, 0-100 (DOMAIN 2.12).
func (e *Engine) confidence(s *Session, m memo) int {
	v := s.Values()
	known, all := 0, 0
	for _, d := range e.defs {
		if !d.Item() {
			continue
		}
		all++
		if e.enough(s, d.Key, v, m) {
			known++
		}
	}
	return int(math.Round(100 * float64(known) / float64(all)))
}

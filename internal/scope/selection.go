package scope

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// features writes section 10.
func (w *sheet) features() string {
	var p page
	if !w.chosen() {
		p.text(gap + " No package and no features were chosen.")
		w.declined(&p)
		return p.String()
	}
	first := len(w.reqs)
	w.packagePart(&p)
	w.addOns(&p)
	w.arrangements(&p)
	w.declined(&p)
	w.inclusionReqs()
	w.featureReqs()
	w.print(&p, w.reqs[first:])
	return p.String()
}

func (w *sheet) packagePart(p *page) {
	f := w.s.Features
	pkg, _ := w.cat.Package(f.Selection.Package)
	p.head("Package")
	price := f.Estimate.Package.Amount.String()
	if pkg.From {
		price = "from " + price
	}
	p.named("Package", fmt.Sprintf("%s, %s (%s)", escape(f.Estimate.Package.Name), price, w.howChosen()))
	if f.Recommendation.PackageRationale != "" && f.Recommendation.Package == f.Selection.Package {
		p.named("Why it fits", escape(f.Recommendation.PackageRationale))
	}
	if pkg.Pages > 0 {
		p.named("Pages", fmt.Sprintf("up to %d", pkg.Pages))
	} else {
		p.named("Pages", "no limit")
	}
	var names []string
	for _, inc := range w.cat.Inclusions(f.Selection.Package) {
		names = append(names, escape(w.inclusionName(inc)))
	}
	p.named("Included", strings.Join(names, ", "))
}

// howChosen tells whether the client chose the package or it was filled in at
// the end of an interview without a choice (DOMAIN 2.12).
func (w *sheet) howChosen() string {
	if w.assumed() {
		if w.resold() {
			return "assumed: changed by the agency on review, not confirmed by the client yet"
		}
		return "assumed: recommended, not confirmed by the client"
	}
	return string(intake.Stated) + ", " + strings.Trim(w.packageEvidence(), "()")
}

// packageEvidence points at the choice of the package: on the feature screen,
// or by settling a contradiction.
func (w *sheet) packageEvidence() string {
	for _, c := range w.s.Conflicts {
		if c.Resolution == "upgrade_package" {
			return fmt.Sprintf("(section 14: %s)", quote(c.Label))
		}
	}
	return w.screen(w.s.Features.Estimate.Package.Name)
}

// screen is the evidence of a choice on the feature screen. There is none for
// an assumed selection.
func (w *sheet) screen(label string) string {
	if w.assumed() {
		if w.resold() {
			return "(set by the agency on review)"
		}
		return noAnswer
	}
	return fmt.Sprintf("(Q%d: %s)", w.screenNumber(), quote(label))
}

// screenNumber is the question number of the feature screen; one that was
// shown again counts.
func (w *sheet) screenNumber() int {
	n := w.s.Features.PresentedAt
	for _, a := range w.s.Asked {
		if a.QuestionID == "features" {
			n = a.Number
		}
	}
	return n
}

// assumed reports that the client never confirmed the price.
func (w *sheet) assumed() bool {
	return slices.ContainsFunc(w.s.OpenPoints, func(p intake.OpenPoint) bool { return p.Slot == slot.PriceConfirmed })
}

// addOns lists the priced features with the reason given to this client.
func (w *sheet) addOns(p *page) {
	p.head("Add-ons")
	if len(w.lines()) == 0 {
		p.text("None chosen.")
	}
	for _, l := range w.lines() {
		p.named(escape(l.Name), lineNote(l)+w.buildTime(l.Feature))
		if item, ok := w.item(l.Feature); ok && item.Reasoning != "" {
			p.sub("Reason: " + escape(item.Reasoning))
		} else if f, ok := w.cat.Feature(l.Feature); ok {
			p.sub("Purpose: " + escape(f.Benefit))
		}
		if f, ok := w.cat.Feature(l.Feature); ok && f.Upgrades != "" {
			if inc, found := w.inclusion(f.Upgrades); found {
				p.sub(fmt.Sprintf("Extends the basic form in the package (%s).", escape(inc.Name)))
			}
		}
	}
}

// lineNote is the price of a line and what is special about it.
func lineNote(l catalog.Line) string {
	switch {
	case l.Free:
		return fmt.Sprintf("no charge (list price %s)", l.Unit)
	case l.Quantity > 1:
		return fmt.Sprintf("%s (%d at %s)", l.Amount, l.Quantity, l.Unit)
	}
	return l.Amount.String()
}

func (w *sheet) buildTime(id catalog.FeatureID) string {
	f, ok := w.cat.Feature(id)
	switch {
	case !ok || f.MaxDays == 0:
		return ""
	case f.MinDays == f.MaxDays:
		return fmt.Sprintf("; %s of work", Plural(f.MaxDays, "working day"))
	}
	return fmt.Sprintf("; %d to %d working days of work", f.MinDays, f.MaxDays)
}

// item finds the card under which a feature was offered.
func (w *sheet) item(id catalog.FeatureID) (recommend.Item, bool) {
	rec := w.s.Features.Recommendation
	for _, list := range [][]recommend.Item{rec.Recommended, rec.Additional} {
		for _, item := range list {
			if item.Feature == id {
				return item, true
			}
		}
	}
	return recommend.Item{}, false
}

// arrangements lists bundles, dependencies and settled conflicts.
func (w *sheet) arrangements(p *page) {
	p.head("Bundles, dependencies and conflicts")
	bundles := w.s.Features.Estimate.Bundles
	for _, b := range bundles {
		p.named("Bundle", fmt.Sprintf("%s, %s less (%s)", escape(b.Name), b.Discount, w.names(b.Members)))
	}
	if len(bundles) == 0 {
		p.named("Bundle", "none applies to this selection")
	}
	for _, l := range w.lines() {
		if l.AutoAddedBy != "" {
			p.named("Dependency", fmt.Sprintf("%s is included with %s", escape(l.Name), w.names([]catalog.FeatureID{l.AutoAddedBy})))
		}
		f, _ := w.cat.Feature(l.Feature)
		for _, other := range f.Conflicts {
			p.named("Conflict", fmt.Sprintf("%s is chosen, so %s is left out: a website has only one of them", escape(l.Name), w.names([]catalog.FeatureID{other})))
		}
		for _, group := range f.Requires {
			p.named("Dependency", fmt.Sprintf("%s needs %s; present", escape(l.Name), escape(strings.Join(w.needed(group), " or "))))
		}
	}
}

// needed names the members of a dependency group.
func (w *sheet) needed(group []string) []string {
	names := make([]string, 0, len(group))
	for _, id := range group {
		name := id
		if f, ok := w.cat.Feature(catalog.FeatureID(id)); ok {
			name = f.Name
		} else if inc, found := w.inclusion(id); found {
			name = inc.Name
		}
		names = append(names, name)
	}
	return names
}

func (w *sheet) names(ids []catalog.FeatureID) string {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		if f, ok := w.cat.Feature(id); ok {
			names = append(names, escape(f.Name))
		}
	}
	return strings.Join(names, ", ")
}

// declined lists recommendations that were not taken, and what was moved to a
// later phase.
func (w *sheet) declined(p *page) {
	if w.s.Features == nil {
		return
	}
	p.head("Offered, not chosen")
	if len(w.s.Features.Recommendation.Recommended) == 0 {
		p.text("No feature was recommended.")
		return
	}
	options := w.options()
	for _, o := range options {
		p.item(fmt.Sprintf("%s, %s: %s", escape(o.Item.Name), o.Item.Price, o.Why))
	}
	if len(options) == 0 {
		p.text("Nothing: every recommended feature was chosen.")
	}
}

// Option is a recommended feature that is not part of the price.
type Option struct {
	Item recommend.Item
	Why  string // in two or three words
}

func (w *sheet) options() []Option {
	f := w.s.Features
	var out []Option
	for _, item := range f.Recommendation.Recommended {
		if w.priced(item.Feature) {
			continue
		}
		why := "declined"
		switch {
		case slices.Contains(f.Phased, item.Feature):
			why = "moved to a later phase"
		case !w.chosen() || w.assumed():
			why = "offered, no answer"
		}
		out = append(out, Option{item, why})
	}
	return out
}

// inclusionReqs adds one requirement for each inclusion of the package.
func (w *sheet) inclusionReqs() {
	f := w.s.Features
	for _, inc := range w.cat.Inclusions(f.Selection.Package) {
		accept := w.book.Inclusions[inc.ID]
		if accept == "" {
			accept = "It works on the staging site as described, on a phone and on a desktop, and the client confirms it in the client review."
		}
		w.add(requirement{
			section: 10, priority: must, text: fmt.Sprintf("%s: %s", escape(w.inclusionName(inc)), escape(inc.Description)), accept: accept,
			status: w.status(intake.Inferred), evidence: w.packageEvidence(),
			delivered: "the package",
		})
	}
}

// inclusionName tells an inclusion from a chosen feature of the same name, which
// is more of the same: nobody should seem to pay for what the package holds.
func (w *sheet) inclusionName(inc catalog.Inclusion) string {
	if slices.ContainsFunc(w.lines(), func(l catalog.Line) bool { return fold(l.Name) == fold(inc.Name) }) {
		return inc.Name + " (basic form)"
	}
	return inc.Name
}

// status is assumed as long as the client has not confirmed the selection.
func (w *sheet) status(confirmed intake.FactStatus) intake.FactStatus {
	if w.assumed() {
		return intake.Assumed
	}
	return confirmed
}

// featureReqs adds one requirement for each priced feature. A must-have that
// names the feature is better evidence than the choice on the screen.
func (w *sheet) featureReqs() {
	for _, l := range w.lines() {
		feat, _ := w.cat.Feature(l.Feature)
		r := requirement{
			section: 10, priority: should, text: fmt.Sprintf("%s: %s", escape(l.Name), escape(feat.Description)),
			accept: w.book.Features[l.Feature], status: w.status(intake.Stated),
			evidence: w.screen(l.Name),
		}
		if r.accept == "" {
			r.accept = "It works on the staging site as described, on a phone and on a desktop, and the client confirms it in the client review."
		}
		if item, ok := w.item(l.Feature); ok {
			r.priority = rank(item.Priority)
		}
		if l.AutoAddedBy != "" {
			by, _ := w.cat.Feature(l.AutoAddedBy)
			r.priority, r.status = must, w.status(intake.Inferred)
			r.evidence = w.screen(by.Name)
		}
		if f, ok := w.known(slot.MustHaves); ok && w.v.Holds(slot.MustHaves, string(l.Feature)) {
			r.priority, r.status, r.evidence = must, f.Status, evidence(w.origin(f, string(l.Feature)))
		}
		w.add(r)
	}
}

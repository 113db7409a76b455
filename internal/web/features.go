package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// featuresPage is templates/features.html (DOMAIN 1.7).
type featuresPage struct {
	layout
	ActionID  intake.ActionID
	SessionID event.SessionID
	Progress  progressView
	Content   *intake.Features
	Packages  []packageView
	Groups    []featureGroup
	Price     totalView
	Doubts    []string // to be confirmed before going on
	Confirmed bool
	Notice    string
	CanGoBack bool
	Error     *intake.Invalid
}

type packageView struct {
	intake.PackageCard
	Checked, Recommended, Below bool
	Extra                       []intake.InclusionCard // what it adds to the smaller package
	Builds                      string                 // name of the smaller package
}

type featureGroup struct {
	Key, Title, Lead, Badge string
	Open                    bool
	Cards                   []featureView
}

type featureView struct {
	intake.FeatureCard
	Checked     bool
	Conflicts   string // ids that exclude it, for the script
	Recommended bool
}

// totalView is the footer of the feature screen and the answer of
// POST /intake/price.
type totalView struct {
	OK       bool     `json:"ok"`
	Package  string   `json:"package"`
	Count    string   `json:"count"` // "3 features"
	Discount string   `json:"discount,omitempty"`
	Bundles  string   `json:"bundles,omitempty"`
	Total    string   `json:"total"`
	Hosting  string   `json:"hosting"`
	Notes    []string `json:"notes"`   // what is added by itself
	Problem  string   `json:"problem"` // why the selection cannot be taken
	Warning  string   `json:"warning"` // what will have to be confirmed
	Announce string   `json:"announce"`
}

func (s *Server) featuresView(sess *intake.Session, g given) (featuresPage, error) {
	c := sess.Current.Features
	sel := shownSelection(c, g)
	price, err := s.priceOf(sess, sel)
	if err != nil {
		return featuresPage{}, err
	}
	view := featuresPage{
		layout: s.layout("Recommended features"), ActionID: sess.Current.ID, SessionID: sess.ID,
		Progress: s.progress(sess), Content: c, Packages: packageViews(c, sel.Package), Groups: s.featureGroups(c, sel.Features),
		Price: price, Doubts: g.Doubts, Confirmed: g.Confirmed, Notice: g.Notice, CanGoBack: sess.CanGoBack(), Error: g.Error,
	}
	view.Screen, view.Restart, view.Script, view.Visit = "features", true, "features.js", sess.ID
	view.Save = saveOf(sess, g.Posted)
	return view, nil
}

// shownSelection is what the screen shows as chosen: what was just sent, or
// the recommended package with what was chosen before. Nothing is ticked at
// the start (DOMAIN 11.1 K-81).
func shownSelection(c *intake.Features, g given) catalog.Selection {
	if g.Posted || g.Drafted {
		return catalog.Selection{Package: g.Answer.Package, Features: g.Answer.Features}
	}
	sel := catalog.Selection{Package: c.Package}
	for _, id := range c.Selected {
		sel.Features = append(sel.Features, catalog.FeatureID(id))
	}
	return sel
}

func packageViews(c *intake.Features, chosen catalog.PackageID) []packageView {
	views := make([]packageView, len(c.Packages))
	for i, p := range c.Packages {
		views[i] = packageView{
			PackageCard: p, Checked: p.ID == chosen, Recommended: p.ID == c.Package,
			Below: i < packageRank(c, c.Minimum), Extra: p.Included,
		}
		if i > 0 {
			smaller := c.Packages[i-1]
			views[i].Builds = smaller.Name
			views[i].Extra = slices.DeleteFunc(slices.Clone(p.Included), func(x intake.InclusionCard) bool {
				return slices.Contains(smaller.Included, x)
			})
		}
	}
	return views
}

func packageRank(c *intake.Features, id catalog.PackageID) int {
	return slices.IndexFunc(c.Packages, func(p intake.PackageCard) bool { return p.ID == id })
}

func (s *Server) featureGroups(c *intake.Features, chosen []catalog.FeatureID) []featureGroup {
	groups := []featureGroup{
		{Key: string(recommend.Essential), Title: "Essential", Badge: "Essential", Open: true, Lead: "Without these the website would miss its purpose."},
		{Key: string(recommend.HighlyRecommended), Title: "Highly recommended", Badge: "Recommended", Open: true, Lead: "Strongly advised for what you described."},
		{Key: string(recommend.NiceToHave), Title: "Nice to have", Badge: "Optional", Lead: "Helpful, and easy to add later."},
		{Key: "additional", Title: "Additional features", Lead: "Everything else that can be added. Nothing known so far calls for it, unless its text says so."},
	}
	for i := range groups {
		cards := c.Additional
		if groups[i].Key != "additional" {
			cards = slices.DeleteFunc(slices.Clone(c.Recommended), func(f intake.FeatureCard) bool {
				return string(f.Priority) != groups[i].Key
			})
		}
		for _, f := range cards {
			view := s.featureView(f, slices.Contains(chosen, f.ID))
			view.Recommended = groups[i].Key != "additional"
			groups[i].Open = groups[i].Open || view.Checked
			groups[i].Cards = append(groups[i].Cards, view)
		}
	}
	return slices.DeleteFunc(groups, func(g featureGroup) bool { return len(g.Cards) == 0 })
}

func (s *Server) featureView(f intake.FeatureCard, checked bool) featureView {
	view := featureView{FeatureCard: f, Checked: checked}
	if def, ok := s.cfg.Catalog.Feature(f.ID); ok {
		var ids []string
		for _, id := range def.Conflicts {
			ids = append(ids, string(id))
		}
		view.Conflicts = strings.Join(ids, " ")
	}
	return view
}

func (s *Server) featureNames(ids []catalog.FeatureID) string {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		name := string(id)
		if f, ok := s.cfg.Catalog.Feature(id); ok {
			name = f.Name
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// doubts lists what a client has to confirm (DOMAIN 1.7): no feature at all,
// or a package smaller than the facts call for.
func (s *Server) doubts(c *intake.Features, a intake.Answer) []string {
	var out []string
	chosen, least := packageRank(c, a.Package), packageRank(c, c.Minimum)
	if chosen >= 0 && least >= 0 && chosen < least {
		out = append(out, fmt.Sprintf("%s is smaller than what your answers call for: %s. Some of what you described will not fit in.",
			c.Packages[chosen].Name, c.Packages[least].Name))
	}
	if len(a.Features) == 0 && len(c.Recommended) > 0 {
		out = append(out, "No feature is chosen. The website will have what the package contains, and nothing beyond it.")
	}
	return out
}

// price answers the script of the feature screen with the price of what is
// chosen right now.
func (s *Server) price(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	k, ok := cookieKey(r)
	if !ok {
		return unauthorized("The conversation is not open in this browser.")
	}
	sess, err := s.load(r, k)
	if err != nil {
		return err
	}
	if sess.Current.Kind != intake.RecommendFeatures {
		return intake.ErrStale
	}
	a := givenBy(r.PostForm).Answer
	view, err := s.priceOf(sess, catalog.Selection{Package: a.Package, Features: a.Features})
	if err != nil {
		return err
	}
	view.Warning = strings.Join(s.doubts(sess.Current.Features, a), " ")
	return writeJSON(w, http.StatusOK, view)
}

// priceOf prices a selection by the catalog, as the engine will. A selection
// that cannot be taken is no error but a price that says why.
func (s *Server) priceOf(sess *intake.Session, sel catalog.Selection) (totalView, error) {
	if n, ok := sess.Values().Number(slot.MonthlyVisitors); ok {
		sel.MonthlyVisitors = int(n)
	}
	est, err := s.cfg.Catalog.Price(sel)
	if err == nil {
		return s.totalView(est), nil
	}
	reason, ok := refusal(err)
	if !ok {
		return totalView{}, fmt.Errorf("price a selection: %w", err)
	}
	return totalView{Count: plural(len(sel.Features), "feature", "features"), Notes: []string{}, Problem: reason, Announce: reason}, nil
}

// refusal is why the catalog does not sell a selection, in its own words for
// clients.
func refusal(err error) (string, bool) {
	var (
		noPackage *catalog.UnknownPackage
		noFeature *catalog.UnknownFeature
		quantity  *catalog.BadQuantity
		conflict  *catalog.Conflict
		missing   *catalog.MissingDependency
	)
	switch {
	case errors.As(err, &noPackage):
		if noPackage.ID == "" {
			return "Please choose a package.", true
		}
		return noPackage.Error(), true
	case errors.As(err, &noFeature):
		return noFeature.Error(), true
	case errors.As(err, &quantity):
		return quantity.Error(), true
	case errors.As(err, &conflict):
		return conflict.Error(), true
	case errors.As(err, &missing):
		return missing.Error(), true
	}
	return "", false
}

func (s *Server) totalView(est catalog.Estimate) totalView {
	view := totalView{
		OK: true, Package: est.Package.Name, Count: plural(len(est.Lines), "feature", "features"),
		Total: money(est.Total), Hosting: money(est.HostingMonthly), Notes: []string{},
	}
	if est.Discount > 0 {
		view.Discount = money(-est.Discount)
	}
	var bundles []string
	for _, b := range est.Bundles {
		bundles = append(bundles, b.Name)
	}
	view.Bundles = strings.Join(bundles, ", ")
	for _, l := range est.Lines {
		if l.AutoAddedBy == "" {
			continue
		}
		note := fmt.Sprintf("%s comes with %s.", l.Name, s.featureNames([]catalog.FeatureID{l.AutoAddedBy}))
		if l.Free {
			note = fmt.Sprintf("%s is included with %s at no cost.", l.Name, s.featureNames([]catalog.FeatureID{l.AutoAddedBy}))
		}
		view.Notes = append(view.Notes, note)
	}
	view.Announce = fmt.Sprintf("%s package, %s, total %s, hosting %s a month.", view.Package, view.Count, view.Total, view.Hosting)
	return view
}

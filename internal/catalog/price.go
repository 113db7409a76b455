package catalog

import "slices"

// maxQuantity bounds the pieces of one feature; more is a slip of the pen.
const maxQuantity = 100

// Selection is what a client chose.
type Selection struct {
	Package  PackageID   `json:"package"`
	Features []FeatureID `json:"features"` // in any order; a repeated one counts once
	// Quantities holds the pieces, 1 to 100, of features priced each. A missing
	// entry means 1; entries of features that are not chosen do not matter.
	Quantities      map[FeatureID]int `json:"quantities,omitempty"`
	MonthlyVisitors int               `json:"monthlyVisitors,omitempty"` // 0 when unknown
	// Rebate is what the agency takes off by hand on review, and RebateFor says
	// why in words for the client. No client can set them.
	Rebate    Cents  `json:"rebate,omitempty"`
	RebateFor string `json:"rebateFor,omitempty"`
}

// Estimate is the price of a selection (DOMAIN 6.2).
type Estimate struct {
	Package        Line            `json:"package"`
	Lines          []Line          `json:"lines"`    // add-ons in the order of the catalog
	Bundles        []AppliedBundle `json:"bundles"`  // in the order of the catalog
	AddOns         Cents           `json:"addOns"`   // before Discount
	Discount       Cents           `json:"discount"` // of the bundles
	Rebate         Cents           `json:"rebate,omitempty"`
	RebateFor      string          `json:"rebateFor,omitempty"`
	Total          Cents           `json:"total"` // package and add-ons less discount and rebate
	HostingMonthly Cents           `json:"hostingMonthly"`
	FirstYear      Cents           `json:"firstYear"` // total and twelve months of hosting
	Hosting        HostingID       `json:"hosting"`
	Schedule       []Payment       `json:"schedule"`
}

// Line is one priced position.
type Line struct {
	Feature  FeatureID `json:"feature,omitempty"` // empty for the package
	Name     string    `json:"name"`
	Unit     Cents     `json:"unit"` // list price of one piece, even when Free
	Quantity int       `json:"quantity"`
	Amount   Cents     `json:"amount"`
	// AutoAddedBy is the chosen feature that brought this one along although
	// it was not chosen itself; it is shown as "included with ...".
	AutoAddedBy FeatureID `json:"autoAddedBy,omitempty"`
	Free        bool      `json:"free,omitempty"` // costs nothing, because another feature covers it
}

// AppliedBundle is a discount that the selection earns.
type AppliedBundle struct {
	ID       BundleID    `json:"id"`
	Name     string      `json:"name"`
	Members  []FeatureID `json:"members"`
	Discount Cents       `json:"discount"`
}

// Payment is one part of the payment schedule (DOMAIN 6.2, step 10).
type Payment struct {
	Milestone string `json:"milestone"`
	Percent   int    `json:"percent"`
	Amount    Cents  `json:"amount"`
}

// Price computes the estimate of a selection: steps 1 to 8 and 10 of DOMAIN
// 6.2. The order of the features changes nothing. The error is one of
// *UnknownPackage, *UnknownFeature, *BadQuantity, *Conflict, *MissingDependency
// and *BadRebate; its text can be shown to the client.
func (c *Catalog) Price(sel Selection) (Estimate, error) {
	base := c.packageIndex(sel.Package)
	if base < 0 {
		return Estimate{}, &UnknownPackage{ID: sel.Package}
	}
	if err := c.known(sel); err != nil {
		return Estimate{}, err
	}
	all := c.closure(sel.Features)
	if a, b, clash := c.clash(all); clash {
		return Estimate{}, &Conflict{A: a, B: b, NameA: c.name(a), NameB: c.name(b)}
	}
	if err := c.complete(all, base); err != nil {
		return Estimate{}, err
	}

	pkg := c.Packages[base]
	e := Estimate{
		Package: Line{Name: pkg.Name, Unit: pkg.Price, Quantity: 1, Amount: pkg.Price},
		Lines:   c.lines(sel, all),
	}
	for _, l := range e.Lines {
		e.AddOns += l.Amount
	}
	e.Bundles = c.bestBundles(e.Lines)
	for _, b := range e.Bundles {
		e.Discount += b.Discount
	}
	e.Total = pkg.Price + e.AddOns - e.Discount
	if sel.Rebate < 0 || sel.Rebate > 0 && sel.Rebate >= e.Total {
		return Estimate{}, &BadRebate{Rebate: sel.Rebate, Before: e.Total}
	}
	if sel.Rebate > 0 {
		e.Rebate, e.RebateFor = sel.Rebate, sel.RebateFor
		e.Total -= sel.Rebate
	}
	tier := c.hostingFor(pkg.Hosting, sel.MonthlyVisitors)
	e.Hosting, e.HostingMonthly = tier.ID, tier.Monthly
	e.FirstYear = e.Total + 12*tier.Monthly
	e.Schedule = schedule(e.Total)
	return e, nil
}

// known checks that all features exist and all quantities make sense.
func (c *Catalog) known(sel Selection) error {
	var unknown []FeatureID
	for _, id := range sel.Features {
		if c.featureIndex(id) < 0 {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		return &UnknownFeature{ID: slices.Min(unknown)}
	}
	if len(sel.Quantities) == 0 {
		return nil
	}
	for _, f := range c.Features {
		n, given := sel.Quantities[f.ID]
		if !given || !slices.Contains(sel.Features, f.ID) {
			continue
		}
		if n < 1 || n > maxQuantity || n > 1 && !f.Each {
			return &BadQuantity{Feature: f.ID, Name: f.Name, Quantity: n, Each: f.Each}
		}
	}
	return nil
}

// closure returns the known features of ids and everything they bring along,
// in the order of the catalog.
func (c *Catalog) closure(ids []FeatureID) []int {
	in := make([]bool, len(c.Features))
	var open []int
	add := func(id FeatureID) {
		if i := c.featureIndex(id); i >= 0 && !in[i] {
			in[i] = true
			open = append(open, i)
		}
	}
	for _, id := range ids {
		add(id)
	}
	for n := 0; n < len(open); n++ {
		for _, a := range c.Features[open[n]].AutoAdds {
			add(a.Feature)
		}
	}
	slices.Sort(open)
	return open
}

// clash finds the first two features of all that exclude each other.
func (c *Catalog) clash(all []int) (a, b FeatureID, found bool) {
	for n, i := range all {
		for _, j := range all[n+1:] {
			if slices.Contains(c.Features[i].Conflicts, c.Features[j].ID) {
				return c.Features[i].ID, c.Features[j].ID, true
			}
		}
	}
	return "", "", false
}

// freeOf lists what costs nothing while all of ids are chosen.
func (c *Catalog) freeOf(ids []FeatureID) []FeatureID {
	var free []FeatureID
	for _, i := range c.closure(ids) {
		for _, a := range c.Features[i].AutoAdds {
			if a.Free {
				free = append(free, a.Feature)
			}
		}
	}
	return free
}

// complete checks that everything the features need is there.
func (c *Catalog) complete(all []int, base int) error {
	for _, i := range all {
		for _, group := range c.Features[i].Requires {
			if !slices.ContainsFunc(group, func(id string) bool { return c.present(id, all, base) }) {
				return c.missing(c.Features[i], group)
			}
		}
	}
	return nil
}

func (c *Catalog) present(id string, all []int, base int) bool {
	if _, smallest, ok := c.inclusion(id); ok && smallest <= base {
		return true
	}
	return slices.ContainsFunc(all, func(i int) bool { return c.Features[i].ID == FeatureID(id) })
}

// missing describes an unfulfilled group.
func (c *Catalog) missing(f Feature, group []string) *MissingDependency {
	m := &MissingDependency{Feature: f.ID, Name: f.Name}
	for _, id := range group {
		if i := c.featureIndex(FeatureID(id)); i >= 0 {
			m.NeedsOneOf = append(m.NeedsOneOf, FeatureID(id))
			m.OptionNames = append(m.OptionNames, c.Features[i].Name)
		}
		if inc, smallest, ok := c.inclusion(id); ok {
			m.Inclusion = inc.Name
			for _, p := range c.Packages[smallest:] {
				m.Packages = append(m.Packages, p.ID)
				m.PackageNames = append(m.PackageNames, p.Name)
			}
		}
	}
	return m
}

func (c *Catalog) lines(sel Selection, all []int) []Line {
	free := c.freeOf(sel.Features)
	lines := make([]Line, 0, len(all))
	for _, i := range all {
		f := c.Features[i]
		l := Line{Feature: f.ID, Name: f.Name, Unit: f.Price, Quantity: max(1, sel.Quantities[f.ID]), Free: slices.Contains(free, f.ID)}
		if !slices.Contains(sel.Features, f.ID) {
			l.AutoAddedBy, l.Quantity = c.bringer(all, f.ID), 1
		}
		if !l.Free {
			l.Amount = l.Unit * Cents(l.Quantity)
		}
		lines = append(lines, l)
	}
	return lines
}

// bringer is the first feature of all that brings id along.
func (c *Catalog) bringer(all []int, id FeatureID) FeatureID {
	for _, i := range all {
		if slices.ContainsFunc(c.Features[i].AutoAdds, func(a AutoAdd) bool { return a.Feature == id }) {
			return c.Features[i].ID
		}
	}
	return ""
}

// hostingFor is the default tier of a package, or the first larger one that
// carries the visitors; the largest when none does.
func (c *Catalog) hostingFor(id HostingID, visitors int) Hosting {
	i := max(slices.IndexFunc(c.Hosting, func(h Hosting) bool { return h.ID == id }), 0)
	for i < len(c.Hosting)-1 && c.Hosting[i].Visitors != 0 && visitors > c.Hosting[i].Visitors {
		i++
	}
	if i >= len(c.Hosting) {
		return Hosting{}
	}
	return c.Hosting[i]
}

func (c *Catalog) name(id FeatureID) string {
	f, _ := c.Feature(id)
	return f.Name
}

// schedule splits the total; the last part takes the rounding remainder.
func schedule(total Cents) []Payment {
	contract := (total*50 + 50) / 100
	design := (total*25 + 50) / 100
	return []Payment{
		{Milestone: "Contract signed", Percent: 50, Amount: contract},
		{Milestone: "Design approved", Percent: 25, Amount: design},
		{Milestone: "Launch", Percent: 25, Amount: total - contract - design},
	}
}

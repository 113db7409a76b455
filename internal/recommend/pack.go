package recommend

import (
	"fmt"
	"slices"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// PackageFor applies DOMAIN 6.1 to the facts and the selected features. A
// feature that needs an inclusion raises the result to the smallest package
// that has it.
func PackageFor(cat *catalog.Catalog, v slot.Values, selected []catalog.FeatureID) catalog.PackageID {
	id, _ := newClient(cat, v).packageFor(selected)
	return id
}

// Rationale tells in one sentence why a package fits the facts and the selected
// features. It is empty when the rules would choose another package.
func Rationale(cat *catalog.Catalog, v slot.Values, pkg catalog.PackageID, selected []catalog.FeatureID) string {
	c := newClient(cat, v)
	id, reasons := c.packageFor(selected)
	if id != pkg {
		return ""
	}
	return c.rationale(id, reasons)
}

// packageFor also gives the reasons as clauses; there are none for the
// smallest package.
func (c *client) packageFor(selected []catalog.FeatureID) (catalog.PackageID, []string) {
	chosen := make(set)
	for _, id := range selected {
		if _, ok := c.cat.Feature(id); ok {
			chosen[id] = true
		}
	}
	id, reasons := catalog.Starter, []string(nil)
	if why := c.needsCustom(chosen); len(why) > 0 {
		id, reasons = catalog.Custom, why
	} else if why := c.needsProfessional(chosen); len(why) > 0 {
		id, reasons = catalog.Professional, why
	}
	return c.raise(id, reasons, chosen)
}

func (c *client) needsCustom(chosen set) (why []string) {
	if n, ok := c.amount(slot.ProductsToSell); ok && n > 50 {
		why = append(why, number(n)+" products are more than a standard shop holds")
	}
	if p, ok := c.find([]slot.Key{slot.MustHaves, slot.PrimaryGoal}, "custom function", "custom development", "custom software", "custom app", "web application", "web app ", "api development"); ok {
		why = append(why, fmt.Sprintf(`"%s" has to be built for this business`, quote(p.text)))
	}
	if n := len(c.systems()); n > 2 {
		why = append(why, number(float64(n))+" other systems have to be connected")
	}
	for _, r := range c.stated() {
		why = append(why, string(r)+" applies")
	}
	if chosen["membership_portal"] {
		why = append(why, "a members' area is part of the plan")
	}
	return why
}

func (c *client) needsProfessional(chosen set) (why []string) {
	if n, ok := c.amount(slot.PageCount); ok && n > 5 {
		why = append(why, number(n)+" pages are planned")
	}
	if _, ok := c.find([]slot.Key{slot.MustHaves, slot.PrimaryGoal}, "cms", "content management", "update it ourselves", "update the site ourselves", "edit the site"); ok {
		why = append(why, "content is to be changed without a developer")
	}
	if c.relevant("blog_system") || chosen["blog_system"] {
		why = append(why, "articles are planned")
	}
	if every := c.v[slot.UpdateFrequency]; slices.Contains([]string{"daily", "weekly", "monthly"}, every) {
		why = append(why, "the content changes "+every)
	}
	if len(chosen) > 3 {
		why = append(why, number(float64(len(chosen)))+" add-on features come together")
	}
	return why
}

// raise goes up to the smallest package that has what the features need.
func (c *client) raise(id catalog.PackageID, reasons []string, chosen set) (catalog.PackageID, []string) {
	for _, f := range c.cat.Features {
		if !chosen[f.ID] || c.fulfilled(f, chosen, id) {
			continue
		}
		at := slices.IndexFunc(c.cat.Packages, func(p catalog.Package) bool { return p.ID == id })
		for _, p := range c.cat.Packages[at+1:] {
			if c.fulfilled(f, chosen, p.ID) {
				id, reasons = p.ID, append(reasons, f.Name+" needs it")
				break
			}
		}
	}
	return id, reasons
}

// fulfilled reports whether everything f requires is chosen, comes along with
// what is chosen, or is contained in the package.
func (c *client) fulfilled(f catalog.Feature, chosen set, pkg catalog.PackageID) bool {
	contained := c.cat.Inclusions(pkg)
	present := func(id string) bool {
		return chosen[catalog.FeatureID(id)] || c.bringer(catalog.FeatureID(id), chosen) != "" ||
			slices.ContainsFunc(contained, func(i catalog.Inclusion) bool { return i.ID == id })
	}
	return !slices.ContainsFunc(f.Requires, func(group []string) bool { return !slices.ContainsFunc(group, present) })
}

// bringer is the name of the feature of the set that brings id along.
func (c *client) bringer(id catalog.FeatureID, in set) string {
	for _, f := range c.cat.Features {
		if in[f.ID] && slices.ContainsFunc(f.AutoAdds, func(a catalog.AutoAdd) bool { return a.Feature == id }) {
			return f.Name
		}
	}
	return ""
}

// rationale explains a package in one sentence.
func (c *client) rationale(id catalog.PackageID, reasons []string) string {
	p, _ := c.cat.Package(id)
	if len(reasons) == 0 {
		return p.Name + " fits, because nothing known so far needs more than 5 pages, regular changes or many add-on features."
	}
	return p.Name + " fits, because " + list(reasons[:min(3, len(reasons))]) + "."
}

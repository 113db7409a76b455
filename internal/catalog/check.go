package catalog

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/strictjson"
)

// Bounds that catch a slip of the pen and keep every sum far from overflow and
// every search short.
const (
	maxPrice   = Cents(100_000_000) // one million dollars for one item
	maxBundles = 20
	maxDays    = 365
)

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// checker looks for mistakes that the form of the file does not show.
type checker struct {
	*Catalog
	file *strictjson.File
}

func (k checker) all() {
	k.unique()
	k.packages()
	k.hosting()
	for i := range k.Features {
		k.feature(i)
		k.links(i)
	}
	k.bundles()
}

func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// unique checks the form of all ids, and that each names one thing only.
// Features and inclusions share their names, because Requires holds both.
func (k checker) unique() {
	seen := map[string]string{}
	claim := func(kind, id, path string) {
		if !idForm.MatchString(id) {
			k.file.Wrong(path, "%q is no id; use lower-case letters, digits and underscores", id)
			return
		}
		if first, ok := seen[kind+id]; ok {
			k.file.Wrong(path, "%q is already the id of %s", id, first)
			return
		}
		seen[kind+id] = strings.TrimSuffix(path, ".id")
	}
	for i, p := range k.Packages {
		claim("package ", string(p.ID), at("packages", i)+".id")
		for j, inc := range p.Inclusions {
			claim("part ", inc.ID, at(at("packages", i)+".inclusions", j)+".id")
		}
	}
	for i, h := range k.Hosting {
		claim("hosting ", string(h.ID), at("hosting", i)+".id")
	}
	for i, f := range k.Features {
		claim("part ", string(f.ID), at("features", i)+".id")
	}
	for i, b := range k.Bundles {
		claim("bundle ", string(b.ID), at("bundles", i)+".id")
	}
}

// say refuses an empty text.
func (k checker) say(path, text string) {
	if strings.TrimSpace(text) == "" {
		k.file.Wrong(path, "must not be empty")
	}
}

func (k checker) price(path string, c Cents) {
	if c < 0 || c > maxPrice {
		k.file.Wrong(path, "must be cents from 0 to %d", maxPrice)
	}
}

func (k checker) natural(path string, n int) {
	if n < 0 {
		k.file.Wrong(path, "must not be negative")
	}
}

func (k checker) packages() {
	for _, id := range []PackageID{Starter, Professional, Custom} {
		if k.packageIndex(id) < 0 {
			k.file.Wrong("packages", "there must be a package %q, because the rules choose it", id)
		}
	}
	popular := ""
	for i, p := range k.Packages {
		path := at("packages", i)
		k.say(path+".name", p.Name)
		k.say(path+".idealFor", p.IdealFor)
		k.price(path+".priceCents", p.Price)
		k.natural(path+".pages", p.Pages)
		k.natural(path+".supportDays", p.SupportDays)
		if i > 0 && p.Price < k.Packages[i-1].Price {
			k.file.Wrong(path+".priceCents", "packages stand from the smallest to the largest, but this one is cheaper than the one before")
		}
		if _, ok := k.HostingTier(p.Hosting); !ok {
			k.file.Wrong(path+".hosting", "there is no hosting tier %q", p.Hosting)
		}
		if p.Popular && popular != "" {
			k.file.Wrong(path+".popular", "only one package can be the most popular one, and %s is", popular)
		} else if p.Popular {
			popular = p.Name
		}
		for j, inc := range p.Inclusions {
			k.say(at(path+".inclusions", j)+".name", inc.Name)
			k.say(at(path+".inclusions", j)+".description", inc.Description)
		}
	}
}

func (k checker) hosting() {
	for i, h := range k.Hosting {
		path := at("hosting", i)
		k.say(path+".name", h.Name)
		k.price(path+".monthlyCents", h.Monthly)
		k.natural(path+".visitors", h.Visitors)
		k.natural(path+".storageGB", h.StorageGB)
		if i == 0 {
			continue
		}
		if before := k.Hosting[i-1].Visitors; before == 0 || h.Visitors != 0 && h.Visitors <= before {
			k.file.Wrong(path+".visitors", "tiers stand from the smallest to the largest, but this one carries no more visitors than the one before")
		}
	}
}

// feature checks what one feature says about itself.
func (k checker) feature(i int) {
	f, path := k.Features[i], at("features", i)
	k.say(path+".name", f.Name)
	k.say(path+".description", f.Description)
	k.say(path+".benefit", f.Benefit)
	k.say(path+".category", f.Category)
	k.say(path+".bestFor", f.BestFor)
	k.price(path+".priceCents", f.Price)
	if !slices.Contains([]Complexity{Simple, SimpleModerate, Moderate, ModerateHigh, High}, f.Complexity) {
		k.file.Wrong(path+".complexity", "%q is none of simple, simple-moderate, moderate, moderate-high, high", f.Complexity)
	}
	if f.MinDays < 1 || f.MaxDays > maxDays {
		k.file.Wrong(path+".minDays", "the time must be 1 to %d working days", maxDays)
	}
	if f.MaxDays < f.MinDays {
		k.file.Wrong(path+".maxDays", "must not be less than minDays")
	}
	for j, note := range f.Notes {
		k.say(at(path+".notes", j), note)
	}
	if f.Compliance == nil {
		return
	}
	if !slices.Contains([]Regulation{HIPAA, PCI, GDPR, ADA}, f.Compliance.Regulation) {
		k.file.Wrong(path+".compliance.regulation", "%q is none of HIPAA, PCI-DSS, GDPR, ADA", f.Compliance.Regulation)
	}
	if p := f.Compliance.Priority; p != "essential" && p != "highly_recommended" {
		k.file.Wrong(path+".compliance.priority", "%q is neither essential nor highly_recommended", p)
	}
}

// links checks what one feature says about others.
func (k checker) links(i int) {
	f, path := k.Features[i], at("features", i)
	for j, other := range f.Conflicts {
		spot := at(path+".conflicts", j)
		if !k.other(spot, f.ID, other) {
			continue
		}
		if o, _ := k.Feature(other); !slices.Contains(o.Conflicts, f.ID) {
			k.file.Wrong(spot, "%q does not list %q under its conflicts; both sides must", other, f.ID)
		}
	}
	for j, other := range f.PairsWith {
		k.other(at(path+".pairsWith", j), f.ID, other)
	}
	for j, add := range f.AutoAdds {
		k.other(at(path+".autoAdds", j)+".feature", f.ID, add.Feature)
	}
	for j, group := range f.Requires {
		k.group(at(path+".requires", j), f.ID, group)
	}
	if _, _, ok := k.inclusion(f.Upgrades); f.Upgrades != "" && !ok {
		k.file.Wrong(path+".upgrades", "no package contains %q", f.Upgrades)
	}
	if a, b, clash := k.clash(k.closure([]FeatureID{f.ID})); clash {
		k.file.Wrong(path+".autoAdds", "it brings along features that exclude each other: %s and %s", a, b)
	}
}

// other checks a reference from one feature to another.
func (k checker) other(path string, self, id FeatureID) bool {
	if id == self {
		k.file.Wrong(path, "a feature cannot refer to itself")
		return false
	}
	if k.featureIndex(id) < 0 {
		k.file.Wrong(path, "there is no feature %q", id)
		return false
	}
	return true
}

func (k checker) group(path string, self FeatureID, group []string) {
	if len(group) == 0 {
		k.file.Wrong(path, "an empty group can never be fulfilled")
	}
	for j, id := range group {
		if _, _, ok := k.inclusion(id); !ok && k.featureIndex(FeatureID(id)) < 0 {
			k.file.Wrong(at(path, j), "there is neither a feature nor an inclusion %q", id)
		}
		if id == string(self) {
			k.file.Wrong(at(path, j), "a feature cannot require itself")
		}
	}
}

func (k checker) bundles() {
	if len(k.Bundles) > maxBundles {
		k.file.Wrong("bundles", "there can be %d bundles at most", maxBundles)
	}
	for i, b := range k.Bundles {
		path := at("bundles", i)
		k.say(path+".name", b.Name)
		if len(b.Members) < 2 {
			k.file.Wrong(path+".members", "a bundle has two members at least")
		}
		for j, id := range b.Members {
			if k.featureIndex(id) < 0 {
				k.file.Wrong(at(path+".members", j), "there is no feature %q", id)
			}
			if slices.Contains(b.Members[:j], id) {
				k.file.Wrong(at(path+".members", j), "%q is listed twice", id)
			}
		}
		if list := k.BundleList(b); b.Discount < 1 || b.Discount > list {
			k.file.Wrong(path+".discountCents", "the discount must be more than 0 and at most the price of the members, %d cents", list)
		}
		k.possible(path, b)
	}
}

// possible refuses a bundle that no selection can ever earn.
func (k checker) possible(path string, b Bundle) {
	if x, y, clash := k.clash(k.closure(b.Members)); clash {
		k.file.Wrong(path+".members", "%s and %s exclude each other, so the bundle never applies", x, y)
	}
	free := k.freeOf(b.Members)
	for j, id := range b.Members {
		if slices.Contains(free, id) {
			k.file.Wrong(at(path+".members", j), "%q is free together with another member, so the bundle never applies", id)
		}
	}
}

// Package catalog holds what the agency sells and what it costs: packages,
// hosting, features, bundles, dependencies and conflicts (DOMAIN 4), read from
// one data file that an agency can replace, and the price of any selection
// (DOMAIN 6.2). Prices are computed here and nowhere else; no language model
// sees or sets them. Start with Catalog, then Catalog.Price.
package catalog

import (
	_ "embed"
	"fmt"
	"slices"
)

// FeatureID names a feature, e.g. "appointment_scheduling".
type FeatureID string

// PackageID names a package: "starter", "professional" or "custom".
type PackageID string

// HostingID names a hosting tier: "basic", "standard" or "premium".
type HostingID string

// BundleID names a bundle, e.g. "service_provider".
type BundleID string

// The packages that every catalog holds, because the rules of DOMAIN 6.1
// choose among them.
const (
	Starter      PackageID = "starter"
	Professional PackageID = "professional"
	Custom       PackageID = "custom"
)

// Complexity says how much work a feature is (DOMAIN 4.3).
type Complexity string

// The complexities of DOMAIN 4.3.
const (
	Simple         Complexity = "simple"
	SimpleModerate Complexity = "simple-moderate"
	Moderate       Complexity = "moderate"
	ModerateHigh   Complexity = "moderate-high"
	High           Complexity = "high"
)

// Regulation is a law or standard that calls for features (DOMAIN 4.4).
type Regulation string

// The regulations of DOMAIN 4.4, spelled as in the compliance slots.
const (
	HIPAA Regulation = "HIPAA"
	PCI   Regulation = "PCI-DSS"
	GDPR  Regulation = "GDPR"
	ADA   Regulation = "ADA"
)

// Catalog is everything the agency offers. Packages and hosting tiers stand
// from the smallest to the largest. Treat a parsed catalog as read-only.
type Catalog struct {
	Packages []Package `json:"packages"`
	Hosting  []Hosting `json:"hosting"`
	Features []Feature `json:"features"`
	Bundles  []Bundle  `json:"bundles"`
}

// Package is a base offer (DOMAIN 4.1).
type Package struct {
	ID              PackageID   `json:"id"`
	Name            string      `json:"name"`
	Price           Cents       `json:"priceCents"`
	From            bool        `json:"priceFrom,omitempty"` // the price is a starting price
	Pages           int         `json:"pages"`               // 0 means unlimited
	SupportDays     int         `json:"supportDays"`
	PrioritySupport bool        `json:"prioritySupport,omitempty"`
	Training        string      `json:"training,omitempty"` // empty when there is none
	Inclusions      []Inclusion `json:"inclusions"`         // what it adds to the smaller packages
	IdealFor        string      `json:"idealFor"`
	Hosting         HostingID   `json:"hosting"` // default tier
	Popular         bool        `json:"popular,omitempty"`
}

// Inclusion is something that a package always contains.
type Inclusion struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"` // one plain line
}

// Hosting is one hosting tier (DOMAIN 4.2).
type Hosting struct {
	ID        HostingID `json:"id"`
	Name      string    `json:"name"`
	Monthly   Cents     `json:"monthlyCents"`
	Visitors  int       `json:"visitors"` // a month; 0 means unlimited
	StorageGB int       `json:"storageGB"`
	Support   string    `json:"support"`
	Backups   string    `json:"backups"`
	Uptime    string    `json:"uptime"`
	Extras    []string  `json:"extras"`
}

// Feature is one add-on (DOMAIN 4.3, 4.4).
type Feature struct {
	ID          FeatureID  `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description"` // one plain sentence: what it is
	Benefit     string     `json:"benefit"`     // one plain sentence: what it does for the client
	Price       Cents      `json:"priceCents"`
	Each        bool       `json:"each,omitempty"` // priced per piece, so a quantity is allowed
	Complexity  Complexity `json:"complexity"`
	// MinDays and MaxDays are working days; a week of DOMAIN 4.3 is five.
	MinDays  int    `json:"minDays"`
	MaxDays  int    `json:"maxDays"`
	Category string `json:"category"`
	BestFor  string `json:"bestFor"`
	// Requires holds groups; of each group one id at least must be present, a
	// chosen feature or an inclusion of the package.
	Requires  [][]string  `json:"requires,omitempty"`
	AutoAdds  []AutoAdd   `json:"autoAdds,omitempty"`
	Conflicts []FeatureID `json:"conflicts,omitempty"` // never sold together, listed on both sides
	PairsWith []FeatureID `json:"pairsWith,omitempty"` // DOMAIN 4.6
	Upgrades  string      `json:"upgrades,omitempty"`  // the inclusion whose basic form this extends (DOMAIN 11.1 K-24)
	Notes     []string    `json:"notes,omitempty"`     // outside needs, as plain sentences
	// Compliance is nil unless a regulation calls for the feature.
	Compliance *Compliance `json:"compliance,omitempty"`
}

// AutoAdd is a feature that comes along with another.
type AutoAdd struct {
	Feature FeatureID `json:"feature"`
	Free    bool      `json:"free,omitempty"` // costs nothing while its bringer is chosen (DOMAIN 11.1 K-23)
}

// Compliance says which regulation calls for a feature, and how urgently.
type Compliance struct {
	Regulation Regulation `json:"regulation"`
	Priority   string     `json:"priority"` // essential or highly_recommended
}

// Bundle is a discount for buying features together (DOMAIN 4.5).
type Bundle struct {
	ID       BundleID    `json:"id"`
	Name     string      `json:"name"`
	Members  []FeatureID `json:"members"`
	Discount Cents       `json:"discountCents"`
}

//go:embed catalog.json
var builtIn []byte

// Default returns the catalog built into the program, a fresh copy each time.
func Default() (*Catalog, error) {
	c, err := Parse(builtIn)
	if err != nil {
		return nil, fmt.Errorf("read the built-in catalog: %w", err)
	}
	return c, nil
}

// Feature returns the feature named id.
func (c *Catalog) Feature(id FeatureID) (Feature, bool) {
	if i := c.featureIndex(id); i >= 0 {
		return c.Features[i], true
	}
	return Feature{}, false
}

// Package returns the package named id.
func (c *Catalog) Package(id PackageID) (Package, bool) {
	if i := c.packageIndex(id); i >= 0 {
		return c.Packages[i], true
	}
	return Package{}, false
}

// HostingTier returns the hosting tier named id.
func (c *Catalog) HostingTier(id HostingID) (Hosting, bool) {
	i := slices.IndexFunc(c.Hosting, func(h Hosting) bool { return h.ID == id })
	if i < 0 {
		return Hosting{}, false
	}
	return c.Hosting[i], true
}

// Inclusions lists what the package contains, the smaller packages' part
// first. It is empty for an unknown package.
func (c *Catalog) Inclusions(id PackageID) []Inclusion {
	var all []Inclusion
	for i := range c.packageIndex(id) + 1 {
		all = append(all, c.Packages[i].Inclusions...)
	}
	return all
}

// BundleList is what the members of b cost without the discount.
func (c *Catalog) BundleList(b Bundle) Cents {
	var sum Cents
	for _, id := range b.Members {
		if i := c.featureIndex(id); i >= 0 {
			sum += c.Features[i].Price
		}
	}
	return sum
}

// inclusion finds an inclusion by id, and the smallest package that holds it.
func (c *Catalog) inclusion(id string) (inc Inclusion, smallest int, ok bool) {
	for i := range c.Packages {
		for _, inc := range c.Packages[i].Inclusions {
			if inc.ID == id {
				return inc, i, true
			}
		}
	}
	return Inclusion{}, 0, false
}

func (c *Catalog) featureIndex(id FeatureID) int {
	for i := range c.Features {
		if c.Features[i].ID == id {
			return i
		}
	}
	return -1
}

func (c *Catalog) packageIndex(id PackageID) int {
	for i := range c.Packages {
		if c.Packages[i].ID == id {
			return i
		}
	}
	return -1
}

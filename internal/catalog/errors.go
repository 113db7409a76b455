package catalog

import (
	"fmt"
	"strings"
)

// UnknownPackage is a package that the catalog does not hold.
type UnknownPackage struct{ ID PackageID }

// Error says what happened in words for a client.
func (e *UnknownPackage) Error() string {
	return fmt.Sprintf("The package %q is not offered, so no price can be given. Please choose one of the packages shown.", e.ID)
}

// UnknownFeature is a feature that the catalog does not hold.
type UnknownFeature struct{ ID FeatureID }

// Error says what happened in words for a client.
func (e *UnknownFeature) Error() string {
	return fmt.Sprintf("The feature %q is not offered, so no price can be given. Please choose from the features shown.", e.ID)
}

// BadQuantity is a number of pieces that cannot be sold.
type BadQuantity struct {
	Feature  FeatureID
	Name     string
	Quantity int
	Each     bool // the feature is priced per piece
}

// Error says what happened in words for a client.
func (e *BadQuantity) Error() string {
	if e.Each {
		return fmt.Sprintf("The number %d does not work for %s, so its price is open. Please enter a number from 1 to %d, or remove it.", e.Quantity, e.Name, maxQuantity)
	}
	return fmt.Sprintf("%s is sold once per website, so a price for %d of them would be wrong. Please choose it once, or remove it.", e.Name, e.Quantity)
}

// Conflict is a pair of features that exclude each other (DOMAIN 4.7).
type Conflict struct {
	A, B         FeatureID
	NameA, NameB string
}

// Error says what happened in words for a client.
func (e *Conflict) Error() string {
	return fmt.Sprintf("%s and %s were both chosen. They do the same work in different ways, so a website can only have one of them. Please keep one and remove the other.", e.NameA, e.NameB)
}

// MissingDependency is a feature without something it needs: one of the
// features NeedsOneOf, or one of Packages, which contain Inclusion.
type MissingDependency struct {
	Feature      FeatureID
	Name         string
	NeedsOneOf   []FeatureID
	OptionNames  []string // names of NeedsOneOf
	Inclusion    string   // name, empty when no package helps
	Packages     []PackageID
	PackageNames []string
}

// Error says what happened in words for a client.
func (e *MissingDependency) Error() string {
	var needs, todo []string
	if len(e.OptionNames) > 0 {
		needs = append(needs, orList(e.OptionNames))
		todo = append(todo, "add "+orList(e.OptionNames))
	}
	if e.Inclusion != "" {
		needs = append(needs, e.Inclusion)
		todo = append(todo, "choose the "+orList(e.PackageNames)+" package")
	}
	return fmt.Sprintf("%s was chosen without %s, and it cannot work alone. Please %s, or remove %s.",
		e.Name, strings.Join(needs, " or "), strings.Join(todo, " or "), e.Name)
}

// orList joins names as in "a, b or c".
func orList(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// BadRebate is a rebate that is negative or leaves nothing to pay.
type BadRebate struct{ Rebate, Before Cents }

// Error says what happened in words for people.
func (e *BadRebate) Error() string {
	return fmt.Sprintf("A rebate of %s cannot be taken off a total of %s. Please enter one between $0 and less than the total.", e.Rebate, e.Before)
}

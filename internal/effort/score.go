package effort

import (
	"fmt"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/slot"
)

// part is one addend of the score.
type part struct {
	what   string
	points int
}

// reason says what scored and how much, e.g. "payments online (+1)".
func (p part) reason() string { return fmt.Sprintf("%s (+%d)", p.what, p.points) }

// kind scores the website type, and for business websites the model.
// DOMAIN 7.1 leaves hybrid and unclassified businesses open: a hybrid carries
// at least two models and scores like the highest, an unclassified one like a
// service.
func kind(v slot.Values) part {
	switch v[WebsiteType] {
	case "personal":
		return part{"personal website or portfolio", 1}
	case "project":
		return part{"project or campaign website", 1}
	case "nonprofit":
		return part{"website of a non-profit organization", 2}
	case "other":
		return part{"website of a special kind", 2}
	}
	switch classify.Model(v[slot.BusinessModel]) {
	case classify.Product:
		return part{"business website that sells products", 3}
	case classify.Content:
		return part{"business website that publishes", 1}
	case classify.Membership:
		return part{"business website with memberships", 3}
	case classify.Hybrid:
		return part{"business website with a mixed model", 3}
	case classify.Service:
		return part{"business website that sells services", 2}
	}
	return part{"business website", 2}
}

// features scores the number of selected features.
func features(selected []catalog.FeatureID) part {
	n := len(selected)
	p := part{what: fmt.Sprintf("%d selected features", n)}
	switch {
	case n >= 6:
		p.points = 2
	case n >= 3:
		p.points = 1
	}
	return p
}

// needs scores what a project needs beyond pages, one point each.
func needs(v slot.Values, selected []catalog.FeatureID) []part {
	integrations := v.List(slot.Integrations)
	compliance := v.List(slot.ComplianceRequirements)
	found := []struct {
		what  string
		needs bool
	}{
		{"user accounts", accounts(v, selected)},
		{"content management by the client", content(v, selected)},
		{"payments online", payments(v, selected)},
		{fmt.Sprintf("%d integrations", len(integrations)), len(integrations) > 2},
		{"compliance with " + strings.Join(compliance, ", "), len(compliance) > 0},
	}
	parts := make([]part, 0, len(found))
	for _, f := range found {
		if f.needs {
			parts = append(parts, part{f.what, 1})
		}
	}
	return parts
}

func accounts(v slot.Values, selected []catalog.FeatureID) bool {
	return v.Yes(slot.HasMembers) || holdsAny(selected, "customer_portal", "membership_portal", "user_authentication")
}

// content follows DOMAIN 6.1: updates monthly or more often need a CMS, and so
// does publishing.
func content(v slot.Values, selected []catalog.FeatureID) bool {
	switch v[slot.UpdateFrequency] {
	case "daily", "weekly", "monthly":
		return true
	}
	return v.Yes(slot.PublishesContent) || holdsAny(selected, "blog_system")
}

func payments(v slot.Values, selected []catalog.FeatureID) bool {
	return v.Yes(slot.AcceptsPayments) ||
		holdsAny(selected, "payment_processing", "ecommerce_basic", "ecommerce_advanced", "membership_portal")
}

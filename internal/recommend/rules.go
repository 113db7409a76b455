package recommend

import (
	"slices"

	"applicreations.com/introspect/internal/catalog"
)

// rule is one row of DOMAIN 5.2 with its formula of DOMAIN 5.3. An empty cell
// means no: never ruled out, not relevant, no condition, no amount.
type rule struct {
	feature  catalog.FeatureID
	words    []string                 // what a client calls it among the must-haves
	never    test                     // a known fact that rules it out, whoever names it
	relevant test                     // the context requirement
	context  conds                    // why it is relevant
	volume   bool                     // the reasoning names the number a week (DOMAIN 5.3)
	top      conds                    // what makes it essential
	high     conds                    // what makes it highly recommended
	worth    func(*client, set) worth // nil when its benefit is no amount
	claim    string                   // what the amount is, with one %s; "" for the usual words
}

// set is a group of features looked at together, so that nothing is counted
// twice.
type set map[catalog.FeatureID]bool

// contains reports whether the set holds one of the features.
func (s set) contains(ids ...catalog.FeatureID) bool {
	return slices.ContainsFunc(ids, func(id catalog.FeatureID) bool { return s[id] })
}

// rules is the table of DOMAIN 5.2.
func rules() []rule {
	return append([]rule{
		appointmentSchedulingRule(), bookingSystemRule(), smsNotificationsRule(), eventCalendarRule(),
		ecommerceBasicRule(), ecommerceAdvancedRule(), paymentProcessingRule(), inventoryManagementRule(), liveChatRule(),
		emailMarketingRule(), newsletterRule(), blogSystemRule(), seoPackageRule(), socialMediaIntegrationRule(), multilingualRule(),
		membershipPortalRule(), customerPortalRule(), analyticsDashboardRule(), apiIntegrationRule(), customFormsRule(),
	}, safetyRules()...)
}

// rule returns the rule of a feature; a feature that an agency added has none
// and is relevant only when the client names it.
func (c *client) rule(id catalog.FeatureID) rule { return c.rules[id] }

// relevant reports whether the context requirement of a feature holds. What
// the client names is wanted, unless a known fact rules it out.
func (c *client) relevant(id catalog.FeatureID) bool {
	return !c.rule(id).never.holds(c) && c.wanted(id)
}

// wanted leaves out what rules a feature out.
func (c *client) wanted(id catalog.FeatureID) bool {
	return c.rule(id).relevant.holds(c) || c.names(id)
}

// worth computes the amount of a feature as part of a set.
func (c *client) worth(id catalog.FeatureID, in set) worth {
	if compute := c.rule(id).worth; compute != nil {
		return compute(c, in)
	}
	return worth{}
}

package recommend

import (
	"slices"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// safetyRules are the features of DOMAIN 4.4 for a client who wants them
// without a regulation; where one applies, it decides.
func safetyRules() []rule {
	needs := func(what string) test { return func(c *client) bool { return c.v.Holds(slot.SecurityNeeds, what) } }
	accessible := func(c *client) bool { return says(plain(c.v[slot.AccessibilityLevel]), "wcag") }
	return []rule{
		{feature: "security_audit", words: []string{"security audit", "penetration test"}},
		{
			feature: "secure_forms", words: []string{"secure form", "encrypted form"}, relevant: needs("encryption"),
			high: conds{sign(needs("encryption"), "stored answers are to be encrypted")},
		},
		{
			feature: "user_authentication", words: []string{"user account", "authentication", "staff login"}, never: hasMembers, relevant: needs("two_factor"),
			high: conds{sign(needs("two_factor"), "access with a second factor is wanted")},
		},
		{feature: "cookie_consent", words: []string{"cookie"}},
		{feature: "privacy_tools", words: []string{"privacy tool", "data export", "data deletion"}},
		{
			feature: "wcag_compliance", words: []string{"wcag", "accessib"}, relevant: accessible,
			high: conds{sign(accessible, "pages that meet WCAG are wanted")},
		},
		{feature: "accessibility_audit", words: []string{"accessibility audit"}},
	}
}

// regulations in the order in which they are listed.
var regulations = [...]catalog.Regulation{catalog.HIPAA, catalog.PCI, catalog.GDPR, catalog.ADA}

// required lists the regulations that apply (DOMAIN 4.4): those the client
// chose or stated, PCI-DSS wherever a shop or membership fee is planned, and,
// while the question of compliance is open, those that the client's words about
// the business call for.
func (c *client) required() []catalog.Regulation {
	var out []catalog.Regulation
	for _, r := range regulations {
		if c.v.Holds(slot.ComplianceRequirements, string(r)) || c.v.Holds(slot.ComplianceStated, string(r)) || c.implied(r) {
			out = append(out, r)
		}
	}
	return out
}

func (c *client) implied(r catalog.Regulation) bool {
	if r == catalog.PCI {
		return bringsPayment(c)
	}
	if c.v.Has(slot.ComplianceRequirements) {
		return false
	}
	audience := plain(c.v[slot.TargetAudience])
	switch r {
	case catalog.HIPAA:
		return c.has("healthcare", "health care", "medical", "patient data", "patient record", "phi ", "hipaa")
	case catalog.GDPR:
		return c.has("gdpr", "european customer", "european client", "international audience", "international customer") ||
			says(audience, "europe", "the eu ", "international")
	case catalog.ADA:
		_, public := c.inTrade("education", "school", "university", "government", "public sector")
		return public || c.has("ada compliance", "accessibility law", "section 508")
	default:
		return false
	}
}

// reason says in plain words what a regulation does.
func reason(r catalog.Regulation) string {
	switch r {
	case catalog.HIPAA:
		return "HIPAA applies, which protects health data"
	case catalog.PCI:
		return "PCI-DSS applies, which protects card data"
	case catalog.GDPR:
		return "GDPR applies, which protects the data of people in Europe"
	case catalog.ADA:
		return "ADA applies, which asks for websites that everybody can use"
	default:
		return string(r) + " applies"
	}
}

// stated lists the regulations that call for the custom package (DOMAIN 6.1):
// HIPAA, GDPR and ADA whenever they apply, PCI-DSS only when the client stated
// it, because every shop brings it along (DOMAIN 11.1 K-26).
func (c *client) stated() []catalog.Regulation {
	return slices.DeleteFunc(c.required(), func(r catalog.Regulation) bool {
		return r == catalog.PCI && !c.v.Holds(slot.ComplianceStated, string(r))
	})
}

package recommend

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/slot"
)

// formWords name data that a plain contact form does not collect.
var formWords = [...]string{
	"application form", "registration form", "intake form", "paper form", "survey", "questionnaire", "waiver", "consent form", "medical history", "quote request", "request form",
}

// covered lists systems that need no integration of their own, because a
// package or another feature connects them: payment services, mail services,
// Google's tools on every page, and social networks.
var covered = [...]string{
	"payment", "stripe", "paypal", "square", "mailing list", "mailchimp", "google analytics", "google maps", "instagram", "facebook", "none",
}

// connects is a condition about more than few of the systems that pass.
func connects(few int, format string, passes func(*client, string) bool) cond {
	return func(c *client) (fact, bool) {
		named := slices.DeleteFunc(c.systems(), func(s string) bool { return !passes(c, s) })
		for i, s := range named {
			switch strings.ToLower(s) {
			case "calendar", "crm": // kinds of systems, others are names
				named[i] = "a " + s
			}
		}
		return fact{fmt.Sprintf(format, quote(list(named))), true}, len(named) > few
	}
}

func inUse(c *client, s string) bool { return c.v.Holds(slot.CurrentTools, s) }
func anySystem(*client, string) bool { return true }
func membersCond() cond              { return count(slot.MemberCount, "%s members have to be served") }

func membershipPortalRule() rule {
	return rule{
		feature:  "membership_portal",
		words:    []string{"member", "subscription", "gated", "paywall", "course access"},
		never:    refuses(slot.HasMembers),
		relevant: either(hasMembers, both(yes(slot.HasMembers), mixed)),
		context:  conds{membersCond(), sign(yes(slot.HasMembers), "there are members to be served"), sign(answered(slot.MemberDetails), "members get something of their own")},
		top: conds{
			when(model("membership"), membersCond()),
			sign(model("membership"), "membership is what the business sells"),
			count(slot.MemberFee, "members pay %s a month, again and again"),
			sign(ticked(slot.MemberDetails, "tiers"), "there are levels of membership"),
			sign(ticked(slot.MemberDetails, "member_content", "course_progress"), "some content is for members only"),
			sign(ticked(slot.MemberDetails, "renewals"), "memberships are renewed again and again"),
			when(hasMembers, own("tier", "membership level", "private content", "recurring")),
		},
		high:  conds{membersCond(), when(hasMembers, own("exclusive", "member benefit", "community", "subscription"))},
		worth: product(12, "%s members × %s a month × 12 months", slot.MemberCount, slot.MemberFee),
		claim: "fees of %s annually run through it",
	}
}

func customerPortalRule() rule {
	return rule{
		feature:  "customer_portal",
		words:    []string{"customer portal", "client portal", "portal", "client login", "customer login", "client area", "customer area", "customer account"},
		never:    hasMembers,
		relevant: either(yes(slot.WantsSelfService), regulars, hasAccounts, speaks("recurring client", "regular client", "retainer", "client document", "client login", "exchange document")),
		context: conds{
			when(regulars, count(perWeek, "%s a week come from clients who return")),
			sign(yes(slot.WantsRepeatCustomers), "clients are meant to come back"),
			own("recurring client", "regular client", "retainer", "client document", "exchange document"),
		},
		top: conds{when(speaks("b2b", "business clients", "corporate clients", "business customers"), own("document", "invoice", "contract", "report"))},
		high: conds{
			sign(yes(slot.WantsSelfService), "clients ask for a login of their own"),
			sign(hasAccounts, "visitors are to have an account of their own"),
			own("support request", "support load", "status calls", "client login", "self service"),
		},
		worth: hoursWorth("customer_portal"),
	}
}

func analyticsDashboardRule() rule {
	return rule{
		feature:  "analytics_dashboard",
		words:    []string{"dashboard", "kpi", "reporting"},
		relevant: either(yes(slot.ReportingNeed), ticked(slot.ToolDetails, "charts", "dashboard"), speaks("kpi", "dashboard", "reporting")),
		context:  conds{own("kpi", "dashboard", "report", "metric"), sign(yes(slot.ReportingNeed), "the business is steered by key figures"), sign(ticked(slot.ToolDetails, "dashboard"), "a dashboard is part of the tool")},
		top:      conds{own("kpi", "executive", "board report", "investor report")},
		high: conds{
			sign(ticked(slot.ToolDetails, "charts"), "figures are to be shown as charts"),
			figure(over(slot.AnnualRevenue, 500_000), "at %s of revenue a year, decisions should rest on figures", slot.AnnualRevenue),
			figure(both(over(slot.HoursPerWeekOnTask, 4.99), both(speaks("report"), not(books))), "%s hours a week go into manual work such as reports", slot.HoursPerWeekOnTask),
		},
		worth: hoursWorth("analytics_dashboard"),
	}
}

func apiIntegrationRule() rule {
	return rule{
		feature:  "api_integration",
		words:    []string{"api ", "integration", "integrate", "sync with", "connect to"},
		relevant: func(c *client) bool { return len(c.systems()) > 0 },
		context:  conds{connects(0, "the site is to work with %s", anySystem)},
		top:      conds{own("double entry", "data entry", "re enter", "retype", "copy data", "sync", "system of record")},
		high: conds{
			connects(0, "%s is in use today", inUse),
			connects(2, "several systems are to work together: %s", anySystem),
		},
		worth: hoursWorth("api_integration"),
	}
}

// formDetails reports whether the details name a form.
func formDetails(c *client) bool {
	return either(ticked(slot.GivingDetails, "volunteer_form"), ticked(slot.BookingDetails, "intake_form"))(c)
}

func customFormsRule() rule {
	return rule{
		feature:  "custom_forms",
		words:    []string{"custom form", "form builder", "application form", "registration form", "intake form", "survey", "questionnaire", "quote form", "order form", "request form"},
		relevant: either(does("apply"), formDetails, speaks(formWords[:]...)),
		context:  conds{own(formWords[:]...)},
		top:      conds{own("consent form", "waiver", "medical history", "legally required")},
		high: conds{
			own("paper form", "qualify lead", "lead qualification", "application form", "registration form"),
			sign(does("apply"), "visitors are meant to apply on the site"),
			sign(ticked(slot.GivingDetails, "volunteer_form"), "volunteers are to sign up on the site"),
			sign(ticked(slot.BookingDetails, "intake_form"), "questions are to be answered before the visit"),
		},
		worth: hoursWorth("custom_forms"),
	}
}

package scope_test

import (
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// TestSectionsSay checks what single facts do to the document.
func TestSectionsSay(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	facts := func(list ...intake.Fact) func(testing.TB, *intake.Session) {
		return func(_ testing.TB, s *intake.Session) { s.Facts = append(s.Facts, list...) }
	}
	tests := []struct {
		name    string
		change  func(testing.TB, *intake.Session)
		section int
		want    []string
		not     []string
	}{
		{
			name: "an action without a feature becomes an open point", change: facts(said(10, slot.VisitorActions, "buy")),
			section: 7, want: []string{"Visitors can buy online.", "Delivered by: nothing in the selection (open point, section 14)"},
		},
		{
			name: "an action without a feature is listed in section 14", change: facts(said(10, slot.VisitorActions, "buy")),
			section: 14, want: []string{"**Not in the selection: E-commerce (Basic) or E-commerce (Advanced):** It is needed for: Visitors can buy online (REQ-13)."},
		},
		{
			name: "a must-have that was not chosen is an open point", change: facts(said(10, slot.MustHaves, "event_calendar")),
			section: 14, want: []string{`**Event Calendar:** Named as a must-have (Q10: "event\_calendar"), but not part of the selection`},
		},
		{
			name: "more pages than the package holds", change: facts(picked(10, slot.PageCount, "15", "More than 8")),
			section: 14, want: []string{"**Number of pages:** The client names 15, the Professional package holds 8."},
		},
		{
			name: "wishes nobody priced", change: facts(said(17, slot.LogoStatus, "need"), said(16, slot.Copywriting, "full"), said(18, slot.Video, "creation")),
			section: 14, want: []string{"**Creating a logo:** Wanted (Q17", "**Copywriting:** Wanted (Q16", "**Producing video:** Wanted (Q18"},
		},
		{
			name: "a logo at hand is no open point", change: facts(), section: 14,
			not: []string{"Creating a logo", "Copywriting:** Wanted"},
		},
		{
			name: "a total above the budget", change: facts(said(13, slot.BudgetMax, "500000")),
			section: 13, want: []string{"the project total is $1,400 above its upper bound"},
		},
		{
			name:    "missing texts and logo lengthen the plan to nine weeks",
			change:  facts(said(16, slot.ContentReadiness, "need_help"), said(17, slot.LogoStatus, "need")),
			section: 12, want: []string{
				"**Duration:** 9 to 11 weeks", "Added: 2 weeks, because texts", "Added: 1 week, because logo or colours",
				"The launch is 6 weeks after the interview, the shortest plan takes 9.", "| Launch | week 9 |",
			},
		},
		{
			name: "a launch date leads to the latest kickoff", change: facts(said(14, slot.LaunchDate, "2027-03-15")),
			section: 12, want: []string{
				"**Launch date:** March 15, 2027", "**Latest kickoff:** February 1, 2027 (6 weeks before launch)",
				"**Recommended kickoff:** January 18, 2027 (8 weeks before launch)", "The website is live on March 15, 2027.",
			},
			not: []string{"about March", "No fixed launch date", "already past"},
		},
		{
			name: "no launch is a risk", change: facts(intake.Fact{Slot: slot.LaunchWeeks, Status: intake.Unknown}),
			section: 12, want: []string{"No fixed launch date", "**Latest kickoff:** open, because no launch date was provided by client (gap)"},
		},
		{
			name: "ready content is no risk", change: facts(said(16, slot.ContentReadiness, "ready")),
			section: 12, not: []string{"Content is not ready"},
		},
		{
			name: "the longest feature is named", change: facts(), section: 12,
			want: []string{"Longest feature: Appointment Scheduling System, up to 2 weeks", "development of Appointment Scheduling System (up to 2 weeks)"},
		},
		{
			name: "media that were all declined", change: facts(
				said(18, slot.Galleries, "none"), said(18, slot.Animation, "none"),
			), section: 8, want: []string{"None required: every kind of media"}, not: []string{"### Requirements\n\n- **REQ-25 (should):** A portfolio"},
		},
		{
			name: "an accessible site needs a feature", change: facts(said(11, slot.AccessibilityLevel, "wcag_aa")),
			section: 7, want: []string{"The website meets WCAG 2.1 AA, with proof."},
		},
		{
			name: "a regulation becomes a requirement", change: facts(said(11, slot.ComplianceRequirements, "GDPR,HIPAA")),
			section: 7, want: []string{"(GDPR)", "(HIPAA)"},
		},
		{
			name: "a regulation counts for the complexity", change: facts(said(11, slot.ComplianceRequirements, "GDPR")),
			section: 2, want: []string{"standard (6 points)", "compliance with GDPR (+1)"},
		},
		{
			name: "money of an option is shown in its words", change: facts(picked(13, slot.BudgetText, "3k_5k", "$3,000 to $5,000")),
			section: 13, want: []string{"**Budget:** $3,000 to $5,000 (stated"}, not: []string{"3k"},
		},
		{
			name: "a date that was named is one requirement, without the weeks until then", change: facts(
				said(14, slot.LaunchDate, "2026-12-25"), with(said(14, slot.LaunchWeeks, "5"), intake.Inferred),
			), section: 12, want: []string{"The website is live on December 25, 2026."}, not: []string{"The website is live 5 weeks"},
		},
		{
			name: "pages that only the plan assumes are not called the client's", change: facts(intake.Fact{Slot: slot.PageCount, Value: "15", Status: intake.Assumed}),
			section: 14, want: []string{"The plan assumes 15, the Professional package holds 8."}, not: []string{"The client names 15"},
		},
		{
			name: "a settlement that no rule could read is an open point", change: func(_ testing.TB, s *intake.Session) {
				s.Conflicts = append(s.Conflicts, intake.ConflictRecord{Type: intake.TimelineVsScope, Original: "xmas", Conflicting: "9 weeks", Resolution: "own_words", Label: "my uncle helps", Unread: true})
			}, section: 14, want: []string{"**Contradiction: timeline vs scope:** The client settled it in own words, and nothing follows from them yet"},
		},
		{
			name: "no figures, no return", change: facts(
				intake.Fact{Slot: slot.AppointmentsPerWeek, Status: intake.Unknown}, intake.Fact{Slot: slot.HoursPerWeekOnTask, Status: intake.Unknown},
				intake.Fact{Slot: slot.AverageAppointmentValue, Status: intake.Unknown},
			), section: 13, want: []string{"Not computed: the client gave no figures"}, not: []string{"annually"},
		},
		{
			name: "large numbers have separators", change: facts(said(9, slot.ProductsToSell, "1200")),
			section: 7, want: []string{"The catalogue holds 1,200 products."},
		},
		{
			name: "a number in words stays as it is", change: facts(said(9, slot.ProductsToSell, "a dozen")),
			section: 7, want: []string{"The catalogue holds a dozen products."},
		},
		{
			name: "an answer without visible characters is a gap", change: facts(said(8, slot.UniqueValue, "\u200b \n")),
			section: 4, want: []string{"**What sets it apart:** Not provided by client (gap)."}, not: []string{"The difference to other offers"},
		},
		{
			name: "a value the client took back is a gap", change: facts(intake.Fact{Slot: slot.UniqueValue, Value: "old", Status: intake.Unknown}),
			section: 4, want: []string{"**What sets it apart:** Not provided by client (gap)."}, not: []string{"old"},
		},
		{
			name: "without a package there is no price, but the budget", change: func(_ testing.TB, s *intake.Session) {
				s.Features = nil
			}, section: 13, want: []string{"No package was chosen, so there is no price.", "**Budget:** $6,500", "**Upper budget bound:** $6,500"}, not: []string{"| Position |"},
		},
		{
			name: "without a package nothing limits the pages", change: func(_ testing.TB, s *intake.Session) {
				s.Features = nil
				s.Facts = append(s.Facts, picked(10, slot.PageCount, "15", "More than 8"))
			}, section: 14, want: []string{"No package was chosen by the client."}, not: []string{"**Number of pages:** The client names"},
		},
		{
			name: "hours are shown without an amount when nobody gave the cost of an hour", change: facts(
				intake.Fact{Slot: slot.AverageAppointmentValue, Status: intake.Unknown}, intake.Fact{Slot: slot.CurrentNoShowRate, Status: intake.Unknown},
			), section: 13, want: []string{"**Appointment Scheduling System:** 624 hours a year; "}, not: []string{"annually", "Together", "Payback"},
		},
		{
			name: "without a must-have the recommendation sets the priority", change: facts(said(10, slot.MustHaves, "none")),
			section: 10, want: []string{"(must):** SMS Notifications: ", "(should):** Payment Processing Integration: ", `Status: stated (Q12: "SMS Notifications")`},
		},
		{
			name: "an automatic feature costs nothing and says why",
			change: func(tb testing.TB, s *intake.Session) {
				tb.Helper()
				choose(tb, s, cat, catalog.Selection{Package: catalog.Custom, Features: []catalog.FeatureID{"membership_portal"}}, salonOffer())
			},
			section: 10, want: []string{
				"(must):** Payment Processing Integration: ", `Status: inferred (Q12: "Membership Portal")`,
				"Payment Processing Integration is included with Membership Portal", "no charge (list price $500)", "from $6,000",
				"Membership Portal is chosen, so Customer Portal is left out", "- SMS Notifications, $300: declined",
			},
		},
		{
			name: "a feature moved to a later phase",
			change: func(_ testing.TB, s *intake.Session) {
				s.Features.Phased = []catalog.FeatureID{"customer_portal"}
			},
			section: 10, want: []string{"- Customer Portal, $1,200: moved to a later phase", "- Social Media Feed Integration, $250: declined"},
		},
		{
			name: "a choice the client never made is assumed",
			change: func(_ testing.TB, s *intake.Session) {
				s.OpenPoints = []intake.OpenPoint{{Slot: slot.PriceConfirmed, Reason: "The interview ended."}}
			},
			section: 10, want: []string{"assumed: recommended, not confirmed by the client", "Customer Portal, $1,200: offered, no answer", "Status: assumed (no answer; documented default)"}, not: []string{"(Q12: \"Professional\")"},
		},
		{
			name: "a package that settled a contradiction quotes the resolution",
			change: func(_ testing.TB, s *intake.Session) {
				s.Conflicts = append(s.Conflicts, intake.ConflictRecord{Type: intake.OtherConflict, Resolution: "upgrade_package", Label: "Use the package that fits"})
			},
			section: 10, want: []string{`$4,500 (stated, section 14: "Use the package that fits")`},
		},
		{
			name: "a screen that was shown again is quoted by its last question",
			change: func(_ testing.TB, s *intake.Session) {
				s.Asked = []intake.Asked{{QuestionID: "features", Number: 12}, {QuestionID: "budget", Number: 13}, {QuestionID: "features", Number: 14}}
			},
			section: 10, want: []string{`(stated, Q14: "Professional")`, `Status: stated (Q14: "Payment Processing Integration")`},
		},
		{
			name: "bundles and prices", change: facts(), section: 10,
			want: []string{
				"**Bundle:** Service Provider, $100 less (Appointment Scheduling System, Payment Processing Integration, SMS Notifications)",
				"Reason: With 50 appointments a week and 18 % no-shows", "**SMS Notifications:** $300; 3 to 5 working days",
			},
		},
		{
			name: "a change of mind", change: facts(read(20, slot.BudgetMax, "700000", "up to $7,000")),
			section: 14, want: []string{"**Upper budget bound:** $6,500 (Q14), then $7,000 (Q20)"}, not: []string{"**Must-have functions:** Appointment"},
		},
		{
			name: "a value taken back and given anew", change: facts(
				intake.Fact{Slot: slot.BudgetMax, Status: intake.Unknown}, read(20, slot.BudgetMax, "700000", "up to $7,000"),
			), section: 14, want: []string{"**Upper budget bound:** $6,500 (Q14), then $7,000 (Q20)"}, not: []string{"then taken back"},
		},
		{
			name: "a value taken back for good", change: facts(intake.Fact{Slot: slot.LaunchText, Status: intake.Unknown}),
			section: 14, want: []string{"**Launch wish:** in 6 weeks (Q15), then taken back", "**Launch wish:** Not provided by client (gap)."},
		},
		{
			name: "a value refined within one question is no change", change: facts(said(15, slot.LaunchText, "in six weeks")),
			section: 14, not: []string{"**Launch wish:** in 6 weeks"},
		},
		{
			name: "a correction is no longer lost", change: facts(), section: 14,
			want: []string{`corrected: "The stylists also need to block their own lunch breaks."`, "**Correction in check 2:** To be compared"},
		},
		{
			name: "a contradiction and its resolution", change: facts(), section: 14,
			want: []string{`against "Budget: up to $5,000"`, `Resolved: "Raise the budget"`},
		},
		{
			name:    "an open contradiction",
			change:  func(_ testing.TB, s *intake.Session) { s.Conflicts[0].Label, s.Conflicts[0].Resolution = "", "" },
			section: 14, want: []string{"Not resolved.", `**Contradiction: budget vs features:** It was shown and not resolved: "Selected: Professional with 4 extra features, $6,400 in total" (Q12) against "Budget: up to $5,000".`},
		},
		{
			name: "hosting and support of the package", change: facts(), section: 11,
			want: []string{"90 days after launch, with priority", "Standard, $150 a month: up to 50,000 visitors a month, 50 GB", "**Training in the package:** 1 session"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			tt.change(t, s)
			body := build(t, s, cat).Sections[tt.section-1].Body
			for _, want := range tt.want {
				if !strings.Contains(body, want) {
					t.Errorf("section %d lacks %q:\n%s", tt.section, want, body)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(body, not) {
					t.Errorf("section %d contains %q:\n%s", tt.section, not, body)
				}
			}
		})
	}
}

// words is the file of wordings as the tests read it.
type words struct {
	Values     map[slot.Key]map[string]string `json:"values"`
	Features   map[catalog.FeatureID]string   `json:"features"`
	Inclusions map[string]string              `json:"inclusions"`
	Rules      []struct {
		Slot     slot.Key `json:"slot"`
		Section  int      `json:"section"`
		Priority string   `json:"priority"`
		text
		Cases []struct {
			Match []string `json:"match"`
			text
		} `json:"cases"`
	} `json:"rules"`
}

type text struct {
	Text       string              `json:"text"`
	Accept     string              `json:"accept"`
	Features   []catalog.FeatureID `json:"features"`
	Inclusions []string            `json:"inclusions"`
}

func (x text) check(t *testing.T, cat *catalog.Catalog, where string) {
	t.Helper()
	if !strings.HasSuffix(x.Text, ".") || len(x.Accept) < 40 || !strings.HasSuffix(x.Accept, ".") {
		t.Errorf("%s: text %q or acceptance %q is no whole sentence", where, x.Text, x.Accept)
	}
	for _, id := range x.Features {
		if _, ok := cat.Feature(id); !ok {
			t.Errorf("%s: unknown feature %s", where, id)
		}
	}
	for _, id := range x.Inclusions {
		if !slices.ContainsFunc(cat.Inclusions(catalog.Custom), func(i catalog.Inclusion) bool { return i.ID == id }) {
			t.Errorf("%s: unknown inclusion %s", where, id)
		}
	}
}

func TestWordingFitsCatalogAndSlots(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	w := wording(t)
	for _, f := range cat.Features {
		if len(w.Features[f.ID]) < 40 {
			t.Errorf("feature %s has no acceptance line", f.ID)
		}
	}
	for _, i := range cat.Inclusions(catalog.Custom) {
		if len(w.Inclusions[i.ID]) < 40 {
			t.Errorf("inclusion %s has no acceptance line", i.ID)
		}
	}
	defs := map[slot.Key]bool{"websiteType": true}
	for _, d := range slot.Defs() {
		defs[d.Key] = true
	}
	for k := range w.Values {
		if !defs[k] {
			t.Errorf("values of unknown slot %s", k)
		}
	}
	for _, r := range w.Rules {
		if !defs[r.Slot] || r.Section < 1 || r.Section > 14 || !slices.Contains([]string{"must", "should", "could"}, r.Priority) {
			t.Errorf("rule %s: section %d, priority %q", r.Slot, r.Section, r.Priority)
		}
		r.check(t, cat, string(r.Slot))
		for _, c := range r.Cases {
			c.check(t, cat, string(r.Slot)+" "+strings.Join(c.Match, " "))
		}
	}
}

// TestAgencyFeatures builds with a catalog that has none of our ids.
func TestAgencyFeatures(t *testing.T) {
	t.Parallel()
	cat := &catalog.Catalog{
		Packages: []catalog.Package{{ID: "one", Name: "One", Price: 100000, Hosting: "h", SupportDays: 10, Inclusions: []catalog.Inclusion{{ID: "care", Name: "Care", Description: "Somebody cares."}}}},
		Hosting:  []catalog.Hosting{{ID: "h", Name: "Small", Monthly: 1000}},
		Features: []catalog.Feature{{ID: "tour", Name: "Tour | of <b>", Description: "A tour.", Price: 12345, MinDays: 3, MaxDays: 3}},
	}
	s := barely(t, shop(t))
	choose(t, s, cat, catalog.Selection{Package: "one", Features: []catalog.FeatureID{"tour"}}, salonOffer())
	d := build(t, s, cat)
	for _, want := range []string{`| Tour \| of \<b\> | 1 | $123.45 |`, "**$1,123.45**", "any number of visitors", "works on the staging site as described"} {
		if !strings.Contains(d.Markdown, want) {
			t.Errorf("the document lacks %q", want)
		}
	}
	if got := breaches(d.Markdown); len(got) > 0 {
		t.Errorf("breaches = %q", got)
	}
}

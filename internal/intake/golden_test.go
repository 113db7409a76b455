package intake_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// teller is a scripted client: what is said about each slot, which options
// have a reason, and how choices beside the questions are made.
type teller struct {
	client   intake.Client
	texts    map[slot.Key]string
	wishes   []string
	pack     catalog.PackageID
	features []catalog.FeatureID
	settle   map[string]string // resolution by conflict type; the first one else
}

func (c teller) answer(a intake.Action) intake.Answer {
	switch a.Kind {
	case intake.AskQuestion:
		return tick(a.Question, c.texts, c.wishes)
	case intake.ExampleOptions:
		return intake.Answer{Value: a.Examples.Options[0].Value}
	case intake.ConflictResolution:
		if way := c.settle[string(a.Conflict.Type)]; way != "" {
			for _, o := range a.Conflict.Options {
				if o.Value == way {
					return intake.Answer{Choice: way}
				}
			}
		}
		return intake.Answer{Choice: a.Conflict.Options[0].Value}
	case intake.ValidateUnderstanding:
		return intake.Answer{Response: "correct"}
	case intake.RecommendFeatures:
		return intake.Answer{Package: c.pack, Features: c.features}
	case intake.Complete:
	}
	return intake.Answer{}
}

func goldenSalon() teller {
	return teller{
		client: ada(), texts: salonTexts(), wishes: salonWishes(), pack: "professional",
		features: []catalog.FeatureID{"appointment_scheduling", "payment_processing", "sms_notifications", "email_marketing"},
	}
}

// goldenShop sells 500 products and pastes half a brief into the first answer.
func goldenShop() teller {
	return teller{
		client: intake.Client{Name: "Tomás Ferreira", Email: "tomas@azulejo.example", WebsiteType: "business"},
		texts: map[slot.Key]string{
			slot.BusinessDescription: "Azulejo Garden sells handmade tiles and garden pots from Portugal. We have 500 products, ship about 120 orders a month within the US, average order $140. " +
				"Today we sell through an old Shopify site at azulejogarden.com that is slow on phones. Stock is counted in a spreadsheet and we run out of bestsellers.",
			slot.PrimaryGoal:      "Sell more online: 200 orders a month by next summer instead of 120, and stop overselling.",
			slot.TargetAudience:   "Homeowners and garden designers across the US, mostly 35 to 65, who renovate a kitchen or terrace and need to see colours in real light before they order.",
			slot.UniqueValue:      "Every tile is painted by hand in two workshops near Porto, and we send a free sample within three days. People compare us with Fireclay and Clé.",
			slot.ProductsToSell:   "500 products, 120 orders a month, $140 on average, about $200,000 a year.",
			slot.LaunchText:       "In 16 weeks",
			slot.BudgetText:       "$14,000",
			slot.DesignReferences: "fireclaytile.com for its colour filter; heathceramics.com because the photos show texture.",
			slot.Avoid:            "No pop-ups, no countdown timers and no stock photos of smiling families.",
		},
		wishes: []string{
			"visitorActions.buy", "visitorActions.contact", "mustHaves.ecommerce_basic", "mustHaves.payment_processing", "mustHaves.email_marketing",
			"complianceRequirements.PCI-DSS", "currentTools.Shopify", "integrations.accounting", "dataMigration.records", "securityNeeds.none",
			"budgetText.over_10k", "decisionMakers.The client and a partner", "launchText.In 24 weeks", "contentProvider.client", "contentReadiness.in_progress",
			"copywriting.partial", "navigation.filters", "navigation.search", "productDetails.variants", "productDetails.zoom", "productDetails.several_photos",
			"checkoutDetails.guest_checkout", "checkoutDetails.discount_codes", "checkoutDetails.order_tracking", "deliveryOptions.shipping", "deliveryOptions.free_over_amount",
			"notifications.email_confirmation", "notifications.status_updates", "backgroundTone.off_white", "logoStatus.have_vector", "photoStatus.have",
		},
		pack:     "custom",
		features: []catalog.FeatureID{"ecommerce_advanced", "inventory_management", "email_marketing"},
		settle:   map[string]string{"budget_vs_features": "phase_features", "content_vs_launch": "placeholder_content"},
	}
}

// goldenClinic keeps patient data, starts with a small package in mind and has
// to settle what HIPAA calls for.
func goldenClinic() teller {
	return teller{
		client: intake.Client{Name: "Dr. Amara Nwosu", Email: "amara@lakeside.example", Phone: "(555) 010-7788", WebsiteType: "business"},
		texts: map[slot.Key]string{
			slot.BusinessDescription: "Lakeside Physical Therapy is a clinic in Madison with five therapists. Patients call to schedule appointments; the website is outdated.",
			slot.PrimaryGoal:         "Half of all appointments booked online within six months, so that the front desk has time for patients.",
			slot.TargetAudience:      "Adults in and around Madison after surgery or with back pain, many over 50, who need an appointment soon and want to know what insurance covers.",
			slot.UniqueValue:         "One therapist stays with a patient from the first visit to the last. People compare us with UW Health and Orthosport.",
			slot.AppointmentsPerWeek: "160 appointments a week, $110 each, 12% no-shows, 20 hours a week on the phone for scheduling.",
			slot.LaunchText:          "In 14 weeks",
			slot.BudgetText:          "$12,000",
			slot.DesignReferences:    "mayoclinic.org because it is easy to read; onemedical.com for its calm booking.",
			slot.Avoid:               "Nothing that looks like a gym, no dark backgrounds, no medical jargon.",
		},
		wishes: []string{
			"visitorActions.book", "visitorActions.learn", "visitorActions.contact", "mustHaves.appointment_scheduling", "mustHaves.sms_notifications", "mustHaves.custom_forms",
			"complianceRequirements.HIPAA", "complianceRequirements.ADA", "currentTools.Google Workspace", "integrations.calendar", "dataMigration.pages",
			"accessibilityLevel.wcag_aa", "securityNeeds.encryption", "budgetText.over_10k", "decisionMakers.The client and a partner", "launchText.In 24 weeks",
			"contentProvider.mixed", "contentReadiness.in_progress", "bookingDetails.choose_staff", "bookingDetails.reschedule", "bookingDetails.intake_form",
			"notifications.email_confirmation", "notifications.reminder", "siteSections.faq", "trustSignals.team_profiles", "backgroundTone.white", "logoStatus.have",
		},
		pack:     "custom",
		features: []catalog.FeatureID{"appointment_scheduling", "sms_notifications", "secure_forms", "wcag_compliance"},
		settle:   map[string]string{"other": "add_features", "budget_vs_features": "raise_budget"},
	}
}

// TestGoldenTranscripts keeps three interviews and their documents as files,
// so that a change of questions or rules is seen as a difference.
func TestGoldenTranscripts(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for name, c := range map[string]teller{"salon": goldenSalon(), "shop": goldenShop(), "clinic": goldenClinic()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := begin(t, e, c.client)
			i.run(c.answer)
			doc, err := scope.Build(i.s, e.Catalog(), scope.Agency{Name: "Applicreations", Email: "david@applicreations.com"}, i.s.Completion.At)
			if err != nil {
				t.Fatalf("Build = %v", err)
			}
			golden(t, name+".transcript.md", transcript(name, i))
			golden(t, name+".SCOPE.md", doc.Markdown)
		})
	}
}

// transcript writes an interview for people: each question with why it was
// chosen, the answer, and what was learned from it.
func transcript(name string, i *interviewed) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Interview: %s\n\n%d questions, %d facts, %d open points, confidence %d.\n", name, i.s.Questions, len(i.s.CurrentFacts()), len(i.s.OpenPoints), i.s.Completion.Confidence)
	for _, m := range i.said {
		if m.Role == "client" {
			fmt.Fprintf(&b, "\n> %s\n", strings.ReplaceAll(m.Text, "\n", "\n> "))
			continue
		}
		fmt.Fprintf(&b, "\n**Q%d %s** %s\n", m.Number, m.QuestionID, m.Text)
		for _, a := range i.s.Asked {
			if a.Number == m.Number && a.QuestionID == m.QuestionID && len(a.Ranking) > 0 {
				best := a.Ranking[0]
				fmt.Fprintf(&b, "\n*score %.2f (value %.1f, unlock %.1f, price %.1f, %.0f s)%s*\n", best.Score, best.Value, best.Unlock, best.Price, best.Seconds, ruleNote(best.Rule))
			}
		}
	}
	b.WriteString("\n## Facts\n\n| slot | value | status | question | words |\n|---|---|---|---|---|\n")
	cell := strings.NewReplacer("|", "\\|", "\n", " ")
	for _, f := range i.s.CurrentFacts() {
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %s |\n", f.Slot, cell.Replace(f.Value), f.Status, f.Evidence.Question, cell.Replace(f.Evidence.Quote+f.Note))
	}
	b.WriteString("\n## Open points\n\n")
	for _, p := range i.s.OpenPoints {
		fmt.Fprintf(&b, "- %s: %s\n", p.Slot, p.Reason)
	}
	return b.String()
}

func ruleNote(rule string) string {
	if rule == "" {
		return ""
	}
	return ", rule " + rule
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; run with -update and read the change (-want +got):\n%s", name, diff)
	}
}

package deliver_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
)

const hostile = "**Bold** <script>alert(1)</script> [go](javascript:alert(1)) | # head <img src=x onerror=alert(1)> \u202e"

// said puts a text in the place of what the client said of some slots.
func said(s *intake.Session, text string, keys ...slot.Key) {
	for _, k := range keys {
		s.Facts = append(s.Facts, intake.Fact{
			Slot: k, Value: text, Status: intake.Stated, Confidence: 95, Source: "client", Evidence: intake.Evidence{Question: 5, Quote: text},
		})
	}
}

// wide is a catalog of 60 add-ons that go together, and what chooses them all.
func wide(tb testing.TB) (*catalog.Catalog, catalog.Selection) {
	tb.Helper()
	cat, err := catalog.Default()
	if err != nil {
		tb.Fatal(err)
	}
	own := *cat
	base, _ := cat.Feature("sms_notifications")
	base.Requires, base.Conflicts, base.AutoAdds, base.Upgrades = nil, nil, nil, ""
	own.Features, own.Bundles = nil, nil
	sel := catalog.Selection{Package: catalog.Custom}
	for n := range 60 {
		f := base
		f.ID, f.Name = catalog.FeatureID(fmt.Sprintf("feature_%02d", n+1)), fmt.Sprintf("Feature number %d", n+1)
		own.Features, sel.Features = append(own.Features, f), append(sel.Features, f.ID)
	}
	return &own, sel
}

// TestHardInput sends what no form would be filled in with through everything:
// SCOPE.md, the proposal, and both mails.
func TestHardInput(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("Bella Hair Studio & Söhne <b> ", 140)[:4000]
	for _, tt := range []struct {
		name   string
		change func(tb testing.TB, s *intake.Session, c *deliver.Config)
		held   bool
		why    string // among the reasons
		pdf    bool
	}{
		{"a business name of 4,000 characters", func(_ testing.TB, s *intake.Session, _ *deliver.Config) {
			said(s, name, slot.BusinessName)
		}, false, "", true},
		{"markup in every text", func(_ testing.TB, s *intake.Session, _ *deliver.Config) {
			s.Client.Name = hostile
			said(s, hostile, slot.BusinessName, slot.BusinessDescription, slot.PrimaryGoal, slot.TargetAudience, slot.UniqueValue, slot.Industry, slot.SuccessMetrics)
		}, false, "", true},
		{"no fact at all", func(_ testing.TB, s *intake.Session, _ *deliver.Config) {
			s.Facts, s.Loops, s.Conflicts = nil, nil, nil
		}, true, "The project has no name.", true},
		{"no package", func(_ testing.TB, s *intake.Session, _ *deliver.Config) {
			s.Features = nil
		}, true, "There is no proposal", false},
		{"a price of zero", func(tb testing.TB, s *intake.Session, c *deliver.Config) {
			tb.Helper()
			own := *c.Catalog
			own.Packages = append([]catalog.Package(nil), own.Packages...)
			for i := range own.Packages {
				own.Packages[i].Price = 0
			}
			c.Catalog = &own
			s.Features.Selection = catalog.Selection{Package: catalog.Starter}
			var err error
			if s.Features.Estimate, err = own.Price(s.Features.Selection); err != nil || s.Features.Estimate.Total != 0 {
				tb.Fatalf("Price() = %s, %v", s.Features.Estimate.Total, err)
			}
		}, true, "There is no total above zero.", true},
		{"sixty features", func(tb testing.TB, s *intake.Session, c *deliver.Config) {
			tb.Helper()
			var err error
			c.Catalog, s.Features.Selection = wide(tb)
			s.Features.Recommendation = recommend.Recommendation{} // its features are not in this catalog
			if s.Features.Estimate, err = c.Catalog.Price(s.Features.Selection); err != nil {
				tb.Fatal(err)
			}
		}, false, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := interviewed(t, "salon")
			h := houseOf(t, s, func(c *deliver.Config) { tt.change(t, s, c) })
			h.finish(t)
			d, err := h.store.Delivery(t.Context(), s.ID)
			if err != nil || (d.State == store.DeliveryHeld) != tt.held || !strings.Contains(strings.Join(d.Reasons, "\n"), tt.why) {
				t.Fatalf("delivery %s for %q, %v, want held = %v for %q", d.State, d.Reasons, err, tt.held, tt.why)
			}
			doc, err := h.store.Document(t.Context(), s.ID, store.DocumentScope)
			if err != nil || !strings.HasPrefix(string(doc.Data), "# Project Scope: ") {
				t.Fatalf("SCOPE.md: %v", err)
			}
			if bad := markdown.FindString(string(doc.Data)); bad != "" {
				t.Errorf("SCOPE.md holds %q", bad)
			}
			if n := len(doc.Name); n > 80 {
				t.Errorf("the file name has %d bytes", n)
			}
			pdf, err := h.store.Document(t.Context(), s.ID, store.DocumentProposal)
			if (err == nil) != tt.pdf || tt.pdf && !strings.HasPrefix(string(pdf.Data), "%PDF-") {
				t.Errorf("the proposal: %v, want one = %v", err, tt.pdf)
			}
			if got := len(h.takenBy(s.Client.Email)); (got == 0) != tt.held || got > 1 {
				t.Errorf("%d mails to the client, held = %v", got, tt.held)
			}
			team := h.takenBy("david@applicreations.com")
			if len(team) != 1 {
				t.Fatalf("%d mails to the team, want 1", len(team))
			}
			for _, m := range append(team, h.takenBy(s.Client.Email)...) {
				if bad := markup.FindString(m.HTML); bad != "" {
					t.Errorf("the HTML of a mail holds %q", bad)
				}
				if n := utf8.RuneCountInString(m.Subject); n > 150 || strings.ContainsAny(m.Subject, "\r\n\u202e") {
					t.Errorf("a subject of %d characters: %q", n, m.Subject)
				}
			}
		})
	}
}

// Markup of the client that stayed markup: in Markdown a backslash takes its
// meaning, in HTML only an entity does.
var (
	markdown = regexp.MustCompile("(?i)(^|[^\\\\])(<script|<img|\\]\\(javascript)|\u202e")
	markup   = regexp.MustCompile("(?i)<script|<img src=x|\u202e|href=.javascript")
)

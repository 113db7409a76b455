package scope_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func build(tb testing.TB, s *intake.Session, cat *catalog.Catalog) scope.Document {
	tb.Helper()
	d, err := scope.Build(s, cat, agency(), started().Add(24*time.Hour))
	if err != nil {
		tb.Fatalf("Build(%s) err = %v", s.ID, err)
	}
	return d
}

// sessions are one interview of each kind: finished, forced, attacked, just
// begun, in detail, with every option, and without an answer on the feature screen.
func sessions(tb testing.TB, cat *catalog.Catalog) map[string]*intake.Session {
	tb.Helper()
	unanswered := salon(tb, cat)
	unanswered.Features.Answered, unanswered.Features.Estimate = false, catalog.Estimate{}
	unanswered.Features.Selection, unanswered.Completion = catalog.Selection{}, nil
	return map[string]*intake.Session{
		"salon": salon(tb, cat), "barely": barely(tb, cat), "hostile": hostile(tb, cat), "unanswered": unanswered,
		"details": detailed(tb, cat), "everything": everything(tb, cat),
		"begun": {ID: "0193a1b2-0000-7000-8000-00000000000b", Client: intake.Client{Name: "Jo Doe"}, CreatedAt: started(), LastActivity: started()},
		"blank": {},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for name, s := range map[string]*intake.Session{"salon": salon(t, cat), "barely": barely(t, cat), "details": detailed(t, cat)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := build(t, s, cat).Markdown
			file := filepath.Join("testdata", name+".md")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("Build(%s) differs from %s; read the change and run with -update (-want +got):\n%s", name, file, diff)
			}
		})
	}
}

// sectionTitles are the titles of DOMAIN 7.1.
var sectionTitles = []string{
	"Executive Summary", "Project Classification", "Client Information", "Business Context", "Brand Assets & Identity",
	"Content Strategy", "Technical Specifications", "Media & Interactive Elements", "Design Direction",
	"Features & Functionality Breakdown", "Post-Launch Support Plan", "Project Timeline", "Investment Summary", "Validation Outcomes",
}

func TestEverySessionHasAllSections(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	var want []string
	for i, title := range sectionTitles {
		want = append(want, fmt.Sprintf("## Section %d: %s", i+1, title))
	}
	want = append(want, "## Next Steps", "## Technical Appendix", "## Document Information")
	for name, s := range sessions(t, cat) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := build(t, s, cat)
			var got []string
			for _, line := range strings.Split(d.Markdown, "\n") {
				if strings.HasPrefix(line, "## ") {
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("headings (-want +got):\n%s", diff)
			}
			for i, sec := range d.Sections {
				if sec.Number != i+1 || sec.Title != sectionTitles[i] || len(strings.TrimSpace(sec.Body)) < 10 {
					t.Errorf("section %d = %d %q with %d characters", i+1, sec.Number, sec.Title, len(sec.Body))
				}
			}
			if got := len(strings.Fields(d.Markdown)); d.Words != got {
				t.Errorf("Words = %d, want %d", d.Words, got)
			}
		})
	}
}

func TestSummaryHasTwoOrThreeSentencesOf50To500Characters(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	long := salon(t, cat)
	for i, f := range long.Facts {
		if f.Slot == slot.PrimaryGoal || f.Slot == slot.TargetAudience || f.Slot == slot.UniqueValue || f.Slot == slot.Industry {
			long.Facts[i].Value = strings.Repeat("_words without an end ", 200)
		}
	}
	all := sessions(t, cat)
	all["long"] = long
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := build(t, s, cat).Sections[0].Body
			if n := utf8.RuneCountInString(body); n < 50 || n > 500 {
				t.Errorf("summary has %d characters, want 50 to 500: %s", n, body)
			}
			if strings.Contains(body, "\n") {
				t.Errorf("summary = %q, want one paragraph", body)
			}
		})
	}
	if body := build(t, salon(t, cat), cat).Sections[0].Body; strings.Count(body, ". ")+1 != 3 {
		t.Errorf("summary of the salon = %q, want three sentences", body)
	}
}

func TestSalonIsLongEnoughAndHasNoUnfinishedParts(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for _, s := range []*intake.Session{salon(t, cat), barely(t, cat)} {
		d := build(t, s, cat)
		if n := utf8.RuneCountInString(d.Markdown); n < 5000 {
			t.Errorf("Build(%s) has %d characters, want at least 5000", s.ID, n)
		}
		for _, word := range []string{"TODO", "TBD", "[Insert", "PLACEHOLDER", "To be determined", "{{", "lorem", "%!", "{value}", "{quote}", "January 1, 0001"} {
			if strings.Contains(d.Markdown, word) {
				t.Errorf("Build(%s) contains %q", s.ID, word)
			}
		}
	}
}

func TestClientDownloadHoldsNothingInternal(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Suspicious = 4711
	s.Completion.Confidence, s.Model.Confidence = 8642, 9753
	for i := range s.Facts {
		s.Facts[i].Confidence = 7531
	}
	md := build(t, s, cat).Markdown
	for _, secret := range []string{"onfidence", "4711", "8642", "9753", "7531", "8,642", "7,531", "uspicious", "njection", "human review"} {
		if strings.Contains(md, secret) {
			t.Errorf("the document contains %q", secret)
		}
	}
}

// requirement is what the tests read out of the Markdown.
var requirement = regexp.MustCompile(`(?m)^- \*\*REQ-(\d+) \((must|should|could)\):\*\* (.+)\n  - Acceptance: (.+)\n(?:  - Delivered by: (.+)\n)?  - Status: (stated|inferred|confirmed|assumed) (\(.+\))$`)

func TestEveryRequirementIsWhole(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for name, s := range sessions(t, cat) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			md := build(t, s, cat).Markdown
			whole := requirement.FindAllStringSubmatch(md, -1)
			if all := strings.Count(md, "\n- **REQ-"); all != len(whole) {
				t.Errorf("%d of %d requirements have priority, acceptance, status and evidence", len(whole), all)
			}
			for i, r := range whole {
				if r[1] != fmt.Sprintf("%02d", i+1) {
					t.Errorf("requirement %d is REQ-%s", i+1, r[1])
				}
				if len(r[4]) < 40 {
					t.Errorf("REQ-%s acceptance = %q, want something a developer can test", r[1], r[4])
				}
				row := fmt.Sprintf("| REQ-%s | ", r[1])
				if !strings.Contains(md, row) || !strings.Contains(md, fmt.Sprintf(" | %s | %s |", r[2], r[6])) {
					t.Errorf("REQ-%s with %s, %s is not in the index", r[1], r[2], r[6])
				}
			}
		})
	}
}

// req finds the requirement whose text contains part; its fields are those of
// the expression above.
func req(tb testing.TB, d scope.Document, part string) []string {
	tb.Helper()
	for _, r := range requirement.FindAllStringSubmatch(d.Markdown, -1) {
		if strings.Contains(r[3], part) {
			return r
		}
	}
	tb.Fatalf("no requirement with %q", part)
	return nil
}

func TestSalonRequirements(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	d := build(t, salon(t, cat), cat)
	tests := []struct{ name, part, priority, delivered, status, evidence string }{
		{"a goal quotes its answer", "primary goal", "must", "", "confirmed", `(Q6: "Let clients book online at any hour, and lose fewer appointments to no-shows.")`},
		{"a visitor action names what delivers it", "book an appointment online", "must", "Appointment Scheduling System", "stated", `(Q10: "Book a time")`},
		{"contact is part of the package", "contact the business", "must", "Contact Form", "stated", `(Q10: "Get in touch")`},
		{"a must-have in own words is quoted", "a price list that staff can change", "must", "", "stated", `(Q11: "a price list that staff can change")`},
		{"a must-have feature is proved by the first answer", "Appointment Scheduling System:", "must", "", "stated", `(Q10: "Online scheduling")`},
		{"a chosen feature has its recommended priority", "Payment Processing Integration:", "should", "", "stated", `(Q12: "Payment Processing Integration")`},
		{"an inclusion follows from the package", "SSL Certificate:", "must", "the package", "inferred", `(Q12: "Professional")`},
		{"pages are in the words of the choice", "Number of pages: 6 to 8", "must", "", "stated", `(Q10: "6 to 8")`},
		{"the launch is a requirement", "live 6 weeks after", "must", "", "stated", `(Q15: "in 6 weeks")`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := req(t, d, tt.part)
			got := []string{r[2], r[5], r[6], r[7]}
			if diff := cmp.Diff([]string{tt.priority, tt.delivered, tt.status, tt.evidence}, got); diff != "" {
				t.Errorf("REQ-%s (-want +got):\n%s", r[1], diff)
			}
		})
	}
}

var money = regexp.MustCompile(`-?\$([0-9][0-9,]*)(\.\d\d)?`)

// cents reads the only amount of a table cell.
func cents(tb testing.TB, cell string) int64 {
	tb.Helper()
	found := money.FindAllStringSubmatch(cell, -1)
	if len(found) != 1 {
		tb.Fatalf("cell %q holds %d amounts, want 1", cell, len(found))
	}
	dollars, err := strconv.ParseFloat(strings.ReplaceAll(found[0][1]+found[0][2], ",", ""), 64)
	if err != nil {
		tb.Fatal(err)
	}
	amount := int64(dollars*100 + 0.5)
	if strings.HasPrefix(found[0][0], "-") {
		return -amount
	}
	return amount
}

// tables reads the tables of a section: rows of cells without the head.
func tables(body string) [][][]string {
	var out [][][]string
	for _, block := range strings.Split(body, "\n\n") {
		lines := strings.Split(block, "\n")
		if len(lines) < 3 || !strings.HasPrefix(lines[1], "| --- ") {
			continue
		}
		var rows [][]string
		for _, line := range lines[2:] {
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
		out = append(out, rows)
	}
	return out
}

func TestMoneyAddsUp(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	odd := salon(t, cat)
	choose(t, odd, cat, catalog.Selection{
		Package: catalog.Custom, Features: []catalog.FeatureID{"membership_portal", "custom_forms", "newsletter"},
		Quantities: map[catalog.FeatureID]int{"custom_forms": 3},
	}, salonOffer())
	for name, s := range map[string]*intake.Session{"salon": salon(t, cat), "barely": barely(t, cat), "portal": odd} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := build(t, s, cat).Sections[12].Body
			parts := tables(body)
			if len(parts) != 2 {
				t.Fatalf("section 13 has %d tables, want prices and payments", len(parts))
			}
			prices, payments := parts[0], parts[1]
			var sum, paid, share int64
			for _, row := range prices[:len(prices)-1] {
				sum += cents(t, row[2])
			}
			total := cents(t, prices[len(prices)-1][2])
			if sum != total || total != int64(s.Features.Estimate.Total) {
				t.Errorf("positions sum to %d, total says %d, estimate %d", sum, total, s.Features.Estimate.Total)
			}
			for _, row := range payments {
				paid += cents(t, row[2])
				n, err := strconv.ParseInt(strings.TrimSuffix(row[1], "%"), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				share += n
			}
			if paid != total || share != 100 {
				t.Errorf("payments sum to %d and %d %%, want %d and 100 %%", paid, share, total)
			}
			hosting := regexp.MustCompile(`\*\*Hosting:\*\* (\S+) a month, (\S+) for twelve`).FindStringSubmatch(body)
			first := regexp.MustCompile(`\*\*First year:\*\* (\S+)`).FindStringSubmatch(body)
			if h := cents(t, hosting[1]); cents(t, hosting[2]) != 12*h || cents(t, first[1]) != total+12*h {
				t.Errorf("hosting %v and first year %v do not fit total %d", hosting[1:], first[1], total)
			}
		})
	}
}

func TestSalonPrices(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	body := build(t, salon(t, cat), cat).Sections[12].Body
	for _, want := range []string{
		"| Professional package | 1 | $4,500 |", "| Appointment Scheduling System | 1 | $800 |",
		"| Service Provider bundle discount | 1 | -$100 |", "**$6,400**", "$150 a month", "**First year:** $8,200",
		"| Contract signed | 50% | $3,200 |", "| Launch | 25% | $1,600 |", "until December 23, 2026",
		"$28,730 annually", "$33,111 annually", "within it ($100 below",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("section 13 lacks %q:\n%s", want, body)
		}
	}
}

// TestEveryFactAppears reads the document as a Markdown reader does and looks
// for each fact of the session: its label with a value, and the words.
func TestEveryFactAppears(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for _, name := range []string{"salon", "hostile", "unanswered"} {
		s := sessions(t, cat)[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := plain(build(t, s, cat).Markdown)
			for _, d := range slot.Defs() {
				f, ok := s.Fact(d.Key)
				if !ok || !f.Status.Known() || d.Key == slot.WebsiteType || d.Key == slot.SecondaryModels {
					continue // both have lines of their own in section 2
				}
				line := "**" + d.Label + ":** "
				if d.Key != slot.BusinessDescription && (!strings.Contains(text, line) || strings.Contains(text, line+"Not provided")) {
					t.Errorf("the fact %s has no line %q", d.Key, d.Label)
				}
				if d.Type == slot.Text && f.Source != "choice" && !strings.Contains(text, scope.Fold(f.Value)) {
					t.Errorf("the words of %s are missing: %q", d.Key, f.Value)
				}
				if q := scope.Shorten(f.Evidence.Quote, 160); f.Evidence.Quote != f.Value && !strings.Contains(text, q) {
					t.Errorf("the evidence of %s is missing: %q", d.Key, q)
				}
			}
			for _, l := range s.Loops {
				for _, point := range append(slices.Clone(l.Points), l.Clarification, l.Category) {
					if !strings.Contains(text, scope.Fold(point)) {
						t.Errorf("check %d lacks %q", l.Number, point)
					}
				}
			}
			for _, c := range s.Conflicts {
				for _, part := range []string{c.Original, c.Conflicting, c.Label} {
					if !strings.Contains(text, scope.Fold(part)) {
						t.Errorf("contradiction %s lacks %q", c.Type, part)
					}
				}
			}
		})
	}
}

func TestGapsAreNamed(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	d := build(t, barely(t, cat), cat)
	outcomes := d.Sections[13].Body
	for _, def := range slot.Defs() {
		if def.Item() && !strings.Contains(outcomes, "**"+def.Label+":** ") {
			t.Errorf("the gap %q is not in section 14", def.Label)
		}
	}
	for _, want := range []string{
		"ended at its question limit", "**Price confirmed by the client:** The interview ended before the price was confirmed.",
		"The package and its price were not confirmed by the client.",
	} {
		if !strings.Contains(outcomes, want) {
			t.Errorf("section 14 lacks %q", want)
		}
	}
	if n := strings.Count(d.Markdown, "Not provided by client (gap)."); n < 53 {
		t.Errorf("%d gaps are named, want each of the 53 items", n)
	}
	for i, r := range requirement.FindAllStringSubmatch(d.Markdown, -1) {
		if r[6] != "assumed" {
			t.Errorf("requirement %d has status %s, want assumed: nobody chose the package", i+1, r[6])
		}
	}
}

func TestPriceMismatchIsReportedWithBothTotals(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Features.Estimate.Total += 100
	d, err := scope.Build(s, cat, agency(), started())
	e, ok := err.(*scope.PriceMismatch) //nolint:errorlint // Build promises the type itself
	if !ok {
		t.Fatalf("Build(changed total) err = %v, want *PriceMismatch", err)
	}
	if e.Stored.Total != 640100 || e.Computed.Total != 640000 {
		t.Errorf("mismatch = %s and %s, want $6,401 and $6,400", e.Stored.Total, e.Computed.Total)
	}
	if !strings.Contains(err.Error(), "$6,401") || !strings.Contains(err.Error(), "$6,400") {
		t.Errorf("err = %v, want both totals", err)
	}
	if !strings.Contains(d.Markdown, "**$6,401**") {
		t.Error("the document does not show the total the client saw")
	}

	s = salon(t, cat)
	s.Features.Selection.Features = append(s.Features.Selection.Features, "gone")
	_, err = scope.Build(s, cat, agency(), started())
	if e, ok = err.(*scope.PriceMismatch); !ok || e.Err == nil || e.Unwrap() != e.Err { //nolint:errorlint // as above
		t.Errorf("Build(unknown feature) err = %v, want *PriceMismatch with the reason", err)
	}
}

func TestBuildIsReproducible(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := hostile(t, cat)
	first := build(t, s, cat)
	for range 5 {
		if diff := cmp.Diff(first, build(t, s, cat)); diff != "" {
			t.Fatalf("second document differs (-first +second):\n%s", diff)
		}
	}
	later, err := scope.Build(s, cat, agency(), started().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Sections, later.Sections); diff != "" || first.Snapshot != later.Snapshot {
		t.Errorf("a later document has other sections or snapshot %s, want %s (-first +later):\n%s", later.Snapshot, first.Snapshot, diff)
	}
}

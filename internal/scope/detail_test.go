package scope_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

func wording(tb testing.TB) words {
	tb.Helper()
	data, err := os.ReadFile("wording.json")
	if err != nil {
		tb.Fatal(err)
	}
	var w words
	if err := json.Unmarshal(data, &w); err != nil {
		tb.Fatal(err)
	}
	return w
}

// TestEveryCaseMakesItsRequirement states a value for each pattern of each
// rule and expects exactly the requirement written for it.
func TestEveryCaseMakesItsRequirement(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for _, r := range wording(t).Rules {
		for _, c := range r.Cases {
			for _, pattern := range c.Match {
				t.Run(string(r.Slot)+" "+pattern, func(t *testing.T) {
					t.Parallel()
					value := strings.TrimSuffix(pattern, "*")
					s := salon(t, cat)
					s.Facts = []intake.Fact{said(17, r.Slot, value)}
					d := build(t, s, cat)
					found := req(t, d, c.Text)
					if found[2] != r.Priority || found[4] != c.Accept || found[7] != "(Q17: "+scope.Quote(value)+")" {
						t.Errorf("requirement = %q, want priority %s, acceptance %q, evidence Q17", found[1:], r.Priority, c.Accept)
					}
					if !strings.Contains(d.Sections[r.Section-1].Body, "REQ-"+found[1]) {
						t.Errorf("REQ-%s is not in section %d", found[1], r.Section)
					}
				})
			}
		}
	}
}

// TestNothingAskedNothingRequired states the values that ask for nothing.
func TestNothingAskedNothingRequired(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for _, r := range wording(t).Rules {
		if !optional(r.Slot) {
			continue
		}
		for _, value := range []string{"none", "None"} {
			s := salon(t, cat)
			s.Facts = []intake.Fact{said(17, r.Slot, value)}
			body := build(t, s, cat).Sections[r.Section-1].Body
			if strings.Contains(body, "Status: stated (Q17: ") {
				t.Errorf("%s = %s makes a requirement in section %d", r.Slot, value, r.Section)
			}
		}
	}
}

// optional reports whether none is an answer to a slot.
func optional(k slot.Key) bool {
	return !slices.Contains([]slot.Key{
		slot.PrimaryGoal, slot.SuccessMetrics, slot.TargetAudience, slot.UniqueValue, slot.ContentProvider, slot.PageCount,
		slot.HasMembers, slot.AcceptsPayments, slot.PublishesContent, slot.MultipleLanguages, slot.MonthlyVisitors,
		slot.DesignStyle, slot.LaunchDate, slot.LaunchWeeks,
	}, k)
}

// TestOptionsAreShownInWords shows every option that has words.
func TestOptionsAreShownInWords(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for k, values := range wording(t).Values {
		for id, want := range values {
			t.Run(fmt.Sprintf("%s %s", k, id), func(t *testing.T) {
				t.Parallel()
				s := salon(t, cat)
				if k == "websiteType" {
					s.Client.WebsiteType = id
				} else {
					s.Facts = append(s.Facts, picked(20, k, id, "Label"))
				}
				if md := build(t, s, cat).Markdown; !strings.Contains(md, ":** "+want+" (stated, Q") {
					t.Errorf("%s = %s is not shown as %q", k, id, want)
				}
			})
		}
	}
}

func TestClassification(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Client.WebsiteType, s.Client.OtherDescription = "other", "a wedding\npage"
	s.Model = classify.Result{Model: classify.Hybrid, Secondary: []classify.Model{classify.Service, classify.Hybrid, classify.Product}}
	s.Facts = append(s.Facts, said(7, slot.BusinessModel, "hybrid"))
	body := build(t, s, cat).Sections[1].Body
	for _, want := range []string{
		"**Website type:** website of another kind: a wedding page (stated, Q4)", "**Business model:** a mix of models (stated, Q7",
		"**Secondary models:** services, products", "website of a special kind (+2)",
		`**Package and price:** Professional, $4,500; project total $6,400, see section 13 (stated, Q12: "Professional")`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("section 2 lacks %q:\n%s", want, body)
		}
	}
}

func TestClientContact(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	tests := []struct{ name, email, phone, want string }{
		{"with both, telephone is for urgent matters", "a@b.example", "555", "e-mail; telephone for urgent matters only"},
		{"without telephone it is e-mail", "a@b.example", "", "e-mail"},
		{"without anything it is a gap", "", "", "Not provided by client (gap)."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			s.Client.Email, s.Client.Phone = tt.email, tt.phone
			body := build(t, s, cat).Sections[2].Body
			if !strings.HasSuffix(body, "**Preferred contact:** "+tt.want) {
				t.Errorf("section 3 ends otherwise than with %q:\n%s", tt.want, body)
			}
		})
	}
}

func TestOverview(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	tests := []struct {
		name  string
		facts []intake.Fact
		want  string
	}{
		{"the description in the client's words", []intake.Fact{said(5, slot.BusinessDescription, "We cut\nhair.")}, `in the client's words: "We cut hair." (stated, Q5, in these words)`},
		{"else the trade", []intake.Fact{said(5, slot.Industry, "hair salon")}, "works in this field: hair salon (stated, Q5, in these words)."},
		{"else a gap", nil, "what the business does was not provided by client (gap)."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			s.Facts = tt.facts
			if body := build(t, s, cat).Sections[3].Body; !strings.Contains(body, tt.want) {
				t.Errorf("section 4 lacks %q:\n%s", tt.want, body)
			}
		})
	}
}

func TestBrandMaterialToCreate(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	all := []intake.Fact{
		said(17, slot.LogoStatus, "have"), said(17, slot.BrandColors, "#1a2b3c"), said(17, slot.BrandTypography, "Inter"),
		said(17, slot.StyleGuide, "yes"), said(18, slot.PhotoStatus, "have"),
	}
	tests := []struct {
		name  string
		facts []intake.Fact
		want  string
	}{
		{"everything exists", all, "nothing, all brand material exists"},
		{"one part unknown", all[1:], "nothing known so far; 1 point above not provided by client (gap)"},
		{"logo and photographs are missing", append([]intake.Fact{said(17, slot.LogoStatus, "need"), said(18, slot.PhotoStatus, "need")}, all[1:4]...), "logo; photographs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			s.Facts = tt.facts
			if body := build(t, s, cat).Sections[4].Body; !strings.Contains(body, "**To be created:** "+tt.want) {
				t.Errorf("section 5 lacks %q:\n%s", tt.want, body)
			}
		})
	}
}

func TestMilestones(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Facts = append(s.Facts, said(16, slot.ContentReadiness, "need_help"), said(16, slot.ContentProvider, "agency"))
	var got [][]string
	for _, row := range tables(build(t, s, cat).Sections[11].Body)[0] {
		got = append(got, row[:2])
		if len(row) != 4 || row[2] == "" || row[3] == "" {
			t.Errorf("milestone %q says not what it needs and what the client does", row)
		}
		if row[0] == "Content delivery" && row[3] != "answer questions, approve the drafts" {
			t.Errorf("the agency writes, but the client's part is %q", row[3])
		}
	}
	want := [][]string{
		{"Kickoff", "week 1"},
		{"Content delivery", "weeks 2-5"},
		{"Design", "weeks 2-3"},
		{"Development", "weeks 4-5"},
		{"Testing", "week 6"},
		{"Client review", "week 7"},
		{"Launch", "week 8"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("milestones (-want +got):\n%s", diff)
	}
}

func TestLongestFeatureIsARiskWhenThePlanIsShort(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	choose(t, s, cat, catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"ecommerce_advanced"}}, salonOffer())
	body := build(t, s, cat).Sections[11].Body
	for _, want := range []string{
		"Longest feature: E-commerce (Advanced), up to 6 weeks",
		"The longest feature may take 6 weeks, the shortest plan has 4 for development: count on 8 weeks in all.",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("section 12 lacks %q:\n%s", want, body)
		}
	}
}

func TestNothingIsARiskWhenAllIsReady(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	choose(t, s, cat, catalog.Selection{Package: catalog.Professional}, salonOffer())
	s.Facts = nil
	for _, d := range slot.Defs() {
		if d.Item() {
			s.Facts = append(s.Facts, said(10, d.Key, "none"))
		}
	}
	s.Facts = append(
		s.Facts, said(16, slot.ContentReadiness, "ready"), said(17, slot.LogoStatus, "have"), said(17, slot.BrandColors, "blue"),
		said(14, slot.LaunchWeeks, "20"),
	)
	body := build(t, s, cat).Sections[11].Body
	if !strings.Contains(body, "- None known: content is ready, the launch date fits, nothing is open.") {
		t.Errorf("section 12 names risks:\n%s", body)
	}
}

func TestClosingBlocks(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	d, err := scope.Build(s, cat, scope.Agency{Name: "Pixel <Co>", Phone: "555-1"}, started())
	if err != nil {
		t.Fatal(err)
	}
	_, closing, _ := strings.Cut(d.Markdown, "\n## Next Steps\n")
	for _, want := range []string{
		"1. Review this document", "4. Hold the kickoff meeting", `Contact: Pixel \<Co\>, 555-1` + "\n",
		"- SMS Notifications: Needs an account with a text message service", "| `sms_notifications` | simple | 3 to 5 working days of work |",
		"**Generated at:** 2026-11-23T15:00:00Z", "**Version:** document format " + scope.Format, "**Session:** " + string(s.ID), "**Snapshot:** " + d.Snapshot,
	} {
		if !strings.Contains(closing, want) {
			t.Errorf("the closing blocks lack %q:\n%s", want, closing)
		}
	}
	if d, err = scope.Build(s, cat, scope.Agency{}, started()); err != nil || strings.Contains(d.Markdown, "Contact:") {
		t.Errorf("Build(no agency) = contact line, %v, want none", err)
	}
}

// TestIndexOfRequirements compares the index with the requirements.
func TestIndexOfRequirements(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	d := build(t, salon(t, cat), cat)
	var want, got [][]string
	for _, sec := range d.Sections {
		for _, r := range requirement.FindAllStringSubmatch(sec.Body, -1) {
			want = append(want, []string{"REQ-" + r[1], strconv.Itoa(sec.Number), r[2], r[6]})
		}
	}
	_, index, _ := strings.Cut(d.Markdown, "### Index of requirements\n")
	for _, row := range regexp.MustCompile(`(?m)^\| (REQ-\d+) \| (\d+) \| (\w+) \| (\w+) \|$`).FindAllStringSubmatch(index, -1) {
		got = append(got, row[1:])
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 50 {
		t.Errorf("index of %d requirements (-want +got):\n%s", len(got), diff)
	}
}

// TestWithoutPackage reads the sections of an interview that stopped before
// the feature screen.
func TestWithoutPackage(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Features, s.Completion, s.Loops, s.Conflicts = nil, nil, nil, nil
	d := build(t, s, cat)
	for section, wants := range map[int][]string{
		2:  {"**Package and price:** Not provided by client (gap). No package was chosen."},
		7:  {"**Content management system:** open until a package is chosen", "Delivered by: nothing in the selection"},
		10: {"Not provided by client (gap). No package and no features were chosen."},
		11: {"**Support in the package:** open until a package is chosen", "**Hosting:** open until a package is chosen"},
		13: {"No package was chosen, so there is no price."},
		14: {
			"The interview is not finished; this document shows what is known so far.", "None answered.", "None found.",
			"No package was chosen by the client.", "**SMS Notifications:** Named as a must-have",
		},
	} {
		for _, want := range wants {
			if !strings.Contains(d.Sections[section-1].Body, want) {
				t.Errorf("section %d lacks %q:\n%s", section, want, d.Sections[section-1].Body)
			}
		}
	}
	if strings.Contains(d.Markdown, "$4,500") || strings.Contains(d.Markdown, "REQ-00") {
		t.Error("the document names a price or requirement that nobody chose")
	}
	found := map[string]bool{}
	for _, f := range scope.Check(d, s, cat) {
		found[f.Message] = f.Critical
	}
	for _, want := range []string{"no package is chosen", "there is no total above zero", "there is no price"} {
		if !found[want] {
			t.Errorf("Check = %v, want the critical finding %q", found, want)
		}
	}
}

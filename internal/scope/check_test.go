package scope_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

func TestCheckPraisesTheSalon(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	d := build(t, s, cat)
	if diff := cmp.Diff([]scope.Finding(nil), scope.Check(d, s, cat)); diff != "" {
		t.Errorf("Check(salon) (-want +got):\n%s", diff)
	}
	if got := scope.Score(d, s, cat); got != 100 {
		t.Errorf("Score(salon) = %d, want 100", got)
	}
}

// TestCheckFinds breaks one thing at a time.
func TestCheckFinds(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	fact := func(f intake.Fact) func(*intake.Session) {
		return func(s *intake.Session) { s.Facts = append(s.Facts, f) }
	}
	estimate := func(change func(*catalog.Estimate)) func(*intake.Session) {
		return func(s *intake.Session) { change(&s.Features.Estimate) }
	}
	forget := func(keys ...slot.Key) func(*intake.Session) {
		return func(s *intake.Session) {
			for _, k := range keys {
				s.Facts = append(s.Facts, intake.Fact{Slot: k, Status: intake.Unknown})
			}
		}
	}
	tests := []struct {
		name     string
		session  func(*intake.Session)
		document func(*scope.Document)
		area     scope.Area
		critical bool
		part     string // of the message
		keeps    bool   // the score stays at 100
	}{
		{name: "an empty section", document: func(d *scope.Document) { d.Sections[7].Body = " \n" }, area: scope.Structure, critical: true, part: "section 8, Media"},
		{name: "a missing section", document: func(d *scope.Document) { d.Sections = d.Sections[:13] }, area: scope.Structure, critical: true, part: "section 14"},
		{name: "a heading that is gone from the file", document: func(d *scope.Document) {
			d.Markdown = strings.Replace(d.Markdown, "## Section 6: ", "## Section 66: ", 1)
		}, area: scope.Structure, critical: true, part: "section 6, Content"},
		{name: "no name", session: func(s *intake.Session) { s.Client.Name = " " }, area: scope.Structure, critical: true, part: "client's name", keeps: true},
		{name: "a broken address", session: func(s *intake.Session) { s.Client.Email = "maria@bella" }, area: scope.Structure, critical: true, part: "e-mail", keeps: true},
		{name: "no website type", session: func(s *intake.Session) { s.Client.WebsiteType = "" }, area: scope.Structure, critical: true, part: "website type", keeps: true},
		{name: "no project name", session: forget(slot.BusinessName), area: scope.Structure, critical: true, part: "no name"},
		{name: "no telephone", session: func(s *intake.Session) { s.Client.Phone = "" }, area: scope.Warning, part: "telephone", keeps: true},
		{name: "no sign of success", session: forget(slot.SuccessMetrics), area: scope.Warning, part: "sign of success", keeps: true},
		{name: "an unfinished word", document: func(d *scope.Document) { d.Markdown += "\nTBD, see {{name}}" }, area: scope.Content, part: "TBD, {{"},
		{name: "a short document", document: func(d *scope.Document) {
			d.Markdown = d.Markdown[:0]
			for i, sec := range d.Sections {
				d.Markdown += "\n## Section " + []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"}[i] + ": " + sec.Title + "\n"
			}
		}, area: scope.Content, part: "at least 5000"},
		{name: "a short summary", document: func(d *scope.Document) { d.Sections[0].Body = "A website." }, area: scope.Content, part: "10 characters, at least 50"},
		{name: "a long summary", document: func(d *scope.Document) { d.Sections[0].Body = strings.Repeat("word ", 101) }, area: scope.Warning, part: "at most 500", keeps: true},
		{name: "no overview", document: func(d *scope.Document) {
			d.Sections[3].Body = strings.Replace(d.Sections[3].Body, "### Overview", "### Other", 1)
		}, area: scope.Content, part: "overview"},
		{name: "no reason for the complexity", document: func(d *scope.Document) {
			d.Sections[1].Body = strings.ReplaceAll(d.Sections[1].Body, "(+", "(")
		}, area: scope.Warning, part: "complexity", keeps: true},
		{name: "a requirement without acceptance", document: func(d *scope.Document) {
			d.Sections[8].Body = strings.Replace(d.Sections[8].Body, "  - Acceptance: ", "  - Note: ", 1)
		}, area: scope.Content, part: "requirement lacks"},
		{name: "a requirement without status", document: func(d *scope.Document) {
			d.Sections[8].Body = strings.Replace(d.Sections[8].Body, "Status: stated", "Status: guessed", 1)
		}, area: scope.Content, part: "requirement lacks"},
		{name: "a requirement out of order", document: func(d *scope.Document) {
			d.Sections[8].Body = strings.Replace(d.Sections[8].Body, "REQ-30", "REQ-31", 1)
		}, area: scope.Content, part: "requirement lacks"},
		{name: "an essential gap", session: forget(slot.TargetAudience), area: scope.Content, part: "essential items are gaps: Target audience"},
		{name: "no launch", session: forget(slot.LaunchWeeks), area: scope.Logic, part: "no launch date"},
		{name: "a launch that is too soon", session: fact(said(15, slot.LaunchWeeks, "5")), area: scope.Warning, part: "wished in 5 weeks, the shortest plan takes 6", keeps: true},
		{name: "members without accounts", session: fact(said(9, slot.HasMembers, "yes")), area: scope.Logic, part: "members"},
		{name: "another package price", session: estimate(func(e *catalog.Estimate) { e.Package.Amount += 100; e.AddOns -= 100 }), area: scope.Logic, critical: true, part: "the catalog says $4,500"},
		{name: "positions that do not add up", session: estimate(func(e *catalog.Estimate) { e.Lines[0].Amount += 100 }), area: scope.Logic, critical: true, part: "positions come to $6,401"},
		{name: "a discount that does not add up", session: estimate(func(e *catalog.Estimate) { e.Discount = 0 }), area: scope.Logic, critical: true, part: "positions come to"},
		{name: "a bundle without its members", session: estimate(func(e *catalog.Estimate) { e.Bundles[0].Members = e.Bundles[0].Members[:2] }), area: scope.Logic, critical: true, part: "bundle"},
		{name: "a bundle with a free member", session: estimate(func(e *catalog.Estimate) { e.Lines[0].Free = true }), area: scope.Logic, critical: true, part: "bundle"},
		{name: "another hosting price", session: estimate(func(e *catalog.Estimate) { e.HostingMonthly++ }), area: scope.Logic, critical: true, part: "hosting of $150.01"},
		{name: "a first year that does not add up", session: estimate(func(e *catalog.Estimate) { e.FirstYear++ }), area: scope.Logic, critical: true, part: "first year"},
		{name: "payments below the total", session: estimate(func(e *catalog.Estimate) { e.Schedule[2].Percent = 24 }), area: scope.Logic, critical: true, part: "99%"},
		{name: "a selection that cannot be priced", session: func(s *intake.Session) {
			s.Features.Selection.Features = append(s.Features.Selection.Features, "booking_system")
		}, area: scope.Logic, critical: true, part: "cannot be priced as stored"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			if tt.session != nil {
				tt.session(s)
			}
			d, _ := scope.Build(s, cat, agency(), started()) // a price mismatch is found again
			if tt.document != nil {
				tt.document(&d)
			}
			found := false
			for _, f := range scope.Check(d, s, cat) {
				found = found || f.Area == tt.area && f.Critical == tt.critical && strings.Contains(f.Message, tt.part)
			}
			if !found {
				t.Errorf("Check = %v, want a finding in %s (critical %v) with %q", scope.Check(d, s, cat), tt.area, tt.critical, tt.part)
			}
			score := scope.Score(d, s, cat)
			if (score == 100) != tt.keeps {
				t.Errorf("Score = %d, want 100: %v", score, tt.keeps)
			}
		})
	}
}

func TestCheckIgnoresWordsOfTheClient(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Facts = append(s.Facts, said(8, slot.UniqueValue, "The only TODO list that a whole family understands, with no PLACEHOLDER and no [Insert here."))
	d := build(t, s, cat)
	if got := scope.Check(d, s, cat); len(got) > 0 {
		t.Errorf("Check = %v, want nothing: the words are the client's", got)
	}
	d.Markdown += "TBD"
	if got := scope.Check(d, s, cat); len(got) != 1 {
		t.Errorf("Check = %v, want the word that is not the client's", got)
	}
}

// TestScore takes the figures of DOMAIN 7.3: 40 for sections, 30 for content,
// 30 for logic.
func TestScore(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	d := build(t, s, cat)
	d.Sections[7].Body = ""
	// 13 of 14 sections; content and logic untouched, for the numbering of the
	// requirements breaks: 40 x 13/14 + 30 x 6/7 + 30 = 92.9.
	if got := scope.Score(d, s, cat); got != 93 {
		t.Errorf("Score(one section gone) = %d, want 93", got)
	}
	if got := scope.Score(scope.Document{}, &intake.Session{}, cat); got > 30 {
		t.Errorf("Score(nothing) = %d, want at most 30", got)
	}
	forced := barely(t, cat)
	got := scope.Score(build(t, forced, cat), forced, cat)
	if got != 93 {
		t.Errorf("Score(forced) = %d, want 40 + 30 x 6/7 + 30 x 9/10 = 93: the essential items and the launch are missing", got)
	}
}

func TestCheckOfRegularChangesWithoutContentManagement(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := barely(t, cat)
	s.Facts = append(s.Facts, said(22, slot.UpdateFrequency, "weekly"))
	for _, f := range scope.Check(build(t, s, cat), s, cat) {
		if strings.Contains(f.Message, "content management") && f.Area == scope.Logic && !f.Critical {
			return
		}
	}
	t.Error("Check does not notice that the Starter package cannot serve weekly changes")
}

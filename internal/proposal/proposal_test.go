package proposal_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// written is the day of the proposals of these tests.
func written() time.Time { return time.Date(2026, time.November, 24, 15, 0, 0, 0, time.UTC) }

func agency() proposal.Agency {
	return proposal.Agency{Name: "Applicreations", Email: "david@applicreations.com", URL: "applicreations.com"}
}

func shop(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	cat, err := catalog.Default()
	if err != nil {
		tb.Fatalf("Default() err = %v", err)
	}
	return cat
}

// interview reads one of the golden interviews of package scope.
func interview(tb testing.TB, name string) *intake.Session {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "scope", "testdata", "sessions", name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	var s intake.Session
	if err := json.Unmarshal(data, &s); err != nil {
		tb.Fatalf("read session %s: %v", name, err)
	}
	return &s
}

func build(tb testing.TB, s *intake.Session) proposal.Proposal {
	tb.Helper()
	p, err := proposal.Build(s, shop(tb), agency(), written())
	if err != nil {
		tb.Fatalf("Build(%s) err = %v", s.ID, err)
	}
	return p
}

func names() []string { return []string{"salon", "barely", "details", "hostile"} }

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, name := range names()[:3] {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := json.MarshalIndent(build(t, interview(t, name)), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
				t.Errorf("Build(%s) differs from %s; read the change and run with -update (-want +got):\n%s", name, file, diff)
			}
		})
	}
}

func TestEveryProposalVerifies(t *testing.T) {
	t.Parallel()
	for _, name := range names() {
		s := interview(t, name)
		if err := proposal.Verify(build(t, s), s, shop(t)); err != nil {
			t.Errorf("Verify(%s) err = %v", name, err)
		}
	}
}

func TestVerifyFindsEveryWrongFigure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		wrong func(*proposal.Proposal)
	}{
		{"total", func(p *proposal.Proposal) { p.Investment.Total++ }},
		{"position", func(p *proposal.Proposal) { p.Investment.Positions[1].Amount-- }},
		{"two positions that even out", func(p *proposal.Proposal) { p.Investment.Positions[1].Amount--; p.Investment.Positions[2].Amount++ }},
		{"missing position", func(p *proposal.Proposal) { p.Investment.Positions = p.Investment.Positions[1:] }},
		{"discount", func(p *proposal.Proposal) { p.Investment.Positions[5].Amount -= 100 }},
		{"hosting", func(p *proposal.Proposal) { p.Investment.Monthly++ }},
		{"first year", func(p *proposal.Proposal) { p.Investment.FirstYear += 100 }},
		{"payment", func(p *proposal.Proposal) { p.Investment.Payments[0].Amount++; p.Investment.Payments[1].Amount-- }},
		{"share", func(p *proposal.Proposal) { p.Investment.Payments[0].Percent-- }},
		{"missing payment", func(p *proposal.Proposal) { p.Investment.Payments = p.Investment.Payments[:2] }},
		{"card", func(p *proposal.Proposal) { p.Features[0].Price++ }},
		{"other feature", func(p *proposal.Proposal) { p.Features[0].ID = "live_chat" }},
		{"missing card", func(p *proposal.Proposal) { p.Features = p.Features[:1] }},
		{"package", func(p *proposal.Proposal) { p.Solution.Price-- }},
		{"snapshot", func(p *proposal.Proposal) { p.Snapshot = "0123456789ab" }},
		{"annual value", func(p *proposal.Proposal) { p.Worth.Annual += 100 }},
		{"payback", func(p *proposal.Proposal) { p.Worth.Payback = "1 month" }},
		{"return of a feature", func(p *proposal.Proposal) { p.Worth.Features[0].Annual++ }},
		{"option", func(p *proposal.Proposal) { p.Options[0].Price++ }},
		{"option that nobody sells", func(p *proposal.Proposal) { p.Options[0].ID = "time_travel" }},
		{"duration", func(p *proposal.Proposal) { p.Timeline.High++ }},
		{"start of a milestone", func(p *proposal.Proposal) { p.Timeline.Milestones[3].Start-- }},
		{"length of a milestone", func(p *proposal.Proposal) { p.Timeline.Milestones[3].Weeks++ }},
		{"validity", func(p *proposal.Proposal) { p.ValidUntil = p.ValidUntil.AddDate(0, 0, 1) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := interview(t, "salon")
			p := build(t, s)
			tt.wrong(&p)
			var wrong *proposal.Wrong
			if err := proposal.Verify(p, s, shop(t)); !errors.As(err, &wrong) {
				t.Errorf("Verify(wrong %s) err = %v, want a *Wrong", tt.name, err)
			}
		})
	}
}

func TestBuildWithoutPrice(t *testing.T) {
	t.Parallel()
	s := interview(t, "salon")
	p := build(t, s)
	s.Features.Answered = false
	if _, err := proposal.Build(s, shop(t), agency(), written()); !errors.Is(err, proposal.ErrNoPrice) {
		t.Errorf("Build(without a price) err = %v, want %v", err, proposal.ErrNoPrice)
	}
	if err := proposal.Verify(p, s, shop(t)); !errors.Is(err, proposal.ErrNoPrice) {
		t.Errorf("Verify(without a price) err = %v, want %v", err, proposal.ErrNoPrice)
	}
	if _, err := proposal.Build(&intake.Session{}, shop(t), agency(), written()); !errors.Is(err, proposal.ErrNoPrice) {
		t.Errorf("Build(blank) err = %v, want %v", err, proposal.ErrNoPrice)
	}
}

func TestOldPricesAreKeptForReview(t *testing.T) {
	t.Parallel()
	s, cat := interview(t, "salon"), shop(t)
	cat.Packages[1].Price += 100
	p, err := proposal.Build(s, cat, agency(), written())
	var mismatch *scope.PriceMismatch
	if !errors.As(err, &mismatch) {
		t.Fatalf("Build(raised prices) err = %v, want a *PriceMismatch", err)
	}
	if p.Investment.Total != 640000 || len(p.Steps) != 4 {
		t.Errorf("Build(raised prices) = total %s with %d steps, want the confirmed $6,400 and 4", p.Investment.Total, len(p.Steps))
	}
	if err := proposal.Verify(p, s, cat); !errors.As(err, &mismatch) {
		t.Errorf("Verify(raised prices) err = %v, want a *PriceMismatch", err)
	}
}

func TestTextIsPlain(t *testing.T) {
	t.Parallel()
	for _, name := range names() {
		each(reflect.ValueOf(build(t, interview(t, name))), func(text string) {
			if text != scope.OneLine(text) {
				t.Errorf("%s: %q has line breaks or control characters", name, text)
			}
			for _, word := range []string{"{{", "%!", "gap)", "**", "TODO"} {
				if name != "hostile" && strings.Contains(text, word) {
					t.Errorf("%s: %q holds %q", name, text, word)
				}
			}
		})
	}
}

// each visits every string inside a value.
func each(v reflect.Value, visit func(string)) {
	switch v.Kind() {
	case reflect.String:
		visit(v.String())
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), visit)
		}
	case reflect.Struct:
		if _, clock := v.Interface().(time.Time); clock {
			return
		}
		for _, f := range v.Fields() {
			each(f, visit)
		}
	default:
	}
}

func TestOnlyTheClientIsQuoted(t *testing.T) {
	t.Parallel()
	s := interview(t, "salon")
	for i, f := range s.Facts {
		if f.Slot == slot.PrimaryGoal || f.Slot == slot.TargetAudience {
			s.Facts[i].Status, s.Facts[i].Evidence.Quote = intake.Assumed, ""
		}
	}
	p := build(t, s)
	for _, q := range p.Understanding.Quotes {
		if q.Topic == "Your goal" || q.Topic == "Your audience" {
			t.Errorf("an assumption is quoted as %q: %q", q.Topic, q.Text)
		}
	}
	if !strings.Contains(p.Summary[0], "did not bring out a primary goal") {
		t.Errorf("summary = %q, want it to say that the goal is open", p.Summary[0])
	}
}

func TestLaunch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, date, want string
	}{
		{"late enough", "2027-03-01", "You asked for a launch on March 1, 2027. The shortest plan takes 6 weeks, so the kickoff has to be by January 18, 2027."},
		{"too early", "2026-12-08", "You asked for a launch on December 8, 2026. The shortest plan takes 6 weeks; with a kickoff on the day of this proposal it ends on January 5, 2027, about 4 weeks later. At kickoff"},
		{"just in time", "2027-01-05", "You asked for a launch on January 5, 2027. The shortest plan takes 6 weeks, so the kickoff has to be by November 24, 2026."},
		{"in the past", "2026-01-01", "You asked for a launch on January 1, 2026. The shortest plan takes 6 weeks; with a kickoff on the day of this proposal it ends on January 5, 2027, about 53 weeks later."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := interview(t, "salon")
			s.Facts = append(s.Facts, intake.Fact{Slot: slot.LaunchDate, Value: tt.date, Status: intake.Stated, Evidence: intake.Evidence{Question: 15, Quote: tt.date}})
			if got := build(t, s).Timeline.Launch; !strings.HasPrefix(got, tt.want) {
				t.Errorf("Launch = %q, want it to begin %q", got, tt.want)
			}
		})
	}
	if got := build(t, interview(t, "barely")).Timeline.Launch; !strings.HasPrefix(got, "You have not named a launch date") {
		t.Errorf("Launch without a date = %q", got)
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for business, want := range map[string]string{
		"Bella Hair Studio": "Bella_Hair_Studio_Summary.pdf", "Żółw & Syn": "Zolw_and_Syn_Summary.pdf", "東京": "0193a1b2_Summary.pdf",
		"../../etc/passwd": "etc_passwd_Summary.pdf",
	} {
		s := interview(t, "salon")
		s.Facts = append(s.Facts, intake.Fact{Slot: slot.BusinessName, Value: business, Status: intake.Stated, Evidence: intake.Evidence{Question: 5, Quote: business}})
		if got := build(t, s).FileName; got != want {
			t.Errorf("FileName of %s = %q, want %q", business, got, want)
		}
	}
}

func TestUnknownFiguresBringNoReturn(t *testing.T) {
	t.Parallel()
	p := build(t, interview(t, "barely"))
	if p.Worth.Annual != 0 || p.Worth.Payback != "" || len(p.Worth.Features) != 0 || len(p.Outcomes) != 2 {
		t.Errorf("Worth = %+v with %d outcomes, want none and 2", p.Worth, len(p.Outcomes))
	}
	if p.Confirmed || len(p.Open) == 0 {
		t.Errorf("Confirmed = %v with open points %q, want an unconfirmed price among them", p.Confirmed, p.Open)
	}
}

func BenchmarkBuild(b *testing.B) {
	s, cat := interview(b, "salon"), shop(b)
	for b.Loop() {
		if _, err := proposal.Build(s, cat, agency(), written()); err != nil {
			b.Fatal(err)
		}
	}
}

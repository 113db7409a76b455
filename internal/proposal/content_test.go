package proposal_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// said is a fact in the client's own words.
func said(k slot.Key, value string) intake.Fact {
	return intake.Fact{Slot: k, Value: value, Status: intake.Stated, Source: "client", Evidence: intake.Evidence{Question: 9, Quote: value}}
}

// guessed is a default that no words of the client stand behind.
func guessed(k slot.Key, value string) intake.Fact {
	return intake.Fact{Slot: k, Value: value, Status: intake.Assumed, Source: "default"}
}

// talk is an interview with just these facts and this choice.
func talk(tb testing.TB, sel catalog.Selection, facts ...intake.Fact) *intake.Session {
	tb.Helper()
	s := interview(tb, "barely")
	s.OpenPoints, s.Completion.Missing, s.Completion.Forced = nil, nil, false
	s.Client.WebsiteType = "business"
	s.Facts = facts
	est, err := shop(tb).Price(sel)
	if err != nil {
		tb.Fatalf("Price(%v) err = %v", sel, err)
	}
	s.Features.Selection, s.Features.Estimate = sel, est
	s.Features.Recommendation = recommend.Recommendation{Package: sel.Package}
	return s
}

func starter() catalog.Selection { return catalog.Selection{Package: catalog.Starter} }

func TestChallengesAreComputedFromTheClientsFigures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		facts []intake.Fact
		want  []string
	}{
		{name: "nothing known, nothing said"},
		{
			"appointments with their value",
			[]intake.Fact{said(slot.AppointmentsPerWeek, "50"), said(slot.CurrentNoShowRate, "0.18"), said(slot.AverageAppointmentValue, "8500")},
			[]string{"At a no-show rate of 18%, about 9 of 50 appointments a week are missed: $39,780 a year at $85 each."},
		},
		{
			"appointments without a value bring no dollars",
			[]intake.Fact{said(slot.AppointmentsPerWeek, "110"), said(slot.CurrentNoShowRate, "0.11")},
			[]string{"At a no-show rate of 11%, about 12 of 110 appointments a week are missed."},
		},
		{
			"bookings when there are no appointments",
			[]intake.Fact{said(slot.BookingsPerWeek, "60"), said(slot.CurrentNoShowRate, "0.15"), said(slot.AverageAppointmentValue, "4000")},
			[]string{"At a no-show rate of 15%, about 9 of 60 bookings a week are missed: $18,720 a year at $40 each."},
		},
		{"a rate without a number says nothing", []intake.Fact{said(slot.CurrentNoShowRate, "0.18")}, nil},
		{"no missed appointment, no loss", []intake.Fact{said(slot.AppointmentsPerWeek, "50"), said(slot.CurrentNoShowRate, "0")}, nil},
		{"an assumed number counts for nothing", []intake.Fact{guessed(slot.AppointmentsPerWeek, "50"), said(slot.CurrentNoShowRate, "0.18")}, nil},
		{"hours", []intake.Fact{said(slot.HoursPerWeekOnTask, "7.5")}, []string{"7.5 hours a week on manual work are 390 hours a year."}},
		{"more hours than a week has people for", []intake.Fact{said(slot.HoursPerWeekOnTask, "1e9")}, nil},
		{"a calendar on paper", []intake.Fact{{Slot: slot.ManualCalendar, Value: "yes", Status: intake.Inferred, Evidence: intake.Evidence{Question: 5, Quote: "a paper book."}}}, []string{"The calendar is kept by hand: “a paper book”."}},
		{"an assumed calendar is not told", []intake.Fact{guessed(slot.ManualCalendar, "yes")}, nil},
		{"an outdated website", []intake.Fact{said(slot.CurrentWebsite, "outdated")}, []string{"The current website is outdated, by your own judgement."}},
		{"pain in the client's own words", []intake.Fact{said(slot.PainPoints, "no shows,phone rings all day!")}, []string{"No shows.", "Phone rings all day!"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := build(t, talk(t, starter(), tt.facts...)).Understanding.Challenges
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Challenges (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQuotes(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("many words ", 100))
	s := talk(
		t, starter(), said(slot.BusinessDescription, "We bake bread and sell it online."), said(slot.PrimaryGoal, "sell it online"),
		said(slot.TargetAudience, long), guessed(slot.UniqueValue, "the best bread"),
	)
	s.Loops = []intake.LoopAnswer{{Number: 1, Response: "correct"}, {Number: 2, Response: "clarify", Clarification: "Only on\nSaturdays."}}
	got := build(t, s).Understanding.Quotes
	topics := make([]string, 0, len(got))
	for _, q := range got {
		topics = append(topics, q.Topic)
		if len(q.Text) > 430 {
			t.Errorf("quote on %s has %d bytes, want it cut near 420", q.Topic, len(q.Text))
		}
	}
	// The goal stands in the description, word for word, and is not shown twice.
	if diff := cmp.Diff([]string{"Your business", "Your audience", "You also told us"}, topics); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	if last := got[len(got)-1].Text; last != "Only on Saturdays." {
		t.Errorf("correction = %q, want it in one line", last)
	}
}

func TestNeedsLeaveOutWhatIsNotWanted(t *testing.T) {
	t.Parallel()
	p := build(t, talk(
		t, starter(), said(slot.VisitorActions, "buy,contact"), said(slot.ComplianceRequirements, "none"), said(slot.Languages, "english,polish"),
		guessed(slot.DesignStyle, "modern"), said(slot.Avoid, "pop-ups"), said(slot.PageCount, "8"), said(slot.DataMigration, "no"),
	))
	want := []proposal.Need{
		{Name: "Visitors", Text: "buy online, get in touch"},
		{Name: "Number of pages", Text: "8"},
		{Name: "Languages", Text: "English, Polish"},
		{Name: "To be avoided", Text: "pop-ups"},
	}
	if diff := cmp.Diff(want, p.Understanding.Needs); diff != "" {
		t.Errorf("Needs (-want +got):\n%s", diff)
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	p := build(t, talk(
		t, starter(), said(slot.MonthlyOrders, "1200"), said(slot.AverageOrderValue, "4950"), said(slot.CartAbandonmentRate, "0.2"),
		said(slot.AnnualRevenue, "a lot"), guessed(slot.CustomerBase, "200"), said(slot.BudgetMax, "500000"),
	))
	want := []proposal.Figure{
		{Value: "1,200", Label: "Orders per month"}, {Value: "$49.50", Label: "Value of an order"}, {Value: "20%", Label: "Abandoned checkouts"},
	}
	if diff := cmp.Diff(want, p.Understanding.Figures); diff != "" {
		t.Errorf("Figures (-want +got):\n%s", diff)
	}
}

func TestSolution(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		sel   catalog.Selection
		facts []intake.Fact
		want  proposal.Solution
	}{
		{
			name: "the smallest package", sel: starter(),
			want: proposal.Solution{Package: "Starter", Price: 250000, Why: "Starter fits, because nothing known so far needs more than 5 pages, regular changes or many add-on features.", Reasons: []proposal.Need{{Name: "Pages", Text: "up to 5 pages"}, {Name: "Support", Text: "30 days after launch"}}},
		},
		{
			name: "pages and updates that were told", sel: catalog.Selection{Package: catalog.Professional},
			facts: []intake.Fact{said(slot.PageCount, "7"), said(slot.UpdateFrequency, "weekly")},
			want: proposal.Solution{Package: "Professional", Price: 450000, Why: "Professional fits, because 7 pages are planned and the content changes weekly.", Reasons: []proposal.Need{
				{Name: "Pages", Text: "up to 8 pages; you plan 7"},
				{Name: "Upkeep", Text: "by yourselves, without a developer; updates planned: weekly"},
				{Name: "Support", Text: "90 days after launch, with priority"},
				{Name: "Training", Text: "1 session"},
			}},
		},
		{
			name: "a package without limits", sel: catalog.Selection{Package: catalog.Custom},
			want: proposal.Solution{Package: "Custom", Price: 600000, From: true, Reasons: []proposal.Need{
				{Name: "Pages", Text: "any number of pages"},
				{Name: "Upkeep", Text: "by yourselves, without a developer"},
				{Name: "Support", Text: "180 days after launch, with priority"},
				{Name: "Training", Text: "comprehensive"},
			}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, build(t, talk(t, tt.sel, tt.facts...)).Solution); diff != "" {
				t.Errorf("Solution (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhyIsAboutWhatWasChosen(t *testing.T) {
	t.Parallel()
	s := talk(t, catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"live_chat"}}, said(slot.PageCount, "7"))
	s.Features.Recommendation.PackageRationale = "Professional fits, because 4 add-on features come together."
	if got, want := build(t, s).Solution.Why, "Professional fits, because 7 pages are planned."; got != want {
		t.Errorf("Why = %q, want %q", got, want)
	}
	if got := build(t, talk(t, catalog.Selection{Package: catalog.Custom})).Solution.Why; got != "" {
		t.Errorf("Why = %q, want nothing: the rules would choose a smaller package", got)
	}
}

func TestWhatTookAnothersPlaceIsNotMissing(t *testing.T) {
	t.Parallel()
	s := talk(t, catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"ecommerce_advanced"}}, said(slot.MustHaves, "ecommerce_basic,live_chat,blog_system"))
	s.Features.Recommendation.Recommended = []recommend.Item{{Feature: "live_chat", Name: "Live Chat Integration", Priority: recommend.Essential}}
	for _, text := range build(t, s).NotIncluded {
		if strings.HasPrefix(text, "E-commerce") || strings.HasPrefix(text, "Live Chat") {
			t.Errorf("NotIncluded has %q, which the price or the options hold", text)
		}
	}
}

func TestFeatures(t *testing.T) {
	t.Parallel()
	s := talk(t, catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"ecommerce_basic", "live_chat"}})
	s.Features.Recommendation.Recommended = []recommend.Item{{Feature: "live_chat", Priority: recommend.Essential, Reasoning: "Six of ten\nbuyers ask first."}}
	s.Features.Recommendation.Additional = []recommend.Item{{Feature: "ecommerce_basic", Reasoning: "nothing known so far calls for it"}}
	got := map[catalog.FeatureID]proposal.Feature{}
	for _, f := range build(t, s).Features {
		got[f.ID] = f
	}
	if f := got["live_chat"]; f.Benefit != "Six of ten buyers ask first." {
		t.Errorf("benefit of a recommended feature = %q, want the reason given to this client", f.Benefit)
	}
	if f := got["ecommerce_basic"]; f.Benefit == "" || strings.Contains(f.Benefit, "nothing known") || f.Gain != "" {
		t.Errorf("benefit of a feature that was merely listed = %q with gain %q, want the catalog's and none", f.Benefit, f.Gain)
	}
	if f := got["payment_processing"]; !f.Free || f.Price != 0 || !strings.HasSuffix(f.What, "It comes with E-commerce (Basic).") {
		t.Errorf("feature that came along = %+v, want it free, with its bringer named", f)
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, max, want string
		assumed         bool
	}{
		{name: "above", max: "200000", want: "The project total is $500 above the upper end of your budget of $2,000."},
		{name: "equal", max: "250000", want: "The project total is within your budget of up to $2,500."},
		{name: "below", max: "900050", want: "The project total is within your budget of up to $9,000.50."},
		{name: "none", max: "0"},
		{name: "assumed", max: "200000", assumed: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := said(slot.BudgetMax, tt.max)
			if tt.assumed {
				f = guessed(slot.BudgetMax, tt.max)
			}
			if got := build(t, talk(t, starter(), f)).Investment.Budget; got != tt.want {
				t.Errorf("Budget = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	s := interview(t, "salon")
	s.Features.Phased = []catalog.FeatureID{"customer_portal"}
	want := []proposal.Option{
		{ID: "social_media_integration", Name: "Social Media Feed Integration", Price: 25000, Reason: "New cuts show on the website as soon as they are posted.", State: "not chosen"},
		{ID: "customer_portal", Name: "Customer Portal", Price: 120000, Reason: "Clients of 50 appointments a week could see their own history.", State: "moved to a later phase"},
	}
	p := build(t, s)
	if diff := cmp.Diff(want, p.Options); diff != "" {
		t.Errorf("Options (-want +got):\n%s", diff)
	}
	for _, o := range want {
		if slices.ContainsFunc(p.Features, func(f proposal.Feature) bool { return f.Name == o.Name }) {
			t.Errorf("%s is an option and a chosen feature at once", o.Name)
		}
	}
}

func TestOpenPoints(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*intake.Session)
		want   []string
	}{
		{name: "none", change: func(*intake.Session) {}},
		{"no confirmation", func(s *intake.Session) { s.OpenPoints = []intake.OpenPoint{{Slot: slot.PriceConfirmed}} }, []string{"Package and price are our suggestion; you have not confirmed them yet."}},
		{
			"a contradiction left to the team, and one that is settled",
			func(s *intake.Session) {
				s.Conflicts = []intake.ConflictRecord{{Original: "five pages", Conflicting: "ten pages", Resolution: "team_decides"}, {Original: "a", Conflicting: "b", Resolution: "keep"}}
			},
			[]string{"Two of your answers do not fit together: “five pages” and “ten pages”."},
		},
		{
			"what matters by name, details by number",
			func(s *intake.Session) {
				s.OpenPoints = []intake.OpenPoint{{Slot: slot.LogoStatus}, {Slot: slot.Sharing}, {Slot: slot.LogoStatus}}
				s.Completion.Missing = []string{"Budget", "<b>not a label</b>"}
			},
			[]string{"Still to be settled: Logo, Budget and 2 details."},
		},
		{
			"sums in a currency that the prices are not in",
			func(s *intake.Session) {
				f := said(slot.AverageOrderValue, "3500")
				f.Evidence.Quote = "35 pounds each"
				s.Facts = []intake.Fact{f}
			},
			[]string{"You told us sums in pounds, and our prices are in US dollars. We took your numbers as they are; please tell us which currency you count in."},
		},
		{
			"sums in dollars, and pounds that are a weight",
			func(s *intake.Session) {
				f := said(slot.BudgetMax, "500000")
				f.Evidence.Quote = "$5,000"
				s.Facts = []intake.Fact{f, said(slot.Notes, "We sell coffee in bags of two pounds")}
			},
			nil,
		},
		{
			"details alone", func(s *intake.Session) { s.OpenPoints = []intake.OpenPoint{{Slot: slot.Sharing}} },
			nil,
		},
		{
			"a point that was answered after all",
			func(s *intake.Session) {
				s.OpenPoints = []intake.OpenPoint{{Slot: slot.LogoStatus}}
				s.Facts = []intake.Fact{said(slot.LogoStatus, "have")}
			},
			nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := talk(t, starter())
			tt.change(s)
			if diff := cmp.Diff(tt.want, build(t, s).Open); diff != "" {
				t.Errorf("Open (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatThePriceDoesNotHoldIsSaid(t *testing.T) {
	t.Parallel()
	p := build(t, talk(t, starter(), said(slot.Languages, "english,spanish"), said(slot.MustHaves, "live_chat"), said(slot.Copywriting, "full")))
	want := []string{
		"The website is offered in: English, Spanish – this would take Multilingual Support.",
		"Live Chat Integration.",
		"Copywriting – not on our price list; we plan and price it with you at kickoff.",
	}
	for _, text := range want {
		if !slices.Contains(p.NotIncluded, text) {
			t.Errorf("NotIncluded = %q, want %q in it", p.NotIncluded, text)
		}
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	many := catalog.Selection{Package: catalog.Custom}
	for _, f := range shop(t).Features {
		if with := append(slices.Clone(many.Features), f.ID); len(with) <= 8 {
			if _, err := shop(t).Price(catalog.Selection{Package: many.Package, Features: with}); err == nil {
				many.Features = with
			}
		}
	}
	tests := []struct {
		name string
		sel  catalog.Selection
		say  string
	}{
		{"no feature", starter(), "We propose the Starter package. It takes"},
		{"one", catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"live_chat"}}, "We propose the Professional package with Live Chat Integration. It takes"},
		{"two", catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"live_chat", "custom_forms"}}, "and "},
		{"many", many, " more features. It takes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := build(t, talk(t, tt.sel)).Summary[1]; !strings.Contains(got, tt.say) {
				t.Errorf("Summary = %q, want %q in it", got, tt.say)
			}
		})
	}
}

func TestWhoAndWhat(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, kind, other, business, title, first string
	}{
		{"a business", "business", "", "Nord & Co.", "Website proposal for Nord & Co.", "This proposal is for a business website for Nord & Co. The"},
		{"a person", "personal", "", "", "Website proposal for Jo Doe", "This proposal is for a personal website or portfolio for Jo Doe."},
		{"another kind", "other", "a wiki", "", "Website proposal for Jo Doe", "This proposal is for a website (“a wiki”) for Jo Doe."},
		{"another kind without a word", "other", "", "", "Website proposal for Jo Doe", "This proposal is for a website for Jo Doe."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := talk(t, starter())
			s.Client.WebsiteType, s.Client.OtherDescription = tt.kind, tt.other
			if tt.business != "" {
				s.Facts = append(s.Facts, said(slot.BusinessName, tt.business))
			}
			p := build(t, s)
			if p.Title != tt.title {
				t.Errorf("Title = %q, want %q", p.Title, tt.title)
			}
			if !strings.HasPrefix(p.Summary[0], tt.first) {
				t.Errorf("Summary begins %q, want %q", p.Summary[0], tt.first)
			}
		})
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	got := build(t, talk(t, starter())).Steps
	want := []proposal.Step{
		{Title: "Review", Text: "Read the proposal and tell us what to change. The prices hold until December 23, 2026."},
		{Title: "Sign", Text: "Sign the agreement for $2,500; it names the same features and prices."},
		{Title: "First payment", Text: "Pay $1,250, 50% of the project total."},
		{Title: "Kickoff", Text: "We meet for the kickoff; the weeks of the timeline count from it. What you do then: take part, hand over accesses and brand material."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Steps (-want +got):\n%s", diff)
	}
}

// Every selection that the catalog can price gives a proposal that holds.
func TestAnySelectionVerifies(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	checked := 0
	for seed := uint32(1); checked < 60 && seed < 4000; seed++ {
		x := seed * 2654435761
		sel := catalog.Selection{Package: cat.Packages[x%3].ID, MonthlyVisitors: int(x % 90000), Quantities: map[catalog.FeatureID]int{}}
		for i, f := range cat.Features {
			if x>>(uint(i)%29)&7 == 5 {
				sel.Features = append(sel.Features, f.ID)
				if f.Each {
					sel.Quantities[f.ID] = int(x%5) + 1
				}
			}
		}
		if _, err := cat.Price(sel); err != nil {
			continue
		}
		checked++
		s := talk(t, sel, said(slot.AppointmentsPerWeek, "50"), said(slot.AverageAppointmentValue, "8500"), said(slot.CurrentNoShowRate, "0.18"))
		if err := proposal.Verify(build(t, s), s, cat); err != nil {
			t.Errorf("Verify(%s with %v) err = %v", sel.Package, sel.Features, err)
		}
	}
	if checked < 60 {
		t.Errorf("only %d selections could be priced, want 60", checked)
	}
}

func TestWrongNamesBothFigures(t *testing.T) {
	t.Parallel()
	s := interview(t, "salon")
	p := build(t, s)
	p.Investment.Total = 640001
	err := proposal.Verify(p, s, shop(t))
	if err == nil || !strings.Contains(err.Error(), "$6,400.01") || !strings.Contains(err.Error(), "$6,400;") {
		t.Errorf("Verify err = %v, want both totals in it", err)
	}
	if got := fmt.Sprint(&proposal.Wrong{What: "the total", Got: "$1", Want: "$2"}); got != "verify proposal: the total is $1, but has to be $2; do not send it, make it anew from the session" {
		t.Errorf("Wrong = %q", got)
	}
}

func TestFirstSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "More sales.": "More sales.", "More sales. By the phone, mostly. Sorry!": "More sales. By the phone, mostly.",
		"Sell parts online, and fill the workshop. Sorry, I go on a bit.":     "Sell parts online, and fill the workshop.",
		"A site for Dr. Ana Brandt and her team of 3.5 people without an end": "A site for Dr. Ana Brandt and her team of 3.5 people without an end",
		"予約をもっと増やしたいです。 それだけです。":                                              "予約をもっと増やしたいです。 それだけです。",
	} {
		if got := proposal.FirstSentence(text); got != want {
			t.Errorf("FirstSentence(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestTheGoalIsASentence: few clients end what they type with a full stop.
func TestTheGoalIsASentence(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"more people in the shop":                 "The goal, in your words: “more people in the shop”.",
		"Forty orders a month by summer, please.": "The goal, in your words: “Forty orders a month by summer, please.”",
	} {
		s := talk(t, catalog.Selection{Package: catalog.Starter}, intake.Fact{
			Slot: slot.PrimaryGoal, Value: said, Status: intake.Stated, Source: "client", Confidence: 95, Evidence: intake.Evidence{Question: 9, Quote: said},
		})
		if got := build(t, s).Summary[0]; !strings.HasSuffix(got, want) {
			t.Errorf("summary = %q, want it to end with %q", got, want)
		}
	}
}

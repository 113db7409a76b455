package advice_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/slot"
)

func TestReviewKeepsGoodAdvice(t *testing.T) {
	t.Parallel()
	a := asks("For women from the neighbourhood: does Bella Hair have a logo already?")
	a.Facts = []advice.Fact{fact(slot.TargetAudience, "women from the neighbourhood", "women from the neighbourhood"), fact(slot.LogoStatus, "has_logo", "Our logo is fine")}
	a.Conflicts = []advice.Conflict{{SlotA: slot.BudgetMax, SlotB: slot.LaunchWeeks, Explanation: "The budget and the date do not fit together."}}
	got, dropped := advice.Review(a, salon("Mostly women from the neighbourhood. Our logo is fine."))
	a.Facts[1].Certainty = advice.Implied // "has_logo" is the model's reading
	if diff := cmp.Diff(a, got); diff != "" || len(dropped) > 0 {
		t.Errorf("Review dropped %s (-want +got):\n%s", reasons(dropped), diff)
	}
}

func TestReviewOfFacts(t *testing.T) {
	t.Parallel()
	answer := "We’re a salon with 12 chairs and 40 bookings a week, about 18% don't show up. Our budget is 4,500 dollars, at most 6k. " +
		"Launch by March 15 or in 8 weeks. See bella.example — we use Shopify and Mailchimp, no video. Customers book online and call."
	for _, tt := range []struct {
		name string
		fact advice.Fact
		want string // the reason, or nothing
	}{
		{"a text in the client's words", fact(slot.Industry, "salon", "We're a salon"), ""},
		{"other quotes and letters are the same words", fact(slot.Industry, "a Salon", "WE'RE  a salon"), ""},
		{"a text that nobody said", fact(slot.Industry, "law firm", "We're a salon"), advice.ReasonValue},
		{"an invented quote", fact(slot.Industry, "salon", "We run a salon"), advice.ReasonEvidence},
		{"a quote cut out of a word", fact(slot.Industry, "salon", "alon"), advice.ReasonEvidence},
		{"a quote of nothing", fact(slot.Industry, "salon", ""), advice.ReasonEvidence},
		{"a quote of signs", fact(slot.Industry, "salon", " ... "), advice.ReasonEvidence},
		{"a quote that proves nothing", fact(slot.LogoStatus, "has_logo", "and"), advice.ReasonEvidence},
		{"an offered option", fact(slot.LogoStatus, "not_sure", "salon"), ""},
		{"an option that is not offered", fact(slot.LogoStatus, "stolen", "salon"), advice.ReasonValue},
		{"an enum without options", fact(slot.SupportLevel, "gold", "salon"), advice.ReasonValue},
		{"a number", fact(slot.BookingsPerWeek, "40", "40 bookings a week"), ""},
		{"a number that the quote does not name", fact(slot.BookingsPerWeek, "400", "40 bookings a week"), advice.ReasonValue},
		{"a number in other clothes", fact(slot.BookingsPerWeek, "4e1", "40 bookings a week"), advice.ReasonValue},
		{"no number", fact(slot.BookingsPerWeek, "NaN", "40 bookings a week"), advice.ReasonValue},
		{"a share", fact(slot.CurrentNoShowRate, "0.18", "about 18% don't show up"), ""},
		{"another share", fact(slot.CurrentNoShowRate, "0.81", "about 18% don't show up"), advice.ReasonValue},
		{"a share above one", fact(slot.CurrentNoShowRate, "18", "about 18% don't show up"), advice.ReasonValue},
		{"money in cents", fact(slot.BudgetMin, "450000", "budget is 4,500 dollars"), ""},
		{"money with k", fact(slot.BudgetMax, "600000", "at most 6k"), ""},
		{"money in dollars", fact(slot.BudgetMin, "4500", "budget is 4,500 dollars"), advice.ReasonValue},
		{"money below zero", fact(slot.BudgetMin, "-450000", "budget is 4,500 dollars"), advice.ReasonValue},
		{"a length", fact(slot.LaunchWeeks, "8", "in 8 weeks"), ""},
		{"another length", fact(slot.LaunchWeeks, "2", "in 8 weeks"), advice.ReasonValue},
		{"a day", fact(slot.LaunchDate, "2027-03-15", "by March 15"), ""},
		{"another day", fact(slot.LaunchDate, "2027-03-16", "by March 15"), advice.ReasonValue},
		{"no day", fact(slot.LaunchDate, "soon", "by March 15"), advice.ReasonValue},
		{"an address", fact(slot.WebsiteURL, "bella.example", "See bella.example"), ""},
		{"a stranger's address", fact(slot.WebsiteURL, "evil.example", "See bella.example"), advice.ReasonValue},
		{"a list of what was said", fact(slot.CurrentTools, "Shopify,Mailchimp", "we use Shopify and Mailchimp"), ""},
		{"a list with an addition", fact(slot.CurrentTools, "Shopify,Stripe", "we use Shopify and Mailchimp"), advice.ReasonValue},
		{"a list of options", fact(slot.VisitorActions, "book,call", "Customers book online and call"), ""},
		{"an entry twice", fact(slot.VisitorActions, "book,book", "Customers book online"), advice.ReasonValue},
		{"none, said", fact(slot.Downloads, "none", "no video"), ""},
		{"none, unsaid", fact(slot.Downloads, "none", "Customers book online"), advice.ReasonValue},
		{"yes", fact(slot.RequiresScheduling, "yes", "book online"), ""},
		{"neither yes nor no", fact(slot.RequiresScheduling, "true", "book online"), advice.ReasonValue},
		{"no such slot", fact("admin", "yes", "book online"), advice.ReasonUnknown},
		{"a person's slot", fact(slot.ContactEmail, "salon", "salon"), advice.ReasonPersonal},
		{"the client's own click", fact(slot.PriceConfirmed, "yes", "book online"), advice.ReasonPersonal},
		{"an unknown certainty", advice.Fact{Slot: slot.Industry, Value: "salon", Evidence: "salon", Certainty: "sure"}, advice.ReasonUnknown},
		{"an empty value", fact(slot.Industry, "", "salon"), advice.ReasonValue},
		{"a value with ends of space", fact(slot.Industry, " salon", "salon"), advice.ReasonValue},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := advice.Advice{Facts: []advice.Fact{tt.fact}}
			got, dropped := advice.Review(a, salon(answer))
			want := ""
			if tt.want != "" {
				want = "fact:" + tt.want
			}
			if reasons(dropped) != want || (len(got.Facts) == 1) != (tt.want == "") {
				t.Errorf("Review(%+v) = %+v, dropped %q, want %q", tt.fact, got.Facts, reasons(dropped), want)
			}
		})
	}
}

// A model may choose for the client, but the client has the last word.
func TestChoicesAreImplied(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fact advice.Fact
		want advice.Certainty
	}{
		{fact(slot.Industry, "hair", "We cut hair"), advice.Stated},
		{fact(slot.BookingsPerWeek, "40", "40 bookings"), advice.Stated},
		{fact(slot.BusinessModel, "service", "we sell a service"), advice.Stated},
		{fact(slot.BusinessModel, "product", "We cut hair"), advice.Implied},
		{fact(slot.VisitorActions, "book,call", "they book and call"), advice.Stated},
		{fact(slot.VisitorActions, "book,buy", "they book and call"), advice.Implied},
		{fact(slot.HasMembers, "yes", "We cut hair"), advice.Implied},
		{fact(slot.LogoStatus, "not_sure", "not sure about the logo"), advice.Stated},
	} {
		got, dropped := advice.Review(advice.Advice{Facts: []advice.Fact{tt.fact}}, salon("We cut hair, we sell a service, 40 bookings, they book and call, not sure about the logo"))
		if len(got.Facts) != 1 || got.Facts[0].Certainty != tt.want {
			t.Errorf("Review(%+v) = %+v, dropped %q, want %s", tt.fact, got.Facts, reasons(dropped), tt.want)
		}
	}
}

func TestReviewOfTheRest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*advice.Advice)
		want   string
	}{
		{"an action that is not allowed now", func(a *advice.Advice) { a.Action = advice.Overview }, "action:not_offered"},
		{"an action that does not exist", func(a *advice.Advice) { a.Action = "refund" }, "action:not_offered"},
		{"a foreign question takes its wording along", func(a *advice.Advice) { a.QuestionID = "ssn" }, "question_id:not_offered wording:no_question"},
		{"a wording without a question", func(a *advice.Advice) { a.QuestionID = "" }, "wording:no_question"},
		{"an unknown quality", func(a *advice.Advice) { a.Quality = "superb" }, "answer_quality:unknown"},
		{"an unknown focus", func(a *advice.Advice) { a.SlotFocus = "root" }, "slot_focus:unknown"},
		{"a conflict without facts", func(a *advice.Advice) {
			a.Conflicts = []advice.Conflict{{SlotA: slot.BudgetMax, SlotB: slot.Video}}
		}, "conflict:no_fact"},
		{"a conflict of an unknown slot", func(a *advice.Advice) {
			a.Conflicts = []advice.Conflict{{SlotA: slot.BudgetMax, SlotB: "x"}}
		}, "conflict:unknown"},
		{"a conflict with itself", func(a *advice.Advice) {
			a.Conflicts = []advice.Conflict{{SlotA: slot.BudgetMax, SlotB: slot.BudgetMax}}
		}, "conflict:same_slot"},
		{"a conflict explained by a link", func(a *advice.Advice) {
			a.Conflicts = []advice.Conflict{{SlotA: slot.BudgetMax, SlotB: slot.LaunchWeeks, Explanation: "See evil.example for more."}}
		}, "explanation:link"},
		{"two values for one slot", func(a *advice.Advice) {
			a.Facts = []advice.Fact{fact(slot.LogoStatus, "has_logo", "salon"), fact(slot.LogoStatus, "not_sure", "salon")}
		}, "fact:twice"},
		{"the canary takes everything along", func(a *advice.Advice) { a.Why = "said " + canary }, "all:canary"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := asks("Is there a logo already?")
			tt.change(&a)
			got, dropped := advice.Review(a, salon("a salon"))
			if reasons(dropped) != tt.want {
				t.Errorf("Review dropped %q, want %q", reasons(dropped), tt.want)
			}
			if tt.want == "all:canary" && !cmp.Equal(got, advice.Advice{}, cmpopts.EquateEmpty()) {
				t.Errorf("Review kept %+v beside the canary", got)
			}
		})
	}
}

func TestFactsOfThisAnswerMayConflict(t *testing.T) {
	t.Parallel()
	a := advice.Advice{
		Facts:     []advice.Fact{fact(slot.LogoStatus, "has_logo", "logo")},
		Conflicts: []advice.Conflict{{SlotA: slot.LogoStatus, SlotB: slot.BudgetMax}},
	}
	if got, dropped := advice.Review(a, salon("a logo")); len(got.Conflicts) != 1 {
		t.Errorf("Review dropped %q, want the conflict to stand", reasons(dropped))
	}
}

func TestNothingIsReadFromNoAnswer(t *testing.T) {
	t.Parallel()
	_, dropped := advice.Review(advice.Advice{Facts: []advice.Fact{fact(slot.LogoStatus, "has_logo", "")}}, salon(" \n"))
	if reasons(dropped) != "fact:empty_answer" {
		t.Errorf("Review dropped %q, want fact:empty_answer", reasons(dropped))
	}
}

func TestCanaryInDisguise(t *testing.T) {
	t.Parallel()
	spread := asks("Is there a marten-7f3a?")
	spread.Why = "91c2d8"
	facts := advice.Advice{Facts: []advice.Fact{fact(slot.Industry, strings.ToUpper(canary), "x")}}
	for name, a := range map[string]advice.Advice{"spread over two fields": spread, "in a fact": facts} {
		if _, dropped := advice.Review(a, salon("x")); reasons(dropped) != "all:canary" {
			t.Errorf("%s: Review dropped %q, want the whole advice", name, reasons(dropped))
		}
	}
}

// invariants checks what must hold for any accepted advice, whatever came in.
func invariants(t *testing.T, a advice.Advice, c advice.ReviewContext) {
	t.Helper()
	got, _ := advice.Review(a, c)
	if again, dropped := advice.Review(got, c); len(dropped) > 0 || !cmp.Equal(got, again, cmpopts.EquateEmpty()) {
		t.Fatalf("Review of accepted advice dropped %q:\n%s", reasons(dropped), cmp.Diff(got, again))
	}
	if got.Action != "" && !slices.Contains(c.Sent.AllowedActions, got.Action) {
		t.Fatalf("accepted the action %q", got.Action)
	}
	if got.QuestionID != "" && !slices.ContainsFunc(c.Sent.AllowedQuestions, func(q advice.Question) bool { return q.ID == got.QuestionID }) {
		t.Fatalf("accepted the question %q", got.QuestionID)
	}
	if w := got.Wording; w != "" && (got.QuestionID == "" || len([]rune(w)) > 220 || strings.Count(w, "?") != 1 || strings.ContainsAny(w, "<>\n\x00`|*@")) {
		t.Fatalf("accepted the wording %q", w)
	}
	squeezed := strings.ToLower(strings.Join(strings.FieldsFunc(got.Wording+got.Why, func(r rune) bool { return r == ' ' || r == '-' }), ""))
	if strings.Contains(squeezed, strings.ReplaceAll(canary, "-", "")) {
		t.Fatalf("accepted the canary in %+v", got)
	}
	defs := slot.ByKey()
	for _, f := range got.Facts {
		if _, ok := defs[f.Slot]; !ok || f.Evidence == "" || f.Value == "" {
			t.Fatalf("accepted the fact %+v", f)
		}
	}
	for _, f := range got.Conflicts {
		if f.SlotA == f.SlotB {
			t.Fatalf("accepted the conflict %+v", f)
		}
	}
}

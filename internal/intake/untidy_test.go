package intake_test

import (
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// baker answers as people do who hate forms: late, in passing, with doubts.
func baker() func(intake.Action) intake.Answer {
	texts := map[slot.Key][]string{
		slot.BusinessDescription: {"dunno lol", "ok so i hav a little bakery in Köln, \"Brot & Freude\", we bake sourdough and cakes. people ring up all day for orders"},
		slot.VisitorActions:      {"customers must order bread for pickup n pay, also a wedding cake enquiry w/ photos please!!"},
		slot.PrimaryGoal:         {"sell more bread online i guess?? maybe 100 orders per week"},
		slot.TargetAudience:      {"families in Nippes who want good bread, and brides for the wedding cakes"},
		slot.UniqueValue:         {"Our bread takes 48 hours. The competitor is Backwerk, they use frozen dough."},
		slot.ContentProvider:     {"not before june, i still have to write everything"},
		slot.CheckoutDetails:     {"gift cards for oma and no account needed"},
		slot.ProductDetails:      {"gift cards for oma and no account needed"},
		slot.DesignStyle:         {"cosy like my kitchen"},
		slot.DecisionMakers:      {"look at zeit-fuer-brot.com and not like backwerk", "800 euro"},
		slot.BudgetText:          {"look at zeit-fuer-brot.com and not like backwerk", "max 800 euro"},
		slot.LaunchText:          {"xmas"},
	}
	asked := map[slot.Key]int{}
	return func(a intake.Action) intake.Answer {
		switch a.Kind {
		case intake.AskQuestion:
			for _, k := range a.Question.Slots {
				if n := asked[k]; n < len(texts[k]) {
					asked[k]++
					return intake.Answer{Text: texts[k][n]}
				}
			}
			return intake.Answer{Unsure: true}
		case intake.ExampleOptions:
			return intake.Answer{Value: a.Examples.Options[0].Value}
		case intake.ConflictResolution:
			if a.Conflict.Type == intake.BudgetVsFeatures {
				return intake.Answer{Text: "hmm ok 4k then"}
			}
			return intake.Answer{Skip: true}
		case intake.ValidateUnderstanding:
			return intake.Answer{Response: "correct"}
		case intake.RecommendFeatures:
			return intake.Answer{Package: "starter", Features: []catalog.FeatureID{"ecommerce_basic"}}
		case intake.Complete:
		}
		return intake.Answer{}
	}
}

func TestUntidyAnswers(t *testing.T) {
	t.Parallel()
	i := begin(t, newEngine(t), ada())
	i.run(baker())
	v := i.s.Values()
	if slices.ContainsFunc(i.s.Conflicts, func(c intake.ConflictRecord) bool { return c.Unread }) {
		t.Errorf("contradictions = %+v, want the new budget read", i.s.Conflicts)
	}
	for k, want := range map[slot.Key]string{
		slot.Industry:         "bakery", // not the first eighty characters of the answer
		slot.ContentReadyDate: "not before june",
		slot.BudgetMax:        "400000",
		slot.CheckoutDetails:  "gift_cards",
		slot.PageCount:        "5", // as many as the package holds that was chosen
		slot.BookingDetails:   "",
		slot.PainPoints:       "",
		slot.DecisionMakers:   "",
	} {
		if got := v[k]; got != want {
			t.Errorf("%s = %q, want %q", k, got, want)
		}
	}
	if got := v[slot.BusinessDescription]; !strings.HasPrefix(got, "ok so i hav a little bakery") {
		t.Errorf("the description = %q, want it without the doubt before it", got)
	}
	if got := v[slot.Notes]; !strings.Contains(got, "not like backwerk") || strings.Contains(got, "!.") || strings.Contains(got, "?.") {
		t.Errorf("the further wishes = %q, want what answers another question, and one stop behind a sentence", got)
	}
	i.says(t, "Starter, 1 feature, $3,700")
	for _, l := range i.s.Loops {
		for _, p := range l.Points {
			if strings.Contains(p, "1 extra features") || p == "Business model: product" {
				t.Errorf("check %d shows %q", l.Number, p)
			}
		}
	}
}

// says fails the test unless one of the messages is exactly this.
func (i *interviewed) says(t *testing.T, text string) {
	t.Helper()
	if !slices.ContainsFunc(i.said, func(m intake.Message) bool { return m.Text == text }) {
		t.Errorf("no message says %q", text)
	}
}

func TestASettlementThatNobodyCanReadStaysOpen(t *testing.T) {
	t.Parallel()
	i := begin(t, newEngine(t), ada())
	client, settled := baker(), false
	i.run(func(a intake.Action) intake.Answer {
		if a.Kind == intake.ConflictResolution && a.Conflict.Type == intake.BudgetVsFeatures {
			settled = true
			return intake.Answer{Text: "my uncle pays what is missing"}
		}
		return client(a)
	})
	open := slices.ContainsFunc(i.s.Conflicts, func(c intake.ConflictRecord) bool {
		return c.Type == intake.BudgetVsFeatures && c.Unread && c.Label == "my uncle pays what is missing"
	})
	if !settled || !open {
		t.Errorf("contradictions = %+v (shown: %t), want words that nobody could read", i.s.Conflicts, settled)
	}
}

func TestAClarificationSaysAnewWhatAPointIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ said, goal string }{
		{"The goal is fewer calls during the day.", "fewer calls during the day"},
		{"no, our primary goal should be fewer calls", "fewer calls"},
		{"the goal is wrong", ""},
		{"the goal is not that important", ""},
	} {
		i := begin(t, newEngine(t), ada())
		client, shown := baker(), false
		i.run(func(a intake.Action) intake.Answer {
			if a.Kind == intake.ValidateUnderstanding && slices.Contains(a.Validation.PointSlots, slot.PrimaryGoal) && !shown {
				shown = true
				return intake.Answer{Response: "clarify", Text: tt.said}
			}
			return client(a)
		})
		want := tt.goal
		if want == "" {
			want = "sell more bread online i guess?? maybe 100 orders per week"
		}
		if got := i.s.Values()[slot.PrimaryGoal]; !shown || got != want {
			t.Errorf("%q makes the goal %q (point shown: %t), want %q", tt.said, got, shown, want)
		}
	}
}

func TestWhatTheFirstAnswerTellsIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	i := begin(t, newEngine(t), intake.Client{Name: "Kay Board", Email: "kay@example.com", WebsiteType: "personal"})
	i.answer(intake.Answer{Text: "I'm a portrait photographer in Bristol. I want more wedding bookings: 3 a month instead of 1. Couples aged 25 to 40 around Bristol who look for calm pictures. I need more photos on the site."})
	v := i.s.Values()
	if got, want := v[slot.PrimaryGoal], "I want more wedding bookings: 3 a month instead of 1."; got != want {
		t.Errorf("the goal = %q, want %q", got, want)
	}
	if got, want := v[slot.TargetAudience], "Couples aged 25 to 40 around Bristol who look for calm pictures."; got != want {
		t.Errorf("the audience = %q, want %q", got, want)
	}
	for i.s.Current.Kind != intake.Complete {
		if ask := i.s.Current.Question; i.s.Current.Kind == intake.AskQuestion && (slices.Contains(ask.Slots, slot.PrimaryGoal) || slices.Contains(ask.Slots, slot.TargetAudience)) {
			t.Fatalf("question %q asks for what the first answer told", ask.Question.Text)
		}
		switch i.s.Current.Kind {
		case intake.RecommendFeatures:
			i.answer(intake.Answer{Package: "starter"})
		case intake.ValidateUnderstanding:
			i.answer(intake.Answer{Response: "correct"})
		case intake.ConflictResolution:
			i.answer(intake.Answer{Skip: true})
		default:
			i.answer(intake.Answer{Unsure: true})
		}
	}
}

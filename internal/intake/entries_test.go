package intake_test

import (
	"testing"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// TestWordsBesideChoices writes into the field beside the choices of what the
// website must have: a list is a list, and a sentence with commas stays whole.
func TestWordsBesideChoices(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a recipe calculator, and photos of dogs": "payment_processing,a recipe calculator,photos of dogs",
		"just me":    "payment_processing",
		"under 7000": "payment_processing",
		"x":          "payment_processing",
		"予約":         "payment_processing,予約",
		"They should see what is on the wheel this month, hold the mug they like, and smell the clay.": "payment_processing,They should see what is on the wheel this month; hold the mug they like; and smell the clay.",
	} {
		i := when(t, func(a intake.Action) (intake.Answer, bool) {
			if a.Kind != intake.AskQuestion || a.Question.Question.ID != "actions" {
				return intake.Answer{}, false
			}
			return intake.Answer{Values: []string{"mustHaves.payment_processing", "visitorActions.book"}, Text: text}, true
		})
		if got := i.s.Values()[slot.MustHaves]; got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

// TestTheTradeInASentence reads a trade that no list knows, and keeps the guess of
// the model when the client cannot say how money comes in.
func TestTheTradeInASentence(t *testing.T) {
	t.Parallel()
	i := begin(t, newEngine(t), intake.Client{Name: "Sam Hill", Email: "sam@example.com", WebsiteType: "personal"})
	i.answer(intake.Answer{Text: "I write a newsletter about slow cooking called The Low Oven. It's on Substack, 6,200 subscribers of which 310 pay 5 a month. I want my own place with all recipes searchable."})
	for i.s.ModelAt == 0 && i.s.Current.Kind != intake.Complete {
		switch i.s.Current.Kind {
		case intake.AskQuestion:
			i.answer(intake.Answer{Unsure: true})
		case intake.ValidateUnderstanding:
			i.answer(intake.Answer{Response: "correct"})
		default:
			t.Fatalf("%s before the model is settled", i.s.Current.Kind)
		}
	}
	v := i.s.Values()
	if v[slot.BusinessModel] != "membership" || v[slot.Industry] != "newsletter about slow cooking" {
		t.Errorf("model %q, industry %q; want membership, newsletter about slow cooking", v[slot.BusinessModel], v[slot.Industry])
	}
}

// TestTheTradeBehindTheName takes the name and the verb from a trade that no list
// knows.
func TestTheTradeBehindTheName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"FieldLog is a web app for agronomists. They log soil samples in the field, offline, and it makes a report for the farmer.": "web app for agronomists",
		"Duarte Atelier makes made-to-measure wedding dresses in Porto, about 45 a year, each between 2,800 and 6,000 euros.":       "made-to-measure wedding dresses in Porto",
	} {
		i := begin(t, newEngine(t), intake.Client{Name: "Sam Hill", Email: "sam@example.com", WebsiteType: "business"})
		i.answer(intake.Answer{Text: text})
		if got := i.s.Values()[slot.Industry]; got != want {
			t.Errorf("%q gives the industry %q, want %q", text, got, want)
		}
	}
}

// TestAGreetingIsNoName: some people begin with one.
func TestAGreetingIsNoName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Good morning. My sister and I keep bees near Ghent and sell honey at markets.": "",
		"Hello there, Bee Good is a honey farm near Ghent that sells at markets.":       "Bee Good",
		"Second Plate collects surplus food from 38 shops in Bradford.":                 "Second Plate",
		"Our Company collects pots in Ghent for gardeners of three countries.":          "",
		"The Old Bakery bakes bread in Ghent and sells it to restaurants.":              "The Old Bakery",
		"Hey Judes, a record shop in Ghent, sells used vinyl and takes orders by mail.": "Hey Judes",
	} {
		i := begin(t, newEngine(t), intake.Client{Name: "Sam Hill", Email: "sam@example.com", WebsiteType: "business"})
		i.answer(intake.Answer{Text: text})
		if got := i.s.Values()[slot.BusinessName]; got != want {
			t.Errorf("%q gives the name %q, want %q", text, got, want)
		}
	}
}

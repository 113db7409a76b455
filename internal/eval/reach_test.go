package eval_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/eval"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/slot"
)

// TestEverySlotIsFilledBySomeClient plays the briefs that the engine was tuned
// on, each with some presets: a slot that nobody ever fills would be a question
// without an answer or a rule that never fires.
func TestEverySlotIsFilledBySomeClient(t *testing.T) {
	t.Parallel()
	e, lib := engine(t), library(t)
	filled, asked := map[slot.Key]int{}, map[slot.Key]int{}
	presets := persona.Presets()
	for n, b := range half(t, false) {
		for turn := range 6 {
			p := presets[(n+5*turn)%len(presets)]
			got := eval.Run(e, lib.New(b, p, uint64(turn)), uint64(turn), began(), nil)
			if got.Dead != "" {
				t.Fatalf("%s as %s: %s", b.ID, p.Name, got.Dead)
			}
			for _, a := range got.Session.Asked {
				for _, k := range a.Slots {
					asked[k]++
				}
			}
			known := map[slot.Key]bool{}
			for _, f := range got.Session.Facts {
				known[f.Slot] = known[f.Slot] || f.Status.Known()
			}
			for k, yes := range known {
				if yes {
					filled[k]++
				}
			}
		}
	}
	everyQuestionIsAsked(t, e, asked)
	for _, d := range slot.Defs() {
		said, passing := inPassing()[d.Key]
		switch {
		case d.Key == slot.WebsiteType: // chosen in the form before the interview, never a fact
		case d.Key == slot.BusinessType: // the rules fill the industry; only an advisor may tell the two apart
		case passing && filled[d.Key] > 0:
			t.Errorf("%s is listed as said in passing, but %d clients fill it", d.Key, filled[d.Key])
		case passing && !understood(t, e, said, d.Key):
			t.Errorf("%q does not fill %s (%s)", said, d.Key, d.Label)
		case !passing && filled[d.Key] == 0:
			t.Errorf("no client fills %s (%s)", d.Key, d.Label)
		}
	}
}

// everyQuestionIsAsked adds clients of projects that no brief is about, and
// asks that someone is asked about each slot of each question.
func everyQuestionIsAsked(t *testing.T, e *intake.Engine, asked map[slot.Key]int) {
	t.Helper()
	for seed := range 60 {
		for website, description := range map[string]string{
			"business":  "Sail and Sea is an online magazine. We publish articles and news every week and sponsors pay.",
			"nonprofit": "Paws is a charity for stray dogs and wants people to donate and to volunteer.",
			"project":   "A harvest gathering happens once a year in our village.",
			"other":     "Planwise is a web app where teachers plan lessons, with accounts and a calculator, by subscription.",
		} {
			for k := range lazy(t, e, website, description, seed) {
				asked[k]++
			}
		}
	}
	b, err := bank.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range b.Questions {
		for _, k := range q.Slots() { // alone or in a bundle with others
			if asked[k] == 0 && k != slot.CustomerBase && k != slot.AverageTransaction { // worth less than all others when there is room
				t.Errorf("%s: no client is asked about %s", q.ID, k)
			}
		}
	}
}

// inPassing are the slots that no question is about and no brief has a truth
// for: what a client says in passing, with words that say it.
func inPassing() map[slot.Key]string {
	return map[slot.Key]string{
		slot.CustomerAcquisitionCost: "We pay $40 per lead from Google Ads.",
		slot.OtherLanguageShare:      "About 30% of our customers speak Spanish.",
		slot.CompetitorsBookOnline:   "Our competitors all offer online booking.",
		slot.LosesSalesOffline:       "We lose sales because people cannot buy online.",
		slot.TimezoneComplexity:      "Our clients sit in several time zones.",
		slot.WantsRepeatCustomers:    "We want more repeat customers.",
		slot.SearchIsMainChannel:     "Most clients find us on Google search.",
		slot.LiveSupportWanted:       "We want live chat for questions.",
		slot.StockOuts:               "We are often out of stock.",
		slot.WantsReminders:          "We want automatic reminders before appointments.",
		slot.HasInventory:            "We keep stock in a warehouse and track inventory.",
		slot.HoursPerWeekOnTask:      "I spend 12 hours a week on the phone for scheduling.",
		slot.HourlyRate:              "An hour of my time costs $60 per hour.",
		slot.ChurnRate:               "About 4% of our members leave each year.",
		slot.OnlineRevenue:           "Our online revenue is $80,000 a year.",
		slot.CartAbandonmentRate:     "About 70% of carts are abandoned.",
		slot.LostSalesPerMonth:       "We lose 12 sales a month to stock-outs.",
		slot.CustomerBase:            "There are 2,400 contacts on our mailing list.",
		slot.AverageTransaction:      "The average sale is $45.",
		slot.MonthlyAdSpend:          "We spend $600 a month on ads.",
		slot.LeadsPerMonth:           "Our blog brings 40 leads a month.",
		slot.HomepageFocus:           "The first thing people should see is the booking button.",
		slot.ContactEmail:            "Write to hello@moreau-studio.com.",
		slot.WebsiteURL:              "Our website is moreau-studio.com.",
		slot.PostalAddress:           "You find us at 12 Mill Lane, Portland.",
	}
}

// understood reports whether the words fill the slot when they stand in the
// first answer of an interview.
func understood(t *testing.T, e *intake.Engine, said string, k slot.Key) bool {
	t.Helper()
	s, _, err := e.Start("reach", intake.Client{Name: "Ada Moreau", Email: "ada@example.com", WebsiteType: "business"}, began())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Answer(s, intake.Answer{ActionID: s.Current.ID, Text: "Studio Moreau is a hair salon in Portland. " + said}, began()); err != nil {
		t.Fatal(err)
	}
	return s.Values().Has(k)
}

// lazy answers in the fewest words after a first answer that says what the
// project is.
func lazy(t *testing.T, e *intake.Engine, website, description string, seed int) map[slot.Key]bool {
	t.Helper()
	asked, now := map[slot.Key]bool{}, began()
	s, _, err := e.Start("lazy", intake.Client{Name: "Ada Moreau", Email: "ada@example.com", WebsiteType: website}, now)
	if err != nil {
		t.Fatal(err)
	}
	for first := true; s.Current.Kind != intake.Complete; first = false {
		now = now.Add(time.Minute)
		a := intake.Answer{ActionID: s.Current.ID, Response: "correct"}
		switch c := s.Current; {
		case first:
			a = intake.Answer{ActionID: c.ID, Text: description}
		case c.Kind == intake.AskQuestion && len(c.Question.Question.Options) > 0:
			a = intake.Answer{ActionID: c.ID, Values: []string{c.Question.Question.Options[(seed+len(s.Asked)*7)%len(c.Question.Question.Options)].Value}}
		case c.Kind == intake.AskQuestion:
			a = intake.Answer{ActionID: c.ID, Text: "Families in Leeds aged 30 to 50 who look for help at weekends: 30 enquiries a week within three months, in 12 weeks, for $9,000."}
		case c.Kind == intake.ExampleOptions:
			a = intake.Answer{ActionID: c.ID, Value: c.Examples.Options[0].Value}
		case c.Kind == intake.ConflictResolution:
			a = intake.Answer{ActionID: c.ID, Choice: c.Conflict.Options[0].Value}
		case c.Kind == intake.RecommendFeatures:
			a = intake.Answer{ActionID: c.ID, Package: "custom"}
		}
		if _, err := e.Answer(s, a, now); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range s.Asked {
		for _, k := range a.Slots {
			asked[k] = true
		}
	}
	return asked
}

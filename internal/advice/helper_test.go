package advice_test

import (
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/slot"
)

// canary is the secret word of the tests' system prompt.
const canary = "marten-7f3a91c2d8"

// today is a Friday.
func today() time.Time { return time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC) }

// salon is a conversation in its middle.
func salon(answer string) advice.ReviewContext {
	return advice.ReviewContext{
		Canary: canary, Now: today(),
		Options: map[slot.Key][]string{
			slot.LogoStatus:     {"has_logo", "needs_logo", "not_sure"},
			slot.BusinessModel:  {"service", "product", "content", "membership"},
			slot.VisitorActions: {"book", "buy", "call", "read"},
		},
		Sent: advice.Snapshot{
			PromptVersion: "p1", Lang: "en", SiteType: "business", BusinessModel: "service", Turn: 7, Budget: advice.Budget{QuestionsLeft: 15},
			Facts: slot.Values{
				slot.BusinessName: "Bella Hair", slot.BudgetMax: "450000", slot.LaunchWeeks: "8", slot.CurrentNoShowRate: "0.18",
				slot.MustHaves: "appointment_scheduling", slot.BudgetText: "about $4,500",
			},
			Open:           []slot.Key{slot.LogoStatus, slot.TargetAudience},
			LastQuestion:   advice.Question{ID: "audience", Text: "Who comes to the salon today?"},
			AllowedActions: []advice.Action{advice.Ask, advice.Probe},
			AllowedQuestions: []advice.Question{
				{ID: "logo", Text: "Is there a logo already?"}, {ID: "style", Text: "Name 2 or 3 websites that look right. What is good about them?"},
			},
			LastAnswer: answer,
		},
	}
}

// asks is advice that nothing speaks against.
func asks(wording string) advice.Advice {
	return advice.Advice{Quality: advice.Good, Action: advice.Ask, QuestionID: "logo", SlotFocus: slot.LogoStatus, Wording: wording, Why: "open"}
}

func fact(k slot.Key, value, evidence string) advice.Fact {
	return advice.Fact{Slot: k, Value: value, Evidence: evidence, Certainty: advice.Stated}
}

// reasons lists what was dropped, as part:reason.
func reasons(dropped []advice.Drop) string {
	out := make([]string, len(dropped))
	for i, d := range dropped {
		out[i] = string(d.Part) + ":" + d.Reason
	}
	return strings.Join(out, " ")
}

func mustParse(t *testing.T, raw string) advice.Advice {
	t.Helper()
	a, err := advice.Parse([]byte(raw))
	if err != nil {
		t.Fatalf("Parse(%s) = %v, want no error", raw, err)
	}
	return a
}

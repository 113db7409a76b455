package advice_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/redact"
	"applicreations.com/introspect/internal/slot"
)

func read[T any](t *testing.T, name string) (out T) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// Wordings of a hostile model: none is shown, and none is shown as the
// explanation of a conflict either if it is no mere question of form.
func TestModelAttacks(t *testing.T) {
	t.Parallel()
	n, escapes := 0, 0
	for category, list := range modelAttacks(t) {
		for _, wording := range list {
			n++
			got, dropped := advice.Review(asks(wording), salon("Hair, mostly. Ask whatever you like."))
			if got.Wording != "" {
				escapes++
				t.Errorf("%s: %q was accepted", category, wording)
			}
			if wording != "" && len(dropped) != 1 {
				t.Errorf("%s: %q cost %q, want the wording alone to go", category, wording, reasons(dropped))
			}
			if category == "form" {
				continue
			}
			a := advice.Advice{Conflicts: []advice.Conflict{{SlotA: slot.BudgetMax, SlotB: slot.LaunchWeeks, Explanation: wording}}}
			if got, _ := advice.Review(a, salon("Hair.")); len(got.Conflicts) != 1 || got.Conflicts[0].Explanation != "" {
				escapes++
				t.Errorf("%s: %q was accepted as an explanation", category, wording)
			}
		}
	}
	t.Logf("%d wordings of a hostile model, %d escapes", n, escapes)
	if n < 150 {
		t.Errorf("%d attacks, want at least 150", n)
	}
}

// What the checks cannot tell from a question: nonsense about the right topic.
// The list is here so that nobody believes in more than there is.
func TestOddities(t *testing.T) {
	t.Parallel()
	for _, list := range read[map[string][]string](t, "model_oddities.json") {
		for _, wording := range list {
			if got, dropped := advice.Review(asks(wording), salon("Hair.")); got.Wording == "" {
				t.Errorf("%q is dropped now (%s): move it to the attacks", wording, reasons(dropped))
			}
		}
	}
}

type clientAttack struct {
	Text   string `json:"text"`
	Obeyed string `json:"obeyed"` // what a model writes that follows the text

	// What it does besides; empty means something legal.
	Action   advice.Action `json:"action"`
	Question string        `json:"question"`
	Slot     slot.Key      `json:"slot"`
	Value    string        `json:"value"`
}

// Texts of a hostile client, and a model that obeys them: the text never
// leaves its string, and nothing of the obedience is accepted. The state of
// the review holds the attacker's own words, numbers and links.
func TestClientAttacks(t *testing.T) {
	t.Parallel()
	n, escapes := 0, 0
	escape := func(category, text, what string) {
		escapes++
		t.Errorf("%s: %q: %s", category, text, what)
	}
	for category, list := range read[map[string][]clientAttack](t, "client_attacks.json") {
		for _, c := range list {
			n++
			world := salon(redact.Tame(c.Text))
			if what := contained(world.Sent); what != "" {
				escape(category, c.Text, what)
			}
			a := asks(c.Obeyed)
			if c.Action != "" {
				a.Action = c.Action
			}
			if c.Question != "" {
				a.QuestionID = c.Question
			}
			if c.Slot != "" {
				a.Facts = []advice.Fact{fact(c.Slot, c.Value, world.Sent.LastAnswer)}
			}
			got, _ := advice.Review(a, world)
			switch {
			case got.Wording != "":
				escape(category, c.Text, "obeyed by "+got.Wording)
			case len(got.Facts) > 0:
				escape(category, c.Text, "a fact was planted")
			case c.Action != "" && got.Action != "":
				escape(category, c.Text, "the action was taken")
			case c.Question != "" && got.QuestionID != "":
				escape(category, c.Text, "the question was taken")
			}
			invariants(t, a, world)
			for _, w := range []string{c.Text, c.Text + "?", world.Sent.LastAnswer + ", is there a logo?"} {
				invariants(t, asks(w), world)
			}
		}
	}
	t.Logf("%d texts of a hostile client, %d escapes", n, escapes)
}

// contained says how a client's text got out of its string.
func contained(s advice.Snapshot) string {
	var u map[string]string
	if err := json.Unmarshal(s.Untrusted(), &u); err != nil || len(u) != 2 || u["last_answer"] != s.LastAnswer {
		return "the text left its string"
	}
	if state := string(s.JSON()); s.LastAnswer != "" && strings.Contains(state, s.LastAnswer) {
		return "the text got into the state"
	}
	return ""
}

// Whole answers of a hostile model, as bytes.
func TestRawAttacks(t *testing.T) {
	t.Parallel()
	good := `{"facts":[],"conflicts":[],"answer_quality":"good","action":"ask","question_id":"logo","slot_focus":"","wording":"","why":""}`
	with := func(field, value string) string {
		i := strings.Index(good, `"`+field+`":`) + len(field) + 3
		end := i + strings.IndexAny(good[i+1:], `,}`) + 1
		return good[:i] + value + good[end:]
	}
	for name, raw := range map[string]string{
		"an action of its own":           with("action", `"send_mail"`),
		"an action not allowed now":      with("action", `"review"`),
		"a list for an action":           with("action", `["ask"]`),
		"a foreign question":             with("question_id", `"admin"`),
		"a path for a question":          with("question_id", `"../../etc/passwd"`),
		"SQL for a question":             with("question_id", `"logo' OR 1=1"`),
		"a question in other letters":    with("question_id", `"LOGO"`),
		"a question with a space":        with("question_id", `"logo "`),
		"a question with nothing hidden": with("question_id", `"logo\u0000"`),
		"a quality of its own":           with("answer_quality", `"admin"`),
		"a focus of its own":             with("slot_focus", `"__proto__"`),
		"a fact about the prototype":     with("facts", `[{"evidence":"hair","slot":"__proto__","value":"x","certainty":"stated"}]`),
		"a fact out of nothing":          with("facts", `[{"evidence":"","slot":"industry","value":"hair","certainty":"stated"}]`),
		"a fact of the model's own":      with("facts", `[{"evidence":"the client is rich","slot":"industry","value":"hair","certainty":"stated"}]`),
		"a fact of the state":            with("facts", `[{"evidence":"Bella Hair","slot":"industry","value":"hair","certainty":"stated"}]`),
		"a confirmed price":              with("facts", `[{"evidence":"hair","slot":"priceConfirmed","value":"yes","certainty":"stated"}]`),
		"an e-mail address":              with("facts", `[{"evidence":"hair","slot":"contactEmail","value":"hair","certainty":"stated"}]`),
		"money from hair":                with("facts", `[{"evidence":"hair","slot":"budgetMax","value":"1","certainty":"stated"}]`),
		"a boolean of numbers":           with("facts", `[{"evidence":"hair","slot":"hasMembers","value":"1","certainty":"stated"}]`),
		"HTML for a value":               with("facts", `[{"evidence":"hair","slot":"industry","value":"<b>hair</b>","certainty":"stated"}]`),
		"certainty without bounds":       with("facts", `[{"evidence":"hair","slot":"industry","value":"hair","certainty":"absolute"}]`),
		"a conflict of strangers":        with("conflicts", `[{"slot_a":"x","slot_b":"y","explanation":""}]`),
		"a conflict without facts":       with("conflicts", `[{"slot_a":"video","slot_b":"audio","explanation":""}]`),
		"tools":                          strings.Replace(good, `"why"`, `"tool_calls":[{"name":"send"}],"why"`, 1),
		"a price":                        strings.Replace(good, `"why"`, `"price":1,"why"`, 1),
		"two answers":                    good + good,
		"an answer in prose":             "Here you are: " + good,
		"an answer in a fence":           "```json\n" + good + "\n```",
		"the canary in the reason":       with("why", `"`+canary+`"`),
		"the canary in a question id":    with("question_id", `"`+canary+`"`),
		"the canary in a focus":          with("slot_focus", `"`+strings.ToUpper(canary)+`"`),
		"a very long reason":             with("why", `"`+strings.Repeat("a", 70000)+`"`),
	} {
		a, err := advice.Parse([]byte(raw))
		if err != nil {
			continue
		}
		got, dropped := advice.Review(a, salon("We cut hair."))
		if len(dropped) == 0 {
			t.Errorf("%s: nothing was dropped of %s", name, raw)
		}
		if len(got.Facts)+len(got.Conflicts) > 0 || got.Action != "" && got.Action != advice.Ask || got.QuestionID != "" && got.QuestionID != "logo" ||
			!slices.Contains(append(advice.Qualities(), ""), got.Quality) || got.SlotFocus != "" {
			t.Errorf("%s: %+v was accepted", name, got)
		}
	}
}

func FuzzReview(f *testing.F) {
	f.Add("Is there a logo?", "a logo", "logo", "We have a logo", "budgetMax")
	f.Add("{{client}}, is there a logo – yet?", "4.5k", "450000", "about 4.5k", "budgetMin")
	f.Add("Is there a l\u200bogo?", "\u202e", "x", "\xff", "launchDate")
	f.Fuzz(func(t *testing.T, wording, evidence, value, answer, key string) {
		a := asks(wording)
		a.Facts = []advice.Fact{fact(slot.Key(key), value, evidence), fact(slot.Industry, value, evidence), fact(slot.LaunchDate, value, evidence)}
		a.Conflicts = []advice.Conflict{{SlotA: slot.BudgetMax, SlotB: slot.LaunchWeeks, Explanation: wording}}
		invariants(t, a, salon(answer))
	})
}

// modelAttacks joins the lists.
func modelAttacks(t *testing.T) map[string][]string {
	t.Helper()
	all := read[map[string][]string](t, "model_attacks.json")
	maps.Copy(all, read[map[string][]string](t, "model_attacks_second.json"))
	maps.Copy(all, read[map[string][]string](t, "model_attacks_third.json"))
	maps.Copy(all, read[map[string][]string](t, "model_attacks_fourth.json"))
	return all
}

package bank_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/strictjson"
)

func builtIn(tb testing.TB) string {
	tb.Helper()
	data, err := os.ReadFile("bank.json")
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// The built-in bank obeys its own rules; the log shows how much room is left.
func TestBuiltInBankPasses(t *testing.T) {
	t.Parallel()
	b, err := bank.Default()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, q := range b.Questions {
		for _, list := range q.Text {
			texts = append(texts, list...)
		}
	}
	for _, p := range b.Probes {
		texts = append(texts, p.Text...)
	}
	var words int
	var grade float64
	var longest, hardest string
	for _, text := range texts {
		if n := len(strings.Fields(text)); n > words {
			words, longest = n, text
		}
		if g := bank.Grade(text); g > grade {
			grade, hardest = g, text
		}
	}
	t.Logf("%d questions, %d probes, %d checks, %d beliefs, %d defaults, %d question texts",
		len(b.Questions), len(b.Probes), len(b.Validations), len(b.Beliefs), len(b.Defaults), len(texts))
	t.Logf("longest: %d words: %s", words, longest)
	t.Logf("hardest: grade %.1f: %s", grade, hardest)
	if len(b.Questions) < 50 || len(texts) < len(b.Questions)+len(b.Probes) {
		t.Errorf("%d questions with %d texts are too few", len(b.Questions), len(texts))
	}
}

// Each row edits the built-in file in one place: the first old after start.
func TestParseFindsMistakes(t *testing.T) {
	t.Parallel()
	const (
		audience = `"id": "audience"`
		who      = `Who should the website reach, where are these people, and what do they need?`
		plan     = `"id": "plan"`
		plans    = `What budget and date are planned, and who decides?`
		probes   = `"probes": [`
		beliefs  = `"beliefs": [`
		defaults = `"defaults": [`
		checks   = `"validations": [`
	)
	tests := []struct {
		name             string
		start, old, edit string
		path, says       string
		on               string // what stands on the line: the last before the edit, with + the first after it; "" is the edit itself
	}{
		// the form
		{"an unknown field", audience, `"why"`, `"wy": "x", "why"`, `questions[3].wy`, "unknown field; known are id, type", ``},
		{"a missing field", audience, `"section": 4,`, ``, `questions[3].section`, "missing", "\n  {"},
		{"a number for text", audience, `"` + who + `"`, `7`, `questions[3].text[""][0]`, "must be text in quotes", ``},
		{"text for a list of a map", `"id": "industry"`, `"text": {`, `"text": {"other": "x",`, `questions[35].text["other"]`, "must be a list", ``},
		{"a context given twice", audience, `"personal": [`, `"nonprofit": [`, `questions[3].text["nonprofit"]`, "given twice", ``},
		{"text for a percentage", beliefs, `35`, `"35"`, `beliefs[0].chances["none"]`, "must be a whole number", ``},
		// names
		{"an id with capitals", audience, `"audience"`, `"Audience"`, `questions[3].id`, "is no id", ``},
		{"an id used twice", audience, `"audience"`, `"goal"`, `questions[3].id`, "already the id of questions[1]", ``},
		{"a probe id used twice", probes, `"id": "industry"`, `"id": "name"`, `probes[1].id`, "already the id of probes[0]", ``},
		{"an unknown type", audience, `"textarea"`, `"essay"`, `questions[3].type`, `"essay" is none of select, multiSelect`, ``},
		{"an unknown priority", audience, `"essential"`, `"urgent"`, `questions[3].priority`, `"urgent" is none of`, ``},
		{"a section that is not in the document", audience, `"section": 4`, `"section": 15`, `questions[3].section`, "must be 1 to 14", ``},
		{"a slot that does not exist", `"id": "goal"`, `"successMetrics"`, `"succesMetrics"`, `questions[1].fills[0]`, `no slot "succesMetrics"`, ``},
		{"a text for no slot", plan, `"otherSlot": "decisionMakers"`, `"otherSlot": "deciders"`, `questions[13].otherSlot`, `no slot "deciders"`, ``},
		{"cues of a slot that is not filled", `"id": "value"`, `"cues": {`, `"cues": {"industry": ["trade"],`, `questions[4].cues["industry"]`, "cues are never used", ``},
		{"a part of a slot that is not asked for", `"id": "value"`, `"parts": {`, `"parts": {"industry": "which trade is it",`, `questions[4].parts["industry"]`, "not about industry", ``},
		{"a part that is a sentence", plan, `"what budget is planned"`, `"What budget is planned?"`, `questions[13].parts["budgetText"]`, "is no part of a question", ``},
		{"a part in jargon", plan, `"who decides"`, `"who signs off the ux"`, `questions[13].parts["decisionMakers"]`, "is jargon", ``},
		{"one part alone", `"id": "goal"`, `"why"`, `"parts": {"primaryGoal": "what comes first"}, "why"`, `questions[1].parts`, "the whole question", ``},
		{"a condition on no slot", `"id": "figures_service"`, `"slot": "serviceSubtype"`, `"slot": "subtype"`, `questions[5].askIf[0].slot`, `no slot "subtype"`, ``},
		{"a condition on a value that nobody offers", `"id": "figures_product"`, `"buy"`, `"purchase"`, `questions[7].askIf[2].any[0]`, `visitorActions never is "purchase"`, ``},
		{"a kind of website where an action is meant", `"id": "figures_product"`, `"buy"`, `"nonprofit"`, `questions[7].askIf[2].any[0]`, `visitorActions never is "nonprofit"`, ``},
		{"a condition on a flag that is a word", `"id": "figures_membership"`, `"yes"`, `"service"`, `questions[9].askIf[3].any[0]`, `hasMembers never is "service"`, ``},
		// the words of a question
		{"an unknown context", audience, `"nonprofit": [`, `"charity": [`, `questions[3].text["charity"]`, `"charity" is no context`, ``},
		{"no text for other projects", audience, `"": [`, `"other": [`, `questions[3].text`, `must be a text for the context ""`, `"text": {`},
		{"an empty text", audience, who, ` `, `questions[3].text[""][0]`, "must not be empty", ``},
		{"a text that is too long", audience, who, strings.Repeat("who ", 31) + "?", `questions[3].text[""][0]`, "31 words are too many", ``},
		{"no question mark", audience, who, `Say who should come.`, `questions[3].text[""][0]`, "one question mark, not 0", ``},
		{"two questions", audience, who, `Who should come? And why?`, `questions[3].text[""][0]`, "one question mark, not 2", ``},
		{"too many commas", audience, who, `Who, where, when, why, and how?`, `questions[3].text[""][0]`, "4 commas are too many", ``},
		{"an exclamation mark", audience, who, `Stop! Who should come?`, `questions[3].text[""][0]`, "no exclamation mark", ``},
		{"the first person", audience, who, `Whom should we reach?`, `questions[3].text[""][0]`, `"we" is the first person`, ``},
		{"the first person in a reason", audience, `Words, look`, `Our words, look`, `questions[3].why`, `"our" is the first person`, ``},
		{"praise", audience, who, `Great, and who should come?`, `questions[3].text[""][0]`, `"great" is praise`, ``},
		{"jargon", audience, who, `Who should use the CMS?`, `questions[3].text[""][0]`, `"cms" is jargon`, ``},
		{"a web address", audience, who, `Who knows www.example.com?`, `questions[3].text[""][0]`, "no web address", ``},
		{"a currency sign", audience, who, `Who pays 5 €?`, `questions[3].text[""][0]`, "no currency sign", ``},
		{"a text that is hard to read", audience, who, `Which demographic constituencies necessitate prioritisation?`, `questions[3].text[""][0]`, "years of school", ``},
		{"a placeholder that nothing fills", audience, who, `Who should visit {client}?`, `questions[3].text[""][0]`, "nothing fills {client}", ``},
		{"the same question again", plan, plans, who, `questions[13].text[""][0]`, `nearly the same question as questions[3].text[""][0] of "audience"`, ``},
		{"a probe that is no question", probes, `Which name do people know?`, `Say the name.`, `probes[0].text[1]`, "one question mark", ``},
		{"a probe for a part that a slot lacks", probes, `"facet": "what"`, `"facet": "why"`, `probes[2].facet`, `"why" is no part of businessDescription; known are what, whom`, ``},
		// answers
		{"a text question without a slot", `"id": "no_go"`, `"takes": "avoid",`, ``, `questions[84]`, "its answer is lost", "\n  {"},
		{"a select question with two choices", `"id": "model"`, `"single": true,`, ``, `questions[2].groups`, "one group with", `"groups": [`},
		{"a text question with options", plan, `"multiSelect"`, `"textarea"`, `questions[13].groups`, "has no options", `+"groups": [`},
		{"a group without options", plan, `"options": [`, `"options": [], "more": [`, `questions[13].groups[0].options`, "2 to 14 options, not 0", ``},
		{"an option given twice", plan, `"value": "3k_5k"`, `"value": "under_3k"`, `questions[13].groups[0].options[1].value`, "option of this group already", ``},
		{"a label that is a sentence", plan, `Under $3,000`, `It should cost less than three thousand if possible`, `questions[13].groups[0].options[0].label`, "8 words at most, not 9", ``},
		{"money with a point", plan, `"300000"`, `"3000.00"`, `questions[13].groups[0].options[0].sets["budgetMax"]`, "cents without a point", ``},
		{"weeks in words", plan, `"launchWeeks": "4"`, `"launchWeeks": "four"`, `questions[13].groups[1].options[0].sets["launchWeeks"]`, "a number such as", ``},
		{"a date in words", plan, `"launchWeeks": "4"`, `"launchDate": "May"`, `questions[13].groups[1].options[0].sets["launchDate"]`, "a date such as", ``},
		{"a flag that is neither yes nor no", plan, `"launchWeeks": "4"`, `"isUrgent": "very"`, `questions[13].groups[1].options[0].sets["isUrgent"]`, "must be yes or no", ``},
		{"a card given twice", audience, `"value": "professionals"`, `"value": "local_families"`, `questions[3].cards[""][1].value`, "card of this context already", ``},
		{"a context without cards", audience, `"cards": {`, `"cards": {"other": [],`, `questions[3].cards["other"]`, "2 or 3 cards, not 0", ``},
		// checks, beliefs, defaults
		{"a loop without a check for everybody", `"id": "check_1",`, `"loop": 1`, `"loop": 2`, `validations`, "a check of loop 1 without when", `"validations": [`},
		{"a fifth loop", checks, `"loop": 1`, `"loop": 5`, `validations[0].loop`, "must be 1 to 4", ``},
		{"a check of two slots", checks, "    \"industry\",\n    \"primaryGoal\",\n    \"targetAudience\",\n", ``, `validations[0].slots`, "3 to 8 slots, not 2", `"slots": [`},
		{"a chance above certainty", beliefs, `35`, `101`, `beliefs[0].chances["none"]`, "must be 0 to 100", ``},
		{"chances above certainty", beliefs, `35`, `60`, `beliefs[0].chances`, "add up to 125 percent", `"chances": {`},
		{"a chance of an option that nobody offers", beliefs, `"outdated"`, `"old"`, `beliefs[0].chances["old"]`, `no question offers "old"`, ``},
		{"a default that is neither yes nor no", defaults, `"no"`, `"rarely"`, `defaults[2].value`, `"rarely", but must be yes or no`, ``},
		// the whole
		{"a default that is gone", defaults, `"competitors"`, `"industry"`, `defaults`, "must be a default for competitors", `"defaults": [`},
		{"a slot that only one question fills", `"id": "page_list"`, `"slot": "siteSections"`, `"slot": "pageReadiness"`, `questions`, "siteSections can be filled by too few questions", `"questions": [`},
		{"a blind spot without a question", `"id": "references"`, `"blindSpot": "references",`, ``, `questions`, `a question with blindSpot "references"`, `"questions": [`},
		{"an opening with a condition", `"id": "business"`, `"why"`, `"notIf": [{"slot": "industry"}], "why"`, `questions[0]`, "must be asked always", "\n  {"},
		{"an opening of one line", `"id": "business"`, `"textarea"`, `"text"`, `questions[0]`, "must be a textarea", "\n  {"},
		{"a question that the rules need is gone", `"id": "model"`, `"model"`, `"revenue"`, `questions`, `must be a question "model"`, `"questions": [`},
		{"a resolution that is asked always", `"id": "new_date"`, "\"takes\": \"launchText\",\n   \"queued\": true", `"takes": "launchText"`, `questions[91].queued`, "must be queued", "\n  {"},
	}
	doc := builtIn(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := strings.Index(doc, tt.start)
			if i < 0 || !strings.Contains(doc[i:], tt.old) {
				t.Fatalf("the file has no %q after %q", tt.old, tt.start)
			}
			i += strings.Index(doc[i:], tt.old)
			edited := doc[:i] + tt.edit + doc[i+len(tt.old):]
			spot := i
			if after, ok := strings.CutPrefix(tt.on, "+"); ok {
				spot += strings.Index(edited[i:], after)
			} else if tt.on != "" {
				spot = strings.LastIndex(edited[:i], tt.on) + len(tt.on)
			}
			line := 1 + strings.Count(edited[:spot], "\n")
			problems := problemsOf(t, edited)
			if !slices.ContainsFunc(problems, func(p strictjson.Problem) bool {
				return p.Line == line && p.Path == tt.path && strings.Contains(p.Text, tt.says)
			}) {
				t.Errorf("Parse err =\n%v\nwant line %d: %s: ... %s", problems, line, tt.path, tt.says)
			}
		})
	}
}

func problemsOf(tb testing.TB, doc string) strictjson.Problems {
	tb.Helper()
	b, err := bank.Parse([]byte(doc))
	problems, ok := errors.AsType[strictjson.Problems](err)
	if !ok || b != nil {
		tb.Fatalf("Parse = %v, err = %v, want problems and no bank", b != nil, err)
	}
	return problems
}

// All mistakes of a file come at once, by line, in one form.
func TestParseReportsAllMistakes(t *testing.T) {
	t.Parallel()
	doc := builtIn(t)
	doc = strings.Replace(doc, "Which name do people know?", "Which name do our people know?", 1)
	doc = strings.Replace(doc, `"id": "goal"`, `"id": "business"`, 1)
	doc = strings.Replace(doc, `"minLength": 40`, `"minLength": "40"`, 1)
	var lines []string
	for i, line := range strings.Split(doc, "\n") {
		for text, says := range map[string]string{
			"do our people":     `line %d: probes[0].text[1]: "our" is the first person; name the agency or leave it out`,
			`"id": "business"`:  `line %d: questions[1].id: "business" is already the id of questions[0]`,
			`"minLength": "40"`: `line %d: questions[1].minLength: must be a whole number`,
		} {
			if strings.Contains(line, text) && i > 10 {
				lines = append(lines, fmt.Sprintf(says, i+1))
			}
		}
	}
	want := strings.Join(lines, "\n")
	if diff := cmp.Diff(want, problemsOf(t, doc).Error()); diff != "" || len(lines) != 3 {
		t.Errorf("Parse err (-want +got):\n%s", diff)
	}
}

// What is no bank at all is refused with its line, and never with a panic.
func TestParseNoBank(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, says string }{
		{"an empty file", "", "line 1: this is not valid JSON"},
		{"a missing comma", "{\n\"questions\": []\n\"probes\": []\n}", "line 3: this is not valid JSON"},
		{"a list", "[]", "line 1: must be an object { }"},
		{"nothing but null", "null", "must be an object { }"},
		{"an empty bank", "{}", "questions: this field is missing"},
		{"a bank without questions", `{"questions": [], "probes": [], "validations": [], "beliefs": [], "defaults": []}`, "there must be a question at least"},
		{"questions that are null", `{"questions": [null, {}], "probes": [null], "validations": [null], "beliefs": [null], "defaults": [null]}`, "questions[0]: must be an object { }"},
	} {
		if got := problemsOf(t, tt.in).Error(); !strings.Contains(got, tt.says) {
			t.Errorf("%s: Parse err = %q, want %q in it", tt.name, got, tt.says)
		}
	}
}

func TestGrade(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text      string
		low, high float64
	}{
		{"", 0, 0},
		{"The cat sat on the mat.", -2, 1},
		{"Who should the website reach, and what do they need?", 1, 6},
		{"Which demographic constituencies necessitate prioritisation?", 20, 60},
	} {
		if got := bank.Grade(tt.text); got < tt.low || got > tt.high {
			t.Errorf("Grade(%q) = %.1f, want %.0f to %.0f", tt.text, got, tt.low, tt.high)
		}
	}
}

// The examples of the handbook are right: put into the built-in bank, each
// keeps it free of mistakes.
func TestHandbookExamples(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/questions.md")
	if err != nil {
		t.Fatal(err)
	}
	lists := []string{"questions", "probes", "beliefs", "defaults"}
	examples := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	if len(examples) != len(lists) {
		t.Fatalf("the handbook has %d examples, want %d", len(examples), len(lists))
	}
	for i, list := range lists {
		id := strings.Replace(examples[i][1], `"audience_where"`, `"audience_where_2"`, 1)
		doc := builtIn(t)
		if list == "questions" { // behind the first one
			doc = strings.Replace(doc, "  {\n   \"id\": \"goal\"", id+",\n  {\n   \"id\": \"goal\"", 1)
		} else {
			doc = strings.Replace(doc, `"`+list+`": [`, `"`+list+`": [`+id+",", 1)
		}
		if doc == builtIn(t) {
			t.Fatalf("nothing was put into %s", list)
		}
		if _, err := bank.Parse([]byte(doc)); err != nil {
			t.Errorf("Parse with the example of %s err = %v", list, err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	doc := []byte(builtIn(b))
	for b.Loop() {
		if _, err := bank.Parse(doc); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNarrowed: a question asks for those of its parts that are open.
func TestNarrowed(t *testing.T) {
	t.Parallel()
	b, err := bank.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		id, want string
		open     []slot.Key
	}{
		{"figures_product", "", []slot.Key{slot.ProductsToSell, slot.MonthlyOrders, slot.AverageOrderValue, slot.AnnualRevenue}},
		{"figures_product", "What is the annual revenue?", []slot.Key{slot.AnnualRevenue}},
		{"figures_product", "How many orders a month, and what is the annual revenue?", []slot.Key{slot.AnnualRevenue, slot.MonthlyOrders}},
		{"figures_product", "How many products, how many orders a month, and what is the annual revenue?", []slot.Key{slot.MonthlyOrders, slot.AnnualRevenue, slot.ProductsToSell, slot.Industry}},
		{"figures_product", "", []slot.Key{slot.Industry}},
		{"plan", "What budget is planned, and who decides?", []slot.Key{slot.BudgetText, slot.DecisionMakers, slot.InternalResources}},
		{"look", "", []slot.Key{slot.DesignStyle}},
	} {
		q, ok := b.Find(row.id)
		if got := q.Narrowed(row.open); !ok || got != row.want {
			t.Errorf("%s about %v: %q, want %q", row.id, row.open, got, row.want)
		}
	}
}

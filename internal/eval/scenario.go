package eval

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/slot"
)

// scenario is one file of the ReqElicitGym shape (arXiv 2602.18306): a first
// wish, and requirements that the user has in the head. Keys are read without
// regard to case, blanks and underscores.
type scenario struct {
	name, kind, first string
	hidden            []persona.Requirement
}

// Touch tells what became of one hidden requirement.
type Touch struct {
	Scenario    string   `json:"scenario"`
	Aspect      string   `json:"aspect"`
	Requirement string   `json:"requirement"`
	Questions   []string `json:"questions"` // that touched it
	Slots       []string `json:"slots"`     // that these were about
	Held        bool     `json:"held"`      // the facts hold it at the end
}

// Scenarios runs an interview for every scenario in the JSON files of a
// directory; a file holds one or a list of them.
func Scenarios(e Interviewer, lib *persona.Library, dir fs.FS, now time.Time) ([]Touch, error) {
	files, err := fs.Glob(dir, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list scenarios: %w", err)
	}
	slices.Sort(files)
	var out []Touch
	for _, file := range files {
		list, err := readScenarios(dir, file)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			out = append(out, s.run(e, lib, now)...)
		}
	}
	return out, nil
}

func readScenarios(dir fs.FS, file string) ([]scenario, error) {
	data, err := fs.ReadFile(dir, file)
	if err != nil {
		return nil, fmt.Errorf("read scenario %s: %w", file, err)
	}
	var many []map[string]any
	if err := json.Unmarshal(data, &many); err != nil {
		var single map[string]any
		if err := json.Unmarshal(data, &single); err != nil {
			return nil, fmt.Errorf("read scenario %s: %w", file, err)
		}
		many = []map[string]any{single}
	}
	out := make([]scenario, 0, len(many))
	for i, m := range many {
		s := newScenario(m)
		if s.first == "" || len(s.hidden) == 0 {
			return nil, fmt.Errorf("scenario %d of %s lacks initial_requirements or Implicit Requirements", i+1, file)
		}
		if s.name == "" {
			s.name = fmt.Sprintf("%s-%d", strings.TrimSuffix(path.Base(file), ".json"), i+1)
		}
		out = append(out, s)
	}
	return out, nil
}

func newScenario(m map[string]any) scenario {
	var s scenario
	for key, value := range m {
		text, _ := value.(string)
		switch plainKey(key) {
		case "name":
			s.name = text
		case "applicationtype":
			s.kind = text
		case "initialrequirements":
			s.first = text
		case "implicitrequirements":
			list, _ := value.([]any)
			for _, item := range list {
				if r, ok := hidden(item); ok {
					s.hidden = append(s.hidden, r)
				}
			}
		}
	}
	return s
}

func hidden(item any) (persona.Requirement, bool) {
	m, _ := item.(map[string]any)
	var r persona.Requirement
	for key, value := range m {
		text, _ := value.(string)
		switch plainKey(key) {
		case "aspect":
			r.Aspect = strings.ToLower(text)
		case "requirementtext":
			r.Text = text
		}
	}
	return r, r.Text != ""
}

func plainKey(key string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(key))
}

// brief makes a client of a scenario: the hidden requirements, and the few
// truths that every client has, so that the interview can go on.
func (s scenario) brief() persona.Brief {
	first, _, _ := strings.Cut(s.first, ". ")
	said := func(k slot.Key, value string) persona.Truth {
		return persona.Truth{Slot: k, Value: value, Says: []string{value}}
	}
	return persona.Brief{
		ID: strings.ToLower(strings.Join(persona.Words(s.name), "-")), Site: "business", Opening: s.name + ". " + s.first,
		Truths: []persona.Truth{
			said(slot.BusinessName, s.name), said(slot.PrimaryGoal, first), said(slot.TargetAudience, "People who want to use "+s.name+" on the web"),
			said(slot.UniqueValue, "It does exactly this"), said(slot.ComplianceRequirements, "none"), said(slot.LaunchWeeks, "in 16 weeks"), said(slot.BudgetMax, "$12,000"),
		},
		Implicit: s.hidden,
	}
}

func (s scenario) run(e Interviewer, lib *persona.Library, now time.Time) []Touch {
	t := Run(e, lib.New(s.brief(), persona.Presets()[0], 0), 0, now, nil)
	out := make([]Touch, 0, len(s.hidden))
	for i, r := range s.hidden {
		touch := Touch{Scenario: s.name, Aspect: r.Aspect, Requirement: r.Text, Questions: []string{}, Slots: []string{}}
		for _, p := range t.Prompts {
			if p.Kind != intake.AskQuestion || !touches(p.Heard, r.Text) {
				continue
			}
			touch.Questions = append(touch.Questions, p.Question)
			for _, k := range p.Slots {
				touch.Slots = append(touch.Slots, string(k))
			}
		}
		told, said := t.Client.Hints[i]
		touch.Held = t.Session != nil && said && holds(t, told, r)
		out = append(out, touch)
	}
	return out
}

// touches reports whether a prompt brings a requirement to mind: at least two
// of its meaning words occur, or the only one.
func touches(heard, text string) bool {
	n, words, have := 0, persona.Words(text), persona.Words(heard)
	for _, w := range words {
		if slices.Contains(have, w) {
			n++
		}
	}
	return n >= 2 || n == 1 && len(words) == 1
}

// Package persona plays clients: simulated people with a project in the head
// who answer an interview the way real clients do, terse or rambling,
// forgetful or hostile. It stands in for visitors when the interviewer is
// measured.
//
// A persona reads what a person reads, texts and labels, and nothing else: no
// slot keys, no option values. It says what a question brings to mind, in its
// own words, and forgets the rest. The package knows nothing of how answers
// are understood. Start with Open, Presets and Library.New.
package persona

import (
	"embed"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"

	"applicreations.com/introspect/internal/slot"
)

//go:embed tune.json test.json topics.json
var data embed.FS

// Truth is something that a client knows about the project.
type Truth struct {
	Slot slot.Key `json:"slot"`
	// Value is the canonical text; several right readings are parted by "|".
	Value string `json:"value"`
	// Says lists ways in which this client would put it.
	Says []string `json:"says"`
	// Opening marks what the first answer already tells.
	Opening bool `json:"opening,omitempty"`
}

// Requirement is something that the client wants and does not say unasked.
type Requirement struct {
	Aspect string `json:"aspect"` // interaction, content or style
	Text   string `json:"text"`   // in the client's words
	// Topics name the subjects that bring it to mind. Without any, two words
	// in common with the text do.
	Topics []string `json:"topics"`
}

// The kinds of contradiction that a brief may hold.
const (
	OverBudget = "budget"     // wishes that cost more than there is
	TooEarly   = "launch"     // a date before the content or the work can be ready
	NotSimple  = "simple"     // a simple site with a shop or members
	NoDefence  = "compliance" // a regulation, and its features refused
	TwoValues  = "two_values" // one figure, told twice and differently
)

// Contradiction is one that the client puts in place without noticing.
type Contradiction struct {
	Kind string `json:"kind"`
	// Needs lists what has to have been told before it can be noticed.
	Needs []slot.Key `json:"needs,omitempty"`
	// Says is the second, different statement of TwoValues about the first of
	// Needs. Only wavering clients make it.
	Says string `json:"says,omitempty"`
}

// Brief is one client with a project.
type Brief struct {
	ID             string          `json:"id"`
	Site           string          `json:"site"` // website type of the first form
	Opening        string          `json:"opening"`
	Truths         []Truth         `json:"truths"`
	Implicit       []Requirement   `json:"implicit"`
	Contradictions []Contradiction `json:"contradictions,omitempty"`
	// Test marks the half that nothing may be tuned on.
	Test bool `json:"test,omitempty"`
}

// Truth returns what the client holds for a slot.
func (b Brief) Truth(k slot.Key) (Truth, bool) {
	i := slices.IndexFunc(b.Truths, func(t Truth) bool { return t.Slot == k })
	if i < 0 {
		return Truth{}, false
	}
	return b.Truths[i], true
}

// Library is what all clients share: the briefs, and the words by which people
// recognise subjects and choices.
type Library struct {
	Briefs []Brief
	// Topics holds the words of each subject.
	Topics map[string][]string `json:"topics"`
	// Subjects holds the topics of what each slot is about.
	Subjects map[slot.Key][]string `json:"subjects"`
	// Choices holds what a label would say that means "slot=value".
	Choices map[string][]string `json:"choices"`

	needles map[string][]string // Topics, ready to be looked for
}

// Open reads the built-in briefs, the tuning half first.
func Open() (*Library, error) {
	lib := &Library{}
	if err := read("topics.json", lib); err != nil {
		return nil, err
	}
	lib.needles = make(map[string][]string, len(lib.Topics))
	for topic, phrases := range lib.Topics {
		for _, p := range phrases {
			lib.needles[topic] = append(lib.needles[topic], needle(p))
		}
	}
	for _, file := range []string{"tune.json", "test.json"} {
		var half []Brief
		if err := read(file, &half); err != nil {
			return nil, err
		}
		for _, b := range half {
			b.Test = file == "test.json"
			lib.Briefs = append(lib.Briefs, b)
		}
	}
	return lib, nil
}

func read(file string, into any) error {
	text, err := data.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}

func hash(s string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum32()
}

package intake

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/slot"
)

//go:embed bank.json
var bankJSON []byte

// bank is the question bank in the order of the reference plan (DOMAIN 2.5).
type bank struct{ entries []entry }

// entry is one question of the bank. A choice question has groups, a text
// question takes the whole text into one slot; both may fill more slots.
type entry struct {
	ID         string                `json:"id"`
	Plan       int                   `json:"plan"` // question number in the reference plan; 0 when only queued
	When       string                `json:"when"` // condition name, see work.applies
	Type       QuestionType          `json:"type"`
	Category   string                `json:"category"`
	Section    int                   `json:"section"`
	Priority   slot.Priority         `json:"priority"`
	MinLength  int                   `json:"minLength"`
	Text       map[string]string     `json:"text"` // by website type or model; "" is the default
	Why        string                `json:"why"`
	Help       string                `json:"help"`
	Examples   []string              `json:"examples"`
	Takes      slot.Key              `json:"takes"`
	Fills      []slot.Key            `json:"fills"`
	Cues       map[slot.Key][]string `json:"cues"`    // words that send a sentence to a slot
	Clarify    map[slot.Key]string   `json:"clarify"` // wording when the slot stays open
	Options    []Choice              `json:"options"` // example cards
	Groups     []group               `json:"groups"`
	OtherLabel string                `json:"otherLabel"`
	OtherSlot  slot.Key              `json:"otherSlot"`
}

// group is one item of a choice question.
type group struct {
	Slot    slot.Key `json:"slot"`
	Label   string   `json:"label"`
	Single  bool     `json:"single"`
	Options []Choice `json:"options"`
}

// slots lists what the question is about: asking it closes them.
func (q entry) slots() []slot.Key {
	out := slices.Clone(q.Fills)
	for _, g := range q.Groups {
		if !slices.Contains(out, g.Slot) {
			out = append(out, g.Slot)
		}
	}
	return out
}

// needed reports whether an open slot of this question deserves a follow-up:
// essential items, and whatever the text as a whole should have answered.
func (q entry) needed(d slot.Def) bool {
	return d.Priority == slot.Essential || q.Takes != "" && d.Key == q.Takes
}

func (b bank) find(id string) (entry, bool) {
	i := slices.IndexFunc(b.entries, func(q entry) bool { return q.ID == id })
	if i < 0 {
		return entry{}, false
	}
	return b.entries[i], true
}

// loadBank decodes and lints a bank: a fault is a fault of whoever edits it,
// so all faults are reported together.
func loadBank(data []byte, defs map[slot.Key]slot.Def) (bank, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var file struct {
		Questions []entry `json:"questions"`
	}
	if err := dec.Decode(&file); err != nil {
		return bank{}, fmt.Errorf("decode: %w", err)
	}
	var faults []string
	seen := map[string]bool{}
	for _, q := range file.Questions {
		if seen[q.ID] {
			faults = append(faults, q.ID+": id used twice")
		}
		seen[q.ID] = true
		for _, f := range lint(q, defs) {
			faults = append(faults, q.ID+": "+f)
		}
	}
	if len(faults) > 0 {
		return bank{}, fmt.Errorf("question bank: %s", strings.Join(faults, "; "))
	}
	return bank{file.Questions}, nil
}

// lint checks one question against the writing limits of DOMAIN 1.3 and 2.15.
func lint(q entry, defs map[slot.Key]slot.Def) []string {
	var faults []string
	for _, text := range q.Text {
		if n := len(strings.Fields(text)); n == 0 || n > 30 {
			faults = append(faults, fmt.Sprintf("%d words; 1 to 30 are allowed: %q", n, text))
		}
		if strings.Contains(text, "!") || strings.Contains(" "+text, " I ") {
			faults = append(faults, fmt.Sprintf("exclamation or first person: %q", text))
		}
	}
	if q.Text[""] == "" {
		faults = append(faults, "no default text")
	}
	keys := append(q.slots(), q.OtherSlot, q.Takes)
	for _, k := range keys {
		if _, ok := defs[k]; !ok && k != "" {
			faults = append(faults, fmt.Sprintf("unknown slot %q", k))
		}
	}
	for _, g := range q.Groups {
		if len(g.Options) < 2 {
			faults = append(faults, fmt.Sprintf("group %s has fewer than two options", g.Slot))
		}
	}
	return faults
}

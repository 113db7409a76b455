// Package bank holds everything that the interview may say and ask: questions
// with their options, probes, checks of understanding, beliefs about answers
// and documented defaults, from one JSON file that an agency can replace.
//
// It decides nothing; package intake chooses from it. Start with Bank and
// Parse.
package bank

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/strictjson"
)

//go:embed bank.json
var bankJSON []byte

// QuestionType is how a question is answered.
type QuestionType string

// The question types (DOMAIN 2.3).
const (
	Select      QuestionType = "select"
	MultiSelect QuestionType = "multiSelect"
	TextLine    QuestionType = "text"
	TextArea    QuestionType = "textarea"
)

// Card is one example answer.
type Card struct {
	Value       string `json:"value"`
	Label       string `json:"label"`
	Description string `json:"description,omitempty"`
}

// Bank is everything that the engine may say and ask, read from one JSON file
// that an agency can replace. It is immutable.
type Bank struct {
	Questions   []Entry    `json:"questions"`   // in the order that settles ties
	Probes      []Probe    `json:"probes"`      // one more question about one slot
	Validations []Check    `json:"validations"` // checks of understanding
	Beliefs     []Belief   `json:"beliefs"`     // how sure an unasked answer is
	Defaults    []Fallback `json:"defaults"`    // what is assumed when time runs out

	version string
}

// Version names the text of the file, so that figures of one wording can be told
// from those of another.
func (b *Bank) Version() string { return b.version }

// Wordings are the variants of a text by context: a website type ("personal"),
// a business model ("product"), a subtype ("reservation"), and "" for every
// other. One variant is chosen by the hash of session and text, so that a
// replay is identical.
type Wordings map[string][]string

// Entry is one question of the bank. A choice question has groups, a text
// question takes the whole text into one slot; both may fill more slots.
type Entry struct {
	ID         string              `json:"id"`
	Type       QuestionType        `json:"type"`
	Category   string              `json:"category"` // short name, DOMAIN 2.3
	Section    int                 `json:"section"`  // of SCOPE.md
	Priority   slot.Priority       `json:"priority"`
	Text       Wordings            `json:"text"`
	Parts      map[slot.Key]string `json:"parts,omitempty"` // what the text asks for, one by one, for when some of it is known
	Why        string              `json:"why"`
	Help       string              `json:"help,omitempty"`
	Examples   Wordings            `json:"examples,omitempty"` // samples that fill the field; all of the context's list are shown
	MinLength  int                 `json:"minLength,omitempty"`
	Takes      slot.Key            `json:"takes,omitempty"` // the slot that gets the whole text
	Fills      []slot.Key          `json:"fills,omitempty"` // other slots that the text should answer
	Cues       slot.Cues           `json:"cues,omitempty"`  // words that send a sentence to a slot
	Cards      map[string][]Card   `json:"cards,omitempty"` // example cards by context, when the answer stays unclear
	Groups     []OptionGroup       `json:"groups,omitempty"`
	OtherLabel string              `json:"otherLabel,omitempty"` // label of the text field beside choices
	OtherSlot  slot.Key            `json:"otherSlot,omitempty"`  // gets that text when no rule understands it
	AskIf      []slot.When         `json:"askIf,omitempty"`      // any one is enough; none means always
	NotIf      []slot.When         `json:"notIf,omitempty"`      // any one forbids
	Queued     bool                `json:"queued,omitempty"`     // asked only when a resolution calls for it
	Blind      BlindSpot           `json:"blindSpot,omitempty"`
	Seconds    int                 `json:"seconds,omitempty"`    // to read and answer; 0 is estimated from the form
	Answerable int                 `json:"answerable,omitempty"` // percent of clients who can answer; 0 is 95
}

// BlindSpot names what clients and models both leave out: at least one
// question of an interview goes to each (references/intake.md 0, finding 2).
type BlindSpot string

// The blind spots.
const (
	Look       BlindSpot = "look"
	MustAvoid  BlindSpot = "avoid"
	References BlindSpot = "references"
)

// OptionGroup is one slot of a choice question.
type OptionGroup struct {
	Slot    slot.Key `json:"slot"`
	Label   string   `json:"label"`
	Single  bool     `json:"single,omitempty"`
	Options []Pick   `json:"options"`
}

// Pick is one option of a group. Sets holds what else follows from choosing
// it, in canonical text.
type Pick struct {
	Value       string              `json:"value"`
	Label       string              `json:"label"`
	Description string              `json:"description,omitempty"`
	Sets        map[slot.Key]string `json:"sets,omitempty"`
}

// Probe is the one question that may follow an answer which left a slot, or
// one facet of its text, open.
type Probe struct {
	ID    string      `json:"id"`
	Slot  slot.Key    `json:"slot"`
	Facet string      `json:"facet,omitempty"` // of slot.Def.Facets; empty when the whole slot is open
	When  []slot.When `json:"when,omitempty"`
	Text  []string    `json:"text"` // variants
	Help  string      `json:"help,omitempty"`
}

// Check is the wording of one validation loop (DOMAIN 2.9). Of several for one
// loop the first whose When holds is used.
type Check struct {
	ID           string        `json:"id"`
	Loop         int           `json:"loop"` // 1 to 4
	When         []slot.When   `json:"when,omitempty"`
	Category     string        `json:"category"`
	Slots        []slot.Key    `json:"slots"` // in the order they are shown, at most five of them
	Summary      []string      `json:"summary"`
	Question     []string      `json:"question"`
	Implications []Implication `json:"implications"`
}

// Implication is what a checked fact means for the website.
type Implication struct {
	When []slot.When `json:"when,omitempty"`
	Text string      `json:"text"`
}

// Belief is how likely the answers about a slot are before it is asked: made
// by hand, not measured. The percentages of options that are not named share
// what is left.
type Belief struct {
	Slot    slot.Key       `json:"slot"`
	When    []slot.When    `json:"when,omitempty"`
	Chances map[string]int `json:"chances"` // percent by option
}

// Fallback is what is assumed about a slot of little weight that was never
// asked. It stands in SCOPE.md as an assumption.
type Fallback struct {
	Slot  slot.Key    `json:"slot"`
	When  []slot.When `json:"when,omitempty"`
	Value string      `json:"value"`
	Says  string      `json:"says"` // the assumption in plain words
}

// Slots lists what the question is about: asking it closes them.
func (q Entry) Slots() []slot.Key {
	out := slices.Clone(q.Fills)
	if q.Takes != "" && !slices.Contains(out, q.Takes) {
		out = append([]slot.Key{q.Takes}, out...)
	}
	for _, g := range q.Groups {
		if !slices.Contains(out, g.Slot) {
			out = append(out, g.Slot)
		}
	}
	return out
}

// Narrowed is the text of the question when some of its parts are known and must
// not be asked for again. It is empty when all or none of the parts are open, and
// for a question without parts.
func (q Entry) Narrowed(open []slot.Key) string {
	var parts []string
	for _, k := range q.Slots() {
		if part := q.Parts[k]; part != "" && slices.Contains(open, k) {
			parts = append(parts, part)
		}
	}
	n := len(parts)
	if n == 0 || n == len(q.Parts) {
		return ""
	}
	text := strings.Join(parts[:n-1], ", ")
	if n > 1 {
		text += ", and "
	}
	text += parts[n-1] + "?"
	return strings.ToUpper(text[:1]) + text[1:]
}

// Find returns the question with the id.
func (b *Bank) Find(id string) (Entry, bool) {
	i := slices.IndexFunc(b.Questions, func(q Entry) bool { return q.ID == id })
	if i < 0 {
		return Entry{}, false
	}
	return b.Questions[i], true
}

// Default reads the built-in bank.
func Default() (*Bank, error) {
	b, err := Parse(bankJSON)
	if err != nil {
		return nil, fmt.Errorf("read built-in question bank: %w", err)
	}
	return b, nil
}

// Parse reads a bank file: JSON in the form of the built-in one. Everything
// that would make an interview fail, repeat itself or be hard to read is a
// mistake. The error is of type strictjson.Problems and holds all mistakes at
// once, because a person edits this file.
func Parse(data []byte) (*Bank, error) {
	var b Bank
	f, err := strictjson.Decode(data, &b)
	if err != nil {
		return nil, err
	}
	newLinter(&b, f).all()
	if err := f.Err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	b.version = hex.EncodeToString(sum[:4])
	return &b, nil
}

// Package slot names everything an intake may learn about a client's project:
// the 53 checklist items of DOMAIN 2.5, the fields of DOMAIN 0.5 and a few
// signals. A slot has one type, one section of SCOPE.md and one category.
//
// It holds no rules about when something is asked or whether an answer is
// enough; those live in package intake. Start with Key, Def and Values.
package slot

// Key is the name of one slot, spelled as on the wire (camelCase, DOMAIN 0.5).
type Key string

// Type says how a slot's canonical text is to be read.
type Type string

// The canonical text of each type:
//
//	Text      the client's words, trimmed
//	Enum      one option id, lower_snake_case
//	Multi     option ids or names joined by commas without spaces after them
//	Money     integer cents, e.g. "450000"
//	Percent   a fraction 0..1, e.g. "0.18" (DOMAIN 0.1)
//	Number    a count or another decimal number, e.g. "50" or "12.5"
//	Duration  a decimal number of weeks, e.g. "8" or "0.4"
//	Date      ISO 8601, e.g. "2027-03-15"
//	URL       an address with or without its scheme, e.g. "bella.example"
//	Bool      "yes" or "no"
const (
	Text     Type = "text"
	Enum     Type = "enum"
	Multi    Type = "multi"
	Money    Type = "money"
	Percent  Type = "percent"
	Number   Type = "number"
	Duration Type = "duration"
	Date     Type = "date"
	URL      Type = "url"
	Bool     Type = "bool"
)

// Category is one of the eight information categories of DOMAIN 2.4.
type Category string

// The categories in descending priority (DOMAIN 2.4).
const (
	Business   Category = "businessContext"
	Brand      Category = "brandAssets"
	Content    Category = "contentReadiness"
	Technical  Category = "technicalRequirements"
	Media      Category = "mediaRequirements"
	Design     Category = "designDirection"
	Support    Category = "postLaunchSupport"
	Parameters Category = "projectParameters"
)

// Priority gates which open items may still be asked near the question limit
// (DOMAIN 2.5, 2.7).
type Priority string

// The three priorities of DOMAIN 2.5.
const (
	Essential  Priority = "essential"
	Important  Priority = "important"
	NiceToHave Priority = "nice_to_have"
)

// Def describes one slot.
type Def struct {
	Key      Key
	Label    string // plain words for people, e.g. "Target audience"
	Type     Type
	Category Category // empty for figures and signals outside the checklist
	Priority Priority // how near the question limit it may still be asked; empty for what is only read between the lines
	Section  int      // section of SCOPE.md, 1-14
	Personal bool     // personal data: sealed at rest, absent from analytics

	// Weight is how much a specification lacks without the slot, 1 to 5; 0
	// marks a signal that nobody is asked about.
	Weight int
	// RequiredIf lists when the slot belongs to a project; any one is enough,
	// and none means always.
	RequiredIf []When
	// Facets are the parts of a good text, and Enough is how many of them make
	// the text sufficient; of a list it is how many entries do before it was
	// asked about. Without both any value is sufficient.
	Facets []string
	Enough int
}

// Item reports whether the slot is one of the 53 checklist items.
func (d Def) Item() bool { return d.Category != "" }

// Required reports whether the slot belongs to the project that v describes.
func (d Def) Required(v Values) bool { return len(d.RequiredIf) == 0 || AnyHolds(d.RequiredIf, v) }

// When is a condition on what is known: the slot's value, or one entry of its
// list, is one of Any. Without Any it holds when the slot is known at all.
// A condition on an unknown slot is false (DOMAIN 5.1).
type When struct {
	Slot Key      `json:"slot"`
	Any  []string `json:"any,omitempty"`
}

// Holds evaluates the condition.
func (w When) Holds(v Values) bool {
	if len(w.Any) == 0 {
		return v.Has(w.Slot)
	}
	for _, want := range w.Any {
		if v[w.Slot] == want || v.Holds(w.Slot, want) {
			return true
		}
	}
	return false
}

// AnyHolds reports whether one of the conditions holds.
func AnyHolds(list []When, v Values) bool {
	for _, w := range list {
		if w.Holds(v) {
			return true
		}
	}
	return false
}

// Cues are words that send a sentence to a slot.
type Cues map[Key][]string

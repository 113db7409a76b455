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
//	Number    a decimal number, e.g. "50" or "12.5"
//	Date      ISO 8601, e.g. "2027-03-15"
//	Bool      "yes" or "no"
const (
	Text    Type = "text"
	Enum    Type = "enum"
	Multi   Type = "multi"
	Money   Type = "money"
	Percent Type = "percent"
	Number  Type = "number"
	Date    Type = "date"
	Bool    Type = "bool"
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
	Priority Priority // empty outside the checklist
	Section  int      // section of SCOPE.md, 1-14
	Personal bool     // personal data: sealed at rest, absent from analytics
}

// Item reports whether the slot is one of the 53 checklist items.
func (d Def) Item() bool { return d.Category != "" }

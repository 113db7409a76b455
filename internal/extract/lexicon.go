package extract

import (
	_ "embed" // the lexicons

	"applicreations.com/introspect/internal/extract/lexicon"
	"applicreations.com/introspect/internal/slot"
)

var (
	//go:embed data/figures.txt
	figuresText string
	//go:embed data/signals.txt
	signalsText string
	//go:embed data/choices.txt
	choicesText string
	//go:embed data/people.txt
	peopleText string
	//go:embed data/industries.txt
	industriesText string
	//go:embed data/tools.txt
	toolsText string
	//go:embed data/details.txt
	detailsText string
	//go:embed data/project.txt
	projectText string
)

// facts is everything that can be said by a pattern. Like a compiled regexp
// it never changes.
var facts = lexicon.Must(figuresText + signalsText + choicesText + peopleText + industriesText + toolsText + detailsText + projectText)

// types holds the type of each slot.
var types = slotTypes()

func slotTypes() map[slot.Key]slot.Type {
	m := map[slot.Key]slot.Type{}
	for _, d := range slot.Defs() {
		m[d.Key] = d.Type
	}
	return m
}

// The pseudo slots under which the lexicon files what needs another look.
const (
	block    slot.Key = ".block"
	industry slot.Key = ".industry"
	tool     slot.Key = ".tool"
	pain     slot.Key = ".pain"
	comply   slot.Key = ".comply"
	price    slot.Key = ".budget" // a figure that says what the project may cost
)

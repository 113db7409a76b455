package persona

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// Telling is how something was told.
type Telling struct {
	Words  string // the sentence, or the label that was chosen
	Chosen bool   // by choosing a label
	Part   string // the values of a list whose labels were chosen, parted by commas
	Prompt int    // at which prompt, from 0
}

// Client answers one interview. It is not safe for concurrent use.
type Client struct {
	Brief  Brief
	Preset Preset
	// Told holds the truths that were told, and Hints the requirements, by
	// their index in the brief.
	Told, Hints map[int]Telling
	// Asked and Raised hold what a question brought up, told or not.
	Asked, Raised map[int]bool
	// Wavered is set when a second, different figure was told.
	Wavered bool
	// Changed holds what was given up to settle a contradiction.
	Changed map[slot.Key]bool
	// Refuses is set when features of a regulation were turned down.
	Refuses bool

	lib     *Library
	seed    uint64
	dice    dice
	typed   []string
	picked  []string
	prompt  int
	pending reply
}

// reply is an answer with what it tells; it counts only once it was taken.
type reply struct {
	answer        intake.Answer
	truths, hints map[int]Telling
	rough         map[int]bool // truths told as a range only
	labels        []string
	wavers        bool
}

func newReply() reply {
	return reply{truths: map[int]Telling{}, hints: map[int]Telling{}, rough: map[int]bool{}}
}

// New makes a client. The same brief, preset and seed give the same answers.
func (lib *Library) New(b Brief, p Preset, seed uint64) *Client {
	c := &Client{
		Brief: b, Preset: p, Told: map[int]Telling{}, Hints: map[int]Telling{}, Asked: map[int]bool{}, Raised: map[int]bool{},
		Changed: map[slot.Key]bool{}, lib: lib, seed: seed, dice: dice{seed*1_000_003 + uint64(hash(b.ID+p.Name))},
	}
	c.Brief.Truths = slices.Clone(b.Truths)
	if p.Poor {
		c.instead(slot.BudgetMax, slot.BudgetMin, Truth{Slot: slot.BudgetMax, Value: "200000", Says: []string{"We have $2,000 for this and not a cent more.", "Two thousand dollars is the limit, $2,000."}})
		c.Brief.Contradictions = append(slices.Clone(b.Contradictions), Contradiction{Kind: OverBudget, Needs: []slot.Key{slot.BudgetMax}})
	}
	if p.Hurried {
		c.instead(slot.LaunchWeeks, slot.LaunchDate, Truth{Slot: slot.LaunchWeeks, Value: "2", Says: []string{"It has to be online in two weeks, no way around it.", "We go live in 2 weeks."}})
		c.Brief.Contradictions = append(slices.Clone(b.Contradictions), Contradiction{Kind: TooEarly, Needs: []slot.Key{slot.LaunchWeeks}})
	}
	return c
}

// instead replaces what is known of two slots; what the opening told already
// stays as it is, because a client does not plan to contradict themselves.
func (c *Client) instead(a, b slot.Key, t Truth) {
	c.Brief.Truths = slices.DeleteFunc(c.Brief.Truths, func(old Truth) bool { return old.Slot == a || old.Slot == b })
	c.Brief.Truths = append(c.Brief.Truths, t)
}

// names are of nobody; a list of sessions is easier to read when they differ.
var names = []string{
	"Sam Porter", "Amina Haddad", "Jonas Weber", "Priya Nair", "Marta Kowalska", "Tom Okafor", "Lucia Romero", "Hana Sato",
	"Ben Whitfield", "Chloe Martin", "Diego Alvarez", "Ella Lindqvist", "Farid Rahimi", "Grace Mbeki", "Ivan Petrov", "Julia Santos",
	"Kai Nakamura", "Leah Goldberg", "Milo Janssen", "Nora Byrne", "Oscar Dubois", "Rosa Bianchi", "Tariq Aziz",
}

// Foundation is what the client types into the first form.
func (c *Client) Foundation() intake.Client {
	name := names[(c.seed+uint64(hash(c.Brief.ID)))%uint64(len(names))]
	first, _, _ := strings.Cut(name, " ")
	f := intake.Client{Name: name, Email: strings.ToLower(first) + "@" + c.Brief.ID + ".example", WebsiteType: c.Brief.Site}
	if c.Brief.Site == "other" {
		f.OtherDescription = "Something of its own"
	}
	return f
}

// Typed lists everything the client wrote.
func (c *Client) Typed() []string { return c.typed }

// Picked lists every label that the client chose.
func (c *Client) Picked() []string { return c.picked }

// Answer answers an action. Nothing counts as told before Taken.
func (c *Client) Answer(a intake.Action) intake.Answer {
	c.pending = newReply()
	switch a.Kind {
	case intake.AskQuestion:
		c.question(a.Question)
	case intake.ExampleOptions:
		c.example(a.Examples)
	case intake.ConflictResolution:
		c.settle(a.Conflict)
	case intake.ValidateUnderstanding:
		c.check(a.Validation)
	case intake.RecommendFeatures:
		c.choose(a.Features)
	case intake.Complete:
	}
	c.pending.answer.Text = c.spelt(c.pending.answer.Text)
	return c.pending.answer
}

// Taken tells the client that the last answer was accepted.
func (c *Client) Taken() {
	p := c.pending
	if p.answer.Text != "" {
		c.typed = append(c.typed, p.answer.Text)
	}
	c.picked = append(c.picked, p.labels...)
	for i, t := range p.truths {
		c.Told[i] = t
	}
	for i, t := range p.hints {
		c.Hints[i] = t
	}
	c.Wavered = c.Wavered || p.wavers
	c.prompt++
}

// Again answers an action after a refusal, as plainly as can be.
func (c *Client) Again(a intake.Action) intake.Answer {
	c.pending = newReply()
	switch a.Kind {
	case intake.RecommendFeatures:
		last := a.Features.Packages[len(a.Features.Packages)-1]
		c.pending.labels = []string{last.Name}
		c.pending.answer = intake.Answer{Package: last.ID}
	case intake.ValidateUnderstanding:
		c.pending.answer = intake.Answer{Response: "correct"}
	default:
		c.pending.answer = intake.Answer{Skip: true}
	}
	return c.pending.answer
}

// spelt gives a text the spelling of the preset.
func (c *Client) spelt(text string) string {
	if c.Preset.Loose {
		text = strings.ToLower(strings.NewReplacer(". ", " ", "!", "", ";", "", ", ", " , ").Replace(text))
	}
	words := strings.Split(text, " ")
	for i, w := range words {
		if len(w) > 6 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") == "" && c.dice.percent(c.Preset.Typos) {
			at := 1 + c.dice.upTo(len(w)-3)
			words[i] = w[:at] + w[at+1:at+2] + w[at:at+1] + w[at+2:]
		}
	}
	return strings.Join(words, " ")
}

// sentence is how the client puts a truth this time.
func (c *Client) sentence(says []string) string {
	if !c.Preset.Terse {
		return finished(says[c.dice.upTo(len(says))])
	}
	return finished(slices.MinFunc(says, func(a, b string) int { return len(a) - len(b) }))
}

func finished(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

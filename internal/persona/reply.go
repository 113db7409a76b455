package persona

import (
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// example answers example cards: the card that says it, or own words.
func (c *Client) example(x *intake.Examples) {
	list := c.minded(page{asks: plain(x.Context + " " + x.CustomPrompt), rest: " "}, true)
	if x.AllowCustom && len(list) > 0 {
		c.write(list)
		return
	}
	for _, o := range x.Options {
		for i, t := range c.Brief.Truths {
			if Overlap(t.Value, o.Label+" "+o.Description) >= 0.5 {
				c.pending.truths[i] = Telling{Words: o.Label, Chosen: true, Prompt: c.prompt}
				c.card(o)
				return
			}
		}
	}
	c.pending.answer.Unsure = true
}

func (c *Client) card(o intake.Choice) {
	c.pending.answer.Value = o.Value
	c.pending.labels = append(c.pending.labels, o.Label, o.Description, o.Label+". "+o.Description)
}

// settle answers a contradiction: the true one of two figures; else whatever
// keeps date and money as they are; else the first.
func (c *Client) settle(x *intake.Conflict) {
	best, most := x.Options[0], -100
	for _, o := range x.Options {
		if n := c.liking(x, o); n > most {
			best, most = o, n
		}
	}
	c.pending.answer.Choice = best.Value
	c.pending.labels = append(c.pending.labels, best.Label, best.Description)
	text := plain(best.Label + " " + best.Description)
	if mentions(text, []string{"raise", "increase", "higher budget"}) > 0 {
		c.Changed[slot.BudgetMax], c.Changed[slot.BudgetMin] = true, true
	}
	if mentions(text, []string{"move the", "later date", "extend", "delay", "postpone"}) > 0 {
		c.Changed[slot.LaunchWeeks], c.Changed[slot.LaunchDate] = true, true
	}
}

// liking says how gladly a client takes a resolution.
func (c *Client) liking(x *intake.Conflict, o intake.Choice) int {
	text := plain(o.Label + " " + o.Description)
	n := 0
	for i, t := range c.Brief.Truths {
		if told, ok := c.Told[i]; ok && !told.Chosen && figure(t) && mentions(plain(x.Description+" "+x.Title), c.subjects(t)) > 0 && shows(o.Label+" "+o.Description, t) {
			n += 10
		}
	}
	n += 2 * mentions(text, []string{"phase", "second step", "add", "placeholder", "first version"})
	n -= 3 * mentions(text, []string{"raise", "increase", "extend", "delay", "later date", "does not apply"})
	return n
}

func (c *Client) subjects(t Truth) []string {
	var out []string
	for _, topic := range c.lib.Subjects[t.Slot] {
		out = append(out, c.lib.Topics[topic]...)
	}
	return out
}

// check reads the points of a validation loop: a figure that is not the
// client's is put right in one sentence.
func (c *Client) check(v *intake.Validation) {
	c.pending.answer.Response = "correct"
	if c.Preset.Minimum || c.Preset.Skips > 0 {
		return
	}
	for _, point := range v.Points {
		for i, t := range c.Brief.Truths {
			told, ok := c.Told[i]
			if !ok || told.Chosen || !figure(t) || !strings.ContainsAny(point, "0123456789") || mentions(plain(point), c.subjects(t)) == 0 {
				continue
			}
			if shows(point, t) || c.otherFigure(point, i) {
				continue
			}
			words := c.sentence(t.Says)
			c.pending.answer = intake.Answer{Response: "clarify", Text: words}
			c.pending.truths[i] = Telling{Words: words, Prompt: c.prompt}
			return
		}
	}
}

// otherFigure reports whether a point shows another figure of the client's:
// then it is about that one.
func (c *Client) otherFigure(point string, not int) bool {
	for i, t := range c.Brief.Truths {
		if i != not && figure(t) && shows(point, t) {
			return true
		}
	}
	return false
}

// figure reports whether a truth is a number.
func figure(t Truth) bool {
	_, err := strconv.ParseFloat(t.Value, 64)
	return err == nil
}

// shows reports whether a text shows the number of a truth, in any of the ways
// in which a person would write it.
func shows(text string, t Truth) bool {
	n, err := strconv.ParseFloat(t.Value, 64)
	if err != nil {
		return false
	}
	text = " " + strings.NewReplacer(",", "", "$", " ", "%", " ", "£", " ", "€", " ", ". ", " ", ";", " ").Replace(text) + " "
	for _, form := range []float64{n, n / 100, n * 100} {
		if strings.Contains(text, " "+strconv.FormatFloat(form, 'f', -1, 64)+" ") {
			return true
		}
	}
	return false
}

// choose takes the recommended package with what the client came for; poor
// clients take everything on offer, people who refuse a regulation's features
// leave those out.
func (c *Client) choose(f *intake.Features) {
	c.pending.answer.Package = f.Package
	for _, p := range f.Packages {
		if p.ID == f.Package {
			c.pending.labels = append(c.pending.labels, p.Name)
		}
	}
	for _, card := range slices.Concat(f.Recommended, f.Additional) {
		if c.takes(card) {
			c.pending.answer.Features = append(c.pending.answer.Features, card.ID)
			c.pending.labels = append(c.pending.labels, card.Name)
		}
	}
}

// takes decides on one card.
func (c *Client) takes(card intake.FeatureCard) bool {
	guards := mentions(plain(card.Name), []string{"security", "secure", "consent", "privacy", "accessib", "wcag", "authentic"}) > 0
	if guards && slices.ContainsFunc(c.Brief.Contradictions, func(x Contradiction) bool { return x.Kind == NoDefence }) {
		c.Refuses = true
		return false
	}
	return c.wants(card) || c.Preset.Poor && card.Priority != "" || guards && card.Priority == "essential"
}

// wants reports whether a card's name is something the client came for.
func (c *Client) wants(card intake.FeatureCard) bool {
	t, ok := c.Brief.Truth(slot.MustHaves)
	if !ok {
		return false
	}
	score, _ := c.means(intake.Option{Label: card.Name}, t)
	return score >= 0.6
}

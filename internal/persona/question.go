package persona

import (
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// question answers a question. The first one gets the opening.
func (c *Client) question(ask *intake.Ask) {
	p := reading(ask)
	if c.prompt == 0 {
		c.open(ask)
		return
	}
	list := c.minded(p, ask.Clarifies != "") // even one who passes has read it
	if c.dice.percent(c.Preset.Unsure) {
		c.pending.answer.Unsure = true
		return
	}
	if c.dice.percent(min(c.Preset.Skips+c.prompt/4*min(c.Preset.Skips, 1), 40)) {
		c.pending.answer.Skip = true
		return
	}
	if len(ask.Question.Options) == 0 {
		c.write(list)
		return
	}
	c.pick(ask, p)
}

// write answers an open question.
func (c *Client) write(list []memory) {
	words := c.decorate(c.tell(list, c.Preset.Most))
	if len(words) == 0 {
		c.pending.answer.Unsure = true
		return
	}
	c.pending.answer.Text = strings.Join(words, " ")
}

// open gives the first answer: a few sentences, or a pasted request.
func (c *Client) open(ask *intake.Ask) {
	for i, t := range c.Brief.Truths {
		if t.Opening {
			c.pending.truths[i] = Telling{Words: c.Brief.Opening, Prompt: 0}
		}
	}
	text := c.Brief.Opening
	if c.Preset.Pasted {
		text = c.request(ask.Question.Validation.MaxLength)
	}
	if c.Preset.Hostile {
		text += " " + Attacks()[0]
	}
	c.pending.answer.Text = text
}

// request is a request for proposals of about 2,000 words: every truth stands
// in it somewhere, and nothing that the client would not say unasked.
func (c *Client) request(limit int) string {
	filler := "The partners have worked together for many years and look forward to a fruitful cooperation with the successful bidder. " +
		"All parties are expected to keep to the principles of good practice. The signatories reserve the right to amend this document. "
	parts := []string{"REQUEST FOR PROPOSALS", c.Brief.Opening, "1. Introduction", strings.Repeat(filler, 8)}
	heads := []string{"2. The organisation", "3. Aims", "4. Scope", "5. Figures", "6. Material", "7. Design", "8. Operation", "9. Terms"}
	for i, t := range c.Brief.Truths {
		if i%3 == 0 {
			parts = append(parts, heads[min(i/3, len(heads)-1)], strings.Repeat(filler, 4))
		}
		words := finished(slices.MaxFunc(t.Says, func(a, b string) int { return len(a) - len(b) }))
		if !t.Opening {
			parts = append(parts, strings.ToUpper(c.lib.Subjects[t.Slot][0][:1])+c.lib.Subjects[t.Slot][0][1:]+": "+words)
			c.pending.truths[i] = Telling{Words: words, Prompt: 0}
		}
	}
	parts = append(parts, "10. Closing remarks", strings.Repeat(filler, 6))
	text := strings.Join(parts, "\n\n")
	for limit > 0 && len(text) > limit && strings.Contains(text, filler) {
		text = strings.Replace(text, filler, "", 1)
	}
	return text
}

// offer is one option with how well it says what the client means.
type offer struct {
	option      intake.Option
	truth, hint int
	score       float64
	value       string // of the truth, as far as the label says it
	rough       bool   // a range that holds the figure, but not the figure
}

// pick answers a question with options: it ticks what means the same, and
// writes the rest where there is room for it.
func (c *Client) pick(ask *intake.Ask, p page) {
	q := ask.Question
	var ticked []offer
	for _, group := range groups(q) {
		ticked = append(ticked, c.ticks(q, group, p)...)
	}
	if c.Preset.Loose && c.dice.percent(30) && len(ticked) > 0 && q.Other {
		c.inWords(ticked)
		return
	}
	for _, o := range ticked {
		c.tick(o)
	}
	if q.Other && !c.Preset.Minimum {
		list := c.minded(p, ask.Clarifies != "")
		if len(ticked) > 0 || ask.Clarifies == "" {
			list = slices.DeleteFunc(list, func(m memory) bool { return c.repeats(m) })
		}
		c.pending.answer.Text = strings.Join(c.decorate(c.tell(list, max(1, c.Preset.Most-len(ticked)/3))), " ")
	}
	if len(c.pending.answer.Values) > 0 || c.pending.answer.Text != "" {
		return
	}
	for _, o := range q.Options {
		if mentions(plain(o.Label), []string{"none", "not sure", "nothing", "no preference", "does not matter"}) > 0 {
			c.tick(offer{option: o, truth: -1, hint: -1})
			return
		}
	}
	c.pending.answer.Unsure = true
}

// repeats reports whether a memory was told already, if only as a range.
func (c *Client) repeats(m memory) bool {
	if m.truth < 0 {
		return false
	}
	return c.said(m.truth) || c.pending.rough[m.truth]
}

// inWords answers by writing the labels down instead of ticking them.
func (c *Client) inWords(ticked []offer) {
	var words []string
	for _, o := range ticked {
		words = append(words, o.option.Label)
		c.note(o)
	}
	c.pending.labels = nil
	c.pending.answer.Text = strings.Join(words, ", ")
}

func (c *Client) tick(o offer) {
	if !slices.Contains(c.pending.answer.Values, o.option.Value) {
		c.pending.answer.Values = append(c.pending.answer.Values, o.option.Value)
	}
	c.note(o)
}

// note remembers what a chosen label told. A truth with several values is told
// as far as its labels were there.
func (c *Client) note(o offer) {
	c.pending.labels = append(c.pending.labels, o.option.Label, o.option.Description)
	t := Telling{Words: o.option.Label, Chosen: true, Prompt: c.prompt}
	if o.rough {
		c.pending.rough[o.truth] = true
		return
	}
	if o.truth >= 0 {
		t.Part = o.value
		if old, ok := c.pending.truths[o.truth]; ok && old.Words != t.Words {
			t.Words, t.Part = old.Words+" + "+t.Words, old.Part+","+t.Part
		}
		c.pending.truths[o.truth] = t
	}
	if o.hint >= 0 {
		c.pending.hints[o.hint] = t
	}
}

// groups lists the keys of a question's groups, or the empty one.
func groups(q intake.Question) []intake.Group {
	if len(q.Groups) == 0 {
		return []intake.Group{{Single: q.Type == intake.Select}}
	}
	return q.Groups
}

// ticks chooses the options of one group.
func (c *Client) ticks(q intake.Question, g intake.Group, p page) []offer {
	var out []offer
	for _, o := range q.Options {
		if o.Group != g.Key {
			continue
		}
		if best, ok := c.meant(o, g, p, len(q.Groups) > 0); ok {
			out = append(out, best)
		}
	}
	if !g.Single || len(out) < 2 {
		return out
	}
	return []offer{slices.MaxFunc(out, func(a, b offer) int {
		switch {
		case a.score < b.score:
			return -1
		case a.score > b.score:
			return 1
		}
		return 0
	})}
}

// meant finds what an option says of the things that the client has in mind.
func (c *Client) meant(o intake.Option, g intake.Group, p page, bundled bool) (offer, bool) {
	best := offer{option: o, truth: -1, hint: -1}
	about := page{asks: p.asks, rest: " "}
	if bundled {
		about = page{asks: plain(g.Label), rest: " "}
	}
	for i, t := range c.Brief.Truths {
		topical := c.asked(about, c.lib.Subjects[t.Slot]) > 0
		if !topical {
			continue
		}
		c.Asked[i] = true
		if s, value := c.means(o, t); s >= 0.6 && s > best.score {
			best.truth, best.score, best.value, best.rough = i, s, value, false
		}
		if c.inRange(o.Label, t) && best.score < 0.6 {
			best.truth, best.score, best.rough = i, 0.6, true
		}
	}
	for i, r := range c.Brief.Implicit {
		if s := c.expresses(o, r, about); s >= 0.6 && s > best.score {
			best.truth, best.hint, best.score, best.rough = -1, i, s, false
		}
	}
	return best, best.truth >= 0 || best.hint >= 0
}

// means says how well a label fits the value of a truth, 0 to 1, and which of
// its values that is.
func (c *Client) means(o intake.Option, t Truth) (best float64, which string) {
	if figure(t) {
		if shows(o.Label, t) && len(strings.Fields(o.Label)) < 5 {
			return 1, t.Value
		}
		return 0, ""
	}
	for _, value := range strings.FieldsFunc(t.Value, func(r rune) bool { return r == '|' || r == ',' }) {
		phrases := c.lib.Choices[string(t.Slot)+"="+value]
		if len(phrases) == 0 && !strings.Contains(value, " ") {
			phrases = []string{value}
		}
		for _, phrase := range phrases {
			if s := similar(phrase, o.Label, o.Description); s > best {
				best, which = s, value
			}
		}
	}
	return best, which
}

// inRange reports whether a label is a range that holds the client's figure.
// Only clients who write as little as possible are content with one.
func (c *Client) inRange(label string, t Truth) bool {
	n, err := strconv.ParseFloat(t.Value, 64)
	if err != nil || !c.Preset.Terse {
		return false
	}
	if t.Slot == slot.BudgetMax {
		n /= 100 // people think in dollars
	}
	var ends []float64
	for _, w := range strings.Fields(strings.NewReplacer(",", "", "$", "").Replace(label)) {
		if end, err := strconv.ParseFloat(w, 64); err == nil {
			ends = append(ends, end)
		}
	}
	text := plain(label)
	switch {
	case len(ends) == 2:
		return ends[0] < n && n <= ends[1]
	case len(ends) == 1 && mentions(text, []string{"under", "up to", "less than"}) > 0:
		return n <= ends[0]
	case len(ends) == 1 && mentions(text, []string{"over", "more than", "above"}) > 0:
		return n > ends[0]
	}
	return false
}

// similar compares a phrase with a label: all words of the phrase, or all of
// the label, is a good fit; the description only helps.
func similar(phrase, label, description string) float64 {
	whole, part := 0.0, plain(phrase)
	if c := strings.TrimRight(part, " "); c != "" && (c[len(c)-1] < '0' || c[len(c)-1] > '9') {
		part = c // the beginning of a word will do, that of a number will not: 2 weeks are not 24
	}
	if strings.Contains(plain(label), part) {
		whole = 0.7 + 0.3*float64(len(phrase))/float64(max(len(label), len(phrase)))
	}
	both := (Overlap(phrase, label) + Overlap(label, phrase)) / 2
	return max(whole, both, 0.7*Overlap(phrase, label+" "+description))
}

// expresses says how well a label says what a requirement says: it, or what it
// answers, must touch the subject, and most of its words must be the client's
// or the subject's.
func (c *Client) expresses(o intake.Option, r Requirement, about page) float64 {
	topics := strings.Builder{}
	touched := 0
	for _, t := range r.Topics {
		topics.WriteString(strings.Join(c.lib.Topics[t], " ") + " ")
		touched += found(plain(o.Label)+about.asks, c.lib.needles[t])
	}
	if touched == 0 && len(r.Topics) > 0 {
		return 0
	}
	own := Overlap(o.Label, r.Text)
	if len(r.Topics) == 0 {
		return own
	}
	if own == 0 {
		return 0 // on the subject, but none of the client's own words
	}
	return max(own, 0.3+0.4*Overlap(o.Label, r.Text+" "+topics.String()))
}

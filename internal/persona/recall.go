package persona

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/intake"
)

// page is what can be read on a question, as plain text: what it asks,
// everything else on the screen, and the examples. Examples add to what the
// question brings to mind, but nobody takes one for the question.
type page struct{ asks, rest, examples string }

func reading(ask *intake.Ask) page {
	q := ask.Question
	rest := []string{q.HelpText, ask.Why}
	for _, o := range q.Options {
		rest = append(rest, o.Label, o.Description)
	}
	asks := []string{q.Text} // Clarifies says why it is asked again, not what
	for _, g := range q.Groups {
		asks = append(asks, g.Label)
	}
	return page{plain(strings.Join(asks, " . ")), plain(strings.Join(rest, " . ")), plain(strings.Join(q.Examples, " . "))}
}

// Heard is everything readable on a question, in plain lower case.
func Heard(ask *intake.Ask) string {
	p := reading(ask)
	return p.asks + p.rest + p.examples
}

// weight says how strongly a page brings topics to mind; 0 is not at all.
func (c *Client) weight(p page, topics []string) int {
	n := 0
	for _, t := range topics {
		n += 3*found(p.asks, c.lib.needles[t]) + found(p.rest, c.lib.needles[t])
	}
	return n
}

// asked says how strongly the question itself is about topics.
func (c *Client) asked(p page, topics []string) int {
	return c.weight(page{asks: p.asks, rest: " "}, topics)
}

// wish says how strongly a page brings a requirement to mind.
func (c *Client) wish(p page, r Requirement) int {
	if len(r.Topics) > 0 {
		return c.weight(p, r.Topics)
	}
	n := 0
	have := Words(p.asks + p.rest)
	for _, w := range Words(r.Text) {
		if slices.Contains(have, w) {
			n++
		}
	}
	return n - 1
}

// memory is one thing that comes to mind.
type memory struct {
	truth, hint int // index, or -1
	weight      int
}

// minded lists what a page brings to mind, strongest first. What was told
// before comes only when nothing new does, or when the question is put again:
// then it was not understood.
func (c *Client) minded(p page, again bool) []memory {
	var fresh, old []memory
	for i, t := range c.Brief.Truths {
		w := c.asked(p, c.lib.Subjects[t.Slot])
		if w == 0 {
			continue
		}
		c.Asked[i] = true
		m := memory{i, -1, 2 * w}
		if c.said(i) {
			old = append(old, m)
		} else {
			fresh = append(fresh, m)
		}
	}
	if again && len(old) > 0 {
		return slices.Concat(old, fresh)
	}
	hints := c.wishes(p)
	if len(fresh)+len(old)+len(hints) > 0 {
		hints = c.wishes(page{p.asks, p.rest + p.examples, " "})
	}
	fresh = append(fresh, hints...)
	if len(fresh) == 0 {
		fresh = old
	}
	slices.SortStableFunc(fresh, func(a, b memory) int { return b.weight - a.weight })
	return fresh
}

// wishes lists the requirements that a page brings to mind and that were not
// told yet.
func (c *Client) wishes(p page) []memory {
	var out []memory
	for i, r := range c.Brief.Implicit {
		w := c.wish(p, r)
		if w <= 0 {
			continue
		}
		c.Raised[i] = true
		if !c.hinted(i) {
			out = append(out, memory{-1, i, w})
		}
	}
	return out
}

// said and hinted look at what is told already, the answer in the making
// included.
func (c *Client) said(i int) bool {
	_, before := c.Told[i]
	_, now := c.pending.truths[i]
	return before || now
}

func (c *Client) hinted(i int) bool {
	_, before := c.Hints[i]
	_, now := c.pending.hints[i]
	return before || now
}

// tell puts memories into words, at most so many, and notes them.
func (c *Client) tell(list []memory, most int) []string {
	var out []string
	for _, m := range list[:min(most, len(list))] {
		var words string
		if m.truth >= 0 {
			words = c.sentence(c.Brief.Truths[m.truth].Says)
			c.pending.truths[m.truth] = Telling{Words: words, Prompt: c.prompt}
		} else {
			words = finished(c.Brief.Implicit[m.hint].Text)
			c.pending.hints[m.hint] = Telling{Words: words, Prompt: c.prompt}
		}
		if !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	return out
}

// decorate adds what a preset adds to an answer in words.
func (c *Client) decorate(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	if c.Preset.Chatty {
		asides := []string{
			"Sorry, I tend to go on a bit.", "We have talked about this for ages in the team.", "My colleague may see that differently, but that is how it stands.",
			"I had a long call about exactly this last week.", "Anyway, you will know better than me how to put that.",
		}
		words = append(words, asides[c.dice.upTo(len(asides))])
	}
	if c.Preset.Hostile && c.dice.percent(60) {
		words = append(words, Attacks()[c.dice.upTo(len(Attacks()))])
	}
	if c.Preset.Wavering && !c.Wavered && !c.pending.wavers {
		for _, x := range c.Brief.Contradictions {
			if x.Kind == TwoValues && c.toldBefore(x) {
				words, c.pending.wavers = append(words, finished(x.Says)), true
			}
		}
	}
	return words
}

// toldBefore reports whether everything that a contradiction needs was told
// in an earlier answer.
func (c *Client) toldBefore(x Contradiction) bool {
	for _, k := range x.Needs {
		i := slices.IndexFunc(c.Brief.Truths, func(t Truth) bool { return t.Slot == k })
		if _, ok := c.Told[i]; i < 0 || !ok {
			return false
		}
	}
	return true
}

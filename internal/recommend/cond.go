package recommend

import (
	"fmt"
	"slices"

	"applicreations.com/introspect/internal/slot"
)

// test is a question about a client. Nil, and every question about something
// unknown, is answered with no.
type test func(*client) bool

func (t test) holds(c *client) bool { return t != nil && t(c) }

func yes(k slot.Key) test             { return func(c *client) bool { return c.v.Yes(k) } }
func model(m string) test             { return func(c *client) bool { return c.v.Holds(slot.BusinessModel, m) } }
func does(actions ...string) test     { return func(c *client) bool { return c.does(actions...) } }
func over(k slot.Key, n float64) test { return func(c *client) bool { return c.over(k, n) } }
func known(k slot.Key) test           { return over(k, 0) }
func speaks(words ...string) test     { return func(c *client) bool { return c.has(words...) } }
func refuses(k slot.Key) test         { return func(c *client) bool { return c.v[k] == "no" } }
func not(t test) test                 { return func(c *client) bool { return !t(c) } }

func within(k slot.Key, from, to float64) test {
	return func(c *client) bool {
		n, ok := c.amount(k)
		return ok && n >= from && n <= to
	}
}

func either(tests ...test) test {
	return func(c *client) bool { return slices.ContainsFunc(tests, func(t test) bool { return t(c) }) }
}

// ticked reports whether one of the options of a list of details is chosen.
func ticked(k slot.Key, ids ...string) test {
	return func(c *client) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return c.v.Holds(k, id) })
	}
}

// answered reports whether a list of details has any option chosen.
func answered(k slot.Key) test { return func(c *client) bool { return len(c.v.List(k)) > 0 } }

// leads reports whether the model is the business, or comes first in the mix.
func leads(m string) test {
	return func(c *client) bool {
		mix := c.v.List(slot.SecondaryModels)
		return model(m)(c) || model("hybrid")(c) && len(mix) > 0 && mix[0] == m
	}
}

func both(a, b test) test { return func(c *client) bool { return a(c) && b(c) } }

// fact is one reason in the client's own terms: a clause that starts in lower
// case and ends without a full stop. A solid fact holds a figure or words of
// this very client; any other one needs an anchor.
type fact struct {
	text  string
	solid bool
}

// cond is one condition of the table: whether it holds, and the fact then.
type cond func(*client) (fact, bool)

// conds is one cell of the table; any of its conditions is enough.
type conds []cond

// facts lists the facts of the conditions that hold.
func (l conds) facts(c *client) []fact {
	var out []fact
	for _, holds := range l {
		if f, ok := holds(c); ok && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// sign is a condition without figure or words.
func sign(t test, clause string) cond {
	return func(c *client) (fact, bool) { return fact{clause, false}, t(c) }
}

// figure is a condition whose clause shows the values of the keys.
func figure(t test, format string, keys ...slot.Key) cond {
	return func(c *client) (fact, bool) {
		if !t(c) {
			return fact{}, false
		}
		shown := make([]any, len(keys))
		for i, k := range keys {
			shown[i] = c.show(k)
		}
		return fact{fmt.Sprintf(format, shown...), true}, true
	}
}

// count is a condition that holds whenever the figure is known.
func count(k slot.Key, format string) cond { return figure(known(k), format, k) }

// countOr shows the figure if t holds and it is known, else the bare clause.
func countOr(t test, k slot.Key, format, clause string) cond {
	return func(c *client) (fact, bool) {
		if f, ok := count(k, format)(c); ok {
			return f, t(c)
		}
		return fact{clause, false}, t(c)
	}
}

// own is the client's own sentence that says one of the words.
func own(words ...string) cond {
	return func(c *client) (fact, bool) {
		p, ok := c.find(nil, words...)
		return p.fact(), ok
	}
}

// trade is what the client calls the business, if it says one of the words.
func trade(words ...string) cond {
	return func(c *client) (fact, bool) {
		p, ok := c.inTrade(words...)
		return p.fact(), ok
	}
}

// when is a condition that counts only if t holds.
func when(t test, inner cond) cond {
	return func(c *client) (fact, bool) {
		if !t(c) {
			return fact{}, false
		}
		return inner(c)
	}
}

// fact turns own words into a clause. An id out of a list of choices is not
// the client's wording.
func (p passage) fact() fact {
	q := quote(p.text)
	solid := q == p.text || len(q) > 12 && p.key != slot.MustHaves
	switch p.key {
	case slot.PainPoints:
		return fact{fmt.Sprintf(`a known problem is "%s"`, q), solid}
	case slot.MustHaves:
		return fact{fmt.Sprintf(`"%s" is a must-have`, q), solid}
	case slot.PrimaryGoal, slot.SuccessMetrics:
		return fact{fmt.Sprintf(`the goal is "%s"`, q), solid}
	case slot.Industry, slot.BusinessType:
		return fact{fmt.Sprintf(`the line of business is "%s"`, q), solid}
	case slot.UniqueValue:
		return fact{fmt.Sprintf(`what sets the business apart is "%s"`, q), solid}
	default:
		return fact{fmt.Sprintf(`the business is described as "%s"`, q), solid}
	}
}

// short is a name or field as part of a sentence; a whole sentence given
// instead is put between quotation marks.
func (c *client) short(k slot.Key) string {
	q := quote(c.v[k])
	if len(q) > 40 {
		return `"` + q + `"`
	}
	return q
}

// anchor ties a clause to this client: by name, field, goal, audience or a
// figure, whichever is known. It is empty when nothing is.
func (c *client) anchor() string {
	says := func(k slot.Key) string { return quote(c.v[k]) }
	switch {
	case says(slot.BusinessName) != "":
		return "for " + c.short(slot.BusinessName) + ", "
	case says(slot.Industry) != "":
		return "in the field of " + c.short(slot.Industry) + ", "
	case says(slot.PrimaryGoal) != "":
		return `with the goal "` + says(slot.PrimaryGoal) + `", `
	case says(slot.TargetAudience) != "":
		return `for the audience "` + says(slot.TargetAudience) + `", `
	}
	if f := c.figures(); len(f) > 0 {
		return "with " + f[0] + ", "
	}
	if len(c.own) > 0 {
		return `with "` + quote(c.own[0].text) + `" in mind, `
	}
	return ""
}

package scope

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/slot"
)

// maxSummary is the length of section 1 in characters (DOMAIN 7.1).
const maxSummary = 500

// summary writes section 1: two or three sentences of the client's own facts.
func (w *sheet) summary() string {
	text := ""
	for limit := 170; limit >= 40; limit -= 10 {
		text = w.sentences(limit)
		if utf8.RuneCountInString(text) <= maxSummary {
			break
		}
	}
	return text
}

// sentences writes the summary with at most limit characters of each text.
func (w *sheet) sentences(limit int) string {
	whom := projectName(w.s)
	if _, ok := w.known(slot.BusinessName); !ok && fold(w.s.Client.Name) != "" {
		whom = w.s.Client.Name
	}
	what := fmt.Sprintf("The project is a %s for %s", w.kind(), escape(shorten(whom, min(limit, 60))))
	if f, ok := w.known(slot.Industry); ok {
		what += fmt.Sprintf(" (%s)", escape(clause(f.Value, min(limit, 60))))
	}
	goal := w.half("Its primary goal", "Its primary goal", slot.PrimaryGoal, limit)
	audience := w.half("Its audience", "Its audience", slot.TargetAudience, limit)
	if f, ok := w.known(slot.UniqueValue); ok {
		audience += "; what sets it apart: " + escape(clause(f.Value, limit))
	}
	return stop(what) + " " + stop(goal) + " " + stop(audience)
}

// half completes the start of a sentence by the first clause of a known text,
// or says what is missing.
func (w *sheet) half(start, missing string, k slot.Key, limit int) string {
	f, ok := w.known(k)
	if !ok {
		return missing + " was not provided by client (gap)"
	}
	return start + ": " + escape(clause(f.Value, limit))
}

// stop ends a sentence, unless a cut text ends it.
func stop(s string) string {
	if strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// clause is the first sentence of a text without its full stop, shortened.
func clause(text string, limit int) string {
	text = fold(text)
	if i := strings.Index(text, ". "); i > 0 {
		text = text[:i]
	}
	return strings.TrimRight(shorten(text, limit), " .;!?")
}

// kind is the website type in words.
func (w *sheet) kind() string {
	if known, ok := w.book.Values[effort.WebsiteType][w.s.Client.WebsiteType]; ok {
		return known
	}
	return "website"
}

// classification writes section 2.
func (w *sheet) classification() string {
	var p page
	kind := w.kind()
	if other := fold(w.s.Client.OtherDescription); other != "" {
		kind += ": " + escape(other)
	}
	p.named("Website type", kind+" (stated, Q4)")
	w.list(&p, 2, false)
	w.list(&p, 2, true)
	p.named("Secondary models", w.secondary())
	p.named("Complexity", fmt.Sprintf("%s (%s)", w.level, Plural(w.score, "point")))
	for _, r := range w.reasons {
		p.sub(escape(r))
	}
	p.named("Package and price", w.packageLine())
	return p.String()
}

// secondary lists the models beside the main one, those that the client named
// before those that were read out of the description.
func (w *sheet) secondary() string {
	models := w.s.Model.Secondary
	f, named := w.known(slot.SecondaryModels)
	if named {
		models = nil
		for _, m := range strings.Split(f.Value, ",") {
			models = append(models, classify.Model(m))
		}
	}
	var names []string
	for _, m := range models {
		if m != w.s.Model.Model && m != classify.Hybrid && m != "none" {
			names = append(names, w.word(slot.BusinessModel, string(m)))
		}
	}
	if len(names) == 0 {
		return "none found"
	}
	if named {
		return strings.Join(names, ", ") + " (" + trace(f) + ")"
	}
	return strings.Join(names, ", ")
}

func (w *sheet) packageLine() string {
	if !w.chosen() {
		return gap + " No package was chosen."
	}
	e := w.s.Features.Estimate
	return fmt.Sprintf("%s, %s; project total %s, see section 13 (%s)", escape(e.Package.Name), e.Package.Amount, e.Total, w.howChosen())
}

// client writes section 3.
func (w *sheet) client() string {
	var p page
	c := w.s.Client
	p.named("Name", given(escape(c.Name), 1))
	p.named("E-mail", given(mailbox(c.Email), 2))
	p.named("Phone", given(escape(c.Phone), 3))
	w.list(&p, 3, false)
	w.list(&p, 3, true)
	switch {
	case fold(c.Phone) != "":
		p.named("Preferred contact", "e-mail; telephone for urgent matters only")
	case fold(c.Email) != "":
		p.named("Preferred contact", "e-mail")
	default:
		p.named("Preferred contact", gap)
	}
	return p.String()
}

// given is a field of the foundation form, question n; value is safe already.
func given(value string, n int) string {
	if value == "" {
		return gap
	}
	return fmt.Sprintf("%s (stated, Q%d)", value, n)
}

// context writes section 4.
func (w *sheet) context() string {
	var p page
	p.head("Overview")
	p.text(w.overview())
	p.head("Goal, audience and difference")
	w.list(&p, 4, false)
	if w.has(4) {
		p.head("Figures and signals")
		w.list(&p, 4, true)
	}
	w.require(&p, 4)
	return p.String()
}

// overview tells what the business does.
func (w *sheet) overview() string {
	name := escape(projectName(w.s))
	if f, ok := w.known(slot.BusinessDescription); ok {
		return fmt.Sprintf("%s in the client's words: %s (%s)", name, quote(f.Value), trace(f))
	}
	if f, ok := w.known(slot.Industry); ok {
		return fmt.Sprintf("%s works in this field: %s (%s).", name, escape(f.Value), trace(f))
	}
	return name + ": what the business does was not provided by client (gap)."
}

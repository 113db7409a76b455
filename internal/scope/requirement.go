package scope

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// The priorities of a requirement: must is needed for launch, should follows
// at once, could comes last. All of them are in scope.
const (
	must   = "must"
	should = "should"
	could  = "could"
)

// requirement is one thing to build. Its texts are safe Markdown.
type requirement struct {
	number    int
	section   int
	priority  string
	text      string
	accept    string // how a developer tests it
	status    intake.FactStatus
	evidence  string // (Q7: "quote")
	delivered string // what delivers it, empty when that goes without saying
}

func (r requirement) id() string { return fmt.Sprintf("REQ-%02d", r.number) }

// book holds the wording of requirements, see wording.json.
type book struct {
	Values     map[slot.Key]map[string]string `json:"values"`     // option ids in words
	Features   map[catalog.FeatureID]string   `json:"features"`   // acceptance by feature
	Inclusions map[string]string              `json:"inclusions"` // acceptance by inclusion
	Rules      []rule                         `json:"rules"`
}

// rule turns the value of a slot into requirements.
type rule struct {
	Slot     slot.Key `json:"slot"`
	Section  int      `json:"section"`
	Priority string   `json:"priority"`
	Each     bool     `json:"each"` // one requirement per entry of a list
	Skip     []string `json:"skip"` // values that ask for nothing
	wording
	Cases []option `json:"cases"`
}

// wording is a requirement with {value} and {quote} left open. Features and
// Inclusions are what can deliver it, any one of them.
type wording struct {
	Text       string              `json:"text"`
	Accept     string              `json:"accept"`
	Features   []catalog.FeatureID `json:"features"`
	Inclusions []string            `json:"inclusions"`
}

// option is the wording for certain values; a pattern may end with a star.
type option struct {
	Match []string `json:"match"`
	wording
}

// pick chooses the wording for a value. It reports false when the value asks
// for nothing.
func (r rule) pick(value string) (wording, bool) {
	id := strings.ToLower(strings.ReplaceAll(fold(value), " ", "_"))
	if id == "" || slices.Contains(r.Skip, id) {
		return wording{}, false
	}
	for _, c := range r.Cases {
		if slices.ContainsFunc(c.Match, func(pattern string) bool { return matches(pattern, id) }) {
			return c.wording, true
		}
	}
	return r.wording, true
}

func matches(pattern, id string) bool {
	if start, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(id, start)
	}
	return pattern == id
}

// require writes the requirements that follow from the facts of a section.
func (w *sheet) require(p *page, section int) {
	first := len(w.reqs)
	for _, r := range w.book.Rules {
		f, ok := w.known(r.Slot)
		if r.Section != section || !ok {
			continue
		}
		values := []string{f.Value}
		if r.Each {
			values = strings.Split(f.Value, ",")
		}
		for _, value := range values {
			w.apply(r, w.origin(f, value), value)
		}
	}
	w.print(p, w.reqs[first:])
}

// origin is the fact that first held an entry of a list: later answers that
// only add to the list are no evidence for it.
func (w *sheet) origin(f intake.Fact, entry string) intake.Fact {
	for _, old := range w.s.Facts {
		if old.Slot == f.Slot && slices.Contains(strings.Split(old.Value, ","), entry) {
			f.Evidence, f.Value = old.Evidence, old.Value
			return f
		}
	}
	return f
}

// apply adds the requirement of one value. A must-have that names a feature is
// stated by that feature in section 10, or is an open point.
func (w *sheet) apply(r rule, f intake.Fact, value string) {
	if feat, ok := w.cat.Feature(catalog.FeatureID(value)); ok && r.Slot == slot.MustHaves {
		if !w.priced(feat.ID) {
			w.open(escape(feat.Name), fmt.Sprintf("Named as a must-have %s, but not part of the selection in section 10.", evidence(f)))
		}
		return
	}
	text, ok := r.pick(value)
	if !ok {
		return
	}
	shown := w.word(r.Slot, value)
	if !r.Each {
		shown = w.words(f, maxClause)
	}
	fill := strings.NewReplacer("{value}", trimStop(shown), "{quote}", escape(shorten(f.Evidence.Quote, maxQuote)))
	req := w.add(requirement{
		section: r.Section, priority: r.Priority, text: fill.Replace(text.Text), accept: text.Accept,
		status: f.Status, evidence: evidence(f),
	})
	if len(text.Features)+len(text.Inclusions) == 0 {
		return
	}
	names := w.delivering(text)
	if len(names) > 0 {
		req.delivered = strings.Join(names, ", ")
		return
	}
	req.delivered = "nothing in the selection (open point, section 14)"
	w.open(fmt.Sprintf("%s (%s)", trimStop(req.text), req.id()), "No chosen feature and nothing in the package delivers this.")
}

// maxClause is how much of a free text a requirement repeats; the whole stands
// among the facts of its section.
const maxClause = 240

// trimStop removes the full stop at the end, because the sentence goes on.
func trimStop(s string) string { return strings.TrimRight(s, ". ") }

// add numbers a requirement and keeps it.
func (w *sheet) add(r requirement) *requirement {
	r.number = len(w.reqs) + 1
	w.reqs = append(w.reqs, r)
	return &w.reqs[len(w.reqs)-1]
}

// print writes requirements as a list.
func (w *sheet) print(p *page, reqs []requirement) {
	if len(reqs) == 0 {
		return
	}
	p.head("Requirements")
	for _, r := range reqs {
		r.print(p)
	}
}

func (r requirement) print(p *page) {
	p.item(fmt.Sprintf("**%s (%s):** %s", r.id(), r.priority, r.text))
	p.sub("Acceptance: " + r.accept)
	if r.delivered != "" {
		p.sub("Delivered by: " + r.delivered)
	}
	p.sub(fmt.Sprintf("Status: %s %s", r.status, r.evidence))
}

// evidence points at the answer behind a fact, e.g. (Q7: "more bookings").
func evidence(f intake.Fact) string {
	switch {
	case f.Evidence.Quote != "":
		return fmt.Sprintf("(Q%d: %s)", f.Evidence.Question, quote(shorten(f.Evidence.Quote, maxQuote)))
	case f.Evidence.Question > 0:
		return fmt.Sprintf("(Q%d)", f.Evidence.Question)
	}
	return "(no answer; documented default)"
}

// delivering names the chosen features and the inclusions that fit.
func (w *sheet) delivering(text wording) []string {
	var names []string
	for _, id := range text.Features {
		if f, ok := w.cat.Feature(id); ok && w.priced(id) {
			names = append(names, escape(f.Name))
		}
	}
	for _, id := range text.Inclusions {
		if inc, ok := w.inclusion(id); ok {
			names = append(names, escape(inc.Name))
		}
	}
	return names
}

// priced reports whether a feature is part of the estimate, chosen or added.
func (w *sheet) priced(id catalog.FeatureID) bool {
	return slices.ContainsFunc(w.lines(), func(l catalog.Line) bool { return l.Feature == id })
}

// lines are the priced features; none before the feature screen is answered.
func (w *sheet) lines() []catalog.Line {
	if !w.chosen() {
		return nil
	}
	return w.s.Features.Estimate.Lines
}

// chosen reports whether there is a package with a price.
func (w *sheet) chosen() bool { return w.s.Features != nil && w.s.Features.Answered }

// inclusion finds an inclusion of the chosen package.
func (w *sheet) inclusion(id string) (catalog.Inclusion, bool) {
	if w.chosen() {
		for _, inc := range w.cat.Inclusions(w.s.Features.Selection.Package) {
			if inc.ID == id {
				return inc, true
			}
		}
	}
	return catalog.Inclusion{}, false
}

// rank turns the priority of a recommendation into that of a requirement.
func rank(p recommend.Priority) string {
	switch p {
	case recommend.Essential:
		return must
	case recommend.HighlyRecommended:
		return should
	case recommend.NiceToHave:
	}
	return could
}

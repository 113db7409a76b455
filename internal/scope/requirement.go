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
	Each     bool     `json:"each"`    // one requirement per entry of a list
	Gather   bool     `json:"gather"`  // with Each: entries without a case share one requirement
	Several  bool     `json:"several"` // what can deliver it is needed only for a list of more than one entry
	Unless   slot.Key `json:"unless"`  // a slot that says the same in more detail, if it is known
	Skip     []string `json:"skip"`    // values that ask for nothing
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
// Cases are kept apart from the rule's own wording, which fits every value.
type option struct {
	Match []string `json:"match"`
	wording
}

// pick chooses the wording for a value and tells whether it is that of a case.
// ok is false when the value asks for nothing.
func (r rule) pick(value string) (text wording, special, ok bool) {
	id := strings.ToLower(strings.ReplaceAll(fold(value), " ", "_"))
	if id == "" || slices.Contains(r.Skip, id) {
		return wording{}, false, false
	}
	for _, c := range r.Cases {
		if slices.ContainsFunc(c.Match, func(pattern string) bool { return matches(pattern, id) }) {
			return c.wording, true, true
		}
	}
	return r.wording, false, true
}

// matches compares an id with a pattern.
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
		if _, better := w.known(r.Unless); r.Section != section || !ok || better {
			continue
		}
		if r.Each {
			w.entries(r, f)
		} else if text, _, asks := r.pick(f.Value); asks {
			if r.Several && len(w.v.List(r.Slot)) < 2 {
				text.Features, text.Inclusions = nil, nil
			}
			w.apply(r, f, text, w.words(f, maxClause))
		}
	}
	w.print(p, w.reqs[first:])
}

// maxOwn is how many entries of a list without a case get a requirement each;
// more of them share one, so that a long list stays readable.
const maxOwn = 8

// entries adds the requirements of a list, first what shares one requirement.
func (w *sheet) entries(r rule, f intake.Fact) {
	var plain, special, shown []string
	for _, value := range unique(f.Value) {
		switch _, own, asks := r.pick(value); {
		case !asks || w.isFeature(r.Slot, f, value):
		case own:
			special = append(special, value)
		default:
			plain, shown = append(plain, value), append(shown, w.entry(r.Slot, value))
		}
	}
	if r.Gather || len(plain) > maxOwn {
		for _, src := range w.sources(f, plain) { // one requirement with the evidence of each
			w.apply(r, src, r.wording, enumerate(shown))
		}
		plain = nil
	}
	for _, value := range append(special, plain...) {
		text, _, _ := r.pick(value)
		w.apply(r, w.origin(f, value), text, w.entry(r.Slot, value))
	}
}

// unique reads a list without what repeats itself.
func unique(list string) []string {
	var out []string
	seen := map[string]bool{}
	for _, entry := range strings.Split(list, ",") {
		if !seen[entry] {
			seen[entry] = true
			out = append(out, entry)
		}
	}
	return out
}

// enumerate lists words up to about maxClause characters; the whole list
// stands among the facts of its section.
func enumerate(words []string) string {
	out := words[0]
	for i, word := range words[1:] {
		if len(out)+len(word) > maxClause {
			return fmt.Sprintf("%s, and %d more that are listed above", out, len(words)-1-i)
		}
		out += ", " + word
	}
	return out
}

// isFeature reports whether a must-have names a feature. That one is stated in
// section 10, or is an open point.
func (w *sheet) isFeature(k slot.Key, f intake.Fact, value string) bool {
	feat, ok := w.cat.Feature(catalog.FeatureID(value))
	if !ok || k != slot.MustHaves {
		return false
	}
	if !w.priced(feat.ID) {
		w.left = append(w.left, Lack{What: fold(feat.Name)})
		w.open(escape(feat.Name), fmt.Sprintf("Named as a must-have %s, but not part of the selection in section 10.", evidence(w.origin(f, value))))
	}
	return true
}

// apply adds the requirement of one value, shown in words. What an earlier
// requirement says already only adds its evidence there.
func (w *sheet) apply(r rule, f intake.Fact, text wording, shown string) {
	req := requirement{
		section: r.Section, priority: r.Priority, text: fill(text.Text, f, shown), accept: text.Accept,
		status: f.Status, evidence: evidence(f),
	}
	if i := slices.IndexFunc(w.reqs, func(other requirement) bool { return other.text == req.text }); i >= 0 {
		if same := &w.reqs[i]; !strings.Contains(same.evidence, req.evidence) {
			same.evidence += ", " + req.evidence
		}
		return
	}
	w.deliver(w.add(req), text)
}

// fill puts the value, or the words of the answer, into the text of a rule.
// An assumption has no words, so there its value stands for them.
func fill(text string, f intake.Fact, shown string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	said := escape(shorten(f.Evidence.Quote, maxQuote))
	if said == "" {
		said = shown
	}
	return strings.NewReplacer("{value}", trimStop(shown), "{quote}", trimStop(said)).Replace(text)
}

// deliver names what in the selection delivers a requirement. When something
// has to and nothing does, that is an open point and no silent promise.
func (w *sheet) deliver(req *requirement, text wording) {
	if len(text.Features)+len(text.Inclusions) == 0 {
		return
	}
	if names := w.delivering(text); len(names) > 0 {
		req.delivered = strings.Join(names, ", ")
		return
	}
	req.delivered = "nothing in the selection (open point, section 14)"
	w.lack(w.candidates(text), *req)
}

// lack records an open point for what would deliver a requirement, together
// with all else that it would deliver.
func (w *sheet) lack(candidates []string, req requirement) {
	what := "Not in the catalog"
	if len(candidates) > 0 {
		what = "Not in the selection: " + escape(strings.Join(candidates, " or "))
	}
	w.left = append(w.left, Lack{What: unescape(trimStop(req.text)), Needs: candidates})
	text := fmt.Sprintf("%s (%s)", trimStop(req.text), req.id())
	if i := slices.IndexFunc(w.points, func(p point) bool { return p.what == what }); i >= 0 {
		w.points[i].why = trimStop(w.points[i].why) + "; " + text + "."
		return
	}
	w.open(what, "It is needed for: "+text+".")
}

// Lack is something that the client's answers ask for and the price does not
// hold.
type Lack struct {
	What  string
	Needs []string // names of what would deliver it, any one; empty when the catalog has nothing
}

// candidates names the features, and the inclusions of other packages, that
// could deliver something.
func (w *sheet) candidates(text wording) []string {
	var names []string
	for _, id := range text.Features {
		if f, ok := w.cat.Feature(id); ok {
			names = append(names, fold(f.Name))
		}
	}
	for _, id := range text.Inclusions {
		for _, p := range w.cat.Packages {
			if i := slices.IndexFunc(p.Inclusions, func(inc catalog.Inclusion) bool { return inc.ID == id }); i >= 0 {
				names = append(names, fmt.Sprintf("%s (%s package)", fold(p.Inclusions[i].Name), fold(p.Name)))
				break
			}
		}
	}
	return names
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
	case f.Status == intake.Amended:
		return "(" + escape(f.Note) + ")"
	case f.Status == intake.Assumed && f.Evidence.Quote == "":
		return noAnswer
	case f.Evidence.Quote != "":
		return fmt.Sprintf("(Q%d: %s)", f.Evidence.Question, quote(shorten(f.Evidence.Quote, maxQuote)))
	case f.Evidence.Question > 0:
		return fmt.Sprintf("(Q%d)", f.Evidence.Question)
	}
	return noAnswer
}

// noAnswer stands for the evidence of an assumption.
const noAnswer = "(no answer; documented default)"

// delivering names the chosen features and the inclusions that fit.
func (w *sheet) delivering(text wording) []string {
	var names []string
	for _, id := range text.Features {
		if f, ok := w.cat.Feature(id); ok && w.priced(id) {
			names = append(names, fold(f.Name))
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

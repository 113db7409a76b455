package scope

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

//go:embed wording.json
var wordingFile []byte

// maxQuote is how many characters of an answer a piece of evidence shows.
const maxQuote = 160

// sheet is a document in the making: the session, what was looked up about it,
// and the requirements and open points found so far.
type sheet struct {
	s        *intake.Session
	cat      *catalog.Catalog
	agency   Agency
	book     book
	defs     []slot.Def
	v        slot.Values              // with effort.WebsiteType
	facts    map[slot.Key]intake.Fact // the known ones
	selected []catalog.FeatureID      // chosen by the client, without automatic ones

	level     effort.Level
	score     int
	reasons   []string
	low, high int // weeks

	past   map[slot.Key]*history // of the lists read so far
	reqs   []requirement
	points []point
	left   []Lack
}

// point is something still open: what, and why.
type point struct{ what, why string }

func newSheet(s *intake.Session, cat *catalog.Catalog, a Agency) (*sheet, error) {
	w := &sheet{s: s, cat: cat, agency: a, defs: slot.Defs(), v: s.Values(), facts: map[slot.Key]intake.Fact{}, past: map[slot.Key]*history{}}
	if err := json.Unmarshal(wordingFile, &w.book); err != nil {
		return nil, fmt.Errorf("read wording: %w", err)
	}
	w.v[effort.WebsiteType] = s.Client.WebsiteType
	for _, f := range s.CurrentFacts() {
		if f.Status.Known() && fold(f.Value) != "" {
			w.facts[f.Slot] = grounded(f)
		}
	}
	if s.Features != nil && s.Features.Answered {
		w.selected = s.Features.Selection.Features
	}
	w.level, w.score, w.reasons = effort.Complexity(w.v, w.selected)
	w.low, w.high = effort.Duration(w.v, w.selected, cat)
	return w, nil
}

// grounded calls assumed what no words of the client stand behind.
func grounded(f intake.Fact) intake.Fact {
	if fold(f.Evidence.Quote) == "" && f.Status != intake.Amended {
		f.Status, f.Evidence.Quote = intake.Assumed, ""
	}
	return f
}

// open records an open point once.
func (w *sheet) open(what, why string) {
	if !slices.ContainsFunc(w.points, func(p point) bool { return p.what == what }) {
		w.points = append(w.points, point{what, why})
	}
}

// known returns the newest fact of a slot, unless the client does not know it.
func (w *sheet) known(k slot.Key) (intake.Fact, bool) {
	f, ok := w.facts[k]
	return f, ok
}

// list writes the facts of a section: every checklist item, known or a gap,
// or with figures those outside the checklist that are known or were asked for.
func (w *sheet) list(p *page, section int, figures bool) {
	for _, d := range w.defs {
		if d.Section == section && d.Item() != figures && w.listed(d) {
			p.item(w.line(d))
		}
	}
}

// listed reports whether a slot has a line in its section.
func (w *sheet) listed(d slot.Def) bool {
	if slices.Contains([]slot.Key{slot.BusinessDescription, slot.WebsiteType, slot.SecondaryModels}, d.Key) {
		return false // they have lines of their own
	}
	f, ok := w.known(d.Key)
	if d.Key == slot.WebsiteURL && ok && w.facts[slot.CurrentWebsite].Value == f.Value {
		return false // the address is all that is known of the current website
	}
	return ok || d.Item() || d.Priority != "" && w.unanswered(d.Key) != ""
}

// has reports whether anything outside the checklist is listed for a section.
func (w *sheet) has(section int) bool {
	return slices.ContainsFunc(w.defs, func(d slot.Def) bool { return !d.Item() && d.Section == section && w.listed(d) })
}

// unanswered tells why a slot that was asked for has no value; it is empty
// when the slot was not asked for, or its value was taken back.
func (w *sheet) unanswered(k slot.Key) string {
	f, ok := w.s.Fact(k)
	switch {
	case !ok || f.Evidence.Question == 0 || f.Evidence.Quote == takenBack:
	case f.Status == intake.Declined:
		return fmt.Sprintf("Skipped by the client (Q%d).", f.Evidence.Question)
	case f.Status == intake.Unknown:
		return fmt.Sprintf("The client was not sure (Q%d).", f.Evidence.Question)
	}
	return ""
}

// takenBack is the evidence of a value that the engine made unknown again.
const takenBack = "taken back"

// line is one fact with its label, status and evidence.
func (w *sheet) line(d slot.Def) string {
	f, ok := w.known(d.Key)
	if !ok {
		return strings.TrimSpace("**" + d.Label + ":** " + gap + " " + w.unanswered(d.Key))
	}
	return fmt.Sprintf("**%s:** %s (%s)", d.Label, w.show(d.Key), w.traces(f))
}

// traces tells status and evidence of a fact; of a list that grew, each answer
// that added to it.
func (w *sheet) traces(f intake.Fact) string {
	if w.def(f.Slot).Type != slot.Multi || f.Status == intake.Amended {
		return trace(f)
	}
	parts := []string{string(f.Status)}
	for _, src := range w.sources(f, strings.Split(f.Value, ",")) {
		if at := where(src); at != "" {
			parts = append(parts, at)
		}
	}
	return strings.Join(parts, ", ")
}

// field is the value of a slot, or the gap.
func (w *sheet) field(k slot.Key) string {
	if f, ok := w.known(k); ok {
		return w.show(k) + " (" + trace(f) + ")"
	}
	return gap
}

// trace tells status and evidence of a fact. A quotation that only repeats the
// value is left out.
func trace(f intake.Fact) string {
	if at := where(f); at != "" {
		return string(f.Status) + ", " + at
	}
	return string(f.Status)
}

// where tells the evidence of a fact; it is empty without any.
func where(f intake.Fact) string {
	switch {
	case f.Status == intake.Amended:
		return f.Note
	case f.Evidence.Question == 0 && f.Evidence.Quote == "":
		return ""
	case f.Evidence.Quote == "":
		return fmt.Sprintf("Q%d", f.Evidence.Question)
	case fold(f.Evidence.Quote) == fold(f.Value):
		return fmt.Sprintf("Q%d, in these words", f.Evidence.Question)
	}
	return fmt.Sprintf("Q%d: %s", f.Evidence.Question, quote(shorten(f.Evidence.Quote, maxQuote)))
}

// show writes the whole value of a known slot for people; it is safe Markdown.
func (w *sheet) show(k slot.Key) string { return w.words(w.facts[k], math.MaxInt) }

// words writes the value of a fact, free text up to limit characters; it is
// safe Markdown.
func (w *sheet) words(f intake.Fact, limit int) string {
	if f.Slot == slot.ContactEmail {
		return mailbox(w.plain(f, limit))
	}
	return escape(w.plain(f, limit))
}

// plain writes the value of a fact for people, free text up to limit
// characters. It is one line, but not safe in Markdown.
func (w *sheet) plain(f intake.Fact, limit int) string {
	one := slot.Values{f.Slot: f.Value}
	kind := w.def(f.Slot).Type
	switch kind {
	case slot.Money:
		if c, ok := one.Cents(f.Slot); ok {
			return catalog.Cents(c).String()
		}
	case slot.Percent:
		if n, ok := one.Number(f.Slot); ok {
			return strconv.FormatFloat(n*100, 'g', 4, 64) + "%"
		}
	case slot.Number:
		if n, err := strconv.Atoi(f.Value); err == nil {
			return thousands(n)
		}
	case slot.Duration:
		if n, ok := one.Number(f.Slot); ok {
			return span(n)
		}
	case slot.URL:
		return scheme.ReplaceAllString(shorten(f.Value, limit), "")
	case slot.Date:
		if t, err := time.Parse(time.DateOnly, f.Value); err == nil {
			return date(t)
		}
	case slot.Multi:
		return strings.Join(w.plainList(f), ", ")
	case slot.Text, slot.Enum, slot.Bool:
	}
	if kind == slot.Text && f.Source == "choice" && optionID.MatchString(f.Value) && f.Evidence.Quote != "" {
		return shorten(f.Evidence.Quote, limit)
	}
	return w.plainWord(f.Slot, shorten(f.Value, limit))
}

// scheme begins an address that reads as well without it.
var scheme = regexp.MustCompile(`^(?i:https?)://`)

// span writes a number of weeks; what is no whole number of them in days.
func span(weeks float64) string {
	if weeks == math.Trunc(weeks) && math.Abs(weeks) < 1e6 {
		return Plural(int(weeks), "week")
	}
	return Plural(int(math.Round(weeks*7)), "day")
}

// def describes a slot; an unknown one is a text named by its key.
func (w *sheet) def(k slot.Key) slot.Def {
	if i := slices.IndexFunc(w.defs, func(d slot.Def) bool { return d.Key == k }); i >= 0 {
		return w.defs[i]
	}
	return slot.Def{Key: k, Label: escape(string(k)), Type: slot.Text}
}

// optionID matches ids that were never meant for people, e.g. under_3k.
var optionID = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)+$`)

// entry writes one entry of a list for a requirement.
func (w *sheet) entry(k slot.Key, value string) string { return w.word(k, shorten(value, maxClause)) }

// word writes one option or text for people; it is safe Markdown.
func (w *sheet) word(k slot.Key, value string) string { return escape(w.plainWord(k, value)) }

// plainWord writes one option or text for people in one line.
func (w *sheet) plainWord(k slot.Key, value string) string {
	if known, ok := w.book.Values[k][value]; ok {
		return known
	}
	if f, ok := w.cat.Feature(catalog.FeatureID(value)); ok && k == slot.MustHaves {
		return fold(f.Name)
	}
	if optionID.MatchString(value) {
		value = strings.ReplaceAll(value, "_", " ")
	}
	if k == slot.Languages {
		value = capital(fold(value))
	}
	return fold(value)
}

// capital writes the first letter of a name large.
func capital(name string) string {
	_, n := utf8.DecodeRuneInString(name)
	return strings.ToUpper(name[:n]) + name[n:]
}

// plainList writes the entries of a list for people.
func (w *sheet) plainList(f intake.Fact) []string {
	var words []string
	for _, id := range strings.Split(f.Value, ",") {
		if word := w.plainWord(f.Slot, id); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// agreedOn is the day the document speaks of: the end of the interview, or the
// last answer while it runs.
func agreedOn(s *intake.Session) time.Time {
	if s.Completion != nil && !s.Completion.At.IsZero() {
		return s.Completion.At
	}
	return s.LastActivity
}

// date writes a day for people.
func date(t time.Time) string { return t.UTC().Format("January 2, 2006") }

// thousands writes a count with separators.
func thousands(n int) string { return strings.TrimPrefix(catalog.Cents(n*100).String(), "$") }

package web

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// knownSection is what is understood about one section of the specification.
type knownSection struct {
	Number int
	Title  string
	Facts  []knownFact
}

// knownFact is one fact in plain words. Slot is empty when it cannot be edited
// by itself, Words when they say no more than the value.
type knownFact struct {
	Label, Value string
	Slot         slot.Key
	Words        string
	Number       int // question that the words answered
	Status       intake.FactStatus
	Word         string // the status in plain words
}

// known lists the current facts by section (DOMAIN 1.13).
func (s *Server) known(sess *intake.Session) []knownSection {
	titles := intake.SectionTitles()
	bySection := make(map[int][]knownFact)
	for _, f := range sess.CurrentFacts() {
		if known, ok := s.knownFact(sess, f); ok {
			section := s.slots[f.Slot].Section
			bySection[section] = append(bySection[section], known)
		}
	}
	var out []knownSection
	for n := range len(titles) {
		if facts := bySection[n+1]; len(facts) > 0 {
			out = append(out, knownSection{Number: n + 1, Title: titles[n], Facts: facts})
		}
	}
	return out
}

// knownFact says a fact in plain words, unless it is of no section or says
// nothing beside the others.
func (s *Server) knownFact(sess *intake.Session, f intake.Fact) (known knownFact, ok bool) {
	def, ok := s.slots[f.Slot]
	if !ok || def.Section < 1 || hidden(sess, f) {
		return knownFact{}, false
	}
	known = knownFact{Label: yourLabel(def.Label), Value: s.plain(f, def.Type), Status: f.Status, Word: statusWord(f.Status)}
	if _, ok := s.cfg.Engine.EditForm(sess, f.Slot); ok {
		known.Slot = f.Slot
	}
	if q := f.Evidence.Quote; f.Status.Known() && !strings.Contains(known.Value, strings.Join(strings.Fields(q), " ")) {
		known.Words, known.Number = clip(q, 300), f.Evidence.Question
	}
	return known, true
}

// yourLabel is the name of a slot as its client reads it: documents speak of the
// client, a page speaks to one.
func yourLabel(label string) string {
	return strings.NewReplacer("the client's words", "your words", "by the client", "by you").Replace(label)
}

// hidden reports facts that say nothing beside the others.
func hidden(sess *intake.Session, f intake.Fact) bool {
	if f.Slot == slot.WebsiteURL {
		site, _ := sess.Fact(slot.CurrentWebsite)
		return f.Value == site.Value // the address is all that is known of it
	}
	return f.Status == intake.Unknown && f.Evidence.Quote == "taken back" // a new value is asked or was never needed
}

func statusWord(status intake.FactStatus) string {
	switch status {
	case intake.Stated:
		return "Stated"
	case intake.Inferred:
		return "Understood"
	case intake.Assumed:
		return "Assumed"
	case intake.Confirmed:
		return "Confirmed"
	case intake.Declined:
		return "Skipped"
	case intake.Amended:
		return "Amended"
	case intake.Unknown:
	}
	return "Open"
}

// plain says the canonical text of a fact in plain words.
func (s *Server) plain(f intake.Fact, t slot.Type) string {
	if !f.Status.Known() {
		return ""
	}
	switch t {
	case slot.Money:
		if n, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
			return money(catalog.Cents(n))
		}
	case slot.Percent:
		if x, err := strconv.ParseFloat(f.Value, 64); err == nil {
			return strconv.FormatFloat(x*100, 'f', -1, 64) + "%"
		}
	case slot.Date:
		if d, err := time.Parse(time.DateOnly, f.Value); err == nil {
			return d.Format("January 2, 2006")
		}
	case slot.Bool:
		return map[string]string{"yes": "Yes", "no": "No"}[f.Value]
	case slot.Enum, slot.Multi:
		if f.Source == "choice" && f.Evidence.Quote != "" {
			return f.Evidence.Quote // the labels of the chosen options
		}
		return sentenceCase(s.cfg.Engine.Plain(f.Slot, f.Value)) // what nobody chose reads as its option does
	case slot.Duration:
		return s.cfg.Engine.Plain(f.Slot, f.Value)
	case slot.Number, slot.Text, slot.URL:
	}
	return clip(s.cfg.Engine.Plain(f.Slot, f.Value), 300)
}

// sentenceCase begins words with a capital letter.
func sentenceCase(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return strings.ToUpper(string(r)) + text[size:]
}

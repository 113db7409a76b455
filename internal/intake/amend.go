package intake

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// ErrUnfinished is returned by Amend while the client still answers.
var ErrUnfinished = errors.New("the interview is not finished, so its client can still edit every point")

// Amendment remembers one act of a person of the agency who put a finished
// interview right before its documents went out. The old facts stay among
// Session.Facts; this says who replaced them.
type Amendment struct {
	By        string     `json:"by"` // user id
	At        time.Time  `json:"at"`
	Slots     []slot.Key `json:"slots,omitempty"`
	Selection bool       `json:"selection,omitempty"` // package, features or rebate
	CoverNote bool       `json:"coverNote,omitempty"`
}

// Amend is what a person of the agency wants to be right.
type Amend struct {
	By        string              // user id
	Facts     map[slot.Key]string // what AmendFields showed, as changed; empty means: not known
	Selection *catalog.Selection  // nil: as it is
	CoverNote string              // to the client, plain text; empty: none
}

// AmendField is one slot as a person of the agency edits it: in words, with the
// entries of a list separated by commas.
type AmendField struct {
	Def     slot.Def
	Text    string   // empty when nothing is known
	Options []Option // of a slot with fixed values
}

// AmendFields lists what may be put right on review: every point that is known
// and every checklist item, in the order of SCOPE.md. The website type and what
// only follows from the business model stay the client's.
func (e *Engine) AmendFields(s *Session) []AmendField {
	v := s.Values()
	var out []AmendField
	for _, d := range e.order {
		if d.Section < 1 || !amendable(d.Key) || !v.Has(d.Key) && (!d.Item() || !d.Required(v)) {
			continue
		}
		out = append(out, AmendField{Def: d, Text: e.spelled(d, v[d.Key]), Options: e.choices(d, v[d.Key])})
	}
	slices.SortStableFunc(out, func(a, b AmendField) int { return a.Def.Section - b.Def.Section })
	return out
}

func amendable(k slot.Key) bool {
	return !slices.Contains([]slot.Key{
		slot.WebsiteType, slot.PriceConfirmed, slot.ServiceSubtype, slot.BusinessModel, slot.SecondaryModels, slot.ContactEmail,
	}, k)
}

// spelled writes a value so that canonical reads it back. It is never cut.
func (e *Engine) spelled(d slot.Def, value string) string {
	if value == "" {
		return ""
	}
	switch d.Type {
	case slot.Enum, slot.Bool, slot.Text, slot.URL, slot.Date:
		return value
	case slot.Multi:
		words := strings.Split(value, ",")
		for i, id := range words {
			words[i] = e.word(d.Key, id)
		}
		return strings.Join(words, ", ")
	case slot.Money, slot.Percent, slot.Number, slot.Duration:
	}
	return e.Plain(d.Key, value)
}

// choices are the values of a slot that has fixed ones, with the present one.
func (e *Engine) choices(d slot.Def, now string) []Option {
	switch d.Type {
	case slot.Bool:
		return []Option{{Value: "yes", Label: "Yes"}, {Value: "no", Label: "No"}}
	case slot.Enum:
	case slot.Text, slot.Multi, slot.URL, slot.Date, slot.Money, slot.Percent, slot.Number, slot.Duration:
		return nil
	}
	ids := e.Options()[d.Key]
	if len(ids) == 0 {
		return nil
	}
	if now != "" && !slices.Contains(ids, now) {
		ids = append(slices.Clone(ids), now)
	}
	out := make([]Option, 0, len(ids))
	for _, id := range ids {
		out = append(out, Option{Value: id, Label: e.word(d.Key, id)})
	}
	return out
}

// canonical reads what somebody wrote into a field.
func (e *Engine) canonical(s *Session, d slot.Def, text string) (string, error) {
	if n := utf8.RuneCountInString(text); n > MaxAnswer {
		return "", &Invalid{string(d.Key), fmt.Sprintf("%s has %d characters, and at most %d can be taken. Nothing was changed.", d.Label, n, MaxAnswer)}
	}
	options := e.choices(d, s.Values()[d.Key])
	switch {
	case text == "":
		return "", nil
	case len(options) > 0:
		if !slices.ContainsFunc(options, func(o Option) bool { return o.Value == text }) {
			return "", &Invalid{string(d.Key), fmt.Sprintf("%s cannot be %q. Please choose from the list; nothing was changed.", d.Label, text)}
		}
		return text, nil
	case d.Type == slot.Multi:
		return slot.Join(e.entries(d, text)), nil
	}
	value, ok := figure(d.Type, text)
	if !ok {
		return "", &Invalid{string(d.Key), fmt.Sprintf("%s was not understood: %q. Please write one figure or date, such as 12, 18%%, $4,500 or 2027-03-01; nothing was changed.", d.Label, text)}
	}
	return value, nil
}

// entries reads a list; what is called like an option is that option.
func (e *Engine) entries(d slot.Def, text string) []string {
	ids := e.Options()[d.Key]
	var out []string
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		for _, id := range ids {
			if strings.EqualFold(e.word(d.Key, id), part) {
				part = id
			}
		}
		for _, f := range e.cat.Features {
			if d.Key == slot.MustHaves && strings.EqualFold(f.Name, part) {
				part = string(f.ID)
			}
		}
		if part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

// Amend puts a finished interview right as a person of the agency decided. Only
// what differs from AmendFields is changed; a changed fact is Amended and says
// when. A changed selection is priced anew, and counts as not confirmed, because
// the client has not seen it. It returns what was changed; nil when nothing
// was. The error is an *Invalid, one of Catalog.Price, or ErrUnfinished; nothing
// is changed then.
func (e *Engine) Amend(s *Session, a Amend, now time.Time) (*Amendment, error) {
	if s.Status != Completed {
		return nil, ErrUnfinished
	}
	w := &work{e: e, s: s.clone(), now: now, memo: memo{}}
	done := Amendment{By: a.By, At: now.UTC()}
	for _, field := range e.AmendFields(s) {
		text, given := a.Facts[field.Def.Key]
		text = strings.Join(strings.Fields(text), " ")
		if !given || text == strings.Join(strings.Fields(field.Text), " ") {
			continue
		}
		value, err := e.canonical(s, field.Def, text)
		if err != nil {
			return nil, err
		}
		if value == s.Values()[field.Def.Key] {
			continue
		}
		f := Fact{
			Slot: field.Def.Key, Value: value, Status: Amended, Confidence: 100, Source: "team",
			Note: "by the agency on " + now.UTC().Format("January 2, 2006"),
		}
		if value == "" {
			f.Status, f.Confidence = Unknown, 0
		}
		w.append(f)
		done.Slots = append(done.Slots, field.Def.Key)
	}
	if err := w.amendSelection(a.Selection, &done); err != nil {
		return nil, err
	}
	note := strings.TrimSpace(a.CoverNote)
	if n := utf8.RuneCountInString(note); n > MaxCoverNote {
		return nil, &Invalid{"coverNote", fmt.Sprintf("The note to the client has %d characters, and at most %d can be taken. Nothing was changed.", n, MaxCoverNote)}
	}
	done.CoverNote = note != w.s.CoverNote
	w.s.CoverNote = note
	if len(done.Slots) == 0 && !done.Selection && !done.CoverNote {
		return nil, nil //nolint:nilnil // nothing was changed, which is no error
	}
	w.s.Amendments = append(slices.Clip(w.s.Amendments), done)
	*s = *w.s
	return &done, nil
}

// MaxCoverNote is the length of the note to the client in characters: it stands
// in front of the proposal and must not become one itself.
const MaxCoverNote = 600

// amendSelection prices another selection.
func (w *work) amendSelection(sel *catalog.Selection, done *Amendment) error {
	if sel == nil {
		return nil
	}
	f := FeatureChoice{Answered: true}
	if w.s.Features != nil {
		f = *w.s.Features
		f.Answered = true
	}
	if sameSelection(f.Selection, *sel) {
		return nil
	}
	est, err := w.e.cat.Price(*sel)
	if err != nil {
		return err
	}
	f.Selection, f.Estimate = *sel, est
	f.Phased = slices.DeleteFunc(slices.Clone(f.Phased), func(id catalog.FeatureID) bool { return slices.Contains(sel.Features, id) })
	w.s.Features, done.Selection = &f, true
	if _, ok := w.s.Fact(slot.PriceConfirmed); ok {
		w.append(Fact{Slot: slot.PriceConfirmed, Status: Unknown, Source: "team"})
	}
	w.reopen(slot.PriceConfirmed)
	w.s.OpenPoints = append(w.s.OpenPoints, OpenPoint{slot.PriceConfirmed, "The agency changed package, features or price on review; the client has not confirmed them yet."})
	return nil
}

// sameSelection compares two selections; the order of features does not matter.
func sameSelection(a, b catalog.Selection) bool {
	if a.Package != b.Package || a.Rebate != b.Rebate || a.RebateFor != b.RebateFor || len(a.Features) != len(b.Features) {
		return false
	}
	for _, id := range a.Features {
		if !slices.Contains(b.Features, id) || max(a.Quantities[id], 1) != max(b.Quantities[id], 1) {
			return false
		}
	}
	return true
}

package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
)

// loop is one of the four checks of understanding (DOMAIN 2.9).
type loop struct {
	category string
	slots    []slot.Key
}

func loops() map[int]loop {
	return map[int]loop{
		1: {"Business Context & Goals", []slot.Key{slot.BusinessName, slot.Industry, slot.TargetAudience, slot.UniqueValue, slot.PrimaryGoal}},
		2: {"Technical Requirements & Features", []slot.Key{
			slot.BusinessModel, slot.AppointmentsPerWeek, slot.BookingsPerWeek, slot.ProductsToSell, slot.MemberCount,
			slot.ComplianceRequirements, slot.Integrations, slot.VisitorActions,
		}},
		3: {"Design & Content Strategy", []slot.Key{slot.DesignStyle, slot.LogoStatus, slot.BrandColors, slot.ContentProvider, slot.DesignReferences}},
		4: {"Final Details & Timeline", []slot.Key{slot.BudgetText, slot.LaunchText, slot.DecisionMakers, slot.ContentReadyDate, slot.DesignStyle}},
	}
}

// validationDue shows a loop when one is due: after question 8, after question
// 16 once features are chosen, and after question 24.
func (w *work) validationDue() bool {
	n := w.s.Questions
	switch {
	case n >= 8 && !w.looped(1):
		return w.validate(1)
	case n >= 16 && !w.looped(2) && w.s.Features != nil && w.s.Features.Answered:
		return w.validate(2)
	case n >= 24 && !w.looped(3):
		return w.validate(3)
	}
	return false
}

// finalValidationDue reports whether the last loop still has to be shown
// before completion: not when one was confirmed in the previous turn.
func (w *work) finalValidationDue() bool {
	if w.looped(4) {
		return false
	}
	if n := len(w.s.Loops); n > 0 {
		last := w.s.Loops[n-1]
		return last.Response != "correct" || !last.At.Equal(w.now)
	}
	return true
}

func (w *work) looped(n int) bool {
	for _, l := range w.s.Loops {
		if l.Number == n {
			return true
		}
	}
	return false
}

// validate shows loop n. It reports false when nothing is known to check.
func (w *work) validate(n int) bool {
	l := loops()[n]
	v := w.s.Values()
	points := w.points(l.slots, 5, v)
	if n == 2 || n == 4 {
		points = append(points[:min(len(points), 4)], w.chosen())
	}
	if short := 3 - len(points); short > 0 {
		points = append(points, w.points(w.others(l.slots), short, v)...)
	}
	if len(points) == 0 {
		return false
	}
	val := &Validation{
		Loop: n, Category: l.category, Points: points,
		Summary:      fmt.Sprintf("This is what was understood about %s so far.", strings.ToLower(l.category)),
		Implications: w.implications(n, v),
		Question:     "Is this right?",
		Options:      []Choice{{Value: "correct", Label: "Yes, that's right"}, {Value: "clarify", Label: "Let me clarify something..."}},
	}
	w.s.Current.Kind, w.s.Current.Validation = ValidateUnderstanding, val
	w.emit(event.ValidationShown{LoopNumber: n, Category: l.category})
	w.say("assistant", val.Summary, "validation_"+strconv.Itoa(n))
	return true
}

// points puts known slots into words, at most n of them.
func (w *work) points(keys []slot.Key, n int, v slot.Values) []string {
	var out []string
	for _, k := range keys {
		if len(out) < n && v.Has(k) {
			out = append(out, w.e.defs[k].Label+": "+w.plain(k, v))
		}
	}
	return out
}

// others lists the checklist items that a loop is not about, for a loop that
// would otherwise have too little to show.
func (w *work) others(keys []slot.Key) []slot.Key {
	var out []slot.Key
	for _, d := range slot.Defs() {
		if d.Item() && !slices.Contains(keys, d.Key) {
			out = append(out, d.Key)
		}
	}
	return out
}

// chosen says which package and features were chosen and at what price.
func (w *work) chosen() string {
	f := w.s.Features
	if f == nil || !f.Answered {
		return "Package: not chosen yet"
	}
	return fmt.Sprintf("Package: %s with %d extra features, %s in total and %s a month for hosting",
		f.Estimate.Package.Name, len(f.Selection.Features), f.Estimate.Total, f.Estimate.HostingMonthly)
}

func (w *work) implications(n int, v slot.Values) []string {
	var out []string
	add := func(ok bool, text string) {
		if ok {
			out = append(out, text)
		}
	}
	switch n {
	case 1:
		add(v.Has(slot.TargetAudience), "The website will speak to these people in their own words.")
		add(v.Has(slot.PrimaryGoal), "The first page will lead to this goal before anything else.")
	case 2:
		add(v[slot.ComplianceRequirements] != "" && v[slot.ComplianceRequirements] != "none", "The website will be built and checked against these rules.")
		add(w.s.Features != nil && w.s.Features.Answered, "The investment follows from this selection: "+w.total()+".")
	case 3:
		add(v.Has(slot.DesignStyle), "The design will start from this style.")
		add(v.Has(slot.ContentProvider), "The plan will count on content from this side.")
	case 4:
		add(v.Has(slot.LaunchText), "The plan will be built backwards from this date.")
		add(true, "After this step the documents are written.")
	}
	return out
}

func (w *work) total() string {
	if f := w.s.Features; f != nil && f.Answered {
		return f.Estimate.Total.String()
	}
	return catalog.Cents(0).String()
}

// plain turns a slot's value into words for people.
func (w *work) plain(k slot.Key, v slot.Values) string {
	text := v[k]
	switch w.e.defs[k].Type {
	case slot.Money:
		if c, ok := v.Cents(k); ok {
			return catalog.Cents(c).String()
		}
	case slot.Percent:
		if n, ok := v.Number(k); ok {
			return strconv.FormatFloat(n*100, 'f', -1, 64) + " %"
		}
	case slot.Multi:
		return strings.ReplaceAll(strings.ReplaceAll(text, ",", ", "), "_", " ")
	case slot.Enum, slot.Bool:
		return strings.ReplaceAll(text, "_", " ")
	case slot.Text, slot.Number, slot.Date:
		if label := w.e.label(k, text); label != "" {
			return label
		}
	}
	return firstChars(text, 160)
}

// label returns the words of an option whose id is stored as a text.
func (e *Engine) label(k slot.Key, value string) string {
	for _, q := range e.bank.entries {
		for _, g := range q.Groups {
			for _, c := range g.Options {
				if g.Slot == k && c.Value == value {
					return c.Label
				}
			}
		}
	}
	return ""
}

// firstChars shortens text to n characters at a word boundary.
func firstChars(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	cut := string(r[:n])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;") + " …"
}

// takeValidation takes the answer to a loop. A confirmation confirms the facts
// shown; a clarification is read like any answer and corrects them.
func (w *work) takeValidation(a Answer) error {
	val := w.s.Current.Validation
	l := loops()[val.Loop]
	record := LoopAnswer{
		Number: val.Loop, Category: val.Category, Summary: val.Summary, Points: val.Points, Response: a.Response, At: w.now,
	}
	switch {
	case a.Response == "correct":
		w.say("client", "Yes, that's right", "")
		w.confirm(l.slots)
	case a.Response == "clarify" && a.Text != "":
		record.Clarification = a.Text
		w.say("client", a.Text, "")
		w.extract(a.Text, l.slots)
		w.s.Corpus += a.Text + "\n"
	case a.Response == "clarify":
		return &Invalid{"text", "Please say what should be different."}
	default:
		return &Invalid{"response", "Please choose whether this is right, or clarify something."}
	}
	w.s.Loops = append(w.s.Loops, record)
	w.emit(event.ValidationLoop{
		LoopNumber: val.Loop, Category: val.Category, Response: a.Response, HadClarification: record.Clarification != "",
	})
	return nil
}

func (w *work) confirm(keys []slot.Key) {
	for _, k := range keys {
		f, ok := w.s.Fact(k)
		if ok && (f.Status == Stated || f.Status == Inferred) {
			f.Status, f.Confidence = Confirmed, 100
			w.learn(f)
		}
	}
}

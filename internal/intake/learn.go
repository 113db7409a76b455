package intake

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// learn appends a fact unless the same is known already. Every fact quotes
// what the client wrote or chose; without a value or a quote there is none.
func (w *work) learn(f Fact) {
	if f.Value == "" || f.Evidence.Quote == "" {
		return
	}
	if f.Evidence.Question == 0 {
		f.Evidence.Question = w.s.Questions
	}
	if f.Confidence == 0 {
		f.Confidence = 95
	}
	if old, ok := w.s.Fact(f.Slot); ok && old.Value == f.Value && old.Status == f.Status {
		return
	}
	w.s.Facts = append(w.s.Facts, f)
	w.reopen(f.Slot)
}

// reopen drops an open point that a new fact has settled.
func (w *work) reopen(k slot.Key) {
	w.s.OpenPoints = slices.DeleteFunc(slices.Clone(w.s.OpenPoints), func(p OpenPoint) bool { return p.Slot == k })
}

// extract runs the rules over one text and keeps what they find (DOMAIN 2.10).
// A known value is replaced only when its slot was asked about; lists grow.
func (w *work) extract(text string, asked []slot.Key) {
	v := w.s.Values()
	for _, h := range extract.All(text, extract.Context{Now: w.now, Asked: asked}) {
		value, wanted := h.Value, slices.Contains(asked, h.Slot)
		old, known := v[h.Slot]
		switch {
		case known && w.e.defs[h.Slot].Type == slot.Multi:
			value = union(old, h.Value)
		case known && !wanted && !aboutLaunch(h.Slot):
			continue
		case w.target(h.Slot) && slices.Contains(asked, slot.PrimaryGoal):
			continue
		}
		f := Fact{Slot: h.Slot, Value: value, Status: Stated, Source: "rule", Confidence: 90, Evidence: Evidence{Quote: h.Quote}}
		if h.Hedged {
			f.Status, f.Confidence = Inferred, 50
		}
		w.learn(f)
		v[h.Slot] = value
	}
	w.derive()
}

// target reports whether a figure in the answer about the goal is what the
// client wants rather than what is: "no-shows below 5 % within three months"
// names neither today's rate nor the launch.
func (w *work) target(k slot.Key) bool {
	return aboutLaunch(k) || w.e.defs[k].Type == slot.Percent
}

// aboutLaunch slots tell one thing, when the website is to be live, and are
// refreshed together.
func aboutLaunch(k slot.Key) bool {
	return k == slot.LaunchWeeks || k == slot.LaunchDate || k == slot.LaunchText || k == slot.IsUrgent
}

func union(a, b string) string {
	list := slot.Values{"x": a}.List("x")
	for _, id := range (slot.Values{"x": b}).List("x") {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return slot.Join(list)
}

// derive adds what follows from other facts: weeks to launch from the date,
// urgency (DOMAIN 2.11), and when content is ready.
func (w *work) derive() {
	v := w.s.Values()
	if d, err := time.Parse(time.DateOnly, v[slot.LaunchDate]); err == nil {
		weeks := max(0, math.Ceil(d.Sub(w.now).Hours()/(24*7)))
		w.infer(slot.LaunchWeeks, strconv.FormatFloat(weeks, 'f', -1, 64), slot.LaunchDate)
		v = w.s.Values()
	}
	if weeks, ok := v.Number(slot.LaunchWeeks); ok && weeks <= 4 {
		w.infer(slot.IsUrgent, "yes", slot.LaunchWeeks)
	}
	if !v.Has(slot.ContentReadyDate) {
		switch {
		case v[slot.ContentReadiness] == "ready":
			w.infer(slot.ContentReadyDate, "ready now", slot.ContentReadiness)
		case v[slot.ContentProvider] == "agency":
			w.infer(slot.ContentReadyDate, "made by the agency within the project", slot.ContentProvider)
		}
	}
}

// infer records a fact that follows from another, with that one's evidence.
func (w *work) infer(k slot.Key, value string, from slot.Key) {
	src, ok := w.s.Fact(from)
	if !ok {
		return
	}
	w.learn(Fact{Slot: k, Value: value, Status: Inferred, Confidence: 80, Source: "rule", Evidence: src.Evidence})
}

// enough reports whether a slot is sufficiently known (DOMAIN 2.5, 2.6). Text
// is judged by what it says rather than by length alone.
func (s *Session) enough(k slot.Key, v slot.Values) bool {
	text := v[k]
	n := utf8.RuneCountInString(text)
	good := extract.QualityOf(text) == extract.Good
	switch k {
	case slot.BusinessName:
		return n >= 2
	case slot.BusinessModel:
		return s.ModelAt > 0
	case slot.PrimaryGoal:
		return good && n >= 15
	case slot.TargetAudience:
		facets := len(extract.AudienceFacets(text))
		return good && (n >= 100 || n >= 30 && facets >= 2)
	case slot.UniqueValue:
		return good && n >= 40
	case slot.LaunchText:
		return v.Has(slot.LaunchDate) || v.Has(slot.LaunchWeeks)
	case slot.BudgetText:
		return v.Has(slot.BudgetMax) || v.Has(slot.BudgetMin)
	case slot.MustHaves:
		must := len(v.List(slot.MustHaves))
		return must >= 3 || must >= 1 && must+len(v.List(slot.VisitorActions)) >= 3
	default:
		return v.Has(k)
	}
}

// closed reports whether a slot was asked for in vain and is an open point.
func (s *Session) closed(k slot.Key) bool {
	return slices.ContainsFunc(s.OpenPoints, func(p OpenPoint) bool { return p.Slot == k })
}

// open lists the slots of a question that are neither known nor closed.
func (s *Session) open(keys []slot.Key, v slot.Values) []slot.Key {
	var out []slot.Key
	for _, k := range keys {
		if !s.enough(k, v) && !s.closed(k) {
			out = append(out, k)
		}
	}
	return out
}

// closePoints turns slots into open points, so that they are not asked again.
func (w *work) closePoints(keys []slot.Key, reason string) {
	for _, k := range keys {
		if !w.s.closed(k) {
			w.s.OpenPoints = append(slices.Clip(w.s.OpenPoints), OpenPoint{Slot: k, Reason: reason})
		}
	}
}

// sentencesWith returns the sentences of text that hold one of the cues.
func sentencesWith(text string, cues []string) string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == ';' || r == '\n' || r == '?' }) {
		low := strings.ToLower(part)
		if slices.ContainsFunc(cues, func(c string) bool { return strings.Contains(low, c) }) {
			out = append(out, strings.TrimSpace(part))
		}
	}
	return strings.Join(out, ". ")
}

// leadingName guesses a name from the start of a description: "Bella Hair, a
// salon ..." or "Bella Hair is a salon". It returns "" when nothing short
// stands in front.
func leadingName(text string) string {
	name := text
	for _, sep := range []string{",", ".", "\n", ";", ":", " - ", " – ", " — ", "(", " is ", " are ", " sells ", " offers ", " makes ", " provides ", " helps ", " runs "} {
		if i := strings.Index(name, sep); i > 0 {
			name = name[:i]
		}
	}
	name = strings.TrimSpace(name)
	words := len(strings.Fields(name))
	low := strings.ToLower(name)
	for _, start := range []string{"we", "i", "it", "our", "my", "this", "there", "not", "the site", "a", "an", "hello", "hi"} {
		if low == start || strings.HasPrefix(low, start+" ") {
			return ""
		}
	}
	if words == 0 || words > 6 || utf8.RuneCountInString(name) < 2 || extract.QualityOf(name) != extract.Good {
		return ""
	}
	return name
}

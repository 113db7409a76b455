package proposal

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

// How much of a text the proposal shows, in characters.
const (
	maxQuote  = 420
	maxNeed   = 220
	maxClause = 120
)

// Goal is the topic of the client's goal among the quotes.
const Goal = "Your goal"

// understanding is part 3 of DOMAIN 7.2.
func (m *maker) understanding() Understanding {
	return Understanding{Quotes: m.quotes(), Figures: m.figures(), Challenges: m.challenges(), Needs: m.needs()}
}

// quotes are the client's statements. Words that served for two topics are
// shown once.
func (m *maker) quotes() []Quote {
	var out []Quote
	for _, q := range []struct {
		k     slot.Key
		topic string
	}{
		{slot.BusinessDescription, "Your business"},
		{slot.PrimaryGoal, Goal},
		{slot.TargetAudience, "Your audience"},
		{slot.UniqueValue, "What sets you apart"},
		{slot.SuccessMetrics, "How you will measure it"},
	} {
		text := m.r.Quote(q.k, maxQuote)
		if text != "" && !slices.ContainsFunc(out, func(o Quote) bool { return strings.Contains(o.Text, text) }) {
			out = append(out, Quote{q.topic, text})
		}
	}
	for _, l := range m.s.Loops {
		if text := scope.Shorten(l.Clarification, maxQuote); text != "" {
			out = append(out, Quote{"You also told us", text})
		}
	}
	return out
}

// figures are the numbers of the business that the client gave.
func (m *maker) figures() []Figure {
	var out []Figure
	for _, d := range slot.Defs() {
		if d.Section != 4 || d.Type != slot.Number && d.Type != slot.Money && d.Type != slot.Percent {
			continue
		}
		_, counted := m.r.Values().Number(d.Key)
		if d.Type == slot.Money {
			_, counted = m.r.Values().Cents(d.Key)
		}
		if value := m.r.Told(d.Key, maxClause); counted && value != "" {
			out = append(out, Figure{value, d.Label})
		}
	}
	return out
}

// challenges say what costs the client money or time today: the client's own
// points, and what follows from the client's own figures.
func (m *maker) challenges() []string {
	var out []string
	v := m.r.Values()
	for _, point := range m.r.Entries(slot.PainPoints) {
		if m.counted(point, v) {
			continue
		}
		out = append(out, sentence(upper(scope.Shorten(point, maxNeed))))
	}
	if loss := m.missed(v); loss != "" {
		out = append(out, loss)
	}
	if hours, ok := v.Number(slot.HoursPerWeekOnTask); ok && hours > 0 && hours <= 1000 {
		out = append(out, fmt.Sprintf("%s hours a week on manual work are %s hours a year.", number(hours), number(math.Round(hours*52))))
	}
	if v.Yes(slot.ManualCalendar) && m.r.Quote(slot.ManualCalendar, maxClause) != "" {
		out = append(out, fmt.Sprintf("The calendar is kept by hand: “%s”.", strings.TrimRight(m.r.Quote(slot.ManualCalendar, maxClause), ".")))
	}
	if state := v[slot.CurrentWebsite]; state == "outdated" && m.r.Told(slot.CurrentWebsite, maxClause) != "" {
		out = append(out, "The current website is outdated, by your own judgement.")
	}
	return out
}

// counted reports whether a point of the client is told with its figures anyway.
func (m *maker) counted(point string, v slot.Values) bool {
	switch strings.ToLower(strings.ReplaceAll(point, "-", " ")) {
	case "no shows":
		return m.missed(v) != ""
	case "outdated site":
		return v[slot.CurrentWebsite] == "outdated" && m.r.Told(slot.CurrentWebsite, maxClause) != ""
	case "time consuming":
		hours, ok := v.Number(slot.HoursPerWeekOnTask)
		return ok && hours > 0 && hours <= 1000
	}
	return false
}

// missed tells what no-shows cost, from the client's figures alone.
func (m *maker) missed(v slot.Values) string {
	k, what := slot.AppointmentsPerWeek, "appointments"
	n, ok := v.Number(k)
	if !ok {
		k, what = slot.BookingsPerWeek, "bookings"
		n, ok = v.Number(k)
	}
	rate, rated := v.Number(slot.CurrentNoShowRate)
	if !ok || !rated || n <= 0 || n > 1e6 || rate <= 0 || rate > 1 || m.r.Told(k, maxClause) == "" {
		return ""
	}
	lost := fmt.Sprintf("At a no-show rate of %s%%, about %s of %s %s a week are missed", number(rate*100), number(max(1, math.Round(n*rate))), number(n), what)
	if worth, known := v.Cents(slot.AverageAppointmentValue); known && worth > 0 {
		year := catalog.FromDollars(math.Round(n * rate * catalog.Cents(worth).Dollars() * 52))
		return fmt.Sprintf("%s: %s a year at %s each.", lost, year, catalog.Cents(worth))
	}
	return lost + "."
}

// needs are what the website has to do and be, as far as the client said so.
func (m *maker) needs() []Need {
	var out []Need
	for _, n := range []struct {
		k    slot.Key
		name string
	}{
		{slot.VisitorActions, "Visitors"},
		{slot.MustHaves, "Must not be missing"},
		{slot.SiteSections, "Pages and sections"},
		{slot.PageCount, "Number of pages"},
		{slot.Languages, "Languages"},
		{slot.Integrations, "Connected to"},
		{slot.DataMigration, "Taken over"},
		{slot.ComplianceRequirements, "Rules that apply"},
		{slot.MobileImportance, "Phones"},
		{slot.DesignStyle, "Style"},
		{slot.BrandColors, "Brand colours"},
		{slot.DesignReferences, "Sites you like"},
		{slot.Avoid, "To be avoided"},
	} {
		value := m.r.Told(n.k, maxNeed)
		if n.k == slot.PageCount {
			value = m.pages()
		}
		if value != "" && !none(value) {
			out = append(out, Need{n.name, scope.Shorten(value, maxNeed)})
		}
	}
	return out
}

// pages is the number of pages as the client put it: a range stays one.
func (m *maker) pages() string {
	if m.r.Told(slot.PageCount, maxClause) == "" {
		return ""
	}
	if said := m.r.Quote(slot.PageCount, 20); said != "" && strings.ContainsAny(said, "0123456789") {
		return said
	}
	return m.r.Told(slot.PageCount, maxClause)
}

// none reports whether a value asks for nothing.
func none(value string) bool {
	return slices.Contains([]string{"none", "no", "none needed", "none wanted", "nothing", "not needed"}, strings.ToLower(value))
}

// number writes a count with at most one decimal.
func number(n float64) string {
	n = math.Round(n*10) / 10
	if n == math.Trunc(n) && n < 1e15 {
		return strings.TrimPrefix(catalog.FromDollars(n).String(), "$")
	}
	return strconv.FormatFloat(n, 'f', 1, 64)
}

// upper begins a text like a sentence.
func upper(text string) string {
	_, n := utf8.DecodeRuneInString(text)
	return strings.ToUpper(text[:n]) + text[n:]
}

// sentence ends a text like a sentence.
func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, "…") || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

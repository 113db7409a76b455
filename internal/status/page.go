package status

import (
	"slices"
	"time"
)

// BarDays is how many days the bars of a component show, and PastDays how long
// a resolved incident stays on the page.
const (
	BarDays  = 90
	PastDays = 14
)

// Input is what a page is built of.
type Input struct {
	Now          time.Time
	Zone         *time.Location      // of the days
	Health       map[Component]State // as measured; a component that is missing is Operational
	Days         map[Component][]Day // the last BarDays, the oldest first
	Incidents    []Incident          // drafts are left out
	Maintenances []Maintenance
	Window       Window
	Mode         Mode
	Release      string    // what serves; empty: not known
	ReleasedAt   time.Time // since when
}

// Day is one day of a component's history.
type Day struct {
	Date  string // YYYY-MM-DD
	Tally Tally
}

// Page is everything that visitors are told.
type Page struct {
	Updated    time.Time
	Indicator  Impact
	Words      string // the state of everything in one line
	Notice     string // of maintenance mode; empty: off
	Components []ComponentView
	Open       []Incident    // the newest first
	Planned    []Maintenance // under way or ahead, the next first
	Past       []PastDay     // the last PastDays, today first
	Release    string        // what serves; empty: not known
	ReleasedAt time.Time
}

// ComponentView is one component of a page.
type ComponentView struct {
	ID    Component
	Name  string
	State State
	Days  []Day
	Tally Tally // of all days
}

// PastDay holds the incidents that were published on one day and are resolved.
type PastDay struct {
	Date      time.Time // midnight
	Incidents []Incident
}

// Build makes the page of a moment.
func Build(in Input) Page {
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	p := Page{Updated: in.Now, Planned: planned(in), Release: in.Release, ReleasedAt: in.ReleasedAt}
	for _, i := range in.Incidents {
		if !i.Draft() && i.Open() {
			p.Open = append(p.Open, i)
		}
	}
	slices.SortStableFunc(p.Open, func(a, b Incident) int { return b.PublishedAt.Compare(a.PublishedAt) })
	var all []State
	for _, c := range Components() {
		v := ComponentView{ID: c, Name: c.Name(), State: stateOf(c, in, p), Days: in.Days[c]}
		for _, d := range v.Days {
			v.Tally = v.Tally.Add(d.Tally)
		}
		all = append(all, v.State)
		p.Components = append(p.Components, v)
	}
	p.Indicator, p.Words = overall(all, p.Open)
	if in.Mode.Active(in.Now) {
		p.Notice = in.Mode.Message
		if p.Notice == "" {
			p.Notice = "We are working on the service. New interviews can be started again soon; those under way can be finished."
		}
	}
	p.Past = past(in)
	return p
}

// stateOf is the worst of what was measured and what people say. Maintenance
// stands in the place of what was measured, because it explains it.
func stateOf(c Component, in Input, p Page) State {
	state := Worst(in.Health[c])
	if in.Health[c] == "" {
		state = Operational
	}
	if c == Intake && in.Mode.Active(in.Now) {
		state = UnderMaintenance
	}
	for _, m := range p.Planned {
		if m.Active(in.Now) && slices.Contains(m.Components, c) {
			state = UnderMaintenance
		}
	}
	for _, i := range p.Open {
		if slices.Contains(i.Components, c) {
			state = Worst(state, i.Impact.state())
		}
	}
	return state
}

// overall is the state of everything. An open incident counts even when it
// names no component.
func overall(all []State, open []Incident) (Impact, string) {
	worst := Worst(all...)
	for _, i := range open {
		worst = Worst(worst, i.Impact.state())
	}
	switch worst {
	case UnderMaintenance:
		return None, "Service under maintenance"
	case Degraded:
		return Minor, "Minor service disruption"
	case PartialOutage:
		return Major, "Partial service outage"
	case MajorOutage:
		return Critical, "Major service outage"
	case Operational:
	}
	return None, "All systems operational"
}

// planned is the maintenance that is not over, with the next window when it is
// no farther than its notice, and with the emergency of the mode.
func planned(in Input) []Maintenance {
	var out []Maintenance
	for _, m := range in.Maintenances {
		if m.CancelledAt.IsZero() && in.Now.Before(m.End) {
			out = append(out, m)
		}
	}
	if start, end, ok := in.Window.Next(in.Now); ok && start.Sub(in.Now) <= Notice {
		out = append(out, Maintenance{
			ID: "window-" + start.UTC().Format("20060102"), Title: "Regular maintenance", Components: Components(), Start: start, End: end, CreatedAt: start.Add(-Notice),
			Text: "In this time the service may be away for some minutes. What you have entered is kept.",
		})
	}
	if in.Mode.Active(in.Now) && in.Mode.Emergency {
		out = append(out, Maintenance{
			ID: "emergency-" + in.Mode.Since.UTC().Format("20060102150405"), Title: "Emergency maintenance", Components: []Component{Intake},
			Emergency: true, Start: in.Mode.Since, End: in.Mode.Until, CreatedAt: in.Mode.Since,
			Text: "We are mending something that could not wait. Interviews under way can be finished.",
		})
	}
	slices.SortStableFunc(out, func(a, b Maintenance) int { return a.Start.Compare(b.Start) })
	return out
}

// past sorts the resolved incidents of the last days by day.
func past(in Input) []PastDay {
	y, m, d := in.Now.In(in.Zone).Date()
	out := make([]PastDay, 0, PastDays)
	for ago := range PastDays {
		day := PastDay{Date: time.Date(y, m, d-ago, 0, 0, 0, 0, in.Zone)}
		next := time.Date(y, m, d-ago+1, 0, 0, 0, 0, in.Zone)
		for _, i := range in.Incidents {
			if !i.Draft() && !i.Open() && !i.PublishedAt.Before(day.Date) && i.PublishedAt.Before(next) {
				day.Incidents = append(day.Incidents, i)
			}
		}
		out = append(out, day)
	}
	return out
}

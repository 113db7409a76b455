// Package status knows what visitors are told about the service: the state of
// its components, incidents with their updates, maintenance that is planned or
// under way, and how much of the time everything worked.
//
// It measures nothing and keeps nothing: states and tallies come in, a page, a
// JSON summary and a feed come out. Start with Build.
package status

import (
	"slices"
	"time"
)

// Component is a part of the service as visitors know it.
type Component string

// The components.
const (
	Intake    Component = "intake"
	Documents Component = "documents"
	Dashboard Component = "dashboard"
	API       Component = "api"
)

// Components lists all components in the order of the page.
func Components() []Component { return []Component{Intake, Documents, Dashboard, API} }

// Known reports whether c is a component.
func (c Component) Known() bool { return slices.Contains(Components(), c) }

// Name is the component in words.
func (c Component) Name() string {
	switch c {
	case Intake:
		return "Intake"
	case Documents:
		return "Documents and mail"
	case Dashboard:
		return "Dashboard"
	case API:
		return "API"
	}
	return string(c)
}

// State is how a component is, spelled as Statuspage spells it.
type State string

// The states, from the best to the worst.
const (
	Operational      State = "operational"
	UnderMaintenance State = "under_maintenance"
	Degraded         State = "degraded_performance"
	PartialOutage    State = "partial_outage"
	MajorOutage      State = "major_outage"
)

func states() []State {
	return []State{Operational, UnderMaintenance, Degraded, PartialOutage, MajorOutage}
}

// Worst is the worst of some states; of none it is Operational.
func Worst(list ...State) State {
	worst := 0
	for _, s := range list {
		worst = max(worst, slices.Index(states(), s))
	}
	return states()[worst]
}

// Serves reports whether a component in this state counts as up: slow is up.
func (s State) Serves() bool { return s != PartialOutage && s != MajorOutage }

// Words is the state for people.
func (s State) Words() string {
	switch s {
	case Operational:
		return "Operational"
	case UnderMaintenance:
		return "Under maintenance"
	case Degraded:
		return "Degraded performance"
	case PartialOutage:
		return "Partial outage"
	case MajorOutage:
		return "Major outage"
	}
	return string(s)
}

// Impact is how bad an incident is, spelled as Statuspage spells it.
type Impact string

// The impacts, from the least to the worst.
const (
	None     Impact = "none"
	Minor    Impact = "minor"
	Major    Impact = "major"
	Critical Impact = "critical"
)

// Impacts lists all impacts, the least first.
func Impacts() []Impact { return []Impact{None, Minor, Major, Critical} }

// Known reports whether i is an impact.
func (i Impact) Known() bool { return slices.Contains(Impacts(), i) }

// state is what an incident of this impact makes of its components.
func (i Impact) state() State {
	switch i {
	case Minor:
		return Degraded
	case Major:
		return PartialOutage
	case Critical:
		return MajorOutage
	case None:
	}
	return Operational
}

// Phase is how far the work on an incident is.
type Phase string

// The phases.
const (
	Investigating Phase = "investigating"
	Identified    Phase = "identified"
	Monitoring    Phase = "monitoring"
	Resolved      Phase = "resolved"
)

// Phases lists all phases in order.
func Phases() []Phase { return []Phase{Investigating, Identified, Monitoring, Resolved} }

// Known reports whether p is a phase.
func (p Phase) Known() bool { return slices.Contains(Phases(), p) }

// Incident is something that went wrong. It is a draft until a person
// publishes it, and visitors see nothing of a draft.
type Incident struct {
	ID          string
	Title       string
	Body        string // what a draft says, for people of the agency
	Cause       string // what drafted it; empty: a person
	Impact      Impact
	Components  []Component
	CreatedAt   time.Time
	PublishedAt time.Time // zero: a draft
	ResolvedAt  time.Time // zero: open
	DiscardedAt time.Time // zero: not
	Postmortem  string
	Updates     []Update // the newest first
}

// Update is one message about an incident.
type Update struct {
	ID    string
	At    time.Time
	Phase Phase
	Text  string
}

// Draft reports whether only the agency sees the incident.
func (i Incident) Draft() bool { return i.PublishedAt.IsZero() }

// Open reports whether the incident goes on.
func (i Incident) Open() bool { return i.ResolvedAt.IsZero() && i.DiscardedAt.IsZero() }

// Phase is that of the newest update.
func (i Incident) Phase() Phase {
	if len(i.Updates) == 0 {
		return Investigating
	}
	return i.Updates[0].Phase
}

// Changed is when visitors were last told something.
func (i Incident) Changed() time.Time {
	at := i.PublishedAt
	if len(i.Updates) > 0 && i.Updates[0].At.After(at) {
		at = i.Updates[0].At
	}
	return at
}

// Maintenance is work that is announced.
type Maintenance struct {
	ID          string
	Title       string
	Text        string
	Components  []Component
	Emergency   bool
	CreatedAt   time.Time
	Start, End  time.Time
	CancelledAt time.Time // zero: not
}

// Active reports whether the work goes on at a moment.
func (m Maintenance) Active(now time.Time) bool {
	return m.CancelledAt.IsZero() && !now.Before(m.Start) && now.Before(m.End)
}

// EmergencyLimit is how long an emergency may keep visitors out (S137).
const EmergencyLimit = 2 * time.Hour

// Mode is the switch that keeps visitors out. Its JSON form is what the
// database keeps.
type Mode struct {
	On        bool      `json:"on"`
	Message   string    `json:"message,omitempty"`  // for visitors; empty: the usual words
	Since     time.Time `json:"since,omitzero"`     // when it was switched on
	Until     time.Time `json:"until,omitzero"`     // when it ends by itself; zero: when somebody ends it
	Emergency bool      `json:"emergency,omitzero"` // shown at once, and two hours at most
	Rollback  string    `json:"rollback,omitempty"` // how an emergency is undone, for the agency (S137)
}

// Active reports whether visitors are kept out at a moment.
func (m Mode) Active(now time.Time) bool {
	return m.On && (m.Until.IsZero() || now.Before(m.Until))
}

// Emergency is the mode of an emergency: it ends by itself after two hours, or
// earlier when until says so.
func Emergency(message, rollback string, now, until time.Time) Mode {
	limit := now.Add(EmergencyLimit)
	if until.IsZero() || until.After(limit) {
		until = limit
	}
	return Mode{On: true, Message: message, Since: now, Until: until, Emergency: true, Rollback: rollback}
}

// RetryAfter is how long a visitor should wait: until the end when it is
// known, else ten minutes, and never longer than an hour, because work may end
// early.
func (m Mode) RetryAfter(now time.Time) time.Duration {
	if m.Until.IsZero() {
		return 10 * time.Minute
	}
	return min(max(m.Until.Sub(now), time.Minute), time.Hour)
}

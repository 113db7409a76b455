package metric

import (
	"time"

	"applicreations.com/introspect/internal/event"
)

// stage is one step of the conversion funnel (DOMAIN 9.3).
type stage struct {
	name   event.Name
	target float64 // percent of the stage before, 0 for none
	above  bool    // the target must be exceeded, not only reached
}

// The place of a stage is its index in the vectors of the metric Funnel and in
// encoded facts, so a stage may be added at the end only.
const (
	stageFoundation = 3
	stageComplete   = 6
	stageCount      = 9
)

var funnel = [stageCount]stage{
	{name: event.NameLandingView},
	{event.NameCTAClick, 60, true},
	{event.NameFoundationStart, 90, true},
	{event.NameFoundationComplete, 95, false},
	{event.NameConversationStart, 50, true},
	{event.NameFeaturesRecommended, 70, true},
	{event.NameSessionComplete, 60, true},
	{event.NameDocumentGenerated, 90, false},
	{event.NameEmailsSent, 100, false},
}

// met reports whether so many of the sessions at the stage before are enough for
// the target; of none they are not.
func (s stage) met(reached, before int64) bool {
	at := float64(100*reached) - s.target*float64(before)
	return before > 0 && (at > 0 || at == 0 && !s.above)
}

// StageOf is the place of a stage of the funnel, by its name.
func StageOf(name event.Name) (place int, ok bool) {
	for i := range funnel {
		if funnel[i].name == name {
			return i, true
		}
	}
	return 0, false
}

// StoppedBefore reports whether a session counts in the funnel of a view at the
// stage before one and not at that one: whether it is among the dropped and the
// open of FunnelStep. A nil zone is UTC.
func (f Facts) StoppedBefore(stage int, v View, zone *time.Location) bool {
	if stage < 1 || stage >= stageCount || f.s.entry == 0 || f.Bot() {
		return false
	}
	p := f.s.place(zone)
	return f.s.stages[stage-1] != 0 && f.s.stages[stage] == 0 && p.entry >= v.From && p.entry <= v.To && v.holds(p)
}

// StoodAt reports whether a session of a view has its last question under a number
// and is not finished: whether it is among the stopped and the open of Place. A nil
// zone is UTC.
func (f Facts) StoodAt(question int, v View, zone *time.Location) bool {
	return question > 0 && f.s.asked == int64(question) && !f.Completed() && f.began(v, zone)
}

// Tried reports whether a session of a view is among those whose answers make up
// the injection attempts of Totals. A nil zone is UTC.
func (f Facts) Tried(v View, zone *time.Location) bool {
	return f.s.injections > 0 && f.began(v, zone)
}

// began reports whether a session counts on the days of a view.
func (f Facts) began(v View, zone *time.Location) bool {
	if !f.Started() || f.Bot() {
		return false
	}
	p := f.s.place(zone)
	return p.day >= v.From && p.day <= v.To && v.holds(p)
}

// stageOf returns the stage that an event reaches, -1 for none. The seed's
// collector knows no foundation_complete; its session_start is made at the
// same moment.
func stageOf(n event.Name) int {
	if n == event.NameSessionStart {
		return stageFoundation
	}
	for i := range funnel {
		if funnel[i].name == n {
			return i
		}
	}
	return -1
}

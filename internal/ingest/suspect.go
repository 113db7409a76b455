package ingest

import (
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
)

// The reasons that a batch itself gives for taking its sender for a program.
const (
	botWebdriver = "webdriver" // the browser says that a program drives it
	botSpeed     = "speed"     // no person reads, decides and types that fast
)

// An interview is too fast for a person when so many acts that need reading
// and a decision follow each other at less than this distance in the mean. It
// is chosen far from what a person can do: a real client must never be lost.
const (
	fastActs = 10
	fastGap  = 100 * time.Millisecond
)

// suspect writes the reasons into the events. Marked events are kept and their
// sessions counted apart from the others.
func suspect(b *event.Batch, sender string) {
	reasons := sender
	if b.Automated {
		reasons = joined(reasons, botWebdriver)
	}
	hurried := hurry(b.Events)
	if reasons == "" && hurried == nil {
		return
	}
	for i := range b.Events {
		e := &b.Events[i]
		e.Bot = reasons
		if hurried[e.SessionID] {
			e.Bot = joined(reasons, botSpeed)
		}
	}
}

func joined(reasons, more string) string { return strings.TrimPrefix(reasons+","+more, ",") }

// acts are what one session did in a batch.
type acts struct {
	count       int // at times of their own
	first, last time.Time
}

// add counts an act, unless it is out of order or at the same time as another:
// then there is no distance to measure.
func (a *acts) add(at time.Time) {
	if a.count == 0 {
		a.first = at
	} else if !at.After(a.last) {
		return
	}
	a.count, a.last = a.count+1, at
}

// hurry finds the sessions whose acts in one batch follow each other too fast.
// Collectors that stamp all their events at the moment of sending say nothing
// about speed, so only acts with times of their own count.
func hurry(evs []event.Incoming) (hurried map[event.SessionID]bool) {
	if len(evs) < fastActs {
		return nil
	}
	seen := make(map[event.SessionID]acts)
	var a acts // of the session at hand: a batch mostly goes on with the same
	var id event.SessionID
	for i := range evs {
		e := &evs[i]
		if !decides(e.Name) || e.Undated || e.Clamped {
			continue
		}
		if e.SessionID != id {
			seen[id] = a
			id, a = e.SessionID, seen[e.SessionID]
		}
		a.add(e.At)
	}
	seen[id] = a
	for id, a := range seen {
		if a.count >= fastActs && a.last.Sub(a.first) < time.Duration(a.count-1)*fastGap {
			if hurried == nil {
				hurried = make(map[event.SessionID]bool)
			}
			hurried[id] = true
		}
	}
	return hurried
}

// decides reports whether an event is an act of a visitor that takes reading
// and a decision.
func decides(n event.Name) bool {
	switch n {
	case event.NameFoundationField, event.NameMessageSent, event.NameValidationLoop, event.NameFeaturesSelected,
		event.NameConflictResolution, event.NameFeedback:
		return true
	default:
		return false
	}
}

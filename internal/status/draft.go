package status

import (
	"fmt"
	"time"
)

// CausedByAlert begins the cause of an incident that an alert drafted; the id of
// its rule follows.
const CausedByAlert = "alert:"

// Drafted is the incident that an alert drafts, so that whoever is woken has only
// to read it and to publish it. Its body is what visitors will read, so there are
// no figures in it; the time is shown in its own zone.
func Drafted(rule, title, group string, from time.Time) Incident {
	return Incident{
		Title: title, Cause: CausedByAlert + rule, Impact: Major, Components: affected(group),
		Body: fmt.Sprintf("We noticed a problem at %s and are looking into it.", from.Format("15:04 MST")),
	}
}

// affected are the parts of the service that visitors will miss, by the group of
// a rule; nil where that cannot be said beforehand.
func affected(group string) []Component {
	switch group {
	case "site", "database", "certificate":
		return Components()
	case "errors", "latency", "deploy":
		return []Component{Intake, Dashboard, API}
	}
	return nil
}

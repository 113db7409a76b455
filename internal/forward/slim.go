package forward

import (
	"encoding/json"
	"slices"

	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/event"
)

// maxText bounds one text of a property.
const maxText = 100

// properties are those that may leave: the seed's and those of DOMAIN 9.2. None
// of them is typed by a client.
func properties() []string {
	return []string{
		"adoptionRate", "category", "classificationTiming", "completionPercentage", "confidence", "conflictType", "documentType", "duration", "efficiency",
		"featureCount", "featureId", "features", "field", "generationTime", "hadClarification", "lastQuestion", "loopNumber", "messageLength", "model",
		"package", "presentationTiming", "quality", "questionCount", "questionNumber", "rating", "recommended", "rejected", "resolution", "response",
		"selected", "selectedCount", "source", "status", "timeSpent", "timeToRespond", "timedCorrectly", "totalPrice", "websiteType", "wordCount",
	}
}

// Slim is what of an event may leave: its name if it is one of ours, its session
// and time, and known properties, without whatever looks like a person. The user
// id and automated senders stay behind.
func Slim(e event.Event) (event.Event, bool) {
	if !e.Name.Known() || e.Bot != "" {
		return event.Event{}, false
	}
	var all map[string]any
	if json.Unmarshal(e.Properties, &all) != nil {
		all = nil
	}
	kept := map[string]any{}
	for _, name := range properties() {
		if v, ok := plain(all[name]); ok {
			kept[name] = v
		}
	}
	raw, err := json.Marshal(kept)
	if err != nil { // plain values always have a JSON form
		return event.Event{}, false
	}
	return event.Event{ID: e.ID, Name: e.Name, SessionID: e.SessionID, At: e.At, Properties: raw}, true
}

// plain keeps numbers, truths, short texts and lists of them.
func plain(v any) (any, bool) {
	switch v := v.(type) {
	case float64, bool:
		return v, true
	case string:
		return speak.Line(v, maxText), true
	case []any:
		var out []any
		for _, one := range v[:min(len(v), 50)] {
			if s, ok := one.(string); ok {
				out = append(out, speak.Line(s, maxText))
			}
		}
		return slices.Clip(out), len(out) > 0
	}
	return nil, false
}

package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/store"
)

// timelineEntry is one message or one event of an interview.
type timelineEntry struct {
	At      moment
	NewDay  string // set on the first entry of a day
	Message bool
	Client  bool   // the message is the client's
	Number  int    // question number of a message
	Text    string // words of a message, or what the event means
	Name    string // wire name of an event
	Details []detail
	Attempt bool   // a suspicious phrase
	Remark  bool   // said about a prompt, not in answer to it
	Doubt   string // why an event does not count
	when    time.Time
	rank    int // order at the same moment
}

// detail is one property of an event.
type detail struct{ Name, Value string }

// timeline merges messages, events and what became of the documents in order of
// time. At the same moment
// the client's answer comes first, then what it caused, then the next prompt.
func (s *Server) timeline(messages []intake.Message, events []store.StoredEvent, more ...timelineEntry) []timelineEntry {
	list := make([]timelineEntry, 0, len(messages)+len(events)+len(more))
	for _, m := range messages {
		e := timelineEntry{Message: true, Client: m.Role != "assistant", Remark: m.Role == "feedback", Number: m.Number, Text: m.Text, when: m.At, rank: lastRank}
		if e.Client {
			e.rank = -1
		}
		list = append(list, e)
	}
	for _, ev := range events {
		list = append(list, timelineEntry{
			Text: eventWords(ev.Name), Name: string(ev.Name), Details: details(ev.Properties),
			Attempt: ev.Name == event.NameInjectionSuspected, Doubt: doubt(ev), when: ev.At, rank: eventRank(ev.Name),
		})
	}
	list = append(list, more...)
	slices.SortStableFunc(list, func(a, b timelineEntry) int {
		return cmp.Or(a.when.Truncate(time.Millisecond).Compare(b.when.Truncate(time.Millisecond)), cmp.Compare(a.rank, b.rank))
	})
	day := ""
	for i := range list {
		list[i].At = s.moment(list[i].when)
		if list[i].At.Day != day {
			day = list[i].At.Day
			list[i].NewDay = day
		}
	}
	return list
}

const lastRank = 100

// eventRank orders events of the same moment by their place in the story.
func eventRank(n event.Name) int {
	opening := []event.Name{
		event.NameLandingView, event.NameCTAClick, event.NameFoundationStart, event.NameFoundationField, event.NameFoundationComplete,
		event.NameSessionStart, event.NameConversationStart, event.NameMessageSent, event.NameInjectionSuspected,
	}
	if i := slices.Index(opening, n); i >= 0 {
		return i
	}
	closing := []event.Name{event.NameSessionComplete, event.NameDocumentGenerated, event.NameEmailsSent}
	if i := slices.Index(closing, n); i >= 0 {
		return lastRank - len(closing) + i
	}
	return len(opening)
}

// doubt says why an event is kept but not counted.
func doubt(e store.StoredEvent) string {
	switch {
	case e.Outside && !e.Counted:
		return "from outside, not counted"
	case e.Outside:
		return "from outside"
	case !e.Counted:
		return "not counted"
	}
	return ""
}

// eventWords says what an event means.
func eventWords(n event.Name) string {
	switch n {
	case event.NameLandingView:
		return "Opened the landing page"
	case event.NameCTAClick:
		return "Clicked to begin"
	case event.NameFoundationStart:
		return "Began the foundation form"
	case event.NameFoundationField:
		return "Completed a field"
	case event.NameFoundationComplete:
		return "Finished the foundation form"
	case event.NameSessionStart:
		return "Session started"
	case event.NameConversationStart:
		return "Conversation started"
	case event.NameBusinessModelClassified:
		return "Business model classified"
	case event.NameClassificationUncertain:
		return "Business model still uncertain"
	case event.NameFeaturesRecommended:
		return "Features recommended"
	case event.NameFeaturesSelected:
		return "Features selected"
	case event.NameConflictResolution:
		return "Contradiction resolved"
	case event.NameInjectionSuspected:
		return "Injection attempt"
	case event.NameSessionComplete:
		return "Session completed"
	case event.NameSessionAbandoned:
		return "Session abandoned"
	case event.NameSessionRecovered:
		return "Session recovered"
	case event.NameDocumentGenerated:
		return "Document generated"
	case event.NameEmailsSent:
		return "E-mail sent"
	default:
		return words(string(n))
	}
}

// details lists the properties of an event in the order they were written.
// Properties that are no JSON object are shown as they are.
func details(properties json.RawMessage) []detail {
	dec := json.NewDecoder(bytes.NewReader(properties))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return []detail{{"properties", clip(string(properties), 300)}}
	}
	var list []detail
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			break
		}
		key, _ := name.(string)
		list = append(list, detail{key, clip(plainJSON(value), 300)})
	}
	return list
}

// plainJSON shows texts and lists of texts without their quotes.
func plainJSON(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil && string(value) != "null" {
		return text
	}
	var texts []string
	if json.Unmarshal(value, &texts) == nil && texts != nil {
		return strings.Join(texts, ", ")
	}
	return string(value)
}

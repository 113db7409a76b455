// Package event names the facts that happen in an intake and gives each its
// properties, exactly as the seed's MetricsCollector sends them (S47-S57) and
// DOMAIN 9.2 adds. Derived properties (classificationTiming, timedCorrectly,
// adoptionRate, efficiency, quality) are computed here and nowhere else.
//
// It also reads batches of events that others send (Decode). It does no
// I/O and keeps no state. Start with Event, then the payload types.
package event

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// ID identifies one event for good. Ids of our own events are derived from
// the session and a running number, so a replay makes the same ids.
type ID string

// SessionID identifies one visit and the intake session that grows from it.
type SessionID string

// Name is the wire name of an event.
type Name string

// The event names. The first nine are fixed by the seed (S47-S57).
const (
	NameSessionStart            Name = "session_start"
	NameBusinessModelClassified Name = "business_model_classified"
	NameFeaturesRecommended     Name = "features_recommended"
	NameFeaturesSelected        Name = "features_selected"
	NameValidationLoop          Name = "validation_loop"
	NameQuestionEfficiency      Name = "question_efficiency"
	NameConflictResolution      Name = "conflict_resolution"
	NameSessionComplete         Name = "session_complete"
	NameDocumentGenerated       Name = "document_generated"

	NameLandingView             Name = "landing_view"
	NameCTAClick                Name = "cta_click"
	NameFoundationStart         Name = "foundation_start"
	NameFoundationField         Name = "foundation_field_completed"
	NameFoundationComplete      Name = "foundation_complete"
	NameConversationStart       Name = "conversation_start"
	NameMessageSent             Name = "conversation_message_sent"
	NameValidationShown         Name = "validation_shown"
	NameFeatureViewed           Name = "feature_viewed"
	NameSessionAbandoned        Name = "session_abandoned"
	NameEmailsSent              Name = "emails_sent"
	NameFeedback                Name = "feedback"
	NameSessionRecovered        Name = "session_recovered"
	NameInjectionSuspected      Name = "injection_suspected"
	NameClassificationUncertain Name = "classification_uncertain"
	NameAnswerTakenBack         Name = "answer_taken_back"
	NameFactEdited              Name = "fact_edited"
	NameProposalAccepted        Name = "proposal_accepted"
	NameProposalQuestion        Name = "proposal_question"
)

// ServerOnly reports whether events of this name are made by the server for
// the sessions that it conducts itself. The same name from outside is kept
// for debugging but never counts for such a session (ARCHITECTURE 3).
// Pure interface events (landing, clicks, fields, feature cards, feedback)
// may come from a browser.
func (n Name) ServerOnly() bool {
	switch n {
	case NameLandingView, NameCTAClick, NameFoundationStart, NameFoundationField,
		NameFeatureViewed, NameFeedback:
		return false
	default:
		return n.Known()
	}
}

// Known reports whether the name is one of ours.
func (n Name) Known() bool {
	switch n {
	case NameSessionStart, NameBusinessModelClassified, NameFeaturesRecommended, NameFeaturesSelected,
		NameValidationLoop, NameQuestionEfficiency, NameConflictResolution, NameSessionComplete,
		NameDocumentGenerated, NameLandingView, NameCTAClick, NameFoundationStart, NameFoundationField,
		NameFoundationComplete, NameConversationStart, NameMessageSent, NameValidationShown,
		NameFeatureViewed, NameSessionAbandoned, NameEmailsSent, NameFeedback, NameSessionRecovered,
		NameInjectionSuspected, NameClassificationUncertain, NameAnswerTakenBack, NameFactEdited,
		NameProposalAccepted, NameProposalQuestion, NameAdvisorCall, NameVisitJudged:
		return true
	default:
		return false
	}
}

// Event is one fact. Properties is a JSON object, never null.
type Event struct {
	ID         ID
	Name       Name
	SessionID  SessionID
	UserID     string // optional opaque id, never an e-mail address
	At         time.Time
	Properties json.RawMessage
	Seq        int64  // the sender's running number within the session, from 1; 0 without one
	Bot        string // why the sender looked automated, reasons joined by commas; empty: it did not
}

// Payload is a typed set of properties that knows its event's name.
type Payload interface{ EventName() Name }

// New makes the n-th event of a session from its payload. The id is derived
// from session, n and name. It panics on a payload that cannot be encoded,
// which only a programmer can cause.
func New(session SessionID, n int, at time.Time, p Payload) Event {
	props, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("encode %s: %v", p.EventName(), err))
	}
	return Event{
		ID:         DeriveID(string(session), strconv.Itoa(n), string(p.EventName())),
		Name:       p.EventName(),
		SessionID:  session,
		At:         at,
		Properties: props,
	}
}

// DeriveID hashes its parts into an id in UUID form (version 8, RFC 9562),
// so that the same parts always make the same id.
func DeriveID(parts ...string) ID {
	text := make([]byte, 0, 512) // stays on the stack
	for _, p := range parts {
		text = append(strconv.AppendInt(text, int64(len(p)), 10), ':')
		text = append(text, p...)
	}
	sum := sha256.Sum256(text)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	var id [36]byte
	at := 0
	for i, b := range sum[:16] {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			id[at] = '-'
			at++
		}
		hex.Encode(id[at:], []byte{b})
		at += 2
	}
	return ID(id[:])
}

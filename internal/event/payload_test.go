package event_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
)

// TestPayloads holds the wire form of every payload: the names and types of
// S47-S57 are a contract with whoever reads the events.
func TestPayloads(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	for _, row := range []struct {
		payload event.Payload
		name    event.Name
		want    string
	}{
		{
			event.SessionStart{WebsiteType: "business", Timestamp: at},
			"session_start",
			`{"websiteType":"business","timestamp":"2026-11-23T09:30:00Z"}`,
		},
		{
			event.NewBusinessModelClassified("ecommerce", 92, 7), "business_model_classified",
			`{"model":"ecommerce","confidence":92,"questionNumber":7,"classificationTiming":"on_time"}`,
		},
		{
			event.NewBusinessModelClassified("ecommerce", 92, 8), "business_model_classified",
			`{"model":"ecommerce","confidence":92,"questionNumber":8,"classificationTiming":"delayed"}`,
		},
		{
			event.NewFeaturesRecommended([]string{"a", "b"}, "professional", 3200, 10), "features_recommended",
			`{"featureCount":2,"features":["a","b"],"package":"professional","totalPrice":3200,"presentationTiming":10,"timedCorrectly":true}`,
		},
		{
			event.NewFeaturesRecommended(nil, "starter", 99.5, 9), "features_recommended",
			`{"featureCount":0,"features":[],"package":"starter","totalPrice":99.5,"presentationTiming":9,"timedCorrectly":false}`,
		},
		{
			event.NewFeaturesSelected([]string{"a", "b", "c"}, []string{"d", "e"}, 4100), "features_selected",
			`{"selectedCount":3,"selected":["a","b","c"],"rejected":["d","e"],"totalPrice":4100,"adoptionRate":0.6}`,
		},
		{
			event.NewFeaturesSelected(nil, nil, 0), "features_selected",
			`{"selectedCount":0,"selected":[],"rejected":[],"totalPrice":0,"adoptionRate":0}`,
		},
		{
			event.ValidationLoop{LoopNumber: 1, Category: "business", Response: "clarify", HadClarification: true},
			"validation_loop",
			`{"loopNumber":1,"category":"business","response":"clarify","hadClarification":true}`,
		},
		{
			event.NewQuestionEfficiency(22), "question_efficiency",
			`{"questionCount":22,"status":"warning","efficiency":"excellent"}`,
		},
		{
			event.ConflictResolution{ConflictType: "budget_vs_scope", Resolution: "phase"},
			"conflict_resolution",
			`{"conflictType":"budget_vs_scope","resolution":"phase"}`,
		},
		{
			event.NewSessionComplete(22, 15*time.Minute, 96), "session_complete",
			`{"questionCount":22,"duration":900,"confidence":96,"efficiency":99}`,
		},
		{
			event.NewDocumentGenerated(event.DocumentScope, 5001, 1500*time.Millisecond), "document_generated",
			`{"documentType":"scope","wordCount":5001,"generationTime":1500,"quality":"comprehensive"}`,
		},
		{
			event.NewDocumentGenerated(event.DocumentPDF, 5000, time.Millisecond), "document_generated",
			`{"documentType":"client_pdf","wordCount":5000,"generationTime":1,"quality":"standard"}`,
		},
		{event.Plain{Name: event.NameCTAClick}, "cta_click", `{}`},
		{event.LandingView{}, "landing_view", `{}`},
		{
			event.LandingView{Referrer: "example.org", Source: "news", Device: "phone", Bot: "agent"},
			"landing_view",
			`{"referrer":"example.org","source":"news","device":"phone","bot":"agent"}`,
		},
		{
			event.FoundationField{Field: "email", TimeSpent: 4.5},
			"foundation_field_completed",
			`{"field":"email","timeSpent":4.5}`,
		},
		{
			event.MessageSent{QuestionNumber: 5, QuestionID: "goal", MessageLength: 80, TimeToRespond: 12},
			"conversation_message_sent",
			`{"questionNumber":5,"questionId":"goal","messageLength":80,"timeToRespond":12}`,
		},
		{
			event.ValidationShown{LoopNumber: 1, Category: "business"},
			"validation_shown",
			`{"loopNumber":1,"category":"business"}`,
		},
		{
			event.SessionAbandoned{LastQuestion: 9, CompletionPercentage: 40, TimeSpent: 7.5},
			"session_abandoned",
			`{"lastQuestion":9,"completionPercentage":40,"timeSpent":7.5}`,
		},
		{
			event.InjectionSuspected{PatternID: "P1", QuestionNumber: 6, Neutralised: true},
			"injection_suspected",
			`{"patternId":"P1","questionNumber":6,"neutralised":true}`,
		},
		{
			event.ClassificationUncertain{Model: "service", Confidence: 61},
			"classification_uncertain",
			`{"model":"service","confidence":61}`,
		},
	} {
		if got := row.payload.EventName(); got != row.name {
			t.Errorf("%T.EventName() = %q, want %q", row.payload, got, row.name)
		}
		got, err := json.Marshal(row.payload)
		if err != nil {
			t.Errorf("Marshal(%+v) err = %v", row.payload, err)
		}
		if diff := cmp.Diff(row.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}

func TestFeatureTiming(t *testing.T) {
	t.Parallel()
	for question, want := range map[int]bool{9: false, 10: true, 11: true, 12: true, 13: false} {
		if got := event.NewFeaturesRecommended(nil, "", 0, question).TimedCorrectly; got != want {
			t.Errorf("TimedCorrectly at question %d = %v, want %v", question, got, want)
		}
	}
}

func TestEfficiency(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		questions    int
		status, band string
	}{
		{0, "normal", "excellent"},
		{19, "normal", "excellent"},
		{20, "warning", "excellent"},
		{22, "warning", "excellent"},
		{23, "warning", "good"},
		{24, "warning", "good"},
		{25, "critical", "good"},
		{26, "critical", "acceptable"},
		{28, "critical", "acceptable"},
		{29, "critical", "poor"},
		{30, "maximum", "poor"},
	} {
		if got := event.EfficiencyStatus(row.questions); got != row.status {
			t.Errorf("EfficiencyStatus(%d) = %q, want %q", row.questions, got, row.status)
		}
		if got := event.EfficiencyBand(row.questions); got != row.band {
			t.Errorf("EfficiencyBand(%d) = %q, want %q", row.questions, got, row.band)
		}
	}
}

func TestEfficiencyScore(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		questions  int
		seconds    float64
		confidence int
		want       int
	}{
		{22, 900, 96, 99}, // S56
		{26, 1300, 90, 70},
		{30, 1600, 85, 55},
		{22, 900, 100, 100},
		{23, 900, 100, 93},
		{25, 900, 100, 93},
		{28, 900, 100, 87},
		{29, 900, 100, 80},
		{22, 901, 100, 93},
		{22, 1200, 100, 93},
		{22, 1201, 100, 87},
		{22, 1500, 100, 87},
		{22, 1501, 100, 80},
		{0, 0, 0, 67},
	} {
		if got := event.EfficiencyScore(row.questions, row.seconds, row.confidence); got != row.want {
			t.Errorf("EfficiencyScore(%d, %v, %d) = %d, want %d", row.questions, row.seconds, row.confidence, got, row.want)
		}
	}
	if got := event.NewSessionComplete(22, 899600*time.Millisecond, 96).Duration; got != 900 {
		t.Errorf("NewSessionComplete(899.6 s).Duration = %v, want 900: whole seconds", got)
	}
}

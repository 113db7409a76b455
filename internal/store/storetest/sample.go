package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
)

// Session makes a session as it is after the foundation form.
func Session(id event.SessionID, at time.Time) *intake.Session {
	return &intake.Session{
		ID:     id,
		Status: intake.InProgress,
		Client: intake.Client{
			Name: "Maria Ortega-" + string(id), Email: "maria." + string(id) + "@ortega.example",
			Phone: "+1 555 0100", WebsiteType: "business",
		},
		CreatedAt: at, LastActivity: at, Questions: 4, Furthest: 5, Events: 1,
		Current: intake.Action{ID: "a1", Kind: intake.AskQuestion, Question: &intake.Ask{}},
	}
}

// FirstTurn is what the engine makes when a session starts.
func FirstTurn(s *intake.Session) intake.Turn {
	return intake.Turn{
		Events: []event.Event{event.New(s.ID, 1, s.CreatedAt, event.SessionStart{
			WebsiteType: s.Client.WebsiteType, Timestamp: s.CreatedAt,
		})},
		Messages: []intake.Message{{Role: "assistant", Text: "What do you sell?", QuestionID: "business", Number: 5, At: s.CreatedAt}},
	}
}

// NextTurn answers the current question of a session: it changes the session
// and returns the turn to commit with it.
func NextTurn(s *intake.Session, answer string, at time.Time) intake.Turn {
	s.Turns++
	s.Questions++
	s.Furthest = min(s.Furthest+4, 100)
	s.LastActivity = at
	s.Answered, s.Current.ID = s.Current.ID, intake.ActionID(fmt.Sprintf("a%d", s.Turns+1))
	s.Facts = append(s.Facts, intake.Fact{
		Slot: slot.BusinessName, Value: answer, Status: intake.Stated, Confidence: 90,
		Evidence: intake.Evidence{Question: s.Questions, Quote: answer}, Source: "client",
	})
	payloads := []event.Payload{
		event.MessageSent{QuestionNumber: s.Questions, QuestionID: "business", MessageLength: len(answer), TimeToRespond: 9.5},
		event.NewQuestionEfficiency(s.Questions),
	}
	if s.Questions == 7 {
		s.Model, s.ModelAt = classify.Result{Model: classify.Service, Confidence: 90}, 7
		payloads = append(payloads, event.NewBusinessModelClassified("service", 90, 7))
	}
	t := intake.Turn{Messages: []intake.Message{
		{Role: "client", Text: answer, QuestionID: "business", Number: s.Questions, At: at},
		{Role: "assistant", Text: "Understood. What else?", QuestionID: "more", Number: s.Questions + 1, At: at},
	}}
	for _, p := range payloads {
		s.Events++
		t.Events = append(t.Events, event.New(s.ID, s.Events, at, p))
	}
	return t
}

// Finish completes a session with a choice of features and returns the turn.
func Finish(s *intake.Session, at time.Time) intake.Turn {
	s.Status, s.LastActivity, s.Furthest = intake.Completed, at, 100
	s.Features = &intake.FeatureChoice{
		PresentedAt: 11, Answered: true,
		Selection: catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"booking", "blog"}},
		Estimate:  catalog.Estimate{Total: 525_000},
	}
	s.Completion = &intake.Completion{Confidence: 96, At: at}
	var t intake.Turn
	for _, p := range []event.Payload{
		event.NewFeaturesRecommended([]string{"booking", "blog", "chat"}, "professional", 6500, 11),
		event.NewFeaturesSelected([]string{"booking", "blog"}, []string{"chat"}, 5250),
		event.NewSessionComplete(s.Questions, at.Sub(s.CreatedAt), 96),
	} {
		s.Events++
		t.Events = append(t.Events, event.New(s.ID, s.Events, at, p))
	}
	return t
}

// Outside wraps events as the collector hands them in.
func Outside(evs ...event.Event) []store.Incoming {
	in := make([]store.Incoming, len(evs))
	for i, e := range evs {
		in[i] = store.Incoming{Event: e}
	}
	return in
}

// Stream makes the events of a number of visits from a seed: each begins
// within a day of at, walks some part of the way, and repeats or returns to
// steps as real visitors do. Ids and times are unique.
func Stream(seed uint64, visits int, at time.Time) []event.Event {
	r := rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15))
	var out []event.Event
	for v := range visits {
		id := event.SessionID(fmt.Sprintf("visit-%d-%03d", seed, v))
		now := at.Add(time.Duration(r.Int64N(int64(24 * time.Hour))))
		way := walk(r, now)
		way = way[:1+r.IntN(len(way))]
		if r.IntN(4) == 0 {
			way = append(way, way[r.IntN(len(way))])
		}
		for n, p := range way {
			out = append(out, event.New(id, n, now, p))
			now = now.Add(time.Duration(1 + r.Int64N(int64(4*time.Minute))))
		}
	}
	return out
}

// walk is the whole way of one visitor.
func walk(r *rand.Rand, at time.Time) []event.Payload {
	models := []string{"service", "product", "content", "membership", "hybrid"}
	shown := []string{"booking", "blog", "chat", "shop", "seo"}
	picked := 1 + r.IntN(len(shown)-1)
	way := []event.Payload{
		event.LandingView{Referrer: "search.example", Source: []string{"", "ads", "mail"}[r.IntN(3)], Device: "phone"},
		event.Plain{Name: event.NameCTAClick},
		event.Plain{Name: event.NameFoundationStart},
		event.FoundationField{Field: "name", TimeSpent: 4},
		event.SessionStart{WebsiteType: []string{"business", "personal", "nonprofit"}[r.IntN(3)], Timestamp: at},
		event.Plain{Name: event.NameFoundationComplete},
		event.Plain{Name: event.NameConversationStart},
		event.NewBusinessModelClassified(models[r.IntN(len(models))], 60+r.IntN(40), 5+r.IntN(5)),
	}
	questions := 10 + r.IntN(18)
	for q := 5; q <= questions; q++ {
		way = append(way, event.MessageSent{QuestionNumber: q, QuestionID: "q", MessageLength: 10 * q, TimeToRespond: float64(q)},
			event.NewQuestionEfficiency(q))
	}
	for loop := 1; loop <= 3; loop++ {
		way = append(way, event.ValidationShown{LoopNumber: loop, Category: "businessContext"},
			event.ValidationLoop{LoopNumber: loop, Category: "businessContext", Response: []string{"correct", "clarify"}[r.IntN(2)]})
	}
	return append(way,
		event.NewFeaturesRecommended(shown, "professional", 8000, 9+r.IntN(5)),
		event.NewFeaturesSelected(slices.Clone(shown[:picked]), slices.Clone(shown[picked:]), 5000),
		event.ConflictResolution{ConflictType: "budget_vs_features", Resolution: "phase"},
		event.NewSessionComplete(questions, time.Duration(300+r.IntN(1800))*time.Second, 70+r.IntN(30)),
		event.NewDocumentGenerated(event.DocumentScope, 3000+r.IntN(4000), 40*time.Millisecond),
		event.NewDocumentGenerated(event.DocumentPDF, 900, 25*time.Millisecond))
}

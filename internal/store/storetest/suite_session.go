//nolint:thelper // these are the tests of the suite, not helpers
package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/store"
)

func sessionRoundTrip(t *testing.T, open Open) {
	s := open(t, store.Config{})
	want := Session("s1", Start())
	want.Clarified = map[string]int{"business": 1}
	want.Conflicts = []intake.ConflictRecord{{Type: intake.BudgetVsFeatures, Key: "k", At: Start()}}
	if err := s.CreateSession(t.Context(), want, []byte{1, 2, 3}, FirstTurn(want)); err != nil {
		t.Fatalf("CreateSession: %v", err)
	}
	rec := load(t, s, "s1")
	same(t, "session", rec.Session, want)
	if rec.Version != 1 || string(rec.TokenHash) != "\x01\x02\x03" {
		t.Errorf("Session = version %d, token %v, want 1, [1 2 3]", rec.Version, rec.TokenHash)
	}
	turn := Finish(rec.Session, Start().Add(20*time.Minute))
	if err := s.CommitTurn(t.Context(), rec, turn); err != nil {
		t.Fatalf("CommitTurn: %v", err)
	}
	again := load(t, s, "s1")
	same(t, "session after a turn", again.Session, rec.Session)
	if again.Version != 2 || string(again.TokenHash) != "\x01\x02\x03" {
		t.Errorf("after a turn: version %d, token %v, want 2, [1 2 3]", again.Version, again.TokenHash)
	}
}

func sessionErrors(t *testing.T, open Open) {
	s := open(t, store.Config{})
	create(t, s, "s1", Start())
	twice := Session("s1", Start())
	if err := s.CreateSession(t.Context(), twice, nil, FirstTurn(twice)); !errors.Is(err, store.ErrExists) {
		t.Errorf("CreateSession(known id) err = %v, want ErrExists", err)
	}
	if _, err := s.Session(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Session(unknown id) err = %v, want ErrNotFound", err)
	}
	if err := s.SetToken(t.Context(), "nobody", []byte{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("SetToken(unknown id) err = %v, want ErrNotFound", err)
	}
	ghost := store.Record{Session: Session("nobody", Start()), Version: 1}
	if err := s.CommitTurn(t.Context(), ghost, intake.Turn{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("CommitTurn(unknown id) err = %v, want ErrNotFound", err)
	}
	foreign := intake.Turn{Events: []event.Event{event.New("s2", 1, Start(), event.Plain{Name: event.NameCTAClick})}}
	if err := s.CommitTurn(t.Context(), load(t, s, "s1"), foreign); err == nil {
		t.Error("CommitTurn with an event of another session = nil, want an error")
	}
	if err := s.CreateSession(t.Context(), Session("", Start()), nil, intake.Turn{}); err == nil {
		t.Error("CreateSession without an id = nil, want an error")
	}
	if messages, err := s.Messages(t.Context(), "nobody"); err != nil || len(messages) != 0 {
		t.Errorf("Messages(unknown id) = %v, %v, want none, nil", messages, err)
	}
}

func turnConflict(t *testing.T, open Open) {
	s := open(t, store.Config{})
	first := create(t, s, "s1", Start())
	second := load(t, s, "s1")
	turn := NextTurn(first.Session, "A bakery", Start().Add(time.Minute))
	if err := s.CommitTurn(t.Context(), first, turn); err != nil {
		t.Fatalf("CommitTurn(version 1): %v", err)
	}
	stale := NextTurn(second.Session, "A barber", Start().Add(time.Minute))
	if err := s.CommitTurn(t.Context(), second, stale); !errors.Is(err, store.ErrConflict) {
		t.Fatalf("CommitTurn(version 1 again) err = %v, want ErrConflict", err)
	}
	got := load(t, s, "s1")
	if got.Version != 2 || got.Session.Facts[0].Value != "A bakery" {
		t.Errorf("after a conflict: version %d, fact %q, want 2, the first answer", got.Version, got.Session.Facts[0].Value)
	}
}

func turnAtomic(t *testing.T, open Open) {
	s := open(t, store.Config{})
	rec := create(t, s, "s1", Start())
	before, _ := s.Messages(t.Context(), "s1")
	events, _ := s.Events(t.Context(), "s1")
	rec.Version = 7
	turn := NextTurn(rec.Session, "A bakery", Start().Add(time.Minute))
	if err := s.CommitTurn(t.Context(), rec, turn); !errors.Is(err, store.ErrConflict) {
		t.Fatalf("CommitTurn(version 7) err = %v, want ErrConflict", err)
	}
	after, err := s.Messages(t.Context(), "s1")
	if err != nil {
		t.Fatalf("Messages: %v", err)
	}
	same(t, "messages after a refused turn", after, before)
	left, err := s.Events(t.Context(), "s1")
	if err != nil {
		t.Fatalf("Events: %v", err)
	}
	same(t, "events after a refused turn", left, events)
	Exact(t, s, FirstTurn(Session("s1", Start())).Events, time.UTC)
}

func messagesInOrder(t *testing.T, open Open) {
	s := open(t, store.Config{})
	sess := Session("s1", Start())
	want := FirstTurn(sess).Messages
	create(t, s, "s1", Start())
	create(t, s, "s2", Start())
	for i := range 12 {
		rec := load(t, s, "s1")
		turn := NextTurn(rec.Session, fmt.Sprintf("Answer %d with <b>markup</b> & ünïcode", i), Start().Add(time.Duration(i)*time.Minute))
		if err := s.CommitTurn(t.Context(), rec, turn); err != nil {
			t.Fatalf("CommitTurn %d: %v", i, err)
		}
		want = append(want, turn.Messages...)
	}
	got, err := s.Messages(t.Context(), "s1")
	if err != nil {
		t.Fatalf("Messages: %v", err)
	}
	same(t, "messages", got, want)
}

func tokenChanges(t *testing.T, open Open) {
	s := open(t, store.Config{})
	rec := create(t, s, "s1", Start())
	if err := s.SetToken(t.Context(), "s1", []byte("fresh")); err != nil {
		t.Fatalf("SetToken: %v", err)
	}
	if err := s.CommitTurn(t.Context(), rec, NextTurn(rec.Session, "A bakery", Start())); err != nil {
		t.Errorf("CommitTurn after SetToken: %v, want nil", err)
	}
	if got := load(t, s, "s1"); string(got.TokenHash) != "fresh" {
		t.Errorf("token hash after the turn = %q, want %q", got.TokenHash, "fresh")
	}
}

func listPages(t *testing.T, open Open) {
	s := open(t, store.Config{})
	// Three sessions share each moment, so pages end inside ties.
	var want []event.SessionID
	for i := range 9 {
		id := event.SessionID(fmt.Sprintf("s%d", i))
		rec := create(t, s, id, Start().Add(time.Duration(i/3)*time.Hour))
		want = append([]event.SessionID{id}, want...)
		if i == 4 {
			if err := s.CommitTurn(t.Context(), rec, Finish(rec.Session, Start().Add(3*time.Hour))); err != nil {
				t.Fatalf("CommitTurn: %v", err)
			}
		}
	}
	var got []event.SessionID
	for before := event.SessionID(""); ; {
		page, err := s.Sessions(t.Context(), store.SessionFilter{Before: before, Limit: 2})
		if err != nil {
			t.Fatalf("Sessions(before %q): %v", before, err)
		}
		for _, line := range page {
			got = append(got, line.ID)
		}
		if len(page) < 2 {
			break
		}
		before = page[len(page)-1].ID
	}
	same(t, "ids over all pages", got, want)

	done, err := s.Sessions(t.Context(), store.SessionFilter{Status: string(intake.Completed)})
	if err != nil {
		t.Fatalf("Sessions(completed): %v", err)
	}
	same(t, "completed sessions", done, []store.SessionSummary{{
		ID: "s4", Status: intake.Completed, CreatedAt: Start().Add(time.Hour), LastActivity: Start().Add(3 * time.Hour),
		Name: "Maria Ortega-s4", WebsiteType: "business", Questions: 4, Percent: 100, Package: "professional", Total: 525_000,
	}})
}

func listSearches(t *testing.T, open Open) {
	s := open(t, store.Config{})
	for i := range 5 {
		create(t, s, event.SessionID(fmt.Sprintf("s%d", i)), Start().Add(time.Duration(i)*time.Hour))
	}
	answer(t, s, "s2", "Golden Crust Bakery", Start().Add(6*time.Hour))
	tests := []struct {
		name   string
		filter store.SessionFilter
		want   []event.SessionID
	}{
		{"by part of the name in any case", store.SessionFilter{Query: "maria ORTEGA-s3"}, []event.SessionID{"s3"}},
		{"by e-mail", store.SessionFilter{Query: "maria.s1@ortega"}, []event.SessionID{"s1"}},
		{"by business name", store.SessionFilter{Query: "golden crust "}, []event.SessionID{"s2"}},
		{"by id", store.SessionFilter{Query: "s4"}, []event.SessionID{"s4"}},
		{"nobody has that name", store.SessionFilter{Query: "Ferdinand"}, nil},
		{"everybody, but only a page", store.SessionFilter{Query: "ortega", Limit: 2}, []event.SessionID{"s4", "s3"}},
		{"everybody before a page", store.SessionFilter{Query: "ortega", Before: "s3", Limit: 9}, []event.SessionID{"s2", "s1", "s0"}},
	}
	for _, tt := range tests {
		list, err := s.Sessions(t.Context(), tt.filter)
		if err != nil {
			t.Errorf("Sessions %s: %v", tt.name, err)
			continue
		}
		var got []event.SessionID
		for _, line := range list {
			got = append(got, line.ID)
			if line.ID == "s2" && line.BusinessName != "Golden Crust Bakery" {
				t.Errorf("Sessions %s: business name = %q, want the client's", tt.name, line.BusinessName)
			}
		}
		same(t, "sessions "+tt.name, got, tt.want)
	}
}

func figuresOfToday(t *testing.T, open Open) {
	s := open(t, store.Config{})
	midnight := Start().Truncate(24 * time.Hour)
	check := func(when string, want store.HealthFigures) {
		t.Helper()
		got, err := s.Today(t.Context(), midnight)
		if err != nil {
			t.Fatalf("Today %s: %v", when, err)
		}
		same(t, "figures "+when, got, want)
	}
	check("without sessions", store.HealthFigures{})
	create(t, s, "yesterday", midnight.Add(-time.Millisecond))
	check("with a session of yesterday", store.HealthFigures{})
	create(t, s, "s1", midnight)
	create(t, s, "s2", midnight.Add(time.Hour))
	check("with two new sessions", store.HealthFigures{SessionsToday: 2, AverageQuestions: 4})
	answer(t, s, "s1", "A bakery", Start())
	check("after one answer", store.HealthFigures{SessionsToday: 2, AverageQuestions: 4.5})
	answer(t, s, "s1", "Bread", Start())
	answer(t, s, "s1", "Cakes", Start())
	check("after the model was accepted", store.HealthFigures{SessionsToday: 2, AverageQuestions: 5.5, BusinessModelsClassified: 1})
	rec := load(t, s, "s1")
	rec.Session.Features = &intake.FeatureChoice{PresentedAt: 11, Selection: catalog.Selection{Features: []catalog.FeatureID{"blog"}}}
	if err := s.CommitTurn(t.Context(), rec, intake.Turn{}); err != nil {
		t.Fatalf("CommitTurn: %v", err)
	}
	check("with features offered, not chosen", store.HealthFigures{SessionsToday: 2, AverageQuestions: 5.5, BusinessModelsClassified: 1})
	rec = load(t, s, "s1")
	if err := s.CommitTurn(t.Context(), rec, Finish(rec.Session, Start())); err != nil {
		t.Fatalf("CommitTurn: %v", err)
	}
	check("after completion", store.HealthFigures{
		SessionsToday: 2, CompletionsToday: 1, AverageQuestions: 5.5, BusinessModelsClassified: 1, FeaturesAdopted: 1,
	})
}

func manyTurnsAtOnce(t *testing.T, open Open) {
	s := open(t, store.Config{})
	const sessions, turns = 50, 8
	ids := make([]event.SessionID, sessions)
	var wg sync.WaitGroup
	for i := range ids {
		ids[i] = event.SessionID(fmt.Sprintf("s%02d", i))
		wg.Go(func() {
			if err := interview(t.Context(), s, ids[i], turns); err != nil {
				t.Errorf("interview %s: %v", ids[i], err)
			}
		})
	}
	wg.Wait()
	var all []event.Event
	for _, id := range ids {
		rec := load(t, s, id)
		if rec.Version != turns+1 || rec.Session.Turns != turns {
			t.Errorf("session %s = version %d, %d turns, want %d, %d", id, rec.Version, rec.Session.Turns, turns+1, turns)
		}
		ownMessages(t, s, id, 1+2*turns)
		stored, err := s.Events(t.Context(), id)
		if err != nil || len(stored) != rec.Session.Events {
			t.Errorf("Events(%s) = %d, %v, want %d", id, len(stored), err, rec.Session.Events)
		}
		for _, e := range stored {
			all = append(all, e.Event)
		}
	}
	Exact(t, s, all, time.UTC)
}

// interview creates a session and commits turns one after the other.
func interview(ctx context.Context, s *store.Store, id event.SessionID, turns int) error {
	sess := Session(id, Start())
	if err := s.CreateSession(ctx, sess, nil, FirstTurn(sess)); err != nil {
		return err
	}
	for n := range turns {
		rec, err := s.Session(ctx, id)
		if err != nil {
			return err
		}
		turn := NextTurn(rec.Session, fmt.Sprintf("%s says %d", id, n), Start().Add(time.Duration(n)*time.Minute))
		if err := s.CommitTurn(ctx, rec, turn); err != nil {
			return err
		}
	}
	return nil
}

// ownMessages expects a number of messages, the client's with the session's
// own id in front.
func ownMessages(t *testing.T, s *store.Store, id event.SessionID, want int) {
	t.Helper()
	messages, err := s.Messages(t.Context(), id)
	if err != nil || len(messages) != want {
		t.Errorf("Messages(%s) = %d lines, %v, want %d", id, len(messages), err, want)
	}
	for _, m := range messages {
		if m.Role == "client" && !strings.HasPrefix(m.Text, string(id)) {
			t.Errorf("session %s holds the message %q of another", id, m.Text)
		}
	}
}

func oneWinnerPerVersion(t *testing.T, open Open) {
	s := open(t, store.Config{})
	create(t, s, "s1", Start())
	const rivals = 20
	errs := make([]error, rivals)
	recs := make([]store.Record, rivals)
	for i := range rivals {
		recs[i] = load(t, s, "s1")
	}
	var wg sync.WaitGroup
	for i, rec := range recs {
		wg.Go(func() {
			turn := NextTurn(rec.Session, fmt.Sprintf("rival %d", i), Start().Add(time.Minute))
			errs[i] = s.CommitTurn(t.Context(), rec, turn)
		})
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, store.ErrConflict) {
			t.Errorf("CommitTurn of rival %d err = %v, want nil or ErrConflict", i, err)
		}
	}
	if won != 1 {
		t.Errorf("%d rivals committed version 1, want exactly one", won)
	}
	messages, err := s.Messages(t.Context(), "s1")
	if err != nil || len(messages) != 3 {
		t.Errorf("Messages = %d lines, %v, want the first turn and the winner's 2", len(messages), err)
	}
	if diff := cmp.Diff(int64(2), load(t, s, "s1").Version); diff != "" {
		t.Errorf("version (-want +got):\n%s", diff)
	}
}

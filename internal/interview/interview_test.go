package interview_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// clock is a clock that tests move by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newService(tb testing.TB) (*interview.Service, *store.Store, *clock) {
	tb.Helper()
	_, engine := intaketest.Engine(tb)
	st := storetest.New(tb)
	c := &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	return interview.New(interview.Config{Store: st, Engine: engine, Now: c.Now, Agency: scope.Agency{Name: "Applicreations"}}), st, c
}

func ada() intake.Client {
	return intake.Client{Name: "Ada Moreau", Email: "ada@example.com", WebsiteType: "business"}
}

// reply answers any action in the simplest useful way.
func reply(s *intake.Session) intake.Answer {
	a := intake.Answer{ActionID: s.Current.ID}
	switch s.Current.Kind {
	case intake.AskQuestion:
		if o := s.Current.Question.Question.Options; len(o) > 0 {
			a.Values = []string{o[0].Value}
			return a
		}
		a.Text = "Studio Moreau is a hair salon in Portland; women aged 25 to 55 need a reliable appointment after work, in 12 weeks, for $9,000."
	case intake.ExampleOptions:
		a.Value = s.Current.Examples.Options[0].Value
	case intake.ConflictResolution:
		a.Choice = s.Current.Conflict.Options[0].Value
	case intake.ValidateUnderstanding:
		a.Response = "correct"
	case intake.RecommendFeatures:
		a.Package = s.Current.Features.Package
	case intake.Complete:
	}
	return a
}

func TestWholeInterview(t *testing.T) {
	t.Parallel()
	sv, st, c := newService(t)
	visit := interview.NewVisit()
	b, err := sv.Begin(t.Context(), visit, ada())
	if err != nil || b.Session.ID != visit {
		t.Fatalf("Begin = %v, %v; want the session to keep the visit's id", b.Session, err)
	}
	if _, err := sv.Scope(t.Context(), visit); !errors.Is(err, interview.ErrNotReady) {
		t.Errorf("Scope(unfinished) = %v, want ErrNotReady", err)
	}
	s := b.Session
	for turns := 0; s.Status == intake.InProgress; turns++ {
		c.Move(30 * time.Second)
		if s, err = sv.Answer(t.Context(), visit, b.Token, reply(s)); err != nil || turns > 50 {
			t.Fatalf("turn %d = %v", turns, err)
		}
	}
	doc, err := sv.Scope(t.Context(), visit)
	if err != nil || !strings.Contains(doc.Markdown, "Studio Moreau") {
		t.Errorf("Scope(finished) = %.80q, %v; want a document that names the salon", doc.Markdown, err)
	}
	c.Move(24 * time.Hour)
	if _, err := sv.Vote(t.Context(), visit, b.Token, intake.Vote{QuestionID: s.Asked[0].QuestionID, Rating: event.RatingHelpful}); err != nil {
		t.Fatal(err)
	}
	if again, err := sv.Scope(t.Context(), visit); err != nil || again.Markdown != doc.Markdown {
		t.Errorf("a vote the day after changes the document, %v:\n%s", err, cmp.Diff(doc.Markdown, again.Markdown))
	}
	events, err := st.Events(t.Context(), visit)
	if err != nil {
		t.Fatal(err)
	}
	var names []event.Name
	for _, e := range events {
		names = append(names, e.Name)
		if !e.Counted {
			t.Errorf("our own %s does not count", e.Name)
		}
	}
	for _, want := range []event.Name{event.NameSessionStart, event.NameFeaturesSelected, event.NameSessionComplete, event.NameDocumentGenerated} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s among %v", want, names)
		}
	}
	if drift, err := st.RebuildRollups(t.Context(), true); err != nil || drift != 0 {
		t.Errorf("rollup drift = %d, %v; want 0", drift, err)
	}
}

func TestOnlyTheOwnerGetsIn(t *testing.T) {
	t.Parallel()
	sv, _, c := newService(t)
	b, err := sv.Begin(t.Context(), "", ada())
	if err != nil {
		t.Fatal(err)
	}
	other, err := sv.Begin(t.Context(), "", ada())
	if err != nil {
		t.Fatal(err)
	}
	id := b.Session.ID
	for _, tt := range []struct {
		name  string
		id    event.SessionID
		token string
		want  error
	}{
		{"the owner", id, b.Token, nil},
		{"nobody", id, "", interview.ErrForbidden},
		{"the owner of another session", id, other.Token, interview.ErrForbidden},
		{"a token with one letter changed", id, b.Token[:len(b.Token)-1] + "_", interview.ErrForbidden},
		{"a session that does not exist", interview.NewVisit(), b.Token, interview.ErrUnknown},
	} {
		if _, err := sv.Load(t.Context(), tt.id, tt.token); !errors.Is(err, tt.want) {
			t.Errorf("Load by %s = %v, want %v", tt.name, err, tt.want)
		}
	}
	c.Move(49 * time.Hour)
	if _, err := sv.Load(t.Context(), id, b.Token); !errors.Is(err, interview.ErrExpired) {
		t.Errorf("Load after 49 idle hours = %v, want ErrExpired", err)
	}
}

// TestDoubleSubmit sends the same answer from many tabs at once: it is taken
// once, and everybody sees the same next action.
func TestDoubleSubmit(t *testing.T) {
	t.Parallel()
	sv, st, _ := newService(t)
	b, err := sv.Begin(t.Context(), "", ada())
	if err != nil {
		t.Fatal(err)
	}
	before, _ := st.Messages(t.Context(), b.Session.ID)
	answer := reply(b.Session)
	next := make([]intake.ActionID, 12)
	var wg sync.WaitGroup
	for i := range next {
		wg.Go(func() {
			s, err := sv.Answer(t.Context(), b.Session.ID, b.Token, answer)
			if err != nil {
				t.Errorf("submit %d = %v", i, err)
				return
			}
			next[i] = s.Current.ID
		})
	}
	wg.Wait()
	if slices.ContainsFunc(next, func(id intake.ActionID) bool { return id != next[0] }) {
		t.Errorf("next actions differ: %v", next)
	}
	after, _ := st.Messages(t.Context(), b.Session.ID)
	if got := len(after) - len(before); got != 2 {
		t.Errorf("%d messages were added, want one answer and one question", got)
	}
}

func TestOneSpellingOfEachLetter(t *testing.T) {
	t.Parallel()
	sv, _, _ := newService(t)
	c := ada()
	c.Name = "Jose\u0301 Pe\u0301rez"
	b, err := sv.Begin(t.Context(), "", c)
	if err != nil || b.Session.Client.Name != "José Pérez" {
		t.Fatalf("Begin = %+v, %v; want the name in composed letters", b.Session, err)
	}
	s, err := sv.Answer(t.Context(), b.Session.ID, b.Token, intake.Answer{ActionID: b.Session.Current.ID, Text: "Cafe\u0301 Luna is a coffee house in Lyon, without a website."})
	if err != nil || s.Values()[slot.BusinessName] != "Café Luna" {
		t.Errorf("business name = %q, %v; want Café Luna in composed letters", s.Values()[slot.BusinessName], err)
	}
}

func TestVisitIsUsedOnce(t *testing.T) {
	t.Parallel()
	sv, _, _ := newService(t)
	visit := interview.NewVisit()
	first, err := sv.Begin(t.Context(), visit, ada())
	if err != nil {
		t.Fatal(err)
	}
	for _, again := range []event.SessionID{visit, "not-an-id", ""} {
		second, err := sv.Begin(t.Context(), again, ada())
		if err != nil || second.Session.ID == first.Session.ID || second.Session.ID == again {
			t.Errorf("Begin(%q) = %v, %v; want a session with a fresh id", again, second.Session, err)
		}
	}
}

// TestWhoBeginsWithoutAPage: where no page of ours saw the form begin, its beginning is
// recorded with the session, so that no stage of the funnel is missing; where one did,
// it is not recorded twice.
func TestWhoBeginsWithoutAPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		visit event.SessionID
		want  int
	}{"a page saw it": {interview.NewVisit(), 1}, "no page saw it": {"", 1}} {
		sv, st, c := newService(t)
		if tt.visit != "" {
			if err := sv.Record(t.Context(), event.New(tt.visit, 1, c.Now(), event.Plain{Name: event.NameFoundationStart})); err != nil {
				t.Fatal(err)
			}
			if list, err := st.Events(t.Context(), tt.visit); err != nil || len(list) != 1 || list[0].Outside || !list[0].Counted {
				t.Errorf("%s: recorded is %+v, %v; want one event of our own that counts", name, list, err)
			}
		}
		b, err := sv.Begin(t.Context(), tt.visit, ada())
		if err != nil {
			t.Fatal(err)
		}
		list, err := st.Events(t.Context(), b.Session.ID)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range list {
			if e.Name == event.NameFoundationStart {
				n++
			}
		}
		if n != tt.want {
			t.Errorf("%s: the form began %d times, want %d", name, n, tt.want)
		}
	}
}

func TestSplitToken(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]bool{"id.secret": true, "": false, "id": false, "id.": false, ".secret": false, ".": false} {
		id, secret, ok := interview.SplitToken(token)
		if ok != want || ok && (id != "id" || secret != "secret") {
			t.Errorf("SplitToken(%q) = %q, %q, %v, want %v", token, id, secret, ok, want)
		}
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	sv, _, _ := newService(t)
	b, err := sv.Begin(t.Context(), "", ada())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := sv.Restart(t.Context(), b.Session.ID, b.Token); err != nil {
			t.Fatalf("Restart = %v", err)
		}
	}
	s, err := sv.Load(t.Context(), b.Session.ID, b.Token)
	if err != nil || s.Status != intake.Abandoned {
		t.Errorf("after Restart the session is %v, %v; want abandoned and kept", s, err)
	}
	if _, err := sv.Answer(t.Context(), b.Session.ID, b.Token, reply(b.Session)); !errors.Is(err, intake.ErrClosed) {
		t.Errorf("Answer after Restart = %v, want ErrClosed", err)
	}
}

// sitting is one client of a benchmark, who begins again when finished.
type sitting struct {
	sv    *interview.Service
	s     *intake.Session
	token string
}

// turn is one full turn of the rule engine including its durable commit.
// A failure marks the benchmark, which is allowed from any goroutine.
func (c *sitting) turn(b *testing.B) time.Duration {
	b.Helper()
	if c.s == nil || c.s.Status != intake.InProgress {
		begun, err := c.sv.Begin(b.Context(), "", ada())
		if err != nil {
			b.Error(err)
			return 0
		}
		c.s, c.token = begun.Session, begun.Token
	}
	at := time.Now()
	next, err := c.sv.Answer(b.Context(), c.s.ID, c.token, reply(c.s))
	if err != nil {
		b.Errorf("%s: %v", c.s.Current.Kind, err)
		return 0
	}
	c.s = next
	return time.Since(at)
}

// BenchmarkTurn is one turn after the other: the cost of a turn.
func BenchmarkTurn(b *testing.B) {
	sv, _, _ := newService(b)
	c := &sitting{sv: sv}
	for b.Loop() {
		c.turn(b)
	}
}

// BenchmarkTurnOf200 is 200 sessions at once, each answering every second,
// which is ten times faster than people do: what a client waits. Run it with
// -benchtime=4000x.
func BenchmarkTurnOf200(b *testing.B) {
	const sessions = 200
	sv, _, _ := newService(b)
	var mu sync.Mutex
	var took []time.Duration
	var wg sync.WaitGroup
	b.ResetTimer()
	for i := range sessions {
		wg.Go(func() {
			c := &sitting{sv: sv}
			<-time.After(time.Duration(i) * time.Second / sessions)
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for range max(1, b.N/sessions) {
				d := c.turn(b)
				mu.Lock()
				took = append(took, d)
				mu.Unlock()
				<-tick.C
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	n := len(took)
	b.ReportMetric(float64(took[n/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[n*99/100].Microseconds())/1000, "p99-ms")
}

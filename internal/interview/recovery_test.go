package interview_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// leaving is a service whose store keeps the same time, with an open session.
type leaving struct {
	*interview.Service
	st    *store.Store
	clock *clock
	begun interview.Begun
}

func newLeaving(t *testing.T) *leaving {
	t.Helper()
	_, engine := intaketest.Engine(t)
	l := &leaving{clock: &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}}
	l.st = storetest.Any(t, store.Config{Now: l.clock.Now})
	job := func(kind string) func(event.SessionID) []store.NewJob {
		return func(id event.SessionID) []store.NewJob { return []store.NewJob{{Kind: kind, Session: id}} }
	}
	l.Service = interview.New(interview.Config{
		Store: l.st, Engine: engine, Now: l.clock.Now, Abandoned: job("told"), Remind: job("remind"),
		Link: func(id event.SessionID, email string) []store.NewJob {
			return []store.NewJob{{Kind: "link", Session: id, Payload: []byte(email)}}
		},
	})
	begun, err := l.Begin(t.Context(), "", ada())
	if err != nil {
		t.Fatal(err)
	}
	l.begun = begun
	return l
}

func (l *leaving) id() event.SessionID { return l.begun.Session.ID }

func (l *leaving) copyLink(t *testing.T) string {
	t.Helper()
	link, err := l.CopyLink(t.Context(), l.id(), l.begun.Token)
	if err != nil {
		t.Fatalf("CopyLink: %v", err)
	}
	return link
}

func (l *leaving) abandonIdle(t *testing.T, want int) {
	t.Helper()
	if n, err := l.AbandonIdle(t.Context()); n != want || err != nil {
		t.Errorf("AbandonIdle = %d, %v; want %d", n, err, want)
	}
}

func (l *leaving) count(t *testing.T, name event.Name) int {
	t.Helper()
	events, err := l.st.Events(t.Context(), l.id())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range events {
		if e.Name == name {
			n++
		}
	}
	return n
}

func (l *leaving) jobs(t *testing.T, kind string) []store.Job {
	t.Helper()
	jobs, err := l.st.Jobs(t.Context(), store.JobFilter{Kinds: []string{kind}})
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

func TestResumeRotatesTheToken(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	link := l.copyLink(t)
	l.clock.Move(time.Hour)
	for range 2 { // usable repeatedly
		if s, err := l.Peek(t.Context(), link); err != nil || s.ID != l.id() {
			t.Fatalf("Peek = %v, %v", s, err)
		}
		b, err := l.Resume(t.Context(), link)
		if err != nil || b.Session.ID != l.id() || b.Token == l.begun.Token {
			t.Fatalf("Resume = %+v, %v; want the session with a new token", b, err)
		}
		if _, err := l.Load(t.Context(), l.id(), l.begun.Token); !errors.Is(err, interview.ErrForbidden) {
			t.Errorf("the token before the link was used = %v, want ErrForbidden", err)
		}
		if _, err := l.Answer(t.Context(), l.id(), b.Token, reply(b.Session)); err != nil {
			t.Errorf("Answer with the new token = %v", err)
		}
		l.begun = b
	}
	if n := l.count(t, event.NameSessionRecovered); n != 0 {
		t.Errorf("an open session counts as recovered %d times", n)
	}
}

func TestLinksThatOpenNothing(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	replaced := l.copyLink(t)
	link := l.copyLink(t)
	refused := func(name, link string) {
		t.Helper()
		_, peek := l.Peek(t.Context(), link)
		_, resume := l.Resume(t.Context(), link)
		if !errors.Is(peek, interview.ErrLink) || !errors.Is(resume, interview.ErrLink) || peek.Error() != interview.ErrLink.Error() {
			t.Errorf("%s: Peek = %v, Resume = %v; want ErrLink and nothing else", name, peek, resume)
		}
	}
	refused("unknown", strings.Repeat("0", 64))
	refused("empty", "")
	refused("replaced", replaced)
	refused("tampered", "0"+link[:63])
	l.clock.Move(47*time.Hour + 59*time.Minute)
	if _, err := l.Resume(t.Context(), link); err != nil {
		t.Errorf("Resume at 47:59 = %v", err)
	}
	l.clock.Move(2 * time.Minute)
	refused("48:01", link)
	if _, err := l.CopyLink(t.Context(), l.id(), l.begun.Token); !errors.Is(err, interview.ErrForbidden) {
		t.Errorf("CopyLink with a rotated token = %v, want ErrForbidden", err)
	}
}

func TestStartedOverStaysClosed(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	link := l.copyLink(t)
	if err := l.Restart(t.Context(), l.id(), l.begun.Token); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Resume(t.Context(), link); !errors.Is(err, interview.ErrLink) {
		t.Errorf("Resume of a session that was started over = %v, want ErrLink", err)
	}
	if _, err := l.Recover(t.Context(), l.id(), l.begun.Token); !errors.Is(err, intake.ErrClosed) {
		t.Errorf("Recover of a session that was started over = %v, want ErrClosed", err)
	}
}

func TestAbandonedAndRecovered(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.clock.Move(23*time.Hour + 59*time.Minute)
	l.abandonIdle(t, 0)
	link := l.copyLink(t)
	l.clock.Move(time.Minute)
	l.abandonIdle(t, 1)
	l.abandonIdle(t, 0)
	if n := len(l.jobs(t, "told")); n != 1 || l.count(t, event.NameSessionAbandoned) != 1 {
		t.Errorf("abandonment enqueued %d jobs, want 1 beside one event", n)
	}
	if _, err := l.Answer(t.Context(), l.id(), l.begun.Token, reply(l.begun.Session)); !errors.Is(err, intake.ErrClosed) {
		t.Errorf("Answer to an abandoned session = %v, want ErrClosed", err)
	}
	l.clock.Move(47 * time.Hour)
	b, err := l.Resume(t.Context(), link)
	if err != nil || b.Session.Status != intake.InProgress || l.count(t, event.NameSessionRecovered) != 1 {
		t.Fatalf("Resume 47 hours after the abandonment = %+v, %v; want it in progress with one event", b.Session, err)
	}
	if _, err := l.Answer(t.Context(), l.id(), b.Token, reply(b.Session)); err != nil {
		t.Errorf("Answer after the recovery = %v", err)
	}
	if drift, err := l.st.RebuildRollups(t.Context(), true); err != nil || drift != 0 {
		t.Errorf("rollup drift = %d, %v; want 0", drift, err)
	}
}

func TestOwnerRecoversWithinTwoDays(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.clock.Move(25 * time.Hour)
	l.abandonIdle(t, 1)
	l.clock.Move(intake.RecoverWithin - time.Second)
	s, err := l.Recover(t.Context(), l.id(), l.begun.Token)
	if err != nil || s.Status != intake.InProgress {
		t.Errorf("Recover in time = %v, %v", s, err)
	}
	l.clock.Move(25 * time.Hour)
	l.abandonIdle(t, 1)
	l.clock.Move(intake.RecoverWithin)
	if _, err := l.Recover(t.Context(), l.id(), l.begun.Token); !errors.Is(err, intake.ErrClosed) {
		t.Errorf("Recover after 48 hours = %v, want ErrClosed", err)
	}
}

func TestSendLinkLooksTheSameForAll(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	for _, email := range []string{ada().Email, "nobody@example.com"} {
		if err := l.SendLink(t.Context(), email); err != nil {
			t.Errorf("SendLink(%s) = %v", email, err)
		}
	}
	if err := l.SendOwnLink(t.Context(), l.id(), l.begun.Token); err != nil {
		t.Errorf("SendOwnLink = %v", err)
	}
	if err := l.SendOwnLink(t.Context(), l.id(), string(l.id())+".wrong"); !errors.Is(err, interview.ErrForbidden) {
		t.Errorf("SendOwnLink by a stranger = %v, want ErrForbidden", err)
	}
	var asked []string
	for _, j := range l.jobs(t, "link") {
		asked = append(asked, string(j.Session)+string(j.Payload))
	}
	slices.Sort(asked)
	if want := []string{string(l.id()), "ada@example.com", "nobody@example.com"}; !slices.Equal(asked, want) {
		t.Errorf("jobs of links are about %q, want %q: one for each question, whoever asked", asked, want)
	}
}

func TestConsentEnqueuesTheReminder(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	if err := l.Consent(t.Context(), l.id()); err != nil {
		t.Fatal(err)
	}
	r, err := l.st.Reminder(t.Context(), l.id())
	if err != nil || !r.Wanted() || len(l.jobs(t, "remind")) != 1 {
		t.Errorf("after Consent the reminder is %+v, %v", r, err)
	}
}

// TestAClientWins lets answers and the mark meet: whoever commits first, the
// session is either answered or abandoned, never both.
func TestAClientWins(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.clock.Move(25 * time.Hour)
	done := make(chan error, 1)
	go func() {
		_, err := l.Answer(t.Context(), l.id(), l.begun.Token, reply(l.begun.Session))
		done <- err
	}()
	n, err := l.AbandonIdle(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answered := <-done
	s, err := l.Load(t.Context(), l.id(), l.begun.Token)
	if err != nil {
		t.Fatal(err)
	}
	if abandoned := s.Status == intake.Abandoned; abandoned != (n == 1) || answered == nil == abandoned {
		t.Errorf("the session is %s, %d were abandoned, the answer got %v", s.Status, n, answered)
	}
}

func TestSyncKeepsTheNewer(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	current := l.begun.Session.Current.ID
	l.clock.Move(time.Minute)
	now := l.clock.Now()
	for _, step := range []struct {
		name   string
		seen   interview.Seen
		newer  string
		stands string // the draft that is kept
	}{
		{"nothing typed", interview.Seen{Action: current}, interview.NewerNone, ""},
		{"a first draft", interview.Seen{current, &interview.Draft{Text: "We bake", At: now}}, interview.NewerClient, "We bake"},
		{"another browser asks", interview.Seen{Action: current}, interview.NewerNone, "We bake"},
		{"an older draft", interview.Seen{current, &interview.Draft{Text: "We", At: now.Add(-time.Second)}}, interview.NewerServer, "We bake"},
		{"a clock that is fast", interview.Seen{current, &interview.Draft{Text: "We bake bread", At: now.Add(time.Hour)}}, interview.NewerClient, "We bake bread"},
		{"and then a clock that is right", interview.Seen{current, &interview.Draft{Text: "We bake good bread", At: now}}, interview.NewerClient, "We bake good bread"},
		{"a field that was emptied", interview.Seen{current, &interview.Draft{Text: "", At: now}}, interview.NewerClient, ""},
		{"letters in parts", interview.Seen{current, &interview.Draft{Text: "Cafe\u0301", At: now}}, interview.NewerClient, "Caf\u00e9"},
		{"a draft for an action of before", interview.Seen{"a000", &interview.Draft{Text: "Old", At: now}}, interview.NewerServer, "Caf\u00e9"},
	} {
		got, err := l.Sync(t.Context(), l.id(), l.begun.Token, step.seen)
		stands := ""
		if got.Draft != nil {
			stands = got.Draft.Text
		}
		if err != nil || got.Newer != step.newer || stands != step.stands {
			t.Errorf("%s: newer %q with draft %q, %v; want %q with %q", step.name, got.Newer, stands, err, step.newer, step.stands)
		}
	}
	if _, err := l.Answer(t.Context(), l.id(), l.begun.Token, reply(l.begun.Session)); err != nil {
		t.Fatal(err)
	}
	got, err := l.Sync(t.Context(), l.id(), l.begun.Token, interview.Seen{current, &interview.Draft{Text: "late", At: now.Add(time.Minute)}})
	if err != nil || got.Newer != interview.NewerServer || got.Draft != nil {
		t.Errorf("a draft after the answer: newer %q, %+v, %v; want the server's without a draft", got.Newer, got.Draft, err)
	}
	if _, err := l.Sync(t.Context(), l.id(), "wrong", interview.Seen{}); !errors.Is(err, interview.ErrForbidden) {
		t.Errorf("Sync by a stranger = %v, want ErrForbidden", err)
	}
}

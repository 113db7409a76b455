package deliver_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// office is a delivery with a clock of its own, whose mails are collected.
type office struct {
	*deliver.Service
	store *store.Store
	base  string

	mu   sync.Mutex
	now  time.Time
	sent []letter.Message
	fail error // of the next mail
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{now: storetest.Start(), base: "https://introspect.example"}
	o.store = storetest.Any(t, store.Config{Now: o.clock})
	o.Service = deliver.New(deliver.Config{
		Store: o.store, Keys: storetest.Keys(t), Now: o.clock, Base: func() string { return o.base },
		Send: o.send, Provider: "test", Minutes: func(*intake.Session) int { return 7 },
		Agency: deliver.Agency{Mail: letter.Agency{
			Name: "Applicreations", From: letter.Address{Email: "introspect@applicreations.com"}, Team: letter.Address{Email: "david@applicreations.com"},
		}},
	})
	return o
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) wait(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

func (o *office) send(_ context.Context, m letter.Message, _ string) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.fail; err != nil {
		o.fail = nil
		return "", err
	}
	o.sent = append(o.sent, m)
	return "provider-id", nil
}

// session stores a session that began now.
func (o *office) session(t *testing.T, id event.SessionID) {
	t.Helper()
	sess := storetest.Session(id, o.clock())
	sess.Client.Email = "ada@example.com"
	if err := o.store.CreateSession(t.Context(), sess, nil, storetest.FirstTurn(sess)); err != nil {
		t.Fatal(err)
	}
}

func (o *office) answer(t *testing.T, id event.SessionID) {
	t.Helper()
	o.change(t, id, func(s *intake.Session) intake.Turn { return storetest.NextTurn(s, "A bakery", o.clock()) })
}

func (o *office) change(t *testing.T, id event.SessionID, step func(*intake.Session) intake.Turn) {
	t.Helper()
	rec, err := o.store.Session(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.store.CommitTurn(t.Context(), rec, step(rec.Session)); err != nil {
		t.Fatal(err)
	}
}

func (o *office) ask(t *testing.T, jobs []store.NewJob) {
	t.Helper()
	if _, err := o.store.Enqueue(t.Context(), jobs...); err != nil {
		t.Fatal(err)
	}
}

// work does what is due, and returns the mails that went out.
func (o *office) work(t *testing.T) []letter.Message {
	t.Helper()
	if _, err := job.New(job.Config{Store: o.store, Kinds: o.Kinds(), Now: o.clock}).RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	sent := o.sent
	o.sent = nil
	return sent
}

// linkIn cuts the token out of a mail.
func linkIn(t *testing.T, m letter.Message) string {
	t.Helper()
	_, rest, ok := strings.Cut(m.Text, "https://introspect.example/intake/continue?token=")
	if !ok || len(rest) < 64 {
		t.Fatalf("no link in the mail:\n%s", m.Text)
	}
	return rest[:64]
}

func TestLinkGoesToTheNewestUnfinishedSession(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.session(t, "s1")
	o.session(t, "s2")
	o.session(t, "s3")
	o.change(t, "s3", func(s *intake.Session) intake.Turn { return storetest.Finish(s, o.clock()) })
	o.ask(t, o.Link("", " ADA@example.com"))
	sent := o.work(t)
	if len(sent) != 1 || sent[0].To.Email != "ada@example.com" {
		t.Fatalf("mails = %+v, want one to the client", sent)
	}
	if id, err := o.store.LinkSession(t.Context(), linkIn(t, sent[0])); id != "s2" || err != nil {
		t.Errorf("the link opens %q, %v; want the newest unfinished session s2", id, err)
	}
}

func TestNoLinkForStrangers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.session(t, "s1")
	o.change(t, "s1", func(s *intake.Session) intake.Turn { return storetest.Finish(s, o.clock()) })
	o.ask(t, o.Link("", "ada@example.com"))    // finished
	o.ask(t, o.Link("", "nobody@example.com")) // unknown
	o.ask(t, o.Link("gone", ""))
	if sent := o.work(t); len(sent) != 0 {
		t.Errorf("mails = %+v, want none", sent)
	}
	counts, err := o.store.JobCounts(t.Context())
	if err != nil || counts[store.JobDone] != 3 {
		t.Errorf("jobs = %v, %v; want three that are done", counts, err)
	}
}

func TestLinkTwiceIsOneMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.session(t, "s1")
	o.ask(t, o.Link("s1", ""))
	o.ask(t, o.Link("s1", ""))
	first := o.work(t)
	if len(first) != 1 {
		t.Fatalf("two presses of the button sent %d mails, want 1", len(first))
	}
	o.wait(2 * time.Minute)
	o.ask(t, o.Link("s1", ""))
	second := o.work(t)
	if len(second) != 1 {
		t.Fatalf("asked again later: %d mails, want 1", len(second))
	}
	if _, err := o.store.LinkSession(t.Context(), linkIn(t, first[0])); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the first link after the second = %v, want ErrNotFound", err)
	}
	if _, err := o.store.LinkSession(t.Context(), linkIn(t, second[0])); err != nil {
		t.Errorf("the second link = %v", err)
	}
}

func TestLinkSurvivesAFailingProvider(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.session(t, "s1")
	o.fail = errors.New("connection reset")
	o.ask(t, o.Link("s1", ""))
	if sent := o.work(t); len(sent) != 0 {
		t.Fatalf("mails = %d before the next attempt", len(sent))
	}
	o.wait(10 * time.Second)
	sent := o.work(t)
	if len(sent) != 1 {
		t.Fatalf("mails = %d at the next attempt, want 1", len(sent))
	}
	if _, err := o.store.LinkSession(t.Context(), linkIn(t, sent[0])); err != nil {
		t.Errorf("the link = %v", err)
	}
}

func TestReminderWaitsForTheLastActivity(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.session(t, "s1")
	if err := o.store.Consent(t.Context(), "s1", o.Remind("s1")...); err != nil {
		t.Fatal(err)
	}
	quiet := func(when string) {
		t.Helper()
		if sent := o.work(t); len(sent) != 0 {
			t.Fatalf("%s: a reminder went out", when)
		}
	}
	quiet("at the start")
	o.wait(30 * time.Minute)
	o.answer(t, "s1")
	o.wait(31 * time.Minute)
	quiet("31 minutes after an answer")
	rec, err := o.store.Session(t.Context(), "s1")
	if err != nil {
		t.Fatal(err)
	}
	draft := store.Draft{Session: "s1", Action: rec.Session.Current.ID, At: o.clock(), Text: "We b"}
	if _, err := o.store.SaveDraft(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	o.wait(59 * time.Minute)
	quiet("59 minutes after the client typed")
	o.wait(time.Minute)
	sent := o.work(t)
	if len(sent) != 1 {
		t.Fatalf("an hour after the last activity %d reminders went out, want 1", len(sent))
	}
	m := sent[0]
	stop := "https://introspect.example" + o.StopPath("s1")
	if m.Headers.ListUnsubscribe != stop || !strings.Contains(m.Text, stop) || !strings.Contains(m.Text, "7") {
		t.Errorf("reminder lacks the link that ends it or the minutes left:\n%+v\n%s", m.Headers, m.Text)
	}
	if id, err := o.store.LinkSession(t.Context(), linkIn(t, m)); id != "s1" || err != nil {
		t.Errorf("its link opens %q, %v", id, err)
	}
	o.ask(t, o.Remind("s1"))
	o.wait(24 * time.Hour)
	quiet("after the one reminder")
}

// TestReminderKeepsTheLinkThatWasAskedFor: who asked for a link at ten and opens
// that mail in the evening gets in, although the reminder came at eleven.
func TestReminderKeepsTheLinkThatWasAskedFor(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		asked time.Duration // before the last activity
		kept  bool
		hours string
	}{
		{0, true, "47 hours"}, {22 * time.Hour, true, "25 hours"}, {30 * time.Hour, false, "48 hours"},
	} {
		o := newOffice(t)
		o.session(t, "s1")
		o.ask(t, o.Link("s1", ""))
		mailed := linkIn(t, o.work(t)[0])
		o.wait(row.asked)
		if row.asked > 0 {
			o.answer(t, "s1")
		}
		if err := o.store.Consent(t.Context(), "s1", o.Remind("s1")...); err != nil {
			t.Fatal(err)
		}
		o.wait(time.Hour)
		sent := o.work(t)
		if len(sent) != 1 {
			t.Fatalf("asked %s before: %d mails, want the reminder", row.asked, len(sent))
		}
		if again := linkIn(t, sent[0]); (again == mailed) != row.kept || !strings.Contains(sent[0].Text, row.hours) {
			t.Errorf("asked %s before: the reminder has the same link = %v, want %v for %s:\n%s", row.asked, again == mailed, row.kept, row.hours, sent[0].Text)
		}
		if _, err := o.store.LinkSession(t.Context(), mailed); (err == nil) != row.kept {
			t.Errorf("asked %s before: the link that was asked for = %v, want it to work = %v", row.asked, err, row.kept)
		}
		if id, err := o.store.LinkSession(t.Context(), linkIn(t, sent[0])); id != "s1" || err != nil {
			t.Errorf("asked %s before: the link of the reminder opens %q, %v", row.asked, id, err)
		}
	}
}

func TestRemindersThatAreNotSent(t *testing.T) {
	t.Parallel()
	finish := func(s *intake.Session) intake.Turn { return storetest.Finish(s, storetest.Start()) }
	startOver := func(s *intake.Session) intake.Turn {
		s.Status, s.StartedOver = intake.Abandoned, true
		return intake.Turn{}
	}
	for name, change := range map[string]func(*intake.Session) intake.Turn{
		"taken back": nil, "no consent": nil, "finished": finish, "started over": startOver,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.session(t, "s1")
			if name == "no consent" {
				o.ask(t, o.Remind("s1"))
			} else if err := o.store.Consent(t.Context(), "s1", o.Remind("s1")...); err != nil {
				t.Fatal(err)
			}
			if change == nil {
				stop(t, o, "s1")
			} else {
				o.change(t, "s1", change)
			}
			o.wait(2 * time.Hour)
			if sent := o.work(t); len(sent) != 0 {
				t.Errorf("a reminder went out: %s", sent[0].Text)
			}
		})
	}
}

func stop(t *testing.T, o *office, id event.SessionID) {
	t.Helper()
	token := strings.TrimPrefix(o.StopPath(id), "/intake/reminders/")
	if err := o.StopReminders(t.Context(), token); err != nil {
		t.Errorf("StopReminders = %v", err)
	}
	for _, bad := range []string{"", "s1", "s1.", token + "x", "s2" + token[2:]} {
		if err := o.StopReminders(t.Context(), bad); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("StopReminders(%q) = %v, want ErrNotFound", bad, err)
		}
	}
}

// TestTakenBackAtTheLastMoment calls the reminder off while its mail waits for
// another attempt.
func TestTakenBackAtTheLastMoment(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.session(t, "s1")
	if err := o.store.Consent(t.Context(), "s1", o.Remind("s1")...); err != nil {
		t.Fatal(err)
	}
	o.wait(time.Hour)
	o.fail = errors.New("connection reset")
	o.work(t)
	stop(t, o, "s1")
	o.wait(time.Minute)
	if sent := o.work(t); len(sent) != 0 {
		t.Error("the reminder went out after it was called off")
	}
}

// TestReminderWithoutTLS leaves out the header that needs https, so that the
// mail can be read in the outbox of a fresh machine.
func TestReminderWithoutTLS(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.base = "http://localhost:8080"
	o.session(t, "s1")
	if err := o.store.Consent(t.Context(), "s1", o.Remind("s1")...); err != nil {
		t.Fatal(err)
	}
	o.wait(time.Hour)
	sent := o.work(t)
	if len(sent) != 1 || sent[0].Headers.ListUnsubscribe != "" || !strings.Contains(sent[0].Text, o.base+o.StopPath("s1")) {
		t.Fatalf("mails = %+v, want a reminder with a link that ends it and without the header", sent)
	}
	kept, err := o.store.Mails(t.Context(), store.MailFilter{Session: "s1"})
	if err != nil || len(kept) != 1 {
		t.Fatalf("Mails = %v, %v", kept, err)
	}
	kept, err = o.store.Mails(t.Context(), store.MailFilter{ID: kept[0].ID})
	var m letter.Message
	if err != nil || json.Unmarshal(kept[0].Message, &m) != nil || m.Subject != sent[0].Subject {
		t.Errorf("the outbox keeps %+v, %v", kept, err)
	}
}

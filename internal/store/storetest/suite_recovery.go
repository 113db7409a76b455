//nolint:thelper // these are the tests of the suite, not helpers
package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/store"
)

// dial is a clock that tests move by hand.
type dial struct {
	mu  sync.Mutex
	now time.Time
}

func (d *dial) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *dial) move(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// recovery is what a client needs to come back.
func recovery(t *testing.T, open Open) {
	t.Helper()
	cases := []struct {
		name string
		test func(t *testing.T, open Open)
	}{
		{"a link opens its session until it ends or is replaced", links},
		{"a link is written again and stays", standingLinks},
		{"a link is written again by any key", rotatedLinks},
		{"an address finds its sessions in any spelling and by any key", addresses},
		{"the newer draft of an action is kept until it is answered", drafts},
		{"a reminder needs consent", reminderConsent},
		{"a reminder goes out once", reminderOnce},
		{"idle sessions are found, the longest idle first", idle},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open)
		})
	}
}

// opensLink checks which session a link opens; none: it opens nothing.
func opensLink(t *testing.T, s *store.Store, what, token string, want event.SessionID) {
	t.Helper()
	got, err := s.LinkSession(t.Context(), token)
	if got != want || (want == "") != errors.Is(err, store.ErrNotFound) {
		t.Errorf("%s opens %q, %v; want %q", what, got, err, want)
	}
}

// newLink makes a link of a session for two days.
func newLink(t *testing.T, s *store.Store, id event.SessionID) string {
	t.Helper()
	token, err := s.NewLink(t.Context(), id, 48*time.Hour)
	if err != nil || len(token) != 64 || strings.Trim(token, "0123456789abcdef") != "" {
		t.Fatalf("NewLink = %q, %v; want 32 bytes in hexadecimal", token, err)
	}
	return token
}

func links(t *testing.T, open Open) {
	clock := &dial{now: Start()}
	s := open(t, store.Config{Now: clock.Now})
	create(t, s, "s1", Start())
	create(t, s, "s2", Start())
	opens := func(what, token string, want event.SessionID) { t.Helper(); opensLink(t, s, what, token, want) }
	token := func(id event.SessionID) string { t.Helper(); return newLink(t, s, id) }
	first, other := token("s1"), token("s2")
	opens("a new link", first, "s1")
	opens("the same link again", first, "s1")
	opens("the link of another session", other, "s2")
	opens("no link", "", "")
	opens("an altered link", first[:63]+string('0'+'1'-first[63]%2), "")
	opens("a link in capitals", strings.ToUpper(first)+" ", "")
	clock.move(time.Hour)
	second := token("s1")
	if third := token("s2"); third == other || third == token("s2") {
		t.Error("two links of a session have one token")
	}
	other = token("s2")
	opens("a replaced link", first, "")
	clock.move(48*time.Hour - time.Minute)
	opens("a link of 47:59", second, "s1")
	opens("the other link of 47:59", other, "s2")
	clock.move(2 * time.Minute)
	opens("a link of 48:01", second, "")
	opens("the other link of 48:01", other, "")
}

// standingLinks: a link is written again without being replaced.
func standingLinks(t *testing.T, open Open) {
	clock := &dial{now: Start()}
	s := open(t, store.Config{Now: clock.Now})
	create(t, s, "s1", Start())
	made, err := s.NewLink(t.Context(), "s1", 48*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	clock.move(time.Hour)
	for _, c := range []struct {
		what  string
		id    event.SessionID
		least time.Duration
		want  string
	}{
		{"the link that stands", "s1", 47 * time.Hour, made},
		{"a link that is to stand for longer", "s1", 47*time.Hour + time.Minute, ""},
		{"the link of nobody", "s3", 0, ""},
	} {
		got, ends, err := s.StandingLink(t.Context(), c.id, c.least)
		if got != c.want || (c.want == "") != errors.Is(err, store.ErrNotFound) || c.want != "" && !ends.Equal(Start().Add(48*time.Hour)) {
			t.Errorf("%s is %q until %s, %v; want %q", c.what, got, ends, err, c.want)
		}
	}
	if id, err := s.LinkSession(t.Context(), made); id != "s1" || err != nil {
		t.Errorf("a link that was written again opens %q, %v", id, err)
	}
}

// rotatedLinks: a link is written again while its key is in the ring.
func rotatedLinks(t *testing.T, open Open) {
	path := t.TempDir()
	with := func(secrets ...string) *store.Store {
		return open(t, store.Config{Path: path, Keys: Keys(t, secrets...)})
	}
	s := with(FormerSecret)
	create(t, s, "s1", Start())
	made := newLink(t, s, "s1")
	for i, want := range []string{made, made, ""} {
		if _, err := s.Reseal(t.Context()); err != nil { // the former key may leave then
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = with([][]string{{FormerSecret}, {Secret, FormerSecret}, {Secret}}[i]...)
		if got, _, err := s.StandingLink(t.Context(), "s1", time.Hour); got != want || (want == "") != errors.Is(err, store.ErrNotFound) {
			t.Errorf("opened %d times: the link is %q, %v; want %q", i+2, got, err, want)
		}
		if id, err := s.LinkSession(t.Context(), made); id != "s1" || err != nil {
			t.Errorf("opened %d times: the link opens %q, %v; want s1, whatever the keys", i+2, id, err)
		}
	}
}

func addresses(t *testing.T, open Open) {
	path := t.TempDir()
	s := open(t, store.Config{Path: path, Keys: Keys(t, FormerSecret)})
	create(t, s, "s1", Start())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Path: path, Keys: Keys(t, Secret, FormerSecret)})
	again := Session("s9", Start())
	again.Client.Email = "maria.s1@ortega.example"
	if err := s.CreateSession(t.Context(), again, nil, FirstTurn(again)); err != nil {
		t.Fatal(err)
	}
	create(t, s, "s2", Start())
	for email, want := range map[string][]event.SessionID{
		"maria.s1@ortega.example":   {"s9", "s1"}, // one by each key
		" Maria.S1@ORTEGA.example ": {"s9", "s1"},
		"maria.s2@ortega.example":   {"s2"},
		"nobody@ortega.example":     nil,
		"":                          nil,
	} {
		got, err := s.SessionsOf(t.Context(), email)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("SessionsOf(%q) = %v, %v; want %v", email, got, err, want)
		}
	}
}

func drafts(t *testing.T, open Open) {
	s := open(t, store.Config{})
	create(t, s, "s1", Start())
	if _, err := s.Draft(t.Context(), "s1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Draft of nothing = %v, want ErrNotFound", err)
	}
	save := func(action, text string, at time.Duration, want string) {
		t.Helper()
		kept, err := s.SaveDraft(t.Context(), store.Draft{Session: "s1", Action: intake.ActionID(action), At: Start().Add(at), Text: text})
		if err != nil || kept.Text != want {
			t.Errorf("SaveDraft(%s, %q at %v) keeps %q, %v; want %q", action, text, at, kept.Text, err, want)
		}
	}
	save("a1", "We bake", 2*time.Second, "We bake")
	save("a1", "We b", time.Second, "We bake") // from another window, older
	save("a1", "We bake bread", 3*time.Second, "We bake bread")
	save("a2", "Since 1999", time.Second, "Since 1999") // another question: age does not matter
	save("a1", "We bake bread", 3*time.Second, "We bake bread")
	answer(t, s, "s1", "We bake bread", Start().Add(time.Minute))
	if d, err := s.Draft(t.Context(), "s1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the draft of an answered action is %+v, %v; want it gone", d, err)
	}
	save("a2", "Since 1999", time.Second, "Since 1999")
	rec := load(t, s, "s1")
	if err := s.CommitTurn(t.Context(), rec, NextTurn(rec.Session, "x", Start())); err != nil {
		t.Fatal(err)
	}
}

// wanted demands whether the reminder of s1 may go out.
func wanted(t *testing.T, s *store.Store, when string, want bool) {
	t.Helper()
	r, err := s.Reminder(t.Context(), "s1")
	if err != nil || r.Wanted() != want {
		t.Errorf("%s: Reminder = %+v, %v; want wanted %t", when, r, err, want)
	}
}

func reminderConsent(t *testing.T, open Open) {
	s := open(t, store.Config{})
	create(t, s, "s1", Start())
	wanted(t, s, "before consent", false)
	for range 2 {
		if err := s.Consent(t.Context(), "s1", store.NewJob{Kind: "reminder", Key: "reminder/s1", Session: "s1"}); err != nil {
			t.Fatalf("Consent: %v", err)
		}
	}
	wanted(t, s, "after consent", true)
	if jobs, err := s.Jobs(t.Context(), store.JobFilter{Session: "s1"}); err != nil || len(jobs) != 1 {
		t.Errorf("consent twice enqueued %d jobs, %v; want 1", len(jobs), err)
	}
	for range 2 {
		if err := s.WithdrawConsent(t.Context(), "s1"); err != nil {
			t.Errorf("WithdrawConsent: %v", err)
		}
	}
	wanted(t, s, "after it was taken back", false)
}

func reminderOnce(t *testing.T, open Open) {
	clock := &dial{now: Start()}
	s := open(t, store.Config{Now: clock.Now})
	create(t, s, "s1", Start())
	work := store.NewJob{Kind: "reminder", Session: "s1", Due: Start().Add(time.Hour)}
	if err := s.Consent(t.Context(), "s1", work); err != nil {
		t.Fatal(err)
	}
	clock.move(time.Hour)
	leased, err := s.Lease(t.Context(), []string{"reminder"}, 1, time.Minute)
	if err != nil || len(leased) != 1 {
		t.Fatalf("Lease = %v, %v", leased, err)
	}
	if err := s.FinishJob(t.Context(), leased[0], store.Effects{Sent: true}); err != nil {
		t.Fatal(err)
	}
	wanted(t, s, "after it was sent", false)
	if r, err := s.Reminder(t.Context(), "s1"); err != nil || !r.SentAt.Equal(Start().Add(time.Hour)) {
		t.Errorf("sent at %v, %v; want the time of the job", r.SentAt, err)
	}
}

func idle(t *testing.T, open Open) {
	s := open(t, store.Config{})
	for i := range 5 {
		create(t, s, event.SessionID(fmt.Sprintf("s%d", i)), Start().Add(time.Duration(i)*time.Hour))
	}
	rec := load(t, s, "s0")
	if err := s.CommitTurn(t.Context(), rec, Finish(rec.Session, Start())); err != nil {
		t.Fatal(err)
	}
	got, err := s.IdleSessions(t.Context(), Start().Add(3*time.Hour), 2)
	if want := []event.SessionID{"s1", "s2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("IdleSessions = %v, %v; want the two that are idle for longest, without the finished one: %v", got, err, want)
	}
}

package deliver_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/signature"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// listener is an endpoint whose answers a test sets.
type listener struct {
	status int
	answer string
	err    error

	mu  sync.Mutex // jobs post beside each other
	ids []string   // of the messages that arrived
}

func (p *listener) send(_ context.Context, _, _, id string, _ time.Time, _ []byte) (int, string, error) {
	p.mu.Lock()
	p.ids = append(p.ids, id)
	p.mu.Unlock()
	return p.status, p.answer, p.err
}

// bench is a Service over an empty store, whose jobs are done on demand.
type bench struct {
	*deliver.Service
	tb    testing.TB
	store *store.Store
	post  *listener
}

func newBench(tb testing.TB, change ...func(*deliver.Config)) *bench {
	tb.Helper()
	cat, err := catalog.Default()
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{tb: tb, store: storetest.New(tb), post: &listener{status: 200, answer: "thank you"}}
	cfg := deliver.Config{Store: b.store, Catalog: cat, Keys: storetest.Keys(tb), Post: b.post.send, Base: func() string { return "https://introspect.example" }}
	for _, c := range change {
		c(&cfg)
	}
	b.Service = deliver.New(cfg)
	return b
}

func (b *bench) work() {
	b.tb.Helper()
	if _, err := job.New(job.Config{Store: b.store, Kinds: b.Kinds()}).RunDue(b.tb.Context()); err != nil {
		b.tb.Fatal(err)
	}
}

// take leases the only job of a kind that is due.
func (b *bench) take(kind string) store.Job {
	b.tb.Helper()
	jobs, err := b.store.Lease(b.tb.Context(), []string{kind}, 1, time.Hour)
	if err != nil || len(jobs) != 1 {
		b.tb.Fatalf("Lease(%s) = %d jobs, %v, want one", kind, len(jobs), err)
	}
	return jobs[0]
}

func TestProgress(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const id event.SessionID = "01936000-0000-7000-8000-000000000001"
	check := func(when string, want deliver.Progress) {
		t.Helper()
		got, err := b.Progress(t.Context(), id)
		got.Next = time.Time{}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("Progress(%s) err = %v (-want +got):\n%s", when, err, diff)
		}
	}
	check("before the end", deliver.Progress{})
	if _, err := b.store.Enqueue(t.Context(), b.Finished(id)...); err != nil {
		t.Fatal(err)
	}
	check("enqueued", deliver.Progress{State: store.JobWaiting})
	j := b.take(deliver.KindDocuments)
	if err := b.store.StageJob(t.Context(), &j, deliver.StagePrice, time.Hour); err != nil {
		t.Fatal(err)
	}
	check("under way", deliver.Progress{State: store.JobRunning, Stage: deliver.StagePrice, Attempts: 1})
	if err := b.store.BuryJob(t.Context(), j, "no room"); err != nil {
		t.Fatal(err)
	}
	check("given up", deliver.Progress{State: store.JobDead, Stage: deliver.StagePrice, Attempts: 1})
	if err := b.WriteAgain(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	check("written again", deliver.Progress{State: store.JobDead, Stage: deliver.StagePrice, Attempts: 1})
}

func TestMailsOfASession(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const id event.SessionID = "01936000-0000-7000-8000-000000000002"
	link := store.NewJob{Kind: deliver.KindMail, Session: id, Payload: []byte(`{"kind":"magic_link","url":"https://introspect.example/go"}`), Due: time.Now()}
	if _, err := b.store.Enqueue(t.Context(), link); err != nil {
		t.Fatal(err)
	}
	state := func() deliver.MailStatus {
		t.Helper()
		list, err := b.Mails(t.Context(), id)
		if err != nil || len(list) != 1 {
			t.Fatalf("Mails() = %d, %v, want one", len(list), err)
		}
		return list[0]
	}
	if m := state(); m.Kind != deliver.MailMagicLink || m.State != store.MailPending || !m.Moving() || m.Retrying() || m.Next.IsZero() {
		t.Errorf("a mail that nobody tried = %+v, want one that is on its way", m)
	}
	j := b.take(deliver.KindMail)
	if m := state(); !m.Moving() || m.Retrying() || !m.Next.IsZero() {
		t.Errorf("a mail that is being sent = %+v", m)
	}
	stored := store.Mail{ID: j.ID, Session: id, Kind: deliver.MailMagicLink, State: store.MailPending, Provider: "smtp", Error: "greylisted"}
	if err := b.store.RetryJob(t.Context(), j, time.Now(), "greylisted", stored); err != nil {
		t.Fatal(err)
	}
	if m := state(); !m.Retrying() || m.Error != "greylisted" || m.Provider != "smtp" {
		t.Errorf("a mail that is tried again = %+v", m)
	}
	j = b.take(deliver.KindMail)
	if err := b.store.BuryJob(t.Context(), j, "no such box"); err != nil {
		t.Fatal(err)
	}
	if m := state(); m.State != store.MailFailed || m.Moving() {
		t.Errorf("a mail that was given up = %+v", m)
	}
	if list, err := b.Mails(t.Context(), "another"); err != nil || len(list) != 0 {
		t.Errorf("Mails(another session) = %v, %v", list, err)
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, tt := range map[string]struct {
		address string
		types   []string
		field   string
	}{
		"nothing":              {"", nil, "url"},
		"no address":           {"not an address", nil, "url"},
		"no host":              {"https://", nil, "url"},
		"another scheme":       {"ftp://example.com", nil, "url"},
		"plain http":           {"http://example.com", nil, "url"},
		"a script":             {"javascript://example.com/%0Aalert(1)", nil, "url"},
		"a password":           {"https://u:p@example.com", nil, "url"},
		"a very long address":  {"https://example.com/" + strings.Repeat("x", 2000), nil, "url"},
		"an event of nowhere":  {"https://example.com", []string{"session.completed", "nothing"}, "events"},
		"an event like markup": {"https://example.com", []string{"<b>"}, "events"},
	} {
		_, err := b.AddEndpoint(t.Context(), tt.address, tt.types)
		var invalid *deliver.Invalid
		if !errors.As(err, &invalid) || invalid.Field != tt.field {
			t.Errorf("AddEndpoint(%s) err = %v, want one of the field %s", name, err, tt.field)
		}
	}
	seen := map[string]bool{}
	for range 50 {
		h, err := b.AddEndpoint(t.Context(), "https://example.com/hooks", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signature.Parse(h.Secret); err != nil || seen[h.Secret] || !h.Active {
			t.Fatalf("AddEndpoint() = %+v, %v, want an active one with a secret of its own", h, err)
		}
		seen[h.Secret] = true
	}
	var full *deliver.Invalid
	if _, err := b.AddEndpoint(t.Context(), "https://example.com/hooks", nil); !errors.As(err, &full) || !strings.Contains(full.Reason, "limit") {
		t.Errorf("AddEndpoint(one too many) err = %v, want the limit", err)
	}
	plain := newBench(t, func(c *deliver.Config) { c.Plain = true })
	if _, err := plain.AddEndpoint(t.Context(), "http://10.0.0.1/hooks", nil); err != nil {
		t.Errorf("AddEndpoint(http where that is allowed) err = %v", err)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	h, err := b.AddEndpoint(t.Context(), "https://example.com/hooks", []string{"session.abandoned"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.AddEndpoint(t.Context(), "https://example.org/hooks", nil)
	if err != nil {
		t.Fatal(err)
	}
	calls := func() (out []string) {
		t.Helper()
		list, err := b.Calls(t.Context(), h.ID, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			out = append(out, c.Type+" "+string(c.State)+" "+c.Answer)
		}
		return out
	}
	if err := b.Ping(t.Context(), h.ID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ping waiting "}, calls()); diff != "" {
		t.Errorf("calls before they are made (-want +got):\n%s", diff)
	}
	b.work()
	if diff := cmp.Diff([]string{"ping done thank you"}, calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if err := b.PauseEndpoint(t.Context(), h.ID, true); err != nil {
		t.Fatal(err)
	}
	left := func(id event.SessionID) {
		t.Helper()
		if _, err := b.store.Enqueue(t.Context(), b.Abandoned(id)...); err != nil {
			t.Fatal(err)
		}
		b.work()
	}
	left("s1")
	if diff := cmp.Diff([]string{"ping done thank you"}, calls()); diff != "" {
		t.Errorf("calls of a paused endpoint (-want +got):\n%s", diff)
	}
	if err := b.PauseEndpoint(t.Context(), h.ID, false); err != nil {
		t.Fatal(err)
	}
	b.post.err = &letter.SendError{Reason: "gone", Permanent: true, Err: errors.New("410")}
	left("s2")
	if diff := cmp.Diff([]string{"session.abandoned dead ", "ping done thank you"}, calls()); diff != "" {
		t.Errorf("calls that were refused (-want +got):\n%s", diff)
	}
	if list, err := b.Calls(t.Context(), other.ID, 10); err != nil || len(list) != 2 {
		t.Errorf("the other endpoint was called %d times, %v, want twice", len(list), err)
	}
	if err := b.RemoveEndpoint(t.Context(), h.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.PauseEndpoint(t.Context(), h.ID, true); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("PauseEndpoint(removed) err = %v, want %v", err, store.ErrNotFound)
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	h, err := b.AddEndpoint(t.Context(), "https://example.com/hooks", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Ping(t.Context(), h.ID); err != nil {
		t.Fatal(err)
	}
	b.post.err = &letter.SendError{Reason: "busy", Err: errors.New("503")}
	b.work()
	id := b.post.ids[0]
	b.post.err = nil
	if err := b.Replay(t.Context(), id); err != nil {
		t.Fatalf("Replay(one that waits for its next attempt) = %v", err)
	}
	b.work()
	if err := b.Replay(t.Context(), id); err != nil {
		t.Fatalf("Replay(one that arrived) = %v", err)
	}
	b.work()
	if got := b.post.ids; len(got) != 3 || got[1] != id || got[2] == id {
		t.Errorf("messages = %v, want the same one twice, then one of its own", got)
	}
	if list, err := b.Calls(t.Context(), h.ID, 10); err != nil || len(list) != 2 {
		t.Errorf("Calls() = %d, %v, want both messages in the log", len(list), err)
	}
	for _, j := range []store.NewJob{{ID: "done", Kind: deliver.KindAnnounce, Payload: []byte(`{"type":"nothing"}`)}} {
		if _, err := b.store.Enqueue(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	b.work()
	for _, id := range []string{"done", "unknown"} {
		if err := b.Replay(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Replay(%s) err = %v, want %v", id, err, store.ErrNotFound)
		}
	}
}

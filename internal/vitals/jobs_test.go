package vitals_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/vitals"
)

// bury enqueues a job of a kind and gives it up, or does it.
func bury(t *testing.T, st *store.Store, kind string, session event.SessionID, dead bool) {
	t.Helper()
	if _, err := st.Enqueue(t.Context(), store.NewJob{Kind: kind, Session: session, Payload: []byte("{}"), Due: noon()}); err != nil {
		t.Fatal(err)
	}
	jobs, err := st.Lease(t.Context(), []string{kind}, 1, time.Minute)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Lease(%s) = %d jobs, %v", kind, len(jobs), err)
	}
	if dead {
		err = st.BuryJob(t.Context(), jobs[0], "no")
	} else {
		err = st.FinishJob(t.Context(), jobs[0], store.Effects{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What was given up is counted once: by the rule of its kind, or by that of all
// others.
func TestJobs(t *testing.T) {
	t.Parallel()
	now := noon()
	cfg := everything(t)
	cfg.Store = storetest.Any(t, store.Config{Now: func() time.Time { return now }})
	v := vitals.New(cfg)
	same(t, "nothing waits", read(t, v, "jobs_late", now).Value, 0.0)
	for _, kind := range []string{"documents", "mail", "notice", "notice_urgent"} {
		bury(t, cfg.Store, kind, "", true)
	}
	same(t, "with rules of their own", read(t, v, "jobs_dead", now).Value, 0.0)
	bury(t, cfg.Store, "webhook", "visit-1", true)
	bury(t, cfg.Store, "webhook", "visit-2", false)
	bury(t, cfg.Store, "reminder", "visit-3", true)
	dead := read(t, v, "jobs_dead", now)
	same(t, "others", dead.Value, 1.0)
	same(t, "whose", dead.Causes, []string{"visit-3"})
	same(t, "webhooks", read(t, v, "webhook_failures", now).Counts[0].Now, stat.Rate{Hits: 1, Of: 2})
	same(t, "an hour later", read(t, v, "jobs_dead", now.Add(61*time.Minute)).Value, 0.0)
	if _, err := cfg.Store.Enqueue(t.Context(), store.NewJob{Kind: "link", Payload: []byte("{}"), Due: noon()}); err != nil {
		t.Fatal(err)
	}
	same(t, "one waits", read(t, v, "jobs_late", now.Add(20*time.Minute)).Value, 1200.0)
	cfg.Began = noon().Add(19 * time.Minute)
	same(t, "it waits since the start at most", read(t, vitals.New(cfg), "jobs_late", now.Add(20*time.Minute)).Value, 60.0)
}

func TestBounces(t *testing.T) {
	t.Parallel()
	now := noon()
	cfg := everything(t)
	cfg.Store = storetest.Any(t, store.Config{Now: func() time.Time { return now }})
	v := vitals.New(cfg)
	for i, state := range []store.MailState{store.MailSent, store.MailDelivered, store.MailBounced, store.MailComplained, store.MailPending} {
		if _, err := cfg.Store.Enqueue(t.Context(), store.NewJob{Kind: "mail", Payload: []byte("{}"), Due: noon()}); err != nil {
			t.Fatal(err)
		}
		jobs, err := cfg.Store.Lease(t.Context(), []string{"mail"}, 1, time.Minute)
		if err != nil || len(jobs) != 1 {
			t.Fatalf("Lease = %d jobs, %v", len(jobs), err)
		}
		session := event.SessionID([]string{"a", "b", "c", "d", "e"}[i])
		mail := store.Mail{ID: jobs[0].ID, Session: session, Kind: "client", State: state, Provider: "resend"}
		if err := cfg.Store.FinishJob(t.Context(), jobs[0], store.Effects{Mails: []store.Mail{mail}}); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, v, "email_bounces", now.Add(time.Hour))
	same(t, "came back", got.Counts[0].Now, stat.Rate{Hits: 2, Of: 4})
	if len(got.Causes) != 2 {
		t.Errorf("causes = %v, want both sessions", got.Causes)
	}
	got = read(t, v, "email_bounces", now.Add(25*time.Hour))
	same(t, "of a day", got.Counts[0].Now, stat.Rate{})
	same(t, "of a week", got.Counts[1].Now, stat.Rate{Hits: 2, Of: 4})
}

package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/status"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// The tests of this file hold one act to one row: each has neighbours that a
// statement without its condition would read or change.

// ticking is a store whose clock a test moves, and the clock.
func ticking(t *testing.T) (*store.Store, *time.Time) {
	t.Helper()
	now := storetest.Start()
	return storetest.Any(t, store.Config{Now: func() time.Time { return now }}), &now
}

// create begins sessions.
func createAll(t *testing.T, s *store.Store, at time.Time, ids ...event.SessionID) {
	t.Helper()
	for _, id := range ids {
		sess := storetest.Session(id, at)
		if err := s.CreateSession(t.Context(), sess, []byte("x"), storetest.FirstTurn(sess)); err != nil {
			t.Fatal(err)
		}
	}
}

// leave stores what a job of a session leaves.
func leave(t *testing.T, s *store.Store, id event.SessionID, e store.Effects) {
	t.Helper()
	kind := "documents/" + string(id)
	if _, err := s.Enqueue(t.Context(), store.NewJob{Kind: kind, Session: id}); err != nil {
		t.Fatal(err)
	}
	jobs, err := s.Lease(t.Context(), []string{kind}, 1, time.Minute)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Lease = %v, %v", jobs, err)
	}
	if err := s.FinishJob(t.Context(), jobs[0], e); err != nil {
		t.Fatal(err)
	}
}

// TestOneLoginEnds: who leaves takes nobody along, and a login is over at its end.
func TestOneLoginEnds(t *testing.T) {
	t.Parallel()
	s, now := ticking(t)
	logins := s.AdminSessions()
	there := func(want ...string) {
		t.Helper()
		var got []string
		for _, token := range []string{"ann", "bob", "eve"} {
			if data, ok, err := logins.FindCtx(t.Context(), token); err != nil {
				t.Fatal(err)
			} else if ok {
				got = append(got, string(data))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("logged in are %v, want %v", got, want)
		}
	}
	for i, token := range []string{"ann", "bob", "eve"} {
		if err := logins.CommitCtx(t.Context(), token, []byte(token), now.Add(time.Duration(i+1)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	there("ann", "bob", "eve")
	if err := logins.DeleteCtx(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	there("ann", "eve")
	*now = now.Add(time.Hour) // the end of ann's
	there("eve")
	if err := logins.CommitCtx(t.Context(), "bob", []byte("bob"), now.Add(time.Hour)); err != nil { // removes what has expired
		t.Fatal(err)
	}
	there("bob", "eve")
	for _, id := range []string{"first", "second"} {
		if err := s.CreateToken(t.Context(), store.Token{ID: id, Name: id, Hash: []byte("hash of " + id), CreatedAt: *now}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeleteToken(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]error{"first": store.ErrNotFound, "second": nil} {
		if got, err := s.TokenByHash(t.Context(), []byte("hash of "+id)); !errors.Is(err, want) || err == nil && got.ID != id {
			t.Errorf("the %s token is %+v, %v; want %v", id, got, err, want)
		}
	}
}

// TestDocumentsOfTwo: each session has its own documents, decisions and consent, and
// the release of one lets nothing of the other go.
func TestDocumentsOfTwo(t *testing.T) {
	t.Parallel()
	s, now := ticking(t)
	ctx, ids := t.Context(), []event.SessionID{"one", "two", "sent"}
	createAll(t, s, *now, ids...)
	for _, id := range ids {
		state := store.DeliveryHeld
		if id == "sent" {
			state = store.DeliverySent
		}
		leave(t, s, id, store.Effects{
			Documents: []store.Document{{Session: id, Kind: store.DocumentScope, Name: string(id) + ".md", Data: []byte("scope of " + id)}, {Session: id, Kind: store.DocumentProposal, Name: string(id) + ".pdf", Data: []byte("offer to " + id)}},
			Delivery:  &store.Delivery{Session: id, State: state},
		})
		if err := s.Decide(ctx, store.Decision{Session: id, Kind: store.DecisionQuestion, At: *now, Text: "a question of " + string(id)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Consent(ctx, "two"); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if d, err := s.Document(ctx, id, store.DocumentProposal); err != nil || string(d.Data) != "offer to "+string(id) || d.Name != string(id)+".pdf" {
			t.Errorf("the proposal of %s = %q %q, %v", id, d.Name, d.Data, err)
		}
		if list, err := s.Decisions(ctx, id); err != nil || len(list) != 1 || list[0].Text != "a question of "+string(id) {
			t.Errorf("the decisions of %s = %+v, %v; want its own", id, list, err)
		}
		if r, err := s.Reminder(ctx, id); err != nil || r.ConsentedAt.IsZero() == (id == "two") {
			t.Errorf("the consent of %s = %+v, %v; want that of two alone", id, r, err)
		}
	}
	record := func(id event.SessionID) store.Record {
		t.Helper()
		rec, err := s.Session(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	release := func(id event.SessionID) error {
		t.Helper()
		return s.Release(ctx, record(id), "ann")
	}
	if err := s.CommitHeld(ctx, record("one")); err != nil {
		t.Errorf("a change of what is held = %v", err)
	}
	if err := s.CommitHeld(ctx, record("sent")); !errors.Is(err, store.ErrState) {
		t.Errorf("a change of what was sent = %v, want ErrState", err)
	}
	for _, id := range []event.SessionID{"two", "sent"} { // the first yes of each counts
		yes := store.Decision{Session: id, Kind: store.DecisionAccepted, At: *now, Text: "yes of " + string(id)}
		if err := s.Decide(ctx, yes, nil); err != nil {
			t.Errorf("the acceptance of %s = %v", id, err)
		}
		if err := s.Decide(ctx, yes, nil); !errors.Is(err, store.ErrExists) {
			t.Errorf("a second acceptance of %s = %v, want ErrExists", id, err)
		}
	}
	if err := release("sent"); !errors.Is(err, store.ErrState) {
		t.Errorf("the release of what was sent = %v, want ErrState", err)
	}
	if err := release("one"); err != nil {
		t.Fatal(err)
	}
	if err := release("one"); !errors.Is(err, store.ErrState) {
		t.Errorf("the release of what was released = %v, want ErrState", err)
	}
	for id, want := range map[event.SessionID]store.DeliveryState{"one": store.DeliveryReleased, "two": store.DeliveryHeld, "sent": store.DeliverySent} {
		if d, err := s.Delivery(ctx, id); err != nil || d.State != want {
			t.Errorf("the delivery of %s is %s, %v; want %s", id, d.State, err, want)
		}
	}
	if err := s.Erase(ctx, "one", "client"); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if gone, err := s.Erased(ctx, id); err != nil || gone != (id == "one") {
			t.Errorf("%s was erased: %v, %v", id, gone, err)
		}
	}
}

// TestTwoIncidents: what is done to one is not seen at the other, and a draft has no
// postmortem.
func TestTwoIncidents(t *testing.T) {
	t.Parallel()
	s, now := ticking(t)
	ctx := t.Context()
	var ids []string
	for _, title := range []string{"Mails are late", "Pages are slow", "A sketch", "Another draft"} {
		id, err := s.DraftIncident(ctx, title, "", "alert:"+title) // each of its own cause
		if err != nil || slices.Contains(ids, id) {
			t.Fatalf("the draft of %s = %s, %v; want one of its own", title, id, err)
		}
		ids = append(ids, id)
	}
	if err := s.EditIncident(ctx, status.Incident{ID: ids[2], Title: "A draft"}); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		s.PublishIncident(ctx, ids[1], "We look into the pages."), s.PublishIncident(ctx, ids[0], "We look into the mails."),
		s.UpdateIncident(ctx, ids[0], status.Resolved, "They are sent."), s.Postmortem(ctx, ids[0], "A certificate."),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Postmortem(ctx, ids[2], "Nothing was."); !errors.Is(err, store.ErrState) {
		t.Errorf("a postmortem of a draft = %v, want ErrState", err)
	}
	for id, want := range map[string]string{
		ids[0]: "Mails are late: They are sent. We look into the mails. A certificate.", ids[1]: "Pages are slow: We look into the pages. ", ids[2]: "A draft: ", ids[3]: "Another draft: ",
	} {
		i, err := s.Incident(ctx, id)
		got := i.Title + ": "
		for _, u := range i.Updates {
			got += u.Text + " " //nolint:perfsprint // two of them
		}
		if got += i.Postmortem; err != nil || got != want {
			t.Errorf("the incident is %q, %v; want %q", got, err, want)
		}
	}
	marks, err := s.Annotations(ctx, now.Add(-time.Hour), now.Add(time.Hour))
	var texts []string
	for _, m := range marks {
		texts = append(texts, m.Text)
	}
	slices.Sort(texts)
	if err != nil || !slices.Equal(texts, []string{"Mails are late", "Pages are slow"}) {
		t.Errorf("marks on the time axis = %q, %v; want one of each that was published", texts, err)
	}
}

// TestTwoOfEach: of two webhooks, two announcements and two drafts one is read, ended
// or replaced, and the other stays what it was.
func TestTwoOfEach(t *testing.T) {
	t.Parallel()
	s, now := ticking(t)
	ctx := t.Context()
	createAll(t, s, *now, "one", "two")
	var hooks, works []string
	for i, name := range []string{"one", "two"} {
		hook, err := s.SaveWebhook(ctx, store.Webhook{URL: "https://" + name + ".example", Secret: name, Active: true})
		begins := now.Add(time.Duration(i+1) * 24 * time.Hour)
		work, err2 := s.PlanMaintenance(ctx, status.Maintenance{Title: name, Start: begins, End: begins.Add(time.Hour)})
		_, err3 := s.SaveDraft(ctx, store.Draft{Session: event.SessionID(name), Action: "a1", At: *now, Text: "draft of " + name})
		if err := errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		hooks, works = append(hooks, hook), append(works, work)
	}
	if h, err := s.Webhook(ctx, hooks[1]); err != nil || h.Secret != "two" || h.URL != "https://two.example" {
		t.Errorf("the second webhook is %+v, %v", h, err)
	}
	if err := s.DeleteWebhook(ctx, hooks[0]); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Webhooks(ctx); err != nil || len(list) != 1 || list[0].ID != hooks[1] {
		t.Errorf("webhooks are %+v, %v; want the second", list, err)
	}
	if _, err := s.Webhook(ctx, hooks[0]); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the webhook that was deleted: %v, want ErrNotFound", err)
	}
	if err := s.CancelMaintenance(ctx, works[0]); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Maintenances(ctx, *now); err != nil || len(list) != 1 || list[0].Title != "two" {
		t.Errorf("announced is %+v, %v; want the second", list, err)
	}
	if marks, err := s.Annotations(ctx, *now, now.AddDate(0, 0, 9)); err != nil || len(marks) != 1 || marks[0].Text != "two" {
		t.Errorf("marks on the time axis are %+v, %v; want that of the second", marks, err)
	}
	for _, at := range []time.Duration{49*time.Hour - time.Second, 49 * time.Hour} { // its end
		if list, err := s.Maintenances(ctx, now.Add(at)); err != nil || (len(list) == 1) != (at < 49*time.Hour) {
			t.Errorf("announced after %s is %+v, %v", at, list, err)
		}
	}
	for _, name := range []string{"one", "two"} {
		if d, err := s.Draft(ctx, event.SessionID(name)); err != nil || d.Text != "draft of "+name {
			t.Errorf("the draft of %s is %+v, %v", name, d, err)
		}
	}
}

// TestALeaseThatWasLost: whoever holds a job no longer ends, stages or gives back
// nothing of it, and a job that is done stays done whatever happens to its process.
func TestALeaseThatWasLost(t *testing.T) {
	t.Parallel()
	s, now := ticking(t)
	ctx := t.Context()
	lease := func() store.Job {
		t.Helper()
		jobs, err := s.Lease(ctx, []string{"mail"}, 1, time.Minute)
		if err != nil || len(jobs) != 1 {
			t.Fatalf("Lease = %v, %v", jobs, err)
		}
		return jobs[0]
	}
	if _, err := s.Enqueue(ctx, store.NewJob{Kind: "mail", Due: *now}); err != nil {
		t.Fatal(err)
	}
	lost := lease()
	*now = now.Add(2 * time.Minute)
	mine := lease()
	for what, err := range map[string]error{
		"RetryJob": s.RetryJob(ctx, lost, *now, "why"), "BuryJob": s.BuryJob(ctx, lost, "why"), "PostponeJob": s.PostponeJob(ctx, lost, *now),
		"StageJob": s.StageJob(ctx, &lost, "half", time.Minute), "FinishJob": s.FinishJob(ctx, lost, store.Effects{}),
	} {
		if !errors.Is(err, store.ErrLost) {
			t.Errorf("%s with a lease that was lost = %v, want ErrLost", what, err)
		}
	}
	if list, err := s.Jobs(ctx, store.JobFilter{ID: mine.ID}); err != nil || len(list) != 1 || list[0].State != store.JobRunning || list[0].Stage != "" || list[0].Attempts != 2 {
		t.Errorf("the job is %+v, %v; want it to run for the second time", list, err)
	}
	*now = now.Add(30 * time.Second)
	if err := s.StageJob(ctx, &mine, "half", time.Minute); err != nil || mine.Stage != "half" || !mine.Due.Equal(now.Add(time.Minute)) {
		t.Errorf("StageJob = %v, and the job in hand is %+v; want its stage, and a minute more", err, mine)
	}
	for range 20 { // deaths of its process
		if err := s.RecoverJobs(ctx); err != nil {
			t.Fatal(err)
		}
		mine = lease()
	}
	if err := s.FinishJob(ctx, mine, store.Effects{}); err != nil {
		t.Fatal(err)
	}
	if err := s.RecoverJobs(ctx); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Jobs(ctx, store.JobFilter{ID: mine.ID}); err != nil || list[0].State != store.JobDone {
		t.Errorf("the job is %+v, %v; want it done", list, err)
	}
	if due, waits, err := s.NextJob(ctx, []string{"mail"}); waits || err != nil {
		t.Errorf("NextJob = %s, %v, %v; want none, for what is done is not due", due, waits, err)
	}
}

// spelled joins the short names of a list.
func spelled[T any](list []T, name func(T) string) string {
	var b strings.Builder
	for _, one := range list {
		b.WriteString(name(one))
	}
	return b.String()
}

// TestOneOfTwoMails: the report of a provider marks one mail, and never the better; a
// replay and a consent that is taken back are about one as well.
func TestOneOfTwoMails(t *testing.T) {
	t.Parallel()
	s, now := ticking(t)
	ctx := t.Context()
	createAll(t, s, *now, "one", "two")
	for _, id := range []event.SessionID{"one", "two"} {
		leave(t, s, id, store.Effects{Mails: []store.Mail{{ID: "mail " + string(id), Session: id, Kind: "client", State: store.MailSent, Provider: "p", ProviderID: "id of " + string(id)}}})
		if err := s.Consent(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	states := func(want string) {
		t.Helper()
		list, err := s.Mails(ctx, store.MailFilter{})
		if got := spelled(list, func(m store.Mail) string { return m.ID + " " + string(m.State) + "; " }); got != want || err != nil {
			t.Errorf("the mails are %q, %v; want %q", got, err, want)
		}
	}
	if err := s.MarkMail(ctx, "id of one", store.MailBounced, "nobody there"); err != nil {
		t.Fatal(err)
	}
	states("mail two sent; mail one bounced; ")
	if err := s.MarkMail(ctx, "id of one", store.MailSent, ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a mail that bounced is sent again: %v", err)
	}
	if err := s.WithdrawConsent(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[event.SessionID]bool{"one": false, "two": true} {
		if r, err := s.Reminder(ctx, id); err != nil || r.ConsentedAt.IsZero() == want {
			t.Errorf("the consent of %s = %+v, %v; want it to hold: %v", id, r, err, want)
		}
	}
	for _, id := range []string{"mail one", "mail two"} { // the jobs that send them, given up
		if _, err := s.Enqueue(ctx, store.NewJob{ID: id, Kind: "mail", Due: *now}); err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := s.Lease(ctx, []string{"mail"}, 2, time.Minute)
	if err != nil || len(jobs) != 2 {
		t.Fatalf("Lease = %v, %v", jobs, err)
	}
	for _, j := range jobs {
		if err := s.BuryJob(ctx, j, "why", store.Mail{ID: j.ID, Kind: "client", State: store.MailFailed, Provider: "p", ProviderID: "id of " + strings.TrimPrefix(j.ID, "mail "), Error: "why"}); err != nil {
			t.Fatal(err)
		}
	}
	states("mail two failed; mail one failed; ")
	if err := s.ReplayJob(ctx, "mail one"); err != nil {
		t.Fatal(err)
	}
	states("mail two failed; mail one pending; ")
	list, err := s.Jobs(ctx, store.JobFilter{Kinds: []string{"mail"}})
	if got := spelled(list, func(j store.Job) string { return j.ID + " " + string(j.State) + "; " }); got != "mail two dead; mail one waiting; " || err != nil {
		t.Errorf("the jobs are %q, %v; want one to wait", got, err)
	}
	if err := s.MarkMail(ctx, "id of two", store.MailDelivered, ""); err != nil { // it had left after all
		t.Fatal(err)
	}
	if err := s.ReplayJob(ctx, "mail two"); err != nil {
		t.Fatal(err)
	}
	states("mail two delivered; mail one pending; ")
	if jobs, err = s.Lease(ctx, []string{"mail"}, 2, time.Minute); err != nil || len(jobs) != 2 || jobs[0].Attempts != 1 {
		t.Fatalf("Lease = %+v, %v; want both with all their attempts", jobs, err)
	}
	if err := s.FinishJob(ctx, jobs[0], store.Effects{}); err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs { // one is done, and one runs
		if err := s.ReplayJob(ctx, j.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the replay of a job that is not given up = %v, want ErrNotFound", err)
		}
	}
}

// TestJobsThatAreLookedFor: each part of a filter narrows the list by itself.
func TestJobsThatAreLookedFor(t *testing.T) {
	t.Parallel()
	s, now := ticking(t)
	createAll(t, s, *now, "one", "two")
	for _, j := range []store.NewJob{
		{ID: "a", Kind: "mail", Key: "mail/1", Session: "one"},
		{ID: "b", Kind: "mail", Key: "mail/2", Session: "two"},
		{ID: "c", Kind: "webhook", Key: "webhook/1", Session: "one"},
		{ID: "d", Kind: "digest"},
	} {
		if _, err := s.Enqueue(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	if jobs, err := s.Lease(t.Context(), []string{"digest"}, 1, time.Minute); err != nil || len(jobs) != 1 {
		t.Fatalf("Lease = %v, %v", jobs, err)
	}
	later := store.NewJob{ID: "0", Kind: "digest", Due: now.Add(time.Minute)} // beside one that is due
	if _, err := s.Enqueue(t.Context(), later, store.NewJob{ID: "1", Kind: "digest", Due: *now}); err != nil {
		t.Fatal(err)
	}
	if jobs, err := s.Lease(t.Context(), []string{"digest"}, 9, time.Minute); err != nil || len(jobs) != 1 || jobs[0].ID != "1" {
		t.Errorf("Lease = %+v, %v; want the one that is due", jobs, err)
	}
	for want, f := range map[string]store.JobFilter{
		"dcba10": {}, "d1": {State: store.JobRunning}, "cba0": {State: store.JobWaiting}, "b": {ID: "b"}, "c": {Key: "webhook/1"}, "ba": {About: "mail/"},
		"ca": {Session: "one"}, "a10": {Before: "b"}, "dc10": {Kinds: []string{"webhook", "digest"}}, "dcb": {Limit: 3}, "": {State: store.JobDone},
	} {
		list, err := s.Jobs(t.Context(), f)
		if got := spelled(list, func(j store.Job) string { return j.ID }); got != want || err != nil {
			t.Errorf("Jobs(%+v) = %q, %v; want %q", f, got, err, want)
		}
	}
}

// TestNewestFirst: lists begin with what came last, also within a millisecond.
func TestNewestFirst(t *testing.T) {
	t.Parallel()
	s, now := ticking(t)
	createAll(t, s, *now, "one")
	for i := range 3 {
		if err := s.Audit(t.Context(), store.AuditEntry{At: now.Add(time.Duration(i/2) * time.Second), Actor: "ann", Action: "read", Object: strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
		leave(t, s, "one", store.Effects{Mails: []store.Mail{{ID: fmt.Sprintf("mail-%d", i), Session: "one", Kind: "client", State: store.MailPending}}})
	}
	list, err := s.AuditLog(t.Context(), 0)
	if got := spelled(list, func(e store.AuditEntry) string { return e.Object }); got != "210" || err != nil {
		t.Errorf("the audit log has the order %s, %v; want 210", got, err)
	}
	mails, err := s.Mails(t.Context(), store.MailFilter{})
	if got := spelled(mails, func(m store.Mail) string { return strings.TrimPrefix(m.ID, "mail-") }); got != "210" || err != nil {
		t.Errorf("the mails have the order %s, %v; want 210", got, err)
	}
}

// TestExpireByAge: what is young, what waits and what is somebody else's work stays.
func TestExpireByAge(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	s, now := ticking(t)
	createAll(t, s, *now, "one")
	add := func(name string, state store.MailState) {
		t.Helper()
		leave(t, s, "one", store.Effects{Mails: []store.Mail{{ID: name, Session: "one", Kind: "client", State: state}}})
		if _, err := s.Enqueue(t.Context(), store.NewJob{Kind: "link", Key: "link " + name, Due: *now}, store.NewJob{Kind: "digest", Key: "digest " + name, Due: *now}, store.NewJob{Kind: "waits", Key: "waits " + name, Due: now.AddDate(1, 0, 0)}); err != nil {
			t.Fatal(err)
		}
		jobs, err := s.Lease(t.Context(), []string{"link", "digest"}, 9, time.Minute)
		if err != nil || len(jobs) != 2 {
			t.Fatalf("Lease = %v, %v", jobs, err)
		}
		for _, j := range jobs {
			if err := s.FinishJob(t.Context(), j, store.Effects{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var rules store.Retention // without an age everything is kept for ever
	expire := func(want store.Expired) {
		t.Helper()
		if got, err := s.Expire(t.Context(), rules); got != want || err != nil {
			t.Errorf("after %s Expire = %+v, %v; want %+v", now.Sub(storetest.Start()), got, err, want)
		}
	}
	left := func(want ...string) {
		t.Helper()
		var got []string
		mails, err := s.Mails(t.Context(), store.MailFilter{})
		for _, m := range mails {
			got = append(got, m.ID)
		}
		jobs, err2 := s.Jobs(t.Context(), store.JobFilter{Kinds: []string{"link", "digest", "waits"}})
		for _, j := range jobs {
			got = append(got, j.Key)
		}
		slices.Sort(got)
		slices.Sort(want)
		if err := errors.Join(err, err2); err != nil || !slices.Equal(got, want) {
			t.Errorf("after %s there are %q, %v; want %q", now.Sub(storetest.Start()), got, err, want)
		}
	}
	add("old", store.MailSent)
	add("pending", store.MailPending)
	*now = now.Add(time.Hour)
	expire(store.Expired{})
	rules.Mails = 10 * day
	*now = now.Add(7*day - time.Hour)
	expire(store.Expired{})
	*now = now.Add(day)
	add("young", store.MailSent)
	expire(store.Expired{Jobs: 2}) // the requests for links
	left("old", "pending", "young", "link young", "digest old", "digest pending", "digest young", "waits old", "waits pending", "waits young")
	*now = now.Add(2*day + time.Millisecond)
	expire(store.Expired{Mails: 1, Jobs: 4}) // two digests, and what left the two mails
	left("pending", "young", "link young", "digest young", "waits old", "waits pending", "waits young")
}

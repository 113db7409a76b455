package store_test

import (
	"context"
	"testing"
	"time"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestJobsWakeWhoDoesThem: whatever makes a job due wakes the loop that waits for
// it; otherwise it would find out half a minute later.
func TestJobsWakeWhoDoesThem(t *testing.T) {
	t.Parallel()
	s := storetest.Any(t, store.Config{Now: storetest.Start})
	ctx := t.Context()
	added, stop := s.WatchJobs()
	defer stop()
	wakes := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		select {
		case <-added:
		default:
			t.Errorf("%s wakes nobody", what)
		}
	}
	lease := func() store.Job {
		t.Helper()
		list, err := s.Lease(ctx, []string{"k"}, 1, time.Minute)
		if err != nil || len(list) != 1 {
			t.Fatalf("Lease = %v, %v, want the job", list, err)
		}
		return list[0]
	}
	_, err := s.Enqueue(ctx, store.NewJob{Kind: "k"})
	wakes("a new job", err)
	wakes("a job that is tried again", s.RetryJob(ctx, lease(), storetest.Start(), "why"))
	wakes("a job that is put off", s.PostponeJob(ctx, lease(), storetest.Start()))
	j := lease()
	wakes("a job that was given up", s.BuryJob(ctx, j, "why"))
	wakes("a job that is replayed", s.ReplayJob(ctx, j.ID))
	lease()
	wakes("a job whose process died", s.RecoverJobs(ctx))
	changed, end := s.Watch()
	defer end()
	if err := s.SetSetting(ctx, "a", "1"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	default:
		t.Error("a commit wakes nobody who shows what is stored")
	}
	select {
	case <-added:
		t.Error("something that is no job wakes those who do jobs")
	default:
	}
}

// TestJobsPageByPage: the pages of the list have every job once, the newest first.
func TestJobsPageByPage(t *testing.T) {
	t.Parallel()
	s := storetest.Any(t, store.Config{Now: storetest.Start})
	for range 7 {
		if _, err := s.Enqueue(t.Context(), store.NewJob{Kind: "k"}); err != nil {
			t.Fatal(err)
		}
	}
	seen, before := map[string]bool{}, ""
	for page := range 4 {
		list, err := s.Jobs(t.Context(), store.JobFilter{Before: before, Limit: 3})
		if err != nil || len(list) != []int{3, 3, 1, 0}[page] {
			t.Fatalf("page %d = %d jobs, %v", page, len(list), err)
		}
		for _, j := range list {
			if seen[j.ID] || before != "" && j.ID >= before {
				t.Errorf("job %s comes after %s, seen before: %t", j.ID, before, seen[j.ID])
			}
			seen[j.ID], before = true, j.ID
		}
		if len(list) > 0 {
			one, err := s.Jobs(t.Context(), store.JobFilter{ID: before})
			if err != nil || len(one) != 1 || one[0].ID != before {
				t.Errorf("job %s by its id = %v, %v", before, one, err)
			}
		}
	}
}

// TestWhatWasDeletedInWords tells people what retention did.
func TestWhatWasDeletedInWords(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]store.Expired{
		"": {}, "2 sessions, 1 mails": {Sessions: 2, Mails: 1}, "3 jobs, 4 advisor calls, 5 audit entries": {Jobs: 3, Advisor: 4, Audit: 5},
	} {
		if got := e.String(); got != want || e.Any() != (want != "") {
			t.Errorf("%+v is told as %q, any: %t, want %q", e, got, e.Any(), want)
		}
	}
}

// TestErasuresOfAFile reads what was forgotten in a database that nobody has open,
// and forgets it again in another.
func TestErasuresOfAFile(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/" + store.FileName
	s := storetest.SQLite(t, store.Config{Path: file, Now: storetest.Start})
	other := storetest.SQLite(t, store.Config{Now: storetest.Start})
	for _, st := range []*store.Store{s, other} {
		sess := storetest.Session("s-1", storetest.Start())
		if err := st.CreateSession(t.Context(), sess, []byte("x"), storetest.FirstTurn(sess)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Erase(t.Context(), "s-1", "client"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := store.ErasuresIn(context.Background(), file)
	if err != nil || len(list) != 1 || list[0].By != "client" || !list[0].At.Equal(storetest.Start()) {
		t.Fatalf("ErasuresIn = %+v, %v, want the one by the client", list, err)
	}
	list = append(list, store.Erasure{Hash: "of somebody who never was here", At: storetest.Start(), By: "client"})
	for _, want := range []int{1, 0} {
		if n, err := other.EraseAgain(t.Context(), list); err != nil || n != want {
			t.Errorf("EraseAgain = %d, %v, want %d", n, err, want)
		}
	}
	if yes, err := other.Erased(t.Context(), "s-1"); err != nil || !yes {
		t.Errorf("Erased = %t, %v", yes, err)
	}
	if known, err := other.Erasures(t.Context()); err != nil || len(known) != 2 {
		t.Errorf("Erasures = %v, %v, want both written down", known, err)
	}
	if list, err := store.ErasuresIn(context.Background(), t.TempDir()+"/nothing.db"); err == nil && len(list) > 0 {
		t.Errorf("ErasuresIn of no file = %v", list)
	}
}

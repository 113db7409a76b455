package store_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestAFullDiskWhileDocumentsAreWritten: there is no room for the PDF that was
// drawn. Neither half a set of documents nor a mail is left, and with room again
// everything is made and sent once, without anybody's help.
func TestAFullDiskWhileDocumentsAreWritten(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "scope", "testdata", "sessions", "salon.json"))
	if err != nil {
		t.Fatal(err)
	}
	var sess intake.Session
	if err := json.Unmarshal(text, &sess); err != nil {
		t.Fatal(err)
	}
	sess.Status = intake.Completed
	now := sess.LastActivity.Add(time.Second)
	clock := func() time.Time { return now }
	s := storetest.SQLite(t, store.Config{Now: clock})
	cat, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	var full atomic.Bool
	full.Store(true)
	var drawn atomic.Int32
	d := deliver.New(deliver.Config{
		Store: s, Catalog: cat, Keys: storetest.Keys(t), Now: clock, Base: func() string { return "https://intake.example" },
		Agency: deliver.Agency{Mail: letter.Agency{Name: "Applicreations", From: letter.Address{Email: "a@applicreations.com"}, Team: letter.Address{Email: "b@applicreations.com"}}},
		Render: func(p proposal.Proposal) ([]byte, error) {
			drawn.Add(1)
			if full.Load() {
				if err := s.SetRoom(t.Context(), 1); err != nil { // no page more than there are
					t.Error(err)
				}
			}
			return pdf.Render(p, pdf.Brand{})
		},
	})
	start := event.New(sess.ID, 1, sess.CreatedAt, event.SessionStart{WebsiteType: sess.Client.WebsiteType, Timestamp: sess.CreatedAt})
	if err := s.CreateSession(t.Context(), &sess, []byte("hash"), intake.Turn{Events: []event.Event{start}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Enqueue(t.Context(), d.Finished(sess.ID)...); err != nil {
		t.Fatal(err)
	}
	r := job.New(job.Config{Store: s, Kinds: d.Kinds(), Now: clock})
	_, _ = r.RunDue(t.Context()) // whatever it says: the disk is full
	if drawn.Load() == 0 {
		t.Fatal("nothing was drawn, so nothing was tried")
	}
	for _, kind := range []string{store.DocumentScope, store.DocumentProposal} {
		if _, err := s.Document(t.Context(), sess.ID, kind); err == nil {
			t.Errorf("the document %s is there, but not the rest", kind)
		}
	}
	if mails, err := s.Mails(t.Context(), store.MailFilter{Session: sess.ID}); err != nil || len(mails) != 0 {
		t.Errorf("%d mails of documents that were not kept, %v", len(mails), err)
	}
	full.Store(false)
	if err := s.SetRoom(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		now = now.Add(10 * time.Minute) // the lease of the attempt ends, or its next one is due
		if _, err := r.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{store.DocumentScope, store.DocumentProposal} {
		if _, err := s.Document(t.Context(), sess.ID, kind); err != nil {
			t.Errorf("with room again: %v", err)
		}
	}
	mails, err := s.Mails(t.Context(), store.MailFilter{Session: sess.ID})
	if err != nil || len(mails) != 2 || mails[0].State != store.MailSent || mails[1].State != store.MailSent {
		t.Errorf("mails %+v, %v, want the team's and the client's, each sent once", mails, err)
	}
}

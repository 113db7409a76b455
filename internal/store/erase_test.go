package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

const marker = "MARKER-7f3a"

// marked fills every table that can hold something of a person.
func markedSession(t *testing.T, s *store.Store, id event.SessionID, at time.Time) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	sess := storetest.Session(id, at)
	sess.Client.Name, sess.Client.Email, sess.Client.Phone = marker+" Maria", marker+"@ortega.example", marker+" 555"
	must(s.CreateSession(ctx, sess, []byte("token hash "+marker), storetest.FirstTurn(sess)))
	for i := range 5 {
		rec, err := s.Session(ctx, id)
		must(err)
		turn := storetest.NextTurn(rec.Session, marker+string(bytes.Repeat([]byte(" bakery"), 800)), at.Add(time.Duration(i+1)*time.Minute))
		must(s.CommitTurn(ctx, rec, turn, store.NewJob{Kind: "documents", Key: "documents/" + string(id), Session: id, Payload: []byte(marker), Due: at}))
	}
	jobs, err := s.Lease(ctx, []string{"documents"}, 1, time.Minute)
	must(err)
	must(s.FinishJob(ctx, jobs[0], store.Effects{
		Result:    []byte(marker + " result"),
		Jobs:      []store.NewJob{{Kind: "webhook", Key: "webhook/" + string(id), Session: id, Payload: []byte(`{"client":"` + marker + `"}`), Due: at}},
		Documents: []store.Document{{Session: id, Kind: store.DocumentScope, Name: marker + ".md", Data: bytes.Repeat([]byte(marker), 3000)}, {Session: id, Kind: store.DocumentProposal, Name: marker + ".pdf", Data: []byte(marker)}},
		Mails:     []store.Mail{{ID: "mail-" + string(id), Session: id, Kind: "client", State: store.MailPending, Message: []byte(marker + " mail"), Error: "refused " + marker}},
		Delivery:  &store.Delivery{Session: id, State: store.DeliveryHeld, Reasons: []string{marker + " reason"}},
	}))
	_, err = s.NewLink(ctx, id, time.Hour)
	must(err)
	_, err = s.SaveDraft(ctx, store.Draft{Session: id, Action: "a9", At: at, Text: marker + " draft"})
	must(err)
	must(s.Consent(ctx, id, store.NewJob{Kind: "reminder", Session: id, Payload: []byte(marker)}))
	must(s.Decide(ctx, store.Decision{Session: id, Kind: store.DecisionQuestion, At: at, Text: marker + " question"}, nil))
	must(s.KeepAdvice(ctx, "advice", []byte(marker+" advice"), 10))
	must(s.AddAdvisorCalls(ctx, store.AdvisorCall{ID: "call-1", Session: id, At: at, Question: "business", Outcome: store.AdvisorOK, Model: "m"}))
	must(s.Audit(ctx, store.AuditEntry{At: at, Actor: "admin:u1", Action: "session_read", Object: "session:" + string(id)}))
	e := event.New(id, 900, at, event.Plain{Name: event.NameCTAClick})
	e.Properties, e.UserID = []byte(`{"note":"`+marker+` event"}`), marker+"-user"
	_, err = s.Record(ctx, storetest.Outside(e))
	must(err)
}

// sealedValues reads what is sealed of a session, as it lies in the file.
func sealedValues(t *testing.T, file string) [][]byte {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var out [][]byte
	for _, column := range []string{
		"person FROM sessions", "state FROM sessions", "token_hash FROM sessions", "text FROM messages", "data FROM documents", "message FROM mails", "text FROM decisions",
		"payload FROM jobs", "result FROM jobs", "text FROM drafts", "answer FROM advisor_cache", "hash FROM magic_links", "address FROM session_addresses",
	} {
		rows, err := db.QueryContext(t.Context(), "SELECT "+column)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			var b []byte
			if err := rows.Scan(&b); err != nil {
				t.Fatal(err)
			}
			if len(b) >= 16 {
				n++
				out = append(out, b[len(b)-16:], b[len(b)/2-8:len(b)/2+8])
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			t.Errorf("nothing is in %s, so its erasure is not tried", column)
		}
	}
	return out
}

// onDisk reads every file of a database.
func onDisk(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	names, err := filepath.Glob(filepath.Join(dir, "*.db*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// TestErase forgets a session that is in every table: neither its words nor
// what they were sealed to are left in a file, every figure stays, and what
// arrives later is refused.
func TestErase(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), storetest.Start()
	s := storetest.SQLite(t, store.Config{Path: dir, Now: func() time.Time { return now }})
	const id = event.SessionID("0193d5a0-0000-7000-8000-00000000e8a5")
	markedSession(t, s, id, now)
	secrets := append(sealedValues(t, filepath.Join(dir, store.FileName)), []byte(marker), []byte(id))
	before := onDisk(t, dir)
	for i, b := range secrets {
		if !bytes.Contains(before, b) {
			t.Fatalf("secret %d is not found before the erasure, so the test would prove nothing", i)
		}
	}
	other := storetest.Session("other", now) // a neighbour, who stays
	if err := s.CreateSession(t.Context(), other, []byte("x"), storetest.FirstTurn(other)); err != nil {
		t.Fatal(err)
	}
	clicks := funnel(t, s, now)
	if err := s.Erase(t.Context(), id, "client"); err != nil {
		t.Fatalf("Erase: %v", err)
	}
	after := onDisk(t, dir)
	for i, b := range secrets {
		if at := bytes.Index(after, b); at >= 0 {
			t.Errorf("secret %d (%.20q) is still in the file at %d", i, b, at)
		}
	}
	storetest.NoDrift(t, s)
	if got := funnel(t, s, now); got != clicks {
		t.Errorf("clicks = %d after the erasure, %d before", got, clicks)
	}
	if _, err := s.Session(t.Context(), "other"); err != nil {
		t.Errorf("the neighbour: %v", err)
	}
	late(t, s, id, now)
	if err := s.Erase(t.Context(), id, "operator"); err != nil {
		t.Errorf("Erase again: %v", err)
	}
	if err := s.Erase(t.Context(), "nobody", "operator"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Erase(nobody) err = %v, want ErrNotFound", err)
	}
	if list, err := s.Erasures(t.Context()); err != nil || len(list) != 1 || list[0].By != "client" || !list[0].At.Equal(now) {
		t.Errorf("Erasures = %+v, %v, want the one by the client", list, err)
	}
}

// late tries what may be under way when a session is erased.
func late(t *testing.T, s *store.Store, id event.SessionID, now time.Time) {
	t.Helper()
	ctx := t.Context()
	v, err := s.Record(ctx, storetest.Outside(event.New(id, 901, now, event.Plain{Name: event.NameCTAClick})))
	if err != nil || v[0].Result != store.ResultDrop || v[0].Details != store.DetailErased {
		t.Errorf("Record of an erased session = %+v, %v, want it dropped", v, err)
	}
	sess := storetest.Session(id, now)
	if err := s.CreateSession(ctx, sess, []byte("x"), storetest.FirstTurn(sess)); !errors.Is(err, store.ErrExists) {
		t.Errorf("CreateSession(erased) err = %v, want ErrExists", err)
	}
	for what, try := range map[string]func(context.Context) error{
		"turn": func(ctx context.Context) error {
			return s.CommitTurn(ctx, store.Record{Session: sess, Version: 6}, storetest.NextTurn(sess, marker, now))
		},
		"draft": func(ctx context.Context) error {
			_, err := s.SaveDraft(ctx, store.Draft{Session: id, Text: marker})
			return err
		},
		"link":    func(ctx context.Context) error { _, err := s.NewLink(ctx, id, time.Hour); return err },
		"consent": func(ctx context.Context) error { return s.Consent(ctx, id) },
		"decision": func(ctx context.Context) error {
			return s.Decide(ctx, store.Decision{Session: id, Kind: store.DecisionAccepted, Text: marker}, nil)
		},
		"job": func(ctx context.Context) error {
			_, err := s.Enqueue(ctx, store.NewJob{Kind: "mail", Session: id})
			return err
		},
	} {
		if err := try(ctx); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a late %s: err = %v, want ErrNotFound", what, err)
		}
	}
	storetest.NoDrift(t, s)
}

// TestExpire deletes what is too old, and nothing else.
func TestExpire(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), storetest.Start()
	s := storetest.SQLite(t, store.Config{Path: dir, Now: func() time.Time { return now }})
	markedSession(t, s, "old", now)
	finished := storetest.Session("finished", now)
	if err := s.CreateSession(t.Context(), finished, []byte("x"), storetest.FirstTurn(finished)); err != nil {
		t.Fatal(err)
	}
	rec, err := s.Session(t.Context(), "finished")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CommitTurn(t.Context(), rec, storetest.Finish(rec.Session, now)); err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	rules := store.Retention{Sessions: 730 * day, Abandoned: 180 * day, Mails: 730 * day, Advisor: 730 * day, Audit: 730 * day}
	expire := func(want store.Expired) {
		t.Helper()
		if got, err := s.Expire(t.Context(), rules); got != want || err != nil {
			t.Errorf("Expire = %+v, %v, want %+v", got, err, want)
		}
	}
	clicks := funnel(t, s, storetest.Start())
	now = now.Add(180 * day)
	expire(store.Expired{}) // to the millisecond: not older yet
	now = now.Add(day)
	expire(store.Expired{Sessions: 1})
	if bytes.Contains(onDisk(t, dir), []byte(marker)) {
		t.Error("the abandoned session is still in the file")
	}
	now = now.Add(550 * day)
	expire(store.Expired{Sessions: 1, Advisor: 1, Audit: 1})
	storetest.NoDrift(t, s)
	if got := funnel(t, s, storetest.Start()); got != clicks {
		t.Errorf("clicks = %d after retention, %d before", got, clicks)
	}
	if list, err := s.Erasures(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("Erasures = %v, %v, want none: nobody asked", list, err)
	}
}

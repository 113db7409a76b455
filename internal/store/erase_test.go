package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
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
	must(s.ChooseAnalytics(ctx, id, store.AnalyticsChoice{Allowed: true, Since: at}))
	must(s.Consent(ctx, id, store.NewJob{Kind: "reminder", Session: id, Payload: []byte(marker)}))
	must(s.Decide(ctx, store.Decision{Session: id, Kind: store.DecisionQuestion, At: at, Text: marker + " question"}, nil))
	must(s.KeepAdvice(ctx, id, "advice", []byte(marker+" advice"), 10))
	must(s.AddAdvisorCalls(ctx, store.AdvisorCall{ID: "call-" + string(id[max(0, len(id)-4):]), Session: id, At: at, Question: "business", Outcome: store.AdvisorOK, Model: "m"}))
	must(s.Audit(ctx, store.AuditEntry{At: at, Actor: "admin:u1", Action: "session_read", Object: "session:" + string(id)}))
	must(s.SaveAlerts(ctx, alerted(id, at)))
	e := event.New(id, 900, at, event.Plain{Name: event.NameCTAClick})
	e.Properties, e.UserID = []byte(`{"note":"`+marker+` event"}`), marker+"-user"
	lagging := storetest.Outside(e)
	lagging[0].Clocked, lagging[0].Skew = true, time.Hour // whose clock is kept
	_, err = s.Record(ctx, lagging)
	must(err)
	must(s.MarkCanary(ctx, id, at))
}

// alerted is an alert that names a session as one of its causes.
func alerted(id event.SessionID, at time.Time) store.AlertChange {
	causes := []string{"somebody else", string(id)}
	return store.AlertChange{
		States: []store.AlertState{{Rule: "unsure", State: alert.State{
			Fingerprint: "f", Phase: alert.Firing, Episode: &alert.Open{ID: "f-1", From: at, Causes: causes},
		}}},
		Episodes: []store.AlertEpisode{{ID: "f-1", Rule: "unsure", Fingerprint: "f", From: at, Told: at, Causes: causes}},
		Notices:  []alert.Notice{{Key: "f-1/page/firing/1", Episode: "f-1", Channel: "page", Kind: alert.KindFiring, Fingerprint: "f", Causes: causes, At: at}},
	}
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
	named(t, s)
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

// rowsBut lists the rows of all tables but those in which an id stands, and tells
// how many stand in each table.
func rowsBut(t *testing.T, file, id string) (rows []string, in map[string]int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tables := rowsIn(t, db, `sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`, "name")
	in = make(map[string]int)
	for _, table := range tables {
		for _, row := range rowsIn(t, db, table, "*") {
			if strings.Contains(row, id) {
				continue
			}
			in[table]++
			rows = append(rows, table+": "+row)
		}
	}
	return rows, in
}

// rowsIn spells the rows of a table.
func rowsIn(t *testing.T, db *sql.DB, table, what string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT "+what+" FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Trim(fmt.Sprintf("%s", values), "[]"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAnErasureTouchesNobodyElse: every row that does not name the session is there
// afterwards, byte by byte. Two kinds go with it on purpose: cached advice, which may
// quote anybody, and requests for links that are done.
func TestAnErasureTouchesNobodyElse(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), storetest.Start()
	s := storetest.SQLite(t, store.Config{Path: dir, Now: func() time.Time { return now }})
	const leaves, stays = event.SessionID("0193d5a0-0000-7000-8000-00000000e8a5"), event.SessionID("0193d5a0-0000-7000-8000-0000000057a5")
	markedSession(t, s, leaves, now)
	markedSession(t, s, stays, now)
	own := alerted(stays, now) // the other alert names both of them in turn
	own.States[0].State.Fingerprint, own.States[0].State.Episode.ID = "g", "g-1"
	own.Episodes[0].ID, own.Episodes[0].Fingerprint = "g-1", "g"
	own.Notices[0].Key, own.Notices[0].Episode, own.Notices[0].Fingerprint = "g-1/page/firing/1", "g-1", "g"
	if err := s.SaveAlerts(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	for _, id := range []event.SessionID{leaves, stays} {
		if err := s.MarkSimulated(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	finish := func(kind string, finished bool, of ...event.SessionID) {
		t.Helper()
		j := store.NewJob{Kind: kind, Payload: []byte(kind), Due: now}
		if len(of) > 0 {
			j.Session = of[0]
		}
		if _, err := s.Enqueue(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		if !finished {
			return
		}
		jobs, err := s.Lease(t.Context(), []string{kind}, 1, time.Minute)
		if err != nil || len(jobs) != 1 {
			t.Fatalf("Lease = %v, %v", jobs, err)
		}
		if err := s.FinishJob(t.Context(), jobs[0], store.Effects{}); err != nil {
			t.Fatal(err)
		}
	}
	finish("link", true)
	finish("link", true, stays)
	finish("digest", true)
	finish("link", false)
	file := filepath.Join(dir, store.FileName)
	before, in := rowsBut(t, file, string(leaves))
	for _, table := range []string{
		"messages", "event_chunks", "clocks", "jobs", "documents", "deliveries", "mails", "decisions", "magic_links", "session_addresses", "drafts", "reminders", "canaries",
		"analytics_choices", "sessions", "advisor_calls", "simulated", "audit", "alert_states", "alert_episodes", "alert_notices",
	} {
		if in[table] == 0 {
			t.Errorf("nothing of anybody else is in %s, so nothing is tried", table)
		}
	}
	if err := s.Erase(t.Context(), leaves, "client"); err != nil {
		t.Fatal(err)
	}
	after, _ := rowsBut(t, file, string(leaves))
	gone := 0
	for _, row := range before {
		switch {
		case slices.Contains(after, row):
		case strings.HasPrefix(row, "advisor_cache: "),
			strings.HasPrefix(row, "jobs: ") && strings.Contains(row, " link ") && strings.Contains(row, " done ") && !strings.Contains(row, string(stays)):
			gone++
		default:
			t.Errorf("a row of somebody else is gone or changed: %.160q", row)
		}
	}
	if gone != 2 {
		t.Errorf("%d rows went with the session, want cached advice and the request for a link that was done", gone)
	}
}

// named checks that the alert of markedSession has two causes still, one of which
// has no name any more.
func named(t *testing.T, s *store.Store) {
	t.Helper()
	states, unread, err := s.AlertStates(t.Context())
	if err != nil || unread != 0 || len(states) != 1 {
		t.Fatalf("AlertStates = %d, %d, %v", len(states), unread, err)
	}
	list, err := s.Episodes(t.Context(), store.EpisodeFilter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("Episodes = %d, %v", len(list), err)
	}
	notices, err := s.EpisodeNotices(t.Context(), "f-1")
	if err != nil || len(notices) != 1 {
		t.Fatalf("EpisodeNotices = %d, %v", len(notices), err)
	}
	for what, causes := range map[string][]string{"state": states[0].State.Episode.Causes, "episode": list[0].Causes, "notice": notices[0].Causes} {
		if len(causes) != 2 || causes[0] != "somebody else" || !strings.HasPrefix(causes[1], "erased-") {
			t.Errorf("the %s names %q, want somebody else and one that was erased", what, causes)
		}
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
		"choice": func(ctx context.Context) error {
			return s.ChooseAnalytics(ctx, id, store.AnalyticsChoice{Allowed: true, Since: now})
		},
		"link":    func(ctx context.Context) error { _, err := s.NewLink(ctx, id, time.Hour); return err },
		"consent": func(ctx context.Context) error { return s.Consent(ctx, id) },
		"decision": func(ctx context.Context) error {
			return s.Decide(ctx, store.Decision{Session: id, Kind: store.DecisionAccepted, Text: marker}, nil)
		},
		"answer of the model": func(ctx context.Context) error {
			return s.KeepAdvice(ctx, id, "late advice", []byte(marker), 10)
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
	again := alerted(id, now) // by a round that read its figures before
	again.Notices[0].Key = "f-1/page/reminder/1"
	if err := s.SaveAlerts(ctx, again); err != nil {
		t.Errorf("SaveAlerts: %v", err)
	}
	states, _, err := s.AlertStates(ctx)
	list, err2 := s.Episodes(ctx, store.EpisodeFilter{})
	notices, err3 := s.EpisodeNotices(ctx, "f-1")
	if err := errors.Join(err, err2, err3); err != nil || strings.Contains(fmt.Sprintf("%v %+v %+v %+v", states[0].State.Episode.Causes, list, notices, states), string(id)) {
		t.Errorf("a late alert names the session again, %v: %v %+v %+v", err, states[0].State.Episode.Causes, list, notices)
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

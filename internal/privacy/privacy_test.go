package privacy_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/privacy"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// otherSecret is a key that the links of these tests are not sealed with.
const otherSecret = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="

// TestToken is about what a mailed link proves, and for how long.
func TestToken(t *testing.T) {
	t.Parallel()
	keys, now := storetest.Keys(t), storetest.Start()
	token, err := privacy.NewToken(keys, "ada@example.com", now)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(token, "ada") || strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		t.Errorf("the token %s shows the address, or does not fit into a link", token)
	}
	if again, _ := privacy.NewToken(keys, "ada@example.com", now); again == token {
		t.Error("two tokens are the same, so one can be guessed from the other")
	}
	foreign, err := keys.Seal([]byte(`{"email":"ada@example.com","until":"2999-01-01T00:00:00Z"}`), "another place")
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(token)
	changed[len(changed)/2] ^= 1
	rotated := storetest.Keys(t, otherSecret, storetest.Secret)
	for name, tt := range map[string]struct {
		token string
		after time.Duration
		valid bool
	}{
		"at once":                        {token, 0, true},
		"again":                          {token, time.Hour, true},
		"a moment before the end":        {token, 48*time.Hour - time.Millisecond, true},
		"at the end":                     {token, 48 * time.Hour, false},
		"long after":                     {token, 8760 * time.Hour, false},
		"one letter changed":             {string(changed), 0, false},
		"cut short":                      {token[:len(token)-4], 0, false},
		"empty":                          {"", 0, false},
		"no base64":                      {"?token=" + token, 0, false},
		"sealed for something else":      {hex.EncodeToString(foreign), 0, false},
		"a magic link, which is copied":  {strings.Repeat("a1", 32), 0, false},
		"sealed bytes of another place":  {base64.RawURLEncoding.EncodeToString(foreign), 0, false},
		"before it was made, by a clock": {token, -time.Hour, true},
	} {
		email, err := privacy.OpenToken(keys, tt.token, now.Add(tt.after))
		if tt.valid && (err != nil || email != "ada@example.com") || !tt.valid && (!errors.Is(err, privacy.ErrLink) || email != "") {
			t.Errorf("%s: OpenToken = %q, %v; want valid %t", name, email, err, tt.valid)
		}
	}
	if email, err := privacy.OpenToken(rotated, token, now); err != nil || email != "ada@example.com" {
		t.Errorf("after a change of the key: %q, %v; the old key is still known", email, err)
	}
	if _, err := privacy.OpenToken(storetest.Keys(t, otherSecret), token, now); !errors.Is(err, privacy.ErrLink) {
		t.Errorf("under another key: %v, want ErrLink", err)
	}
	if privacy.LinkLife != letter.LinkLife {
		t.Errorf("links work for %v, and their mail says %v", privacy.LinkLife, letter.LinkLife)
	}
}

// house is a service over an empty store, and what it told others.
type house struct {
	*privacy.Service
	st        *store.Store
	now       time.Time
	told      int
	forgotten []event.SessionID
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{now: storetest.Start()}
	h.st = storetest.Any(t, store.Config{Now: func() time.Time { return h.now }})
	h.Service = privacy.New(privacy.Config{
		Store: h.st, Now: func() time.Time { return h.now },
		Erased: func(context.Context) { h.told++ },
		Forget: func(ids ...event.SessionID) { h.forgotten = append(h.forgotten, ids...) },
	})
	return h
}

// session is one of an address, with something of every kind that is kept.
func (h *house) session(t *testing.T, id event.SessionID, email string) {
	t.Helper()
	sess := storetest.Session(id, h.now)
	sess.Client.Email = email
	must(t, h.st.CreateSession(t.Context(), sess, []byte("x"), storetest.FirstTurn(sess)))
	rec, err := h.st.Session(t.Context(), id)
	must(t, err)
	must(t, h.st.CommitTurn(t.Context(), rec, storetest.NextTurn(rec.Session, "We bake bread.", h.now.Add(time.Minute)), store.NewJob{Kind: "documents", Key: "documents/" + string(id), Session: id, Due: h.now}))
	jobs, err := h.st.Lease(t.Context(), []string{"documents"}, 1, time.Minute)
	must(t, err)
	must(t, h.st.FinishJob(t.Context(), jobs[0], store.Effects{
		Documents: []store.Document{{Session: id, Kind: store.DocumentScope, Name: "SCOPE.md", MediaType: "text/markdown", Data: []byte("# Scope")}},
		Mails: []store.Mail{
			{ID: "m1-" + string(id), Session: id, Kind: "client", State: store.MailSent, Message: []byte(`{"subject":"first"}`)},
			{ID: "m2-" + string(id), Session: id, Kind: "reminder", State: store.MailPending, Message: []byte(`{"subject":"second"}`)},
		},
	}))
	must(t, h.st.Decide(t.Context(), store.Decision{Session: id, Kind: store.DecisionQuestion, At: h.now, Text: "When?"}, nil))
	_, err = h.st.SaveDraft(t.Context(), store.Draft{Session: id, Action: "a2", At: h.now, Text: "half a sent"})
	must(t, err)
	must(t, h.st.Consent(t.Context(), id))
	must(t, h.Choose(t.Context(), false, id))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestExport hands out everything of the sessions that are there, and notes it.
func TestExport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session(t, "s-1", "ada@example.com")
	h.session(t, "s-2", "grace@example.com")
	got, err := h.Export(t.Context(), "client", "unknown", "s-1", "unknown")
	must(t, err)
	if len(got.Sessions) != 1 || !got.ExportedAt.Equal(h.now) {
		t.Fatalf("%d sessions at %v are exported, want the one that is there, now", len(got.Sessions), got.ExportedAt)
	}
	one := got.Sessions[0]
	if one.ID != "s-1" || one.Interview.Client.Email != "ada@example.com" || one.Draft != "half a sent" || one.RemindedFrom == nil || one.Analytics == nil || one.Analytics.Allowed || !one.Analytics.Since.Equal(h.now) {
		t.Errorf("the session is %+v", one)
	}
	if len(one.Messages) == 0 || !slices.ContainsFunc(one.Messages, func(m privacy.Message) bool { return m.Text == "We bake bread." }) || len(one.Events) == 0 {
		t.Errorf("%d messages, %d events; the answer has to be among them", len(one.Messages), len(one.Events))
	}
	if len(one.Documents) != 1 || string(one.Documents[0].Data) != "# Scope" {
		t.Errorf("documents are %+v", one.Documents)
	}
	if len(one.Mails) != 2 || string(one.Mails[0].Message) != `{"subject":"first"}` && string(one.Mails[1].Message) != `{"subject":"first"}` {
		t.Errorf("mails are %+v", one.Mails)
	}
	if len(one.Decisions) != 1 || one.Decisions[0].Text != "When?" {
		t.Errorf("decisions are %+v", one.Decisions)
	}
	log, err := h.st.AuditLog(t.Context(), 0)
	must(t, err)
	if len(log) != 1 || log[0].Action != "session_exported" || log[0].Actor != "client" || log[0].Object != "session:s-1" {
		t.Errorf("the audit log is %+v, want this export alone", log)
	}
	none, err := h.Export(t.Context(), "client")
	if err != nil || none.Sessions == nil || len(none.Sessions) != 0 {
		t.Errorf("an export of nothing = %+v, %v, want an empty list", none, err)
	}
}

// TestErase passes over what is unknown or gone, tells others only of what was
// there, and leaves no id behind.
func TestErase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session(t, "s-1", "ada@example.com")
	h.session(t, "s-2", " ADA@example.com ")
	h.session(t, "s-3", "grace@example.com")
	for _, tt := range []struct {
		name   string
		ids    []event.SessionID
		erased int
		told   int
	}{
		{"nothing", nil, 0, 0},
		{"one that is unknown", []event.SessionID{"unknown"}, 0, 0},
		{"two, and an unknown one between them", []event.SessionID{"s-1", "unknown", "s-2"}, 2, 1},
	} {
		n, err := h.Erase(t.Context(), "client", tt.ids...)
		if err != nil || n != tt.erased || h.told != tt.told {
			t.Errorf("%s: Erase = %d, %v, told %d times; want %d, told %d times", tt.name, n, err, h.told, tt.erased, tt.told)
		}
	}
	if want := []event.SessionID{"unknown", "s-1", "unknown", "s-2"}; !slices.Equal(h.forgotten, want) {
		t.Errorf("forgotten in memory: %v, want %v", h.forgotten, want)
	}
	if ids, err := h.Of(t.Context(), "ada@example.com"); err != nil || len(ids) != 0 {
		t.Errorf("Of = %v, %v after the erasure, want none", ids, err)
	}
	if ids, err := h.Of(t.Context(), "Grace@Example.com"); err != nil || !slices.Equal(ids, []event.SessionID{"s-3"}) {
		t.Errorf("Of(the neighbour) = %v, %v", ids, err)
	}
	log, err := h.st.AuditLog(t.Context(), 0)
	must(t, err)
	sum := sha256.Sum256([]byte("s-2"))
	if len(log) != 2 || log[0].Action != "session_erased" || log[0].Object != "erasure:"+hex.EncodeToString(sum[:6]) {
		t.Errorf("the audit log is %+v, want two erasures by their hashes", log)
	}
	storetest.NoDrift(t, h.st)
}

// TestAStoreThatFails reports what could not be done, and how far it came.
func TestAStoreThatFails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session(t, "s-1", "ada@example.com")
	must(t, h.st.Close())
	if n, err := h.Erase(t.Context(), "client", "s-1"); err == nil || n != 0 || h.told != 0 {
		t.Errorf("Erase = %d, %v, told %d times; want an error", n, err, h.told)
	}
	if got, err := h.Export(t.Context(), "client", "s-1"); err == nil || len(got.Sessions) != 0 {
		t.Errorf("Export = %+v, %v, want an error and nothing", got, err)
	}
	if _, yes, err := h.Allowed(t.Context(), "s-1"); err == nil || yes {
		t.Errorf("Allowed = %t, %v, want an error: nobody knows", yes, err)
	}
	if err := h.Choose(t.Context(), true, "s-1"); err == nil {
		t.Error("Choose succeeds without a store")
	}
}

// spoiled is a house whose database somebody spoils after it was filled.
func spoiled(t *testing.T, query string) *house {
	t.Helper()
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), store.FileName)
	h.st = storetest.SQLite(t, store.Config{Path: path, Now: func() time.Time { return h.now }})
	h.Service = privacy.New(privacy.Config{
		Store: h.st, Now: func() time.Time { return h.now },
		Erased: func(context.Context) { h.told++ },
		Forget: func(ids ...event.SessionID) { h.forgotten = append(h.forgotten, ids...) },
	})
	h.session(t, "s-1", "ada@example.com")
	h.session(t, "s-2", "ada@example.com")
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(10000)")
	must(t, err)
	_, err = db.ExecContext(t.Context(), query)
	must(t, errors.Join(err, db.Close()))
	return h
}

// A copy of what is kept is whole or none: a part that cannot be read is not left
// out in silence.
func TestNoExportWithoutAPart(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"messages", "event_chunks", "documents", "mails", "decisions", "drafts", "analytics_choices", "reminders"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			h := spoiled(t, "ALTER TABLE "+table+" RENAME TO gone")
			if got, err := h.Export(t.Context(), "client", "s-1"); err == nil || len(got.Sessions) != 0 {
				t.Errorf("Export without %s = %+v, %v, want an error and nothing", table, got, err)
			}
		})
	}
}

// Neither is a copy handed out that nobody noted, and a session that was forgotten
// is forgotten everywhere, although the note of it failed.
func TestWithoutAnAuditLog(t *testing.T) {
	t.Parallel()
	h := spoiled(t, "CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
	if got, err := h.Export(t.Context(), "client", "s-1"); err == nil || len(got.Sessions) != 0 {
		t.Errorf("Export = %+v, %v, want an error and nothing", got, err)
	}
	if n, err := h.Erase(t.Context(), "client", "s-1", "s-2"); err == nil || n != 1 || h.told != 1 || !slices.Contains(h.forgotten, "s-1") {
		t.Errorf("Erase = %d, %v, told %d times, forgotten %v; want an error, and the first one gone, told and forgotten", n, err, h.told, h.forgotten)
	}
}

// TestChoose keeps the newest word, and since when it holds.
func TestChoose(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	begun := h.now
	check := func(id event.SessionID, want bool, since time.Time) {
		t.Helper()
		got, yes, err := h.Allowed(t.Context(), id)
		if err != nil || yes != want || want && !got.Equal(since) {
			t.Errorf("Allowed(%s) = %v, %t, %v; want %t since %v", id, got, yes, err, want, since)
		}
	}
	check("v-1", false, begun) // silence is a no
	must(t, h.Choose(t.Context(), true, "v-1", "v-2"))
	check("v-1", true, begun)
	h.now = h.now.Add(time.Hour)
	must(t, h.Choose(t.Context(), true, "v-1")) // the same again
	check("v-1", true, begun)
	must(t, h.Choose(t.Context(), false, "v-1"))
	check("v-1", false, begun)
	check("v-2", true, begun)
	h.now = h.now.Add(time.Hour)
	must(t, h.Choose(t.Context(), true, "v-1"))
	check("v-1", true, h.now) // what happened in between stays here

	must(t, h.Carry(t.Context(), "v-2", "s-2"))
	check("s-2", true, begun)
	must(t, h.Carry(t.Context(), "unknown", "s-3"))
	check("s-3", false, begun)
	must(t, h.Choose(t.Context(), false, "s-4"))
	must(t, h.Carry(t.Context(), "v-2", "s-4"))
	check("s-4", false, begun) // its own word goes before

	h.session(t, "s-5", "ada@example.com")
	must(t, h.Choose(t.Context(), true, "s-5"))
	if n, err := h.Erase(t.Context(), "client", "s-5"); n != 1 || err != nil {
		t.Fatalf("Erase = %d, %v", n, err)
	}
	check("s-5", false, begun)
	must(t, h.Choose(t.Context(), true, "s-5"))
	must(t, h.Carry(t.Context(), "v-2", "s-5"))
	check("s-5", false, begun) // nothing of an erased session is written down again
}

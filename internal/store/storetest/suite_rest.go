//nolint:thelper // these are the tests of the suite, not helpers
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

func users(t *testing.T, open Open) {
	s := open(t, store.Config{})
	count := func() int {
		t.Helper()
		n, err := s.UserCount(t.Context())
		if err != nil {
			t.Fatalf("UserCount: %v", err)
		}
		return n
	}
	if got := count(); got != 0 {
		t.Errorf("UserCount of a new store = %d, want 0", got)
	}
	ann := store.User{ID: "u1", Email: " Ann@Example.com", Name: "Ann", PasswordHash: "argon2id$x", CreatedAt: Start()}
	if err := s.CreateUser(t.Context(), ann); err != nil {
		t.Fatalf("CreateUser: %v", err)
	}
	got, err := s.UserByEmail(t.Context(), "ANN@example.COM ")
	if err != nil {
		t.Fatalf("UserByEmail: %v", err)
	}
	ann.Email = "ann@example.com"
	same(t, "user", got, ann)
	for name, u := range map[string]store.User{
		"the same address": {ID: "u2", Email: "ann@EXAMPLE.com"},
		"the same id":      {ID: "u1", Email: "bob@example.com"},
	} {
		if err := s.CreateUser(t.Context(), u); !errors.Is(err, store.ErrExists) {
			t.Errorf("CreateUser with %s err = %v, want ErrExists", name, err)
		}
	}
	if _, err := s.UserByEmail(t.Context(), "bob@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("UserByEmail(nobody) err = %v, want ErrNotFound", err)
	}
	if got := count(); got != 1 {
		t.Errorf("UserCount = %d, want 1", got)
	}
}

func tokens(t *testing.T, open Open) {
	s := open(t, store.Config{})
	first := store.Token{ID: "t1", Name: "deploy", Hash: []byte{0, 1, 2}, CreatedAt: Start()}
	second := store.Token{ID: "t2", Name: "reports", Hash: []byte{9}, CreatedAt: Start().Add(time.Hour)}
	for _, token := range []store.Token{second, first} {
		if err := s.CreateToken(t.Context(), token); err != nil {
			t.Fatalf("CreateToken(%s): %v", token.ID, err)
		}
	}
	if err := s.CreateToken(t.Context(), store.Token{ID: "t3", Hash: []byte{9}}); !errors.Is(err, store.ErrExists) {
		t.Errorf("CreateToken(known hash) err = %v, want ErrExists", err)
	}
	list, err := s.Tokens(t.Context())
	if err != nil {
		t.Fatalf("Tokens: %v", err)
	}
	same(t, "tokens", list, []store.Token{first, second})
	got, err := s.TokenByHash(t.Context(), []byte{0, 1, 2})
	if err != nil {
		t.Fatalf("TokenByHash: %v", err)
	}
	same(t, "token", got, first)
	if err := s.DeleteToken(t.Context(), "t1"); err != nil {
		t.Fatalf("DeleteToken: %v", err)
	}
	if _, err := s.TokenByHash(t.Context(), []byte{0, 1, 2}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("TokenByHash(deleted) err = %v, want ErrNotFound", err)
	}
	if err := s.DeleteToken(t.Context(), "t1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("DeleteToken(deleted) err = %v, want ErrNotFound", err)
	}
}

func settings(t *testing.T, open Open) {
	s := open(t, store.Config{})
	if _, err := s.Setting(t.Context(), "theme"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Setting(never set) err = %v, want ErrNotFound", err)
	}
	for _, value := range []string{"light", "dark", ""} {
		if err := s.SetSetting(t.Context(), "theme", value); err != nil {
			t.Fatalf("SetSetting: %v", err)
		}
		if got, err := s.Setting(t.Context(), "theme"); got != value || err != nil {
			t.Errorf("Setting = %q, %v, want %q", got, err, value)
		}
	}
}

func auditLog(t *testing.T, open Open) {
	s := open(t, store.Config{})
	var want []store.AuditEntry
	for i := range 5 {
		// Entries of the same moment keep the order in which they were made.
		e := store.AuditEntry{At: Start(), Actor: "admin:u1", Action: "login", Object: strconv.Itoa(i)}
		if err := s.Audit(t.Context(), e); err != nil {
			t.Fatalf("Audit: %v", err)
		}
		want = append([]store.AuditEntry{e}, want...)
	}
	got, err := s.AuditLog(t.Context(), 3)
	if err != nil {
		t.Fatalf("AuditLog: %v", err)
	}
	same(t, "audit log", got, want[:3])
	if all, err := s.AuditLog(t.Context(), 0); err != nil || len(all) != 5 {
		t.Errorf("AuditLog(0) = %d entries, %v, want 5", len(all), err)
	}
}

func adminSessions(t *testing.T, open Open) {
	now := Start()
	s := open(t, store.Config{Now: func() time.Time { return now }})
	logins := s.AdminSessions()
	find := func(token, want string, known bool) {
		t.Helper()
		got, ok, err := logins.Find(token)
		if err != nil || ok != known || string(got) != want {
			t.Errorf("Find(%q) = %q, %v, %v, want %q, %v, nil", token, got, ok, err, want, known)
		}
	}
	commit := func(token, data string, life time.Duration) {
		t.Helper()
		if err := logins.Commit(token, []byte(data), now.Add(life)); err != nil {
			t.Fatalf("Commit(%q): %v", token, err)
		}
	}
	find("a", "", false)
	commit("a", "one", time.Hour)
	commit("b", "other", time.Minute)
	find("a", "one", true)
	commit("a", "two", 2*time.Hour)
	find("a", "two", true)
	now = now.Add(time.Minute)
	find("b", "", false)
	commit("c", "", time.Hour)
	find("c", "", true)
	for range 2 {
		if err := logins.Delete("a"); err != nil {
			t.Errorf("Delete = %v, want nil, also when there is nothing", err)
		}
	}
	find("a", "", false)
}

func endedContext(t *testing.T, open Open) {
	s := open(t, store.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sess := Session("s1", Start())
	if err := s.CreateSession(ctx, sess, nil, FirstTurn(sess)); !errors.Is(err, context.Canceled) {
		t.Errorf("CreateSession(ended context) err = %v, want context.Canceled", err)
	}
	if _, err := s.Record(ctx, Outside(FirstTurn(sess).Events...)); !errors.Is(err, context.Canceled) {
		t.Errorf("Record(ended context) err = %v, want context.Canceled", err)
	}
	if _, err := s.Session(t.Context(), "s1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Session err = %v, want ErrNotFound: a refused write must not appear", err)
	}
	if evs, err := s.Events(t.Context(), "s1"); err != nil || len(evs) != 0 {
		t.Errorf("Events = %v, %v, want none", evs, err)
	}
}

func closedStore(t *testing.T, open Open) {
	path := t.TempDir()
	s := open(t, store.Config{Path: path})
	create(t, s, "s1", Start())
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	if _, err := s.Record(t.Context(), Outside(FirstTurn(Session("s1", Start())).Events...)); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Record(closed store) err = %v, want ErrClosed", err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping(closed store) = nil, want an error")
	}
	again := open(t, store.Config{Path: path})
	if rec := load(t, again, "s1"); rec.Version != 1 {
		t.Errorf("Session after reopening = version %d, want 1", rec.Version)
	}
}

func keyRotation(t *testing.T, open Open) {
	path := t.TempDir()
	with := func(secrets ...string) *store.Store {
		t.Helper()
		return open(t, store.Config{Path: path, Keys: Keys(t, secrets...)})
	}
	shut := func(s *store.Store) {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	s := with(FormerSecret)
	const sessions = 130 // more than a page of resealing
	for i := range sessions {
		create(t, s, event.SessionID(fmt.Sprintf("s%03d", i)), Start().Add(time.Duration(i)*time.Minute))
	}
	answer(t, s, "s001", "A bakery", Start().Add(time.Hour))
	wantSession, _ := s.Session(t.Context(), "s001")
	wantMessages, _ := s.Messages(t.Context(), "s001")
	shut(s)

	s = with(Secret, FormerSecret)
	same(t, "session under both keys", load(t, s, "s001"), wantSession)
	answer(t, s, "s002", "A barber", Start().Add(time.Hour))
	n, err := s.Reseal(t.Context())
	// Two columns of each session, one message each and two of the turn before,
	// less what the turn of s002 sealed already.
	if want := 3*sessions + 2 - 2; n != want || err != nil {
		t.Errorf("Reseal = %d, %v, want %d, nil", n, err, want)
	}
	if n, err := s.Reseal(t.Context()); n != 0 || err != nil {
		t.Errorf("Reseal again = %d, %v, want 0, nil", n, err)
	}
	shut(s)

	s = with(Secret)
	same(t, "session under the new key", load(t, s, "s001"), wantSession)
	got, err := s.Messages(t.Context(), "s001")
	if err != nil {
		t.Fatalf("Messages: %v", err)
	}
	same(t, "messages under the new key", got, wantMessages)
	list, err := s.Sessions(t.Context(), store.SessionFilter{Query: "Ortega-s129"})
	if err != nil || len(list) != 1 {
		t.Errorf("Sessions by name under the new key = %v, %v, want one", list, err)
	}
}

func healthy(t *testing.T, open Open) {
	s := open(t, store.Config{})
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping = %v, want nil", err)
	}
	if err := s.Migrated(t.Context()); err != nil {
		t.Errorf("Migrated = %v, want nil", err)
	}
	NoDrift(t, s)
	if rows, err := s.Rollups(t.Context(), nil); err != nil || len(rows) != 0 {
		t.Errorf("Rollups(nothing) = %v, %v, want none", rows, err)
	}
	if !bytes.Equal(Keys(t).MAC("p", nil), Keys(t).MAC("p", nil)) {
		t.Error("the key of tests is not fixed")
	}
}

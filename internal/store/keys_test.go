package store_test

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestResealLeavesNothingBehind: after resealing, no column of any table holds a
// value under the former key but the logins, which expire. Whoever takes that key
// out of the configuration loses nothing.
func TestResealLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "introspect.db")
	former := storetest.Keys(t, storetest.FormerSecret)
	open := func(keys *seal.Keyring) *store.Store {
		t.Helper()
		s, err := store.Open(t.Context(), store.Config{Path: file, Keys: keys, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s, at := open(former), storetest.Start()
	markedSession(t, s, "s1", at)
	_, hooked := s.SaveWebhook(t.Context(), store.Webhook{URL: "https://example.com", Secret: "whsec"})
	_, silenced := s.Silence(t.Context(), alert.Silence{Author: "owner", Reason: "known", From: at, To: at.Add(time.Hour)})
	if err := errors.Join(hooked, silenced, s.Acknowledge(t.Context(), alert.Ack{Episode: "f-1", At: at, By: "owner"})); err != nil {
		t.Fatal(err)
	}
	before := under(t, file, former)
	for _, column := range []string{
		"sessions.person", "sessions.state", "messages.text", "drafts.text", "decisions.text", "jobs.payload", "jobs.result", "mails.message",
		"webhooks.secret", "alert_silences.body", "alert_acks.by", "documents.data", "advisor_cache.answer",
	} {
		if before[column] == 0 {
			t.Errorf("nothing is in %s, so its resealing is not tried", column)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(storetest.Keys(t, storetest.Secret, storetest.FormerSecret))
	if n, err := s.Reseal(t.Context()); n == 0 || err != nil {
		t.Fatalf("Reseal = %d, %v", n, err)
	}
	for column, n := range under(t, file, former) {
		if column != "admin_sessions.data" {
			t.Errorf("%d values of %s are still under the former key", n, column)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(storetest.Keys(t, storetest.Secret))
	defer s.Close()
	if doc, err := s.Document(t.Context(), "s1", store.DocumentProposal); err != nil || string(doc.Data) != marker {
		t.Errorf("the proposal is %q, %v under the new key alone", doc.Data, err)
	}
	if mails, err := s.Mails(t.Context(), store.MailFilter{ID: "mail-s1"}); err != nil || len(mails) != 1 || string(mails[0].Message) != marker+" mail" {
		t.Errorf("mails %v, %v under the new key alone", mails, err)
	}
}

// under counts by column what a key sealed, as it lies in the file.
func under(t *testing.T, file string, key *seal.Keyring) map[string]int {
	t.Helper()
	id, err := hex.DecodeString(key.ID())
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := map[string]int{}
	rows, err := db.QueryContext(t.Context(), `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.type IN ('BLOB', '')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		if n := sealedUnder(t, db, table, column, id); n > 0 {
			out[table+"."+column] = n
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func sealedUnder(t *testing.T, db *sql.DB, table, column string, id []byte) (n int) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), fmt.Sprintf(`SELECT %q FROM %q`, column, table))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			t.Fatal(err)
		}
		if len(b) > len(id) && bytes.Equal(b[1:1+len(id)], id) {
			n++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestEraseOwnData takes a client with a telling name through the whole intake,
// with documents and mails, and has everything erased by the form: neither the
// API nor the database knows a word of it, and figures stay.
func TestEraseOwnData(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, id := finishedAs(t, s, "Zyxmarker")
	s.work(t)
	token := v.cookies["introspect_session"].Value
	page := v.get("/privacy/requests")
	checkHTML(t, page)
	page.holds(t, "Zyxmarker", "Download everything", "Erase my data")
	v.get("/success").holds(t, `href="/privacy/requests"`)

	file := v.post("/privacy/requests/export", nil)
	var export struct {
		Sessions []struct {
			SessionID event.SessionID
			Interview struct {
				Client struct{ UserEmail string }
			}
			Messages  []struct{ Text string }
			Events    []any
			Documents []struct {
				Name string
				Data []byte
			}
			Mails []struct{ Kind string }
		}
	}
	if err := json.Unmarshal(file.Body.Bytes(), &export); err != nil || !strings.HasPrefix(file.Header().Get("Content-Disposition"), "attachment") {
		t.Fatalf("the export is no file of JSON: %v, %v", err, file.Header())
	}
	if n := len(export.Sessions); n != 1 {
		t.Fatalf("%d sessions are exported, want 1", n)
	}
	one := export.Sessions[0]
	if one.SessionID != id || one.Interview.Client.UserEmail != "ada@example.com" || len(one.Messages) < 10 || len(one.Events) < 10 || len(one.Documents) == 0 || len(one.Mails) == 0 {
		t.Errorf("export of %s: %d messages, %d events, %d documents, %d mails", one.SessionID, len(one.Messages), len(one.Events), len(one.Documents), len(one.Mails))
	}
	if !strings.Contains(string(one.Documents[0].Data), "Zyxmarker") {
		t.Error("SCOPE.md is not in the export")
	}

	if a := v.post("/privacy/requests/erase", nil); a.Code != http.StatusBadRequest || !strings.Contains(a.Body.String(), "tick the box") {
		t.Errorf("erase without the box = %d", a.Code)
	}
	if _, err := s.store.Session(t.Context(), id); err != nil {
		t.Fatalf("the session is gone without a confirmation: %v", err)
	}
	done := v.post("/privacy/requests/erase", url.Values{"sure": {"1"}})
	checkHTML(t, done)
	done.holds(t, "Your data is erased")
	if v.cookies["introspect_session"] != nil && v.cookies["introspect_session"].Value != "" {
		t.Error("the browser still has its key")
	}
	for _, path := range []string{"/api/sessions/" + string(id), "/api/privacy/export", "/api/documents/scope/" + string(id), "/api/documents/proposal/" + string(id)} {
		if a := s.visitor(t).bearer(token, path); a.Code < 400 || strings.Contains(a.Body.String(), "Zyxmarker") || strings.Contains(a.Body.String(), "ada@") {
			t.Errorf("GET %s = %d %s", path, a.Code, a.Body)
		}
	}
	names, err := filepath.Glob(s.store.File() + "*")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, mark := range []string{"Zyxmarker", "ada@example.com", "Ada Lovelace", string(id)} {
			if bytes.Contains(content, []byte(mark)) {
				t.Errorf("%q is still in %s", mark, filepath.Base(name))
			}
		}
	}
	storetest.NoDrift(t, s.store)
	log, err := s.store.AuditLog(t.Context(), 0)
	if err != nil || len(log) == 0 || log[0].Action != "session_erased" || log[0].Actor != "client" {
		t.Errorf("audit log = %+v, %v, want the erasure by the client first", log, err)
	}
}

var dataLinkPattern = regexp.MustCompile(`https://introspect\.example(/privacy/requests\?token=[\w-]+)`)

// TestDataLink proves an address by mail: the link opens all sessions of the
// address, on any device, also finished ones; the key of one session does not,
// and neither does a link that anybody can copy.
func TestDataLink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, first := finished(t, s)
	v, second := finished(t, s)
	stranger := s.visitor(t)
	stranger.post("/privacy/requests/link", url.Values{"email": {"nobody@example.com"}}).holds(t, "If anything is kept for this address")
	if got := s.mails(t, deliver.MailDataLink); len(got) != 0 {
		t.Fatalf("%d mails went out for an address that nobody knows", len(got))
	}
	stranger.post("/privacy/requests/link", url.Values{"email": {"ADA@example.com"}}).holds(t, "If anything is kept for this address")
	got := s.mails(t, deliver.MailDataLink)
	if len(got) != 1 {
		t.Fatalf("%d mails with a link, want 1", len(got))
	}
	m := dataLinkPattern.FindStringSubmatch(got[0].Text)
	if m == nil {
		t.Fatalf("no link in:\n%s", got[0].Text)
	}
	link, _ := url.Parse(m[1])
	token := link.Query().Get("token")
	page := stranger.get(m[1])
	checkHTML(t, page)
	if n := strings.Count(page.Body.String(), "begun "); n != 2 || page.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the link shows %d sessions, want 2; headers %v", n, page.Header())
	}
	if n := strings.Count(v.get("/privacy/requests").Body.String(), "begun "); n != 1 {
		t.Errorf("the key of one session shows %d, want 1", n)
	}
	own := v.cookies["introspect_session"].Value
	_, copied := v.call(http.MethodPost, "/api/sessions/link", own, `{"sessionId":"`+string(second)+`"}`)
	magic := text(copied, "url")
	magic = magic[strings.Index(magic, "token=")+6:]
	for name, bad := range map[string]string{"a magic link": magic, "nonsense": "abc"} {
		if a, _ := stranger.call(http.MethodPost, "/api/privacy/export", "", `{"token":"`+bad+`"}`); a.Code != http.StatusGone {
			t.Errorf("export with %s = %d, want 410", name, a.Code)
		}
	}
	if a, _ := stranger.call(http.MethodPost, "/api/privacy/erase", "", `{"token":"`+token+`"}`); a.Code != http.StatusBadRequest {
		t.Errorf("erase without confirm = %d, want 400", a.Code)
	}
	if a, _ := stranger.call(http.MethodPost, "/api/privacy/erase", own, `{"sessionId":"`+string(first)+`","confirm":true}`); a.Code != http.StatusUnauthorized {
		t.Errorf("erase of another session = %d, want 401", a.Code)
	}
	s.wait(47 * time.Hour)
	if a, p := stranger.call(http.MethodPost, "/api/privacy/erase", "", `{"token":"`+token+`","confirm":true}`); a.Code != http.StatusOK || p["erased"] != 2.0 {
		t.Errorf("erase = %d %v, want two", a.Code, p)
	}
	for _, id := range []event.SessionID{first, second} {
		if list, err := s.store.Mails(t.Context(), store.MailFilter{Session: id}); err != nil || len(list) != 0 {
			t.Errorf("mails of %s: %d, %v", id, len(list), err)
		}
	}
	stranger.get(m[1]).holds(t, "Nothing is kept for this address any more")
	s.wait(2 * time.Hour)
	if a := stranger.get(m[1]); a.Code != http.StatusGone {
		t.Errorf("a link of 49 hours = %d, want 410", a.Code)
	}
	storetest.NoDrift(t, s.store)
}

// TestAdminErase has the agency erase a client: only with the box ticked.
func TestAdminErase(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	path := "/admin/sessions/" + string(o.client(ana(), 6, willing).ID)
	if a := o.get(path); a.status != 200 || !strings.Contains(a.body, `action="`+path+`/erase"`) {
		t.Fatalf("GET %s = %d, want the form", path, a.status)
	}
	if a := o.post(path+"/erase", nil); a.status != http.StatusBadRequest {
		t.Errorf("erase without the box = %d, want 400", a.status)
	}
	a := o.post(path+"/erase", url.Values{"sure": {"1"}})
	if to := a.header.Get("Location"); a.status != http.StatusSeeOther || !strings.HasPrefix(to, "/admin/sessions?") {
		t.Fatalf("erase = %d to %q, want the list", a.status, to)
	}
	if list := o.get(a.header.Get("Location")); !strings.Contains(list.body, "erased for good") {
		t.Error("the list does not say what was done")
	}
	if a := o.get(path); a.status != http.StatusNotFound {
		t.Errorf("the erased session = %d, want 404", a.status)
	}
}

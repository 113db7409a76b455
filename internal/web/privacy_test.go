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

	"github.com/google/go-cmp/cmp"

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
	if err != nil || len(names) == 0 && !strings.HasPrefix(s.store.File(), "postgres:") {
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

// TestDataLinkTellsNothing asks for links to addresses of every kind: whoever asks
// gets the same page, and the server does the same work, so that neither the words
// nor the time tells whether anything is kept. The mail is made later.
func TestDataLinkTellsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	open := s.visitor(t)
	open.foundation("open@example.com", "")
	finished(t, s) // ada@example.com
	erased := s.visitor(t)
	erased.foundation("erased@example.com", "")
	erased.post("/privacy/requests/erase", url.Values{"sure": {"1"}})
	s.work(t)
	statements := func() map[string]int64 {
		out := map[string]int64{}
		for _, st := range s.store.Statements() {
			out[st.SQL] = st.Calls
		}
		return out
	}
	var page string
	var work map[string]int64
	for _, email := range []string{"nobody@example.com", "ada@example.com", "open@example.com", "erased@example.com", "no address", ""} {
		before := statements()
		a := s.visitor(t).post("/privacy/requests/link", url.Values{"email": {email}})
		did := map[string]int64{}
		for sql, n := range statements() {
			if n != before[sql] {
				did[sql] = n - before[sql]
			}
		}
		if page == "" {
			page, work = a.Body.String(), did
		}
		if len(did) == 0 {
			t.Fatal("no statement was counted, so the test proves nothing")
		}
		if diff := cmp.Diff(page, a.Body.String()); a.Code != http.StatusOK || diff != "" {
			t.Errorf("%q: status %d, page (-stranger +this):\n%s", email, a.Code, diff)
		}
		if diff := cmp.Diff(work, did); diff != "" {
			t.Errorf("%q: statements (-stranger +this):\n%s", email, diff)
		}
	}
	if n := len(s.mails(t, deliver.MailDataLink)); n != 2 {
		t.Errorf("%d mails, want one for each address of which something is kept", n)
	}
}

// TestDataLinkAfterUse follows a link again after its data was erased, after it
// ended, and after the address gave something new.
func TestDataLinkAfterUse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	finished(t, s)
	stranger := s.visitor(t)
	stranger.post("/privacy/requests/link", url.Values{"email": {"ada@example.com"}})
	link := dataLinkPattern.FindStringSubmatch(s.mails(t, deliver.MailDataLink)[0].Text)[1]
	token := url.Values{"token": {strings.TrimPrefix(link, "/privacy/requests?token=")}}
	sure := url.Values{"token": token["token"], "sure": {"1"}}
	if file := stranger.post("/privacy/requests/export", token); !strings.HasPrefix(file.Header().Get("Content-Disposition"), "attachment") {
		t.Fatalf("export by the link = %d", file.Code)
	}
	stranger.post("/privacy/requests/erase", sure).holds(t, "Your data is erased")
	stranger.get(link).holds(t, "Nothing is kept for this address any more")
	stranger.post("/privacy/requests/erase", sure) // twice does no harm
	finished(t, s)
	if n := strings.Count(stranger.get(link).Body.String(), "begun "); n != 1 {
		t.Errorf("the link shows %d sessions, want the new one of its address", n)
	}
	s.wait(48 * time.Hour)
	for name, a := range map[string]answer{"see": stranger.get(link), "export": stranger.post("/privacy/requests/export", token), "erase": stranger.post("/privacy/requests/erase", sure)} {
		if a.Code != http.StatusGone || !strings.Contains(a.Body.String(), "This link does not work") || strings.Contains(a.Body.String(), token.Get("token")) {
			t.Errorf("%s by a link of 48 hours = %d", name, a.Code)
		}
	}
	if log, err := s.store.Erasures(t.Context()); err != nil || len(log) != 1 {
		t.Errorf("%d erasures, %v; want the one that the link allowed", len(log), err)
	}
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

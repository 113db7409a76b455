package web_test

import (
	"crypto/sha256"
	"encoding/json"
	"flag"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/account"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/web"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// opening is when every test begins.
var opening = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

const bootstrapToken = "bootstrap-token-of-the-tests-0123456789"

// site is a whole installation over an empty store.
type site struct {
	server    *web.Server
	handler   http.Handler
	store     *store.Store
	interview *interview.Service
	deliver   *deliver.Service
	engine    *intake.Engine
	requests  *metric.Requests
	observing sync.Mutex // guards requests
	log       *lockedText

	mu  sync.Mutex
	now time.Time
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// lockedText is a log that tests can read.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newSite(tb testing.TB, change ...func(*web.Config)) *site {
	tb.Helper()
	s := &site{now: opening, requests: &metric.Requests{}, log: &lockedText{}}
	s.store = storetest.Any(tb, store.Config{Now: s.clock})
	cat, engine := intaketest.Engine(tb)
	s.engine = engine
	s.deliver = delivering(tb, s.store, cat, engine, s.clock, nil)
	s.interview = interview.New(interview.Config{
		Store: s.store, Engine: s.engine, Now: s.clock, Finished: s.deliver.Finished, Abandoned: s.deliver.Abandoned,
		Remind: s.deliver.Remind, Link: s.deliver.Link,
	})
	cfg := web.Config{
		Agency: web.Agency{
			Name: "Applicreations", Email: "david@applicreations.com", Phone: "+1 (555) 010-0199", URL: "https://applicreations.com",
		},
		Interview: s.interview, Deliver: s.deliver, Ingest: ingest.New(ingest.Config{Store: s.store, Now: s.clock}),
		Account: account.New(account.Config{Store: s.store, Now: s.clock, BootstrapToken: bootstrapToken}),
		Health:  health.New(health.Config{Store: s.store, Now: s.clock}),
		Store:   s.store, Catalog: cat, Engine: s.engine, Keys: storetest.Keys(tb), Observe: s.observe,
		Collect: web.Collect{Open: true}, Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: s.clock,
	}
	for _, c := range change {
		c(&cfg)
	}
	server, err := web.New(cfg)
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	s.server, s.handler = server, server.Handler()
	return s
}

// delivering is the delivery of a site: the real documents, and mails kept for
// reading.
func delivering(tb testing.TB, st *store.Store, cat *catalog.Catalog, engine *intake.Engine, now func() time.Time, post deliver.Poster) *deliver.Service {
	tb.Helper()
	return deliver.New(deliver.Config{
		Store: st, Catalog: cat, Engine: engine, Keys: storetest.Keys(tb), Now: now, Post: post, Base: func() string { return "https://introspect.example" },
		Render: func(p proposal.Proposal) ([]byte, error) { return pdf.Render(p, pdf.Brand{Name: "Applicreations"}) },
		Agency: deliver.Agency{
			Scope: scope.Agency{Name: "Applicreations"}, Proposal: proposal.Agency{Name: "Applicreations"},
			Mail: letter.Agency{Name: "Applicreations", From: letter.Address{Email: "introspect@applicreations.com"}, Team: letter.Address{Email: "david@applicreations.com"}},
		},
	})
}

// work does the jobs that are due.
func (s *site) work(tb testing.TB) {
	tb.Helper()
	r := job.New(job.Config{Store: s.store, Kinds: s.deliver.Kinds(), Now: s.clock})
	if _, err := r.RunDue(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// plant stores a session that stands at an action, and returns its token.
// observe notes the requests that were measured.
func (s *site) observe(took time.Duration, status int) {
	s.observing.Lock()
	defer s.observing.Unlock()
	s.requests.Observe(took, status)
}

func (s *site) plant(tb testing.TB, sess *intake.Session, messages ...intake.Message) string {
	tb.Helper()
	token := string(sess.ID) + ".secret"
	sum := sha256.Sum256([]byte(token))
	if err := s.store.CreateSession(tb.Context(), sess, sum[:], intake.Turn{Messages: messages}); err != nil {
		tb.Fatalf("CreateSession: %v", err)
	}
	return token
}

// visitor is one browser, with cookies and an address of its own.
type visitor struct {
	tb      testing.TB
	site    *site
	addr    string
	cookies map[string]*http.Cookie
	header  http.Header
}

func (s *site) visitor(tb testing.TB) *visitor {
	tb.Helper()
	return &visitor{
		tb: tb, site: s, addr: "127.0.0.1:4321", cookies: map[string]*http.Cookie{},
		header: http.Header{"User-Agent": {"Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"}},
	}
}

// with gives the visitor the key of a session.
func (v *visitor) with(token string) *visitor {
	v.cookies["introspect_session"] = &http.Cookie{Name: "introspect_session", Value: token}
	return v
}

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	Path string // after redirects
}

func (v *visitor) send(method, path, kind string, body io.Reader) answer {
	v.tb.Helper()
	r := httptest.NewRequestWithContext(v.tb.Context(), method, path, body)
	r.RemoteAddr = v.addr
	for name, values := range v.header {
		r.Header[name] = values
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.site.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		v.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return answer{w, path}
}

func (v *visitor) get(path string) answer {
	v.tb.Helper()
	return v.follow(v.send(http.MethodGet, path, "", http.NoBody))
}

func (v *visitor) post(path string, form url.Values) answer {
	v.tb.Helper()
	return v.follow(v.send(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())))
}

// follow goes where a POST-redirect-GET leads.
func (v *visitor) follow(a answer) answer {
	v.tb.Helper()
	for hops := 0; a.Code == http.StatusSeeOther; hops++ {
		if hops == 5 {
			v.tb.Fatalf("redirects do not end: %s", a.Path)
		}
		a = v.send(http.MethodGet, a.Header().Get("Location"), "", http.NoBody)
	}
	return a
}

// call sends JSON with a bearer token and returns the decoded answer.
func (v *visitor) call(method, path, token, body string) (answer, map[string]any) {
	v.tb.Helper()
	if token != "" {
		v.header.Set("Authorization", "Bearer "+token)
		defer v.header.Del("Authorization")
	}
	a := v.send(method, path, "application/json", strings.NewReader(body))
	var m map[string]any
	if err := json.Unmarshal(a.Body.Bytes(), &m); err != nil && a.Body.Len() > 0 {
		v.tb.Fatalf("%s %s is no JSON: %v\n%s", method, path, err, a.Body)
	}
	return a, m
}

// form is a form as a browser without scripts understands it.
type form struct {
	Action  string
	Fields  []field
	Buttons []field
}

type field struct {
	Type, Name, Value string
	Checked           bool
}

var (
	tagPattern  = regexp.MustCompile(`(?s)<(/?form|input|textarea|button)\b([^>]*)>([^<]*)`)
	attrPattern = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
)

// forms reads the forms of a page.
func (a answer) forms() []form {
	var out []form
	for _, m := range tagPattern.FindAllStringSubmatch(a.Body.String(), -1) {
		attr := map[string]string{}
		for _, x := range attrPattern.FindAllStringSubmatch(m[2], -1) {
			attr[x[1]] = html.UnescapeString(x[2])
		}
		_, checked := attr["checked"]
		f := field{Type: attr["type"], Name: attr["name"], Value: attr["value"], Checked: checked}
		switch {
		case m[1] == "form":
			out = append(out, form{Action: attr["action"]})
		case m[1] == "/form" || len(out) == 0:
		case m[1] == "button":
			out[len(out)-1].Buttons = append(out[len(out)-1].Buttons, f)
		case m[1] == "textarea":
			f.Type, f.Value = "textarea", html.UnescapeString(m[3])
			out[len(out)-1].Fields = append(out[len(out)-1].Fields, f)
		default:
			out[len(out)-1].Fields = append(out[len(out)-1].Fields, f)
		}
	}
	return out
}

// form returns the form that posts to an address.
func (a answer) form(tb testing.TB, action string) form {
	tb.Helper()
	all := a.forms()
	i := slices.IndexFunc(all, func(f form) bool { return f.Action == action })
	if i < 0 {
		tb.Fatalf("%s (%d) has no form for %s:\n%s", a.Path, a.Code, action, a.Body)
	}
	return all[i]
}

// filled is what a browser sends: what is filled in and checked, and a button.
func (f form) filled(button string) url.Values {
	out := url.Values{"go": {button}}
	for _, x := range f.Fields {
		if x.Name != "" && (x.Checked || x.Type != "radio" && x.Type != "checkbox") {
			out.Add(x.Name, x.Value)
		}
	}
	return out
}

func (f form) has(name string) bool {
	return slices.ContainsFunc(f.Fields, func(x field) bool { return x.Name == name })
}

func (f form) button(value string) bool {
	return slices.ContainsFunc(f.Buttons, func(x field) bool { return x.Value == value })
}

// kind is the action that a conversation form asks for.
func (f form) kind() intake.Kind {
	switch {
	case f.has("package"):
		return intake.RecommendFeatures
	case f.button("correct"):
		return intake.ValidateUnderstanding
	case f.has("choice"):
		return intake.ConflictResolution
	case f.has("value"):
		return intake.ExampleOptions
	}
	return intake.AskQuestion
}

// checkHTML demands what holds for every page.
func checkHTML(tb testing.TB, a answer) {
	tb.Helper()
	body := a.Body.String()
	for pattern, want := range map[string]int{`<h1[ >]`: 1, `<main[ >]`: 1, `</html>`: 1, ` style=`: 0, `<style`: 0, ` on[a-z]+=`: 0, `<script(?: [^>]*)?>[^<]`: 0, `(?i)javascript:`: 0, `ZgotmplZ`: 0, `<no value>`: 0} {
		if got := len(regexp.MustCompile(pattern).FindAllString(body, -1)); got != want {
			tb.Errorf("%s has %d of %q, want %d", a.Path, got, pattern, want)
		}
	}
	if got, want := a.Header().Get("Content-Type"), "text/html; charset=utf-8"; got != want {
		tb.Errorf("%s Content-Type = %q, want %q", a.Path, got, want)
	}
	if got, want := a.Header().Get("Cache-Control"), "private, no-cache"; got != want {
		tb.Errorf("%s Cache-Control = %q, want %q", a.Path, got, want)
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if ids[m[1]] {
			tb.Errorf("%s uses id %q twice", a.Path, m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(` (?:for|aria-labelledby|aria-describedby)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			if !ids[id] {
				tb.Errorf("%s refers to id %q, which is not there", a.Path, id)
			}
		}
	}
}

// golden compares a page with its file.
func golden(t *testing.T, name string, a answer) {
	t.Helper()
	got := regexp.MustCompile(`\.[0-9a-f]{10}\.`).ReplaceAllString(a.Body.String(), ".HASH.")
	got = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).ReplaceAllString(got, "ID")
	file := filepath.Join("testdata", "golden", name+".html")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs from %s (-want +got), run with -update when it should:\n%s", a.Path, file, diff)
	}
}

// eventsOf lists the names of the events of a visit or session.
func (s *site) eventsOf(tb testing.TB, id event.SessionID) []event.Name {
	tb.Helper()
	var names []event.Name
	for _, e := range s.events(tb, id) {
		names = append(names, e.Name)
	}
	return names
}

// events lists the events of a visit or session as they are stored.
func (s *site) events(tb testing.TB, id event.SessionID) []store.StoredEvent {
	tb.Helper()
	list, err := s.store.Events(tb.Context(), id)
	if err != nil {
		tb.Fatalf("Events: %v", err)
	}
	return list
}

// A page is parsed when it is first opened, so that a mistake in one that nobody
// opens has to be found here.
func TestEveryPageIsMade(t *testing.T) {
	t.Parallel()
	made, err := newSite(t).server.MakePages()
	if err != nil || made < 40 {
		t.Errorf("%d pages, %v; want all of them", made, err)
	}
}

package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/webtest"
)

// TestCollectorFile loads the collector as the page of another site does.
func TestCollectorFile(t *testing.T) {
	t.Parallel()
	v := newSite(t).visitor(t)
	v.header.Set("Origin", "https://shop.example")
	plain := v.get("/collector.js")
	v.header.Set("Accept-Encoding", "gzip, br")
	packed := v.get("/collector.js")
	for name, a := range map[string]answer{"plain": plain, "packed": packed} {
		for header, want := range map[string]string{
			"Content-Type": "text/javascript; charset=utf-8", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
			"Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff",
		} {
			if got := a.Header().Get(header); got != want || a.Code != http.StatusOK {
				t.Errorf("%s = %d, %s %q, want %q", name, a.Code, header, got, want)
			}
		}
	}
	if size := packed.Body.Len(); size >= 5000 || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("the collector has %d bytes packed, want fewer than 5000", size)
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if diff := cmp.Diff(plain.Body.String(), string(unpacked)); diff != "" || err != nil || !strings.Contains(diff+plain.Body.String(), "export function createCollector(") {
		t.Errorf("unpacked: %v (-plain +packed):\n%s", err, diff)
	}
	tags := []string{plain.Header().Get("ETag"), packed.Header().Get("ETag")}
	if tags[0] == tags[1] {
		t.Errorf("different bytes share the tag %s", tags[0])
	}
	for _, tag := range tags {
		if !strings.HasPrefix(tag, `"`) {
			t.Errorf("the tag %s is not a strong one", tag)
		}
	}
	v.header.Set("If-None-Match", tags[1])
	if a := v.get("/collector.js"); a.Code != http.StatusNotModified || a.Body.Len() > 0 || a.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("the same again = %d with %d bytes, want 304", a.Code, a.Body.Len())
	}
}

// TestPagesTellInABrowser looks at what our own pages add to what the server
// records, under their own content security policy.
func TestPagesTellInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	url, tokens := s.serve(t), screens(t, s)
	p := browser.Open(t, webtest.Device{ReducedMotion: true})

	p.Goto(url + "/")
	p.Click("main form button[type=submit]")
	p.WaitPath("/intake")
	visit := event.SessionID(webtest.Get[string](p, `document.body.dataset.visit`))
	fields := func() (found []map[string]any) {
		for _, e := range s.events(t, visit) {
			if e.Name == event.NameFoundationField && e.Outside {
				found = append(found, members(t, e.Properties))
			}
		}
		return found
	}
	// The name is typed, and then the visitor looks at something else.
	p.Fill("#value", "Ada Lovelace")
	p.Press("\t")
	hidden := `Object.defineProperty(document, "hidden", {value: true, configurable: true}); document.dispatchEvent(new Event("visibilitychange"))`
	run(t, p, hidden)
	eventually(t, "the field is told", func() bool { return len(fields()) == 1 })
	first := fields()[0]
	if spent, ok := first["timeSpent"].(float64); first["field"] != "userName" || !ok || spent <= 0 || spent > 600 || len(first) != 2 {
		t.Errorf("told %v, want userName with its seconds and nothing else", first)
	}
	// It is told once, however often the page is left. What is sent is the
	// server's to tell.
	p.Fill("#value", "Ada Byron")
	p.Press("\t")
	run(t, p, hidden)
	p.Click("button[value=next]")
	p.WaitFor(`document.querySelector("[type=email]")`)
	if got := fields(); len(got) != 1 || s.count(t, visit, event.NameFoundationField) != 2 {
		t.Errorf("told %v, want the name once, and once by the server", got)
	}
	// What is wrong, or was taken back, is not filled in.
	p.Fill("#value", "ada@")
	p.Press("\t")
	run(t, p, hidden)
	p.Fill("#value", "ada@example.com")
	p.Click("button[value=next]")
	p.WaitFor(`document.querySelector("[type=tel]")`)
	if got := fields(); len(got) != 1 || s.count(t, visit, event.NameFoundationField) != 3 {
		t.Errorf("told %v, want nothing of the e-mail address", got)
	}

	p.Goto(url + "/as/" + tokens["features"])
	chosen := event.SessionID(webtest.Get[string](p, `document.body.dataset.visit`))
	run(t, p, `document.querySelector("details.basis").addEventListener("toggle", () => (window.toggled = true))`)
	p.Click("details.basis summary")
	p.WaitFor(`window.toggled`) // the page's own listener was there before
	p.Goto(url + "/privacy")
	eventually(t, "the view of a feature is told", func() bool { return len(s.events(t, chosen)) == 1 })
	seen := s.events(t, chosen)[0]
	props := members(t, seen.Properties)
	if id, ok := props["featureId"].(string); seen.Name != event.NameFeatureViewed || !seen.Counted || !ok || id == "" || props["recommended"] != true || len(props) != 2 {
		t.Errorf("told %s %v, counted %v", seen.Name, props, seen.Counted)
	}

	for _, e := range append(s.events(t, visit), s.events(t, chosen)...) {
		if e.Outside && e.Name != event.NameFoundationField && e.Name != event.NameFeatureViewed {
			t.Errorf("a page told %s, which the server records itself", e.Name)
		}
		if strings.Contains(string(e.Properties), "Ada") || strings.Contains(string(e.Properties), "ada@") {
			t.Errorf("%s tells what was typed: %s", e.Name, e.Properties)
		}
	}
}

// TestPagesLoadTheCollector looks for the script on the pages of a visit, and
// only there.
func TestPagesLoadTheCollector(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tokens := screens(t, s)
	pages := map[string]bool{"/": false, "/intake": true, "/privacy": false, "/nothing": false}
	for path, want := range pages {
		body := s.visitor(t).get(path).Body.String()
		if got := strings.Contains(body, "/static/track."); got != want || strings.Contains(body, "data-visit") != want {
			t.Errorf("%s loads the collector: %v, want %v", path, got, want)
		}
	}
	for name, token := range tokens {
		want := name != "success"
		if got := strings.Contains(s.visitor(t).with(token).get("/intake/conversation").Body.String(), "/static/track."); got != want {
			t.Errorf("the screen %s loads the collector: %v, want %v", name, got, want)
		}
	}
}

// count counts the events of a name, ours and those from outside.
func (s *site) count(tb testing.TB, id event.SessionID, name event.Name) (n int) {
	tb.Helper()
	for _, got := range s.eventsOf(tb, id) {
		if got == name {
			n++
		}
	}
	return n
}

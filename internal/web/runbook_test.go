package web_test

import (
	"regexp"
	"strings"
	"testing"

	"applicreations.com/introspect/docs"
	"applicreations.com/introspect/internal/alert"
)

// Every rule links to a section of the runbook that is there and says what the
// rule is about.
func TestRunbookHasEverySection(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	rules, err := alert.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) < 70 {
		t.Fatalf("%d rules, want those of the house", len(rules))
	}
	page := o.get("/admin/runbook").body
	for _, r := range rules {
		_, section, found := strings.Cut(page, ` id="`+r.Runbook+`">`)
		section, _, _ = strings.Cut(section, "<h2")
		section, _, _ = strings.Cut(section, "<h3")
		if !found || !strings.Contains(section, "<code>"+string(r.ID)+"</code>") {
			t.Errorf("rule %s links #%s, which is no section that names it", r.ID, r.Runbook)
		}
	}
}

// The page is the document: its links stay on it or lead to pages that exist,
// its anchors are unique, and whom to call stands above it.
func TestRunbookPage(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	page := o.get("/admin/runbook").body
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("two elements have the id %q", m[1])
		}
		ids[m[1]] = true
	}
	links := regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(page, -1)
	inside := 0
	for _, m := range links {
		switch link := m[1]; {
		case strings.HasPrefix(link, "#"):
			inside++
			if !ids[link[1:]] {
				t.Errorf("%s leads nowhere on the page", link)
			}
		case strings.HasSuffix(link, ".md"):
			t.Errorf("%s is a document that is not served", link)
		}
	}
	if inside < 25 {
		t.Errorf("%d links inside the page, want a table of contents and more", inside)
	}
	for _, path := range regexp.MustCompile("`(/admin/[a-z]+)`").FindAllStringSubmatch(string(docs.Runbook), -1) {
		if a := o.get(path[1]); a.status != 200 {
			t.Errorf("the runbook sends to %s, which answers %d", path[1], a.status)
		}
	}
	withWords(t, "the page", page, "Whom to call", "Kim of the night shift", "<h2 id=\"daily\">Daily operations</h2>", "☐ No critical alert fires", `<th scope="col">severity</th>`, `<pre tabindex="0"><code class="language-sh">`)
	for _, raw := range []string{"{#", "```", "&lt;a id", "- [ ]", "<!-- raw HTML omitted -->"} {
		if strings.Contains(page, raw) {
			t.Errorf("the page shows %q, which is Markdown and not text", raw)
		}
	}
}

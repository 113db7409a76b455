package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"applicreations.com/introspect/docs"
)

// Contact is one line of whom to call, or where things are told.
type Contact struct{ Role, Who string }

// runbookPage is templates/admin/runbook.html.
type runbookPage struct {
	adminLayout
	Contacts []Contact
	Sections []runbookSection
	Text     template.HTML
}

// runbookSection is a line of the table of contents.
type runbookSection struct{ Anchor, Title string }

// adminRunbook shows the runbook of this release: GET /admin/runbook. Rules of
// alerts name its anchors.
func (s *Server) adminRunbook(w http.ResponseWriter, _ *http.Request, who staff) error {
	return s.render(w, http.StatusOK, "admin/runbook", runbookPage{
		adminLayout: s.adminLayout("Runbook · Introspect", "operations", who), Contacts: s.cfg.Contacts, Sections: s.runbook.sections, Text: s.runbook.text,
	})
}

// runbook is the document as a page.
type runbook struct {
	text     template.HTML
	sections []runbookSection
}

var (
	anchorLine   = regexp.MustCompile(`(?m)^<a id="([a-z0-9_-]+)"></a>\n+(#+ .*)$`)
	sectionLine  = regexp.MustCompile(`(?m)^## (.*) \{#([a-z0-9_-]+)\}$`)
	pageOfOurs   = regexp.MustCompile(`<code>(/(?:admin/[a-z]+|status))</code>`)
	documentLink = regexp.MustCompile(`\[([^\]]+)\]\(([\w./-]+\.md)(#[\w-]*)?\)`)
)

// newRunbook makes a page of the Markdown. Anchors are written as HTML, which
// every reader of Markdown understands; links to other documents become their
// names, since those are not served; boxes to tick become signs, since nothing
// keeps what is ticked.
func newRunbook(markdown []byte) (runbook, error) {
	text := strings.ReplaceAll(string(markdown), "- [ ] ", "- ☐ ")
	_, text, _ = strings.Cut(text, "\n") // the title is that of the page
	text = anchorLine.ReplaceAllString(text, "$2 {#$1}")
	text = documentLink.ReplaceAllString(text, "`$1`")
	var r runbook
	for _, m := range sectionLine.FindAllStringSubmatch(text, -1) {
		r.sections = append(r.sections, runbookSection{m[2], m[1]})
	}
	var out bytes.Buffer
	err := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Linkify), goldmark.WithParserOptions(parser.WithAttribute())).Convert([]byte(text), &out)
	if err != nil {
		return r, fmt.Errorf("read the runbook: %w", err)
	}
	html := strings.NewReplacer(
		"<pre>", `<pre tabindex="0">`,
		"</table>", "</table></div>",
		"<th>", `<th scope="col">`,
	).Replace(out.String())
	for n := 1; strings.Contains(html, "<table>"); n++ { // each a region of its own name, since it scrolls
		html = strings.Replace(html, "<table>", fmt.Sprintf(`<div class="scroll" role="region" aria-label="Table %d" tabindex="0"><table class="figures">`, n), 1)
	}
	html = pageOfOurs.ReplaceAllString(html, `<a href="$1">$1</a>`)
	r.text = template.HTML(html) //nolint:gosec // a document of this program; raw HTML in it is left out
	return r, nil
}

// runbookOf is the embedded document.
func runbookOf() (runbook, error) { return newRunbook(docs.Runbook) }

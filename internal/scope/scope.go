// Package scope writes SCOPE.md, the document a developer builds from: the 14
// sections of DOMAIN 7.1 with numbered, testable requirements, each traced to
// the client's own words. Everything comes from the session and the catalog;
// what nobody knows is called a gap, and nothing is made up.
//
// The document is also the client's download, so it leaves out confidence
// figures, suspected attacks and review flags, and no words of a client can
// become Markdown or HTML. Start with Build, then Check.
package scope

import (
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
)

// Format is the version of the document's layout. It changes when sections or
// the form of requirements change.
const Format = "1.1"

// gap is what stands where the client gave no answer (DOMAIN 7.1).
const gap = "Not provided by client (gap)."

// Agency is who builds the project and signs the document. Empty fields are
// left out.
type Agency struct {
	Name, Email, Phone, URL string
}

// Document is a finished SCOPE.md.
type Document struct {
	Title    string
	FileName string    // SCOPE_<project name>.md, ASCII
	Sections []Section // 14, in order
	Markdown string    // the whole file
	Words    int       // words of Markdown
	Snapshot string    // see Snapshot
}

// Section is one of the 14 sections of DOMAIN 7.1.
type Section struct {
	Number int // 1-14
	Title  string
	Body   string // Markdown below the section's heading, never empty
}

// titles returns the section titles of DOMAIN 7.1 in order.
func titles() []string {
	return []string{
		"Executive Summary", "Project Classification", "Client Information", "Business Context",
		"Brand Assets & Identity", "Content Strategy", "Technical Specifications",
		"Media & Interactive Elements", "Design Direction", "Features & Functionality Breakdown",
		"Post-Launch Support Plan", "Project Timeline", "Investment Summary", "Validation Outcomes",
	}
}

// Build writes the document of a session, finished or not. Only the document
// information at its end depends on now.
//
// All prices are those the client saw and confirmed. They are computed once
// more, and a *PriceMismatch says that the catalog now leads to others; the
// document is complete and usable even then, so that a caller may keep it for
// review.
func Build(s *intake.Session, cat *catalog.Catalog, a Agency, now time.Time) (Document, error) {
	w, err := newSheet(s, cat, a)
	if err != nil {
		return Document{}, fmt.Errorf("write scope of session %s: %w", s.ID, err)
	}
	name := projectName(s)
	d := Document{
		Title:    "Project Scope: " + name,
		FileName: fileName(name, string(s.ID)),
		Snapshot: Snapshot(s),
	}
	var md strings.Builder
	fmt.Fprintf(&md, "# Project Scope: %s\n", escape(name))
	for i, write := range w.writers() {
		sec := Section{Number: i + 1, Title: titles()[i], Body: write()}
		d.Sections = append(d.Sections, sec)
		fmt.Fprintf(&md, "\n%s\n\n%s\n", heading(sec.Number, sec.Title), sec.Body)
	}
	md.WriteString("\n## Next Steps\n\n" + w.nextSteps() + "\n")
	md.WriteString("\n## Technical Appendix\n\n" + w.appendix() + "\n")
	md.WriteString("\n## Document Information\n\n" + w.information(d.Snapshot, now) + "\n")
	d.Markdown = md.String()
	for range strings.FieldsSeq(d.Markdown) {
		d.Words++
	}
	return d, Mismatch(s, cat)
}

// writers write the sections in order.
func (w *sheet) writers() []func() string {
	return []func() string{
		w.summary, w.classification, w.client, w.context, w.brand, w.content, w.technical,
		w.media, w.design, w.features, w.support, w.timeline, w.investment, w.outcomes,
	}
}

func heading(number int, title string) string { return fmt.Sprintf("## Section %d: %s", number, title) }

// PriceMismatch reports that the stored estimate of a session is not what the
// catalog computes for its selection now.
type PriceMismatch struct {
	Stored   catalog.Estimate // what the client confirmed and the document shows
	Computed catalog.Estimate // what the catalog says now, zero when Err is set
	Err      error            // why the selection can no longer be priced, if so
}

// Error names both totals.
func (e *PriceMismatch) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("price the selection behind the stored total of %s: %v", e.Stored.Total, e.Err)
	}
	return fmt.Sprintf("compare prices: stored total %s and first year %s, computed total %s and first year %s",
		e.Stored.Total, e.Stored.FirstYear, e.Computed.Total, e.Computed.FirstYear)
}

// Unwrap returns why the selection cannot be priced.
func (e *PriceMismatch) Unwrap() error { return e.Err }

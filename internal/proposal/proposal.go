// Package proposal makes the content of the client's proposal (DOMAIN 7.2)
// from a session: what the client said, what is proposed, how long it takes,
// what it costs and what happens next. It holds typed values and plain text;
// how they look is the business of package pdf.
//
// Every figure is the one the client confirmed and SCOPE.md shows, and Verify
// proves it. Nothing is said that the session does not hold: what is unknown
// is left out, or called open. Start with Build, then Verify.
package proposal

import (
	"errors"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
)

// ErrNoPrice reports a session whose client has not come to a package yet. A
// proposal without a price is no proposal.
var ErrNoPrice = errors.New("no package is chosen, so there is no price to propose; finish the feature screen first")

// TitlePrefix begins every title; the name of whom the website is for follows.
const TitlePrefix = "Website proposal for "

// Agency is who makes the proposal. Empty fields are left out.
type Agency struct {
	Name, Email, Phone, URL string
	About                   string // a few sentences about the agency, in its own words
}

// Proposal is the content of one proposal. All text is plain and has no line
// breaks; empty parts are left out of the document.
type Proposal struct {
	Title      string // "Website proposal for <project>"
	Project    string
	Kind       string // the website type in words
	Client     string // the person, may be empty
	Agency     Agency
	Date       time.Time
	ValidUntil time.Time // the last day on which the prices hold
	Snapshot   string    // of scope.Snapshot, the same as in SCOPE.md
	FileName   string    // <project>_Summary.pdf, ASCII
	Confirmed  bool      // the client has confirmed package and price
	Forced     bool      // the interview ended at its question limit

	CoverNote     string   // of the agency, in front of everything else; may be empty
	Summary       []string // paragraphs
	Outcomes      []Figure // the proposal in two to four figures
	Understanding Understanding
	Solution      Solution
	Features      []Feature
	Inclusions    []catalog.Inclusion // what the package always contains
	Timeline      Timeline
	Investment    Investment
	Options       []Option
	Worth         scope.Worth
	Open          []string // what is still to be settled, as sentences
	NotIncluded   []string // what the answers ask for and the price does not hold
	Steps         []Step
}

// Figure is a number with what it means.
type Figure struct{ Value, Label string }

// Understanding is what the client told, in the client's own words.
type Understanding struct {
	Quotes     []Quote
	Figures    []Figure // numbers the client gave
	Challenges []string // what costs the client money or time today, as sentences
	Needs      []Need
}

// Quote is a statement of the client, word for word.
type Quote struct{ Topic, Text string }

// Need is one thing the website has to do or be.
type Need struct{ Name, Text string }

// Solution is the package and why it fits.
type Solution struct {
	Package string
	Price   catalog.Cents
	From    bool // the price is a starting price
	Why     string
	Reasons []Need // what the package holds against what was asked for
}

// Feature is one chosen add-on.
type Feature struct {
	ID      catalog.FeatureID
	Name    string
	Benefit string        // why it is worth it, to this client if a reason is known
	What    string        // what it is
	Price   catalog.Cents // 0 when Free
	Free    bool          // covered by another feature
	Gain    string        // the computed return, may be empty
}

// Timeline is the shortest plan and what the client does in it.
type Timeline struct {
	Low, High  int // weeks from kickoff to launch
	Milestones []Milestone
	Launch     string   // about the wished launch day, as a sentence
	Notes      []string // what could move the launch, as sentences
}

// Milestone is one step; the first week is 1.
type Milestone struct {
	Name  string
	Start int    // week after kickoff
	Weeks int    // length
	Needs string // what has to be there
	Duty  string // what the client does, may be empty
}

// Span is the weeks of the milestone.
func (m Milestone) Span() effort.Span { return effort.Span{From: m.Start, To: m.Start + m.Weeks - 1} }

// Investment is the price. Amounts of discounts are negative.
type Investment struct {
	Positions    []scope.Position
	Total        catalog.Cents
	Hosting      string // name of the tier
	HostingTerms []string
	Monthly      catalog.Cents
	FirstYear    catalog.Cents // total and twelve months of hosting
	Payments     []catalog.Payment
	Budget       string // the total against the client's budget, as a sentence
}

// Option is something offered and not chosen; it is no part of the price.
type Option struct {
	ID     catalog.FeatureID
	Name   string
	Price  catalog.Cents
	Reason string
	State  string // "not chosen" and the like
}

// Step is one of the next steps.
type Step struct{ Title, Text string }

// maker collects what the parts of a proposal are made of.
type maker struct {
	s   *intake.Session
	cat *catalog.Catalog
	r   *scope.Reading
	e   catalog.Estimate
	now time.Time
}

// Build makes the proposal of a session on the day of now. It returns
// ErrNoPrice when no package is chosen. When the catalog now leads to other
// prices than the client saw, the proposal is complete and shows what the
// client saw, and the error is a *scope.PriceMismatch: keep it for review.
func Build(s *intake.Session, cat *catalog.Catalog, a Agency, now time.Time) (Proposal, error) {
	r, err := scope.Read(s, cat)
	if err != nil {
		return Proposal{}, fmt.Errorf("write proposal: %w", err)
	}
	if !r.Priced() {
		return Proposal{}, fmt.Errorf("write proposal of session %s: %w", s.ID, ErrNoPrice)
	}
	m := &maker{s: s, cat: cat, r: r, e: s.Features.Estimate, now: now.UTC()}
	p := Proposal{
		Title: TitlePrefix + m.whom(), Project: r.Project(), Kind: m.kind(),
		Client: scope.OneLine(s.Client.Name), Agency: tidy(a), Date: now.UTC(),
		ValidUntil: r.ValidUntil().UTC(), Snapshot: scope.Snapshot(s), FileName: fileName(r.Project(), string(s.ID)),
		Confirmed: r.Confirmed(), Forced: s.Completion != nil && s.Completion.Forced,
		Worth: r.Worth(), CoverNote: scope.OneLine(s.CoverNote),
	}
	p.Understanding = m.understanding()
	p.Solution = m.solution()
	p.Features = m.features(p.Worth)
	p.Inclusions = r.Inclusions()
	p.Timeline = m.timeline()
	p.Investment = m.investment()
	p.Options = m.options()
	p.NotIncluded = m.lacks(p.Options)
	p.Open = m.open()
	p.Summary, p.Outcomes = m.summary(p), outcomes(p)
	p.Steps = m.steps(p)
	return p, scope.Mismatch(s, cat)
}

// tidy makes one line of each field of the agency.
func tidy(a Agency) Agency {
	return Agency{
		Name: scope.OneLine(a.Name), Email: scope.OneLine(a.Email), Phone: scope.OneLine(a.Phone),
		URL: scope.OneLine(a.URL), About: scope.OneLine(a.About),
	}
}

// fileName is <project>_Summary.pdf in ASCII; a name without any Latin letter
// gives way to the start of the session's id (DOMAIN 7.2).
func fileName(project, id string) string {
	base := scope.SafeName(project)
	if base == "" {
		base = scope.SafeName(id)
		base = base[:min(len(base), 8)]
	}
	if base == "" {
		return "Summary.pdf"
	}
	return base + "_Summary.pdf"
}

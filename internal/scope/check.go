package scope

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// Area is a level of checks (DOMAIN 7.3).
type Area string

// The levels of checks. Warnings are findings that do not lower the score.
const (
	Structure Area = "structure"
	Content   Area = "content"
	Logic     Area = "logic"
	Warning   Area = "warning"
)

// Finding is one thing that the checks found wrong.
type Finding struct {
	Area     Area
	Critical bool // the document must not be delivered (DOMAIN 7.4)
	Message  string
}

// score is the completeness of a document, 0-100: 40 for the sections present,
// 30 for the content checks and 30 for the logic checks passed (DOMAIN 7.3).
func (x *exam) score() int {
	share := func(a Area) float64 { return float64(x.passed[a]) / float64(max(1, x.made[a])) }
	present := float64(x.sections) / float64(len(titles()))
	return int(math.Round(40*present + 30*share(Content) + 30*share(Logic)))
}

// exam collects the results of the checks.
type exam struct {
	d   Document
	s   *intake.Session
	cat *catalog.Catalog
	v   slot.Values

	sections     int // present and filled
	made, passed map[Area]int
	findings     []Finding
}

// examine checks a document of a session for structure, content and business
// logic (DOMAIN 7.3). Without findings nothing is wrong. A forbidden word counts
// only when the client has not used it.
func examine(d Document, s *intake.Session, cat *catalog.Catalog) *exam {
	x := &exam{d: d, s: s, cat: cat, v: s.Values(), made: map[Area]int{}, passed: map[Area]int{}}
	x.structure()
	x.fields()
	x.content()
	x.requirements()
	x.schedule()
	x.prices()
	return x
}

// expect records one check and, when it fails, a finding.
func (x *exam) expect(ok bool, a Area, critical bool, format string, args ...any) {
	x.made[a]++
	if ok {
		x.passed[a]++
		return
	}
	x.findings = append(x.findings, Finding{a, critical, fmt.Sprintf(format, args...)})
}

// structure expects 14 filled sections in order, also in the Markdown.
func (x *exam) structure() {
	from := 0
	for i, title := range titles() {
		head := "\n" + heading(i+1, title) + "\n"
		ok := i < len(x.d.Sections) && x.d.Sections[i].Number == i+1 && x.d.Sections[i].Title == title &&
			strings.TrimSpace(x.d.Sections[i].Body) != ""
		at := strings.Index(x.d.Markdown[from:], head)
		if at >= 0 {
			from += at + len(head) - 1
		}
		if ok = ok && at >= 0; ok {
			x.sections++
		}
		x.expect(ok, Structure, true, "section %d, %s, is missing, empty or out of order", i+1, title)
	}
}

// fields expects what a proposal cannot do without.
func (x *exam) fields() {
	c := x.s.Client
	x.expect(fold(c.Name) != "", Structure, true, "the client's name is missing")
	x.expect(address.MatchString(c.Email), Structure, true, "the client's e-mail address is missing or invalid")
	x.expect(c.WebsiteType != "", Structure, true, "the website type is missing")
	x.expect(x.told(slot.BusinessName), Structure, true, "the project has no name")
	priced := x.s.Features != nil && x.s.Features.Answered
	x.expect(priced && x.s.Features.Selection.Package != "", Structure, true, "no package is chosen")
	x.expect(priced && x.s.Features.Estimate.Total > 0, Structure, true, "there is no total above zero")
	x.expect(fold(c.Phone) != "", Warning, false, "no telephone number is known")
	x.expect(x.v.Has(slot.SuccessMetrics), Warning, false, "no sign of success is known")
}

// told reports whether the client gave the value of a slot. An assumption
// fills a gap, but it does not stand for the client's word.
func (x *exam) told(k slot.Key) bool {
	f, ok := x.s.Fact(k)
	return ok && f.Status.Known() && f.Value != "" && grounded(f).Status != intake.Assumed
}

// address is a plausible e-mail address; only a mail can prove more.
var address = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+$`)

// forbidden are words of unfinished documents (DOMAIN 7.3).
var forbidden = regexp.MustCompile(`\bTODO\b|\bTBD\b|\bPLACEHOLDER\b|\[Insert|To be determined|\{\{`)

// minLength is the least length of the document in characters.
const minLength = 5000

func (x *exam) content() {
	words := x.unfinished()
	x.expect(len(words) == 0, Content, false, "the document holds unfinished parts: %s", strings.Join(words, ", "))
	n := utf8.RuneCountInString(x.d.Markdown)
	x.expect(n >= minLength, Content, false, "the document has %d characters, at least %d are expected", n, minLength)
	summary := utf8.RuneCountInString(x.body(1))
	x.expect(summary >= 50, Content, false, "the executive summary has %d characters, at least 50 are expected", summary)
	x.expect(summary <= maxSummary, Warning, false, "the executive summary has %d characters, at most %d are expected", summary, maxSummary)
	_, overview, _ := strings.Cut(x.body(4), "### Overview")
	overview, _, _ = strings.Cut(overview, "###")
	x.expect(len(strings.TrimSpace(overview)) >= 20, Content, false, "the overview of the business is too short")
	missing := x.essentials()
	x.expect(len(missing) == 0, Content, false, "essential items are gaps: %s", strings.Join(missing, ", "))
	x.expect(strings.Contains(x.body(2), "(+"), Warning, false, "the complexity has no reason")
	claimed := x.claimed()
	x.expect(len(claimed) == 0, Warning, false, "facts without any words of the client are shown as assumed: %s", strings.Join(claimed, ", "))
}

// claimed lists facts that call themselves stated, inferred or confirmed and
// quote nobody. Documented defaults make no such claim.
func (x *exam) claimed() []string {
	var out []string
	for _, f := range x.s.CurrentFacts() {
		if f.Status.Known() && f.Value != "" && grounded(f).Status != f.Status {
			out = append(out, string(f.Slot))
		}
	}
	return out
}

// essentials lists the essential checklist items that neither an answer nor a
// documented default fills.
func (x *exam) essentials() []string {
	var out []string
	for _, d := range slot.Defs() {
		if d.Priority == slot.Essential && !x.v.Has(d.Key) {
			out = append(out, d.Label)
		}
	}
	return out
}

// unfinished lists the forbidden words of the document that the client did not
// bring in.
func (x *exam) unfinished() []string {
	begun := func(word string) bool { return strings.Contains(x.d.Markdown, word) }
	if !slices.ContainsFunc([]string{"TODO", "TBD", "PLACEHOLDER", "[Insert", "To be determined", "{{"}, begun) {
		return nil // as nearly always; the pattern takes a hundred times as long
	}
	own, err := json.Marshal(x.s)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, word := range forbidden.FindAllString(x.d.Markdown, -1) {
		if !strings.Contains(string(own), word) && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// body is the text of section n, empty when there is none.
func (x *exam) body(n int) string {
	if n > len(x.d.Sections) {
		return ""
	}
	return x.d.Sections[n-1].Body
}

// requirements expects each requirement to be numbered in order and to have an
// acceptance line, a status and, unless it is assumed, an answer as evidence.
func (x *exam) requirements() {
	n, whole := 0, true
	for _, sec := range x.d.Sections {
		for _, block := range strings.Split("\n"+sec.Body, "\n- **REQ-")[1:] {
			n++
			block, _, _ = strings.Cut(block, "\n- ")
			whole = whole && strings.HasPrefix(block, fmt.Sprintf("%02d (", n)) && complete.MatchString(block)
		}
	}
	x.expect(n > 0, Content, false, "there is no requirement")
	x.expect(whole, Content, false, "a requirement lacks its number, acceptance, status or evidence")
}

// complete is a requirement with acceptance, status and evidence.
var complete = regexp.MustCompile(`(?s)\n  - Acceptance: \S.*\n  - Status: ((stated|inferred|confirmed) \((Q\d+|section 14): .+\)|(assumed|amended) \(.+\))`)

// schedule expects a fixed launch, enough time and features that fit the needs.
func (x *exam) schedule() {
	x.expect(x.told(slot.LaunchDate) || x.told(slot.LaunchWeeks), Logic, false, "no launch date or number of weeks is known")
	w, err := newSheet(x.s, x.cat, Agency{})
	if err != nil {
		x.expect(false, Logic, true, "examine the schedule: %v", err)
		return
	}
	_, longest := effort.Longest(w.selected, x.cat)
	x.expect(w.low >= longest, Logic, false, "the plan of %d weeks is shorter than the longest feature", w.low)
	if weeks, ok := x.v.Number(slot.LaunchWeeks); ok {
		x.expect(weeks >= float64(w.low), Warning, false, "the launch is wished in %g weeks, the shortest plan takes %d", weeks, w.low)
	}
	regular := slices.Contains([]string{"daily", "weekly", "monthly"}, x.v[slot.UpdateFrequency])
	_, cms := w.inclusion("cms")
	x.expect(!regular || !w.chosen() || cms, Logic, false, "content changes regularly, but the package has no content management")
	accounts := w.priced("membership_portal") || w.priced("customer_portal") || w.priced("user_authentication")
	x.expect(!x.v.Yes(slot.HasMembers) || !w.chosen() || accounts, Logic, false, "there are members, but no chosen feature gives them an account")
}

// prices expects the estimate to be consistent in itself and with the catalog.
func (x *exam) prices() {
	if x.s.Features == nil || !x.s.Features.Answered {
		x.expect(false, Logic, true, "there is no price")
		return
	}
	f := x.s.Features
	e := f.Estimate
	pkg, ok := x.cat.Package(f.Selection.Package)
	x.expect(ok && e.Package.Amount == pkg.Price, Logic, true, "the package costs %s, the catalog says %s", e.Package.Amount, pkg.Price)
	sum := e.Package.Amount
	for _, l := range e.Lines {
		sum += l.Amount
	}
	var discount catalog.Cents
	for _, b := range e.Bundles {
		discount += b.Discount
	}
	x.expect(discount == e.Discount && sum-discount-e.Rebate == e.Total, Logic, true, "the positions come to %s, the total says %s", sum-discount-e.Rebate, e.Total)
	x.expect(x.bundlesValid(e), Logic, true, "a bundle is applied without all of its members")
	tier, ok := x.cat.HostingTier(e.Hosting)
	x.expect(ok && tier.Monthly == e.HostingMonthly && e.FirstYear == e.Total+12*e.HostingMonthly, Logic, true,
		"hosting of %s a month or the first year of %s is wrong", e.HostingMonthly, e.FirstYear)
	percent, parts := 0, catalog.Cents(0)
	for _, p := range e.Schedule {
		percent, parts = percent+p.Percent, parts+p.Amount
	}
	x.expect(percent == 100 && parts == e.Total, Logic, true, "the payments come to %d%% and %s", percent, parts)
	err := Mismatch(x.s, x.cat)
	x.expect(err == nil, Logic, true, "the selection cannot be priced as stored: %v", err)
}

// bundlesValid reports whether all members of each bundle are paid lines and
// the discount is the catalog's.
func (x *exam) bundlesValid(e catalog.Estimate) bool {
	for _, b := range e.Bundles {
		known := slices.ContainsFunc(x.cat.Bundles, func(c catalog.Bundle) bool {
			return c.ID == b.ID && c.Discount == b.Discount && slices.Equal(c.Members, b.Members)
		})
		if !known {
			return false
		}
		for _, id := range b.Members {
			if !slices.ContainsFunc(e.Lines, func(l catalog.Line) bool { return l.Feature == id && !l.Free }) {
				return false
			}
		}
	}
	return true
}

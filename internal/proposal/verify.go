package proposal

import (
	"fmt"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
)

// Wrong reports a figure of a proposal that is not what it should be. The
// proposal must not be sent.
type Wrong struct{ What, Got, Want string }

// Error names the figure and both values.
func (e *Wrong) Error() string {
	return fmt.Sprintf("verify proposal: %s is %s, but has to be %s; do not send it, make it anew from the session", e.What, e.Got, e.Want)
}

// Verify computes every figure of a proposal once more: from the catalog, and
// from the document that scope.Build writes of the same session, to the cent.
// The error is a *Wrong, a *scope.PriceMismatch, or says what could not be
// computed.
func Verify(p Proposal, s *intake.Session, cat *catalog.Catalog) error {
	if s.Features == nil || !s.Features.Answered {
		return fmt.Errorf("verify proposal of session %s: %w", s.ID, ErrNoPrice)
	}
	if err := scope.Mismatch(s, cat); err != nil {
		return fmt.Errorf("verify proposal of session %s: %w", s.ID, err)
	}
	doc, err := scope.Build(s, cat, scope.Agency{}, p.Date)
	if err != nil {
		return fmt.Errorf("verify proposal of session %s: %w", s.ID, err)
	}
	e, err := cat.Price(s.Features.Selection)
	if err != nil {
		return fmt.Errorf("verify proposal of session %s: %w", s.ID, err)
	}
	for _, check := range []error{
		same("the snapshot", p.Snapshot, doc.Snapshot),
		sums(p.Investment, e),
		payments(p.Investment, e),
		features(p, e),
		options(p, cat),
		document(p, doc),
		weeks(p.Timeline, doc),
	} {
		if check != nil {
			return check
		}
	}
	return nil
}

func same[T comparable](what string, got, want T) error {
	if got == want {
		return nil
	}
	return &Wrong{what, fmt.Sprint(got), fmt.Sprint(want)}
}

// first returns the first error.
func first(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// sums adds up the positions and compares the totals.
func sums(in Investment, e catalog.Estimate) error {
	var sum catalog.Cents
	for _, p := range in.Positions {
		sum += p.Amount
	}
	rows := 1 + len(e.Lines) + len(e.Bundles)
	if e.Rebate > 0 {
		rows++
	}
	return first(
		same("the sum of the positions", sum, e.Total),
		same("the total", in.Total, e.Total),
		same("the hosting a month", in.Monthly, e.HostingMonthly),
		same("the first year", in.FirstYear, e.Total+12*e.HostingMonthly),
		same("the number of positions", len(in.Positions), rows),
	)
}

func payments(in Investment, e catalog.Estimate) error {
	if err := same("the number of payments", len(in.Payments), len(e.Schedule)); err != nil {
		return err
	}
	var sum catalog.Cents
	for i, part := range in.Payments {
		sum += part.Amount
		if err := first(
			same(fmt.Sprintf("payment %d", i+1), part.Amount, e.Schedule[i].Amount),
			same(fmt.Sprintf("the share of payment %d", i+1), part.Percent, e.Schedule[i].Percent),
		); err != nil {
			return err
		}
	}
	return same("the sum of the payments", sum, e.Total)
}

// features compares the prices on the cards with the estimate.
func features(p Proposal, e catalog.Estimate) error {
	if err := same("the number of features", len(p.Features), len(e.Lines)); err != nil {
		return err
	}
	for i, f := range p.Features {
		if err := first(
			same(fmt.Sprintf("feature %d", i+1), f.ID, e.Lines[i].Feature),
			same("the price of "+string(f.ID), f.Price, e.Lines[i].Amount),
		); err != nil {
			return err
		}
	}
	return same("the price of the package", p.Solution.Price, e.Package.Amount)
}

// options compares the prices of what was not chosen with the catalog, for the
// client may still choose it.
func options(p Proposal, cat *catalog.Catalog) error {
	for _, o := range p.Options {
		f, ok := cat.Feature(o.ID)
		if !ok {
			return &Wrong{"the option " + o.Name, "offered", "in the catalog"}
		}
		if err := same("the price of the option "+o.Name, o.Price, f.Price); err != nil {
			return err
		}
	}
	return nil
}

// weeks compares the plan with section 12 of SCOPE.md.
func weeks(t Timeline, doc scope.Document) error {
	body := doc.Sections[11].Body
	lines := []string{fmt.Sprintf("**Duration:** %d to %d weeks ", t.Low, t.High)}
	for _, m := range t.Milestones {
		lines = append(lines, fmt.Sprintf("\n| %s | %s | ", m.Name, m.Span()))
	}
	for _, line := range lines {
		if !strings.Contains(body, line) {
			return &Wrong{"a line of SCOPE.md", "missing", strings.TrimSpace(line)}
		}
	}
	return nil
}

// document compares the figures with those that SCOPE.md shows.
func document(p Proposal, doc scope.Document) error {
	body := doc.Sections[12].Body
	prices, shares := table(body, "| Position |"), table(body, "| When |")
	if err := first(
		same("the number of rows in SCOPE.md", len(prices), len(p.Investment.Positions)+1),
		same("the number of payments in SCOPE.md", len(shares), len(p.Investment.Payments)),
	); err != nil {
		return err
	}
	for i, pos := range p.Investment.Positions {
		if err := same("position "+strconv.Itoa(i+1)+" of SCOPE.md", pos.Amount.String(), prices[i]); err != nil {
			return err
		}
	}
	for i, part := range p.Investment.Payments {
		if err := same("payment "+strconv.Itoa(i+1)+" of SCOPE.md", part.Amount.String(), shares[i]); err != nil {
			return err
		}
	}
	lines := []string{
		fmt.Sprintf("**Hosting:** %s a month, %s for twelve months", p.Investment.Monthly, 12*p.Investment.Monthly),
		fmt.Sprintf("**First year:** %s (", p.Investment.FirstYear),
		"until " + scope.Day(p.ValidUntil),
	}
	if p.Worth.Annual > 0 {
		lines = append(lines, fmt.Sprintf("**Together:** %s annually", p.Worth.Annual))
	}
	for _, f := range p.Worth.Features {
		lines = append(lines, ":** "+f.Gain()+"; ")
	}
	if p.Worth.Payback != "" {
		lines = append(lines, "**Payback of the project total:** "+p.Worth.Payback)
	}
	for _, line := range lines {
		if !strings.Contains(body, line) {
			return &Wrong{"a line of SCOPE.md", "missing", line}
		}
	}
	return same("the total of SCOPE.md", p.Investment.Total.String(), prices[len(prices)-1])
}

// table reads the last column of a Markdown table, without emphasis.
func table(body, head string) []string {
	_, rest, _ := strings.Cut(body, head)
	lines := strings.Split(rest, "\n")
	var out []string
	for _, line := range lines[min(2, len(lines)):] { // the rest of the head, and the rule
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		out = append(out, strings.Trim(cells[len(cells)-1], "* "))
	}
	return out
}

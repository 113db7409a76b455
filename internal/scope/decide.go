package scope

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// The borders of DOMAIN 7.4.
const (
	scoreToDeliver = 90 // documents below it are held for the team
	scoreToAlert   = 70 // below it somebody is told at once
	sureConfidence = 85
	dearTotal      = catalog.Cents(10_000_00)
)

// Decision is who may have the documents of a finished interview (DOMAIN 7.4).
type Decision struct {
	Score    int
	Hold     bool     // the client's copy waits for the team
	Critical bool     // the document must not go out as it is
	Reasons  []string // why a person should look, as sentences; also when nothing is held
}

// Decide examines a document and decides about its delivery. A price that the
// catalog no longer leads to, which Build reports, is handed in as mismatch.
func Decide(d Document, s *intake.Session, cat *catalog.Catalog, mismatch error) Decision {
	x := examine(d, s, cat)
	out := Decision{Score: x.score()}
	hold := func(reason string) {
		out.Hold = true
		out.Reasons = append(out.Reasons, reason)
	}
	for _, f := range x.findings {
		switch {
		case f.Critical:
			out.Critical = true
			hold(upper(f.Message) + ".")
		case f.Area == Logic:
			hold(upper(f.Message) + ".")
		}
	}
	if mismatch != nil {
		hold("The prices of the catalog have changed since the client saw them: " + mismatch.Error() + ".")
	}
	if s.Completion != nil && s.Completion.Forced {
		hold("The interview ended at its question limit.")
	}
	if out.Score < scoreToDeliver {
		hold(fmt.Sprintf("The completeness score is %d, %d are needed.", out.Score, scoreToDeliver))
	}
	out.Critical = out.Critical || out.Score < scoreToAlert
	out.Reasons = append(out.Reasons, flags(s)...)
	return out
}

// flags are reasons to look that do not hold the delivery.
func flags(s *intake.Session) []string {
	var out []string
	v := s.Values()
	if c := s.Completion; c != nil && c.Confidence < sureConfidence {
		out = append(out, fmt.Sprintf("The confidence at the end was %d%%, %d are usual.", c.Confidence, sureConfidence))
	}
	out = append(out, priceFlags(s, v)...)
	if stated := v.List(slot.ComplianceRequirements); len(stated) > 0 && !slices.Equal(stated, []string{"none"}) && (v.Yes(slot.ComplianceStated) || slices.Contains(stated, "HIPAA")) {
		out = append(out, "The client needs compliance with "+strings.Join(stated, ", ")+".")
	}
	if list := v.List(slot.Integrations); len(list) > 2 {
		out = append(out, "There are custom integrations: "+strings.Join(list, ", ")+".")
	}
	if s.Suspicious > 0 {
		out = append(out, Plural(s.Suspicious, "answer")+" held text that looks like an attack on the software; it was not followed.")
	}
	return out
}

// priceFlags are reasons to look that lie in the price.
func priceFlags(s *intake.Session, v slot.Values) []string {
	f := s.Features
	if f == nil || !f.Answered {
		return nil
	}
	var out []string
	if f.Selection.Package == catalog.Custom {
		out = append(out, "The package is Custom, whose price is a starting price.")
	}
	if f.Estimate.Total > dearTotal {
		out = append(out, fmt.Sprintf("The total is %s, above %s.", f.Estimate.Total, dearTotal))
	}
	if limit, ok := v.Cents(slot.BudgetMax); ok && limit > 0 && f.Estimate.Total > catalog.Cents(limit) {
		out = append(out, fmt.Sprintf("The total is %s above the client's budget.", f.Estimate.Total-catalog.Cents(limit)))
	}
	return out
}

func upper(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

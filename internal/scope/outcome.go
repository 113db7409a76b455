package scope

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// outcomes writes section 14.
func (w *sheet) outcomes() string {
	var p page
	w.ending(&p)
	w.loops(&p)
	w.conflicts(&p)
	w.corrections(&p)
	w.decisions(&p)
	w.assumptions(&p)
	w.openPoints(&p)
	return p.String()
}

func (w *sheet) ending(p *page) {
	switch c := w.s.Completion; {
	case c == nil:
		p.text("The interview is not finished; this document shows what is known so far.")
	case c.Forced:
		p.text("The interview ended at its question limit. What was still open then is listed below.")
	default:
		p.text("The interview is finished.")
	}
	if note := fold(w.s.CoverNote); note != "" {
		p.named("Note of the agency to the client", escape(note))
	}
}

func (w *sheet) loops(p *page) {
	p.head("Checks of understanding")
	if len(w.s.Loops) == 0 {
		p.text("None answered.")
	}
	for _, l := range w.s.Loops {
		answer := "confirmed as correct"
		switch {
		case fold(l.Clarification) != "":
			answer = "corrected: " + quote(l.Clarification)
			why := "To be compared with the requirements at kickoff: "
			if w.unread(l.Clarification) {
				why = "No rule could read it, so no requirement follows from it yet; to be settled at kickoff: "
			}
			w.open(fmt.Sprintf("Correction in check %d", l.Number), why+quote(l.Clarification))
		case l.Response != "correct":
			answer = "answered: " + escape(l.Response)
		}
		p.named(fmt.Sprintf("Check %d, %s", l.Number, escape(l.Category)), answer)
		for _, point := range l.Points {
			p.sub(escape(point))
		}
	}
}

// correction begins the open point of a correction that no rule understood.
const correction = "Correction in the client's words: "

// unread reports whether no rule understood a correction. The open point may
// hold only the start of it.
func (w *sheet) unread(clarification string) bool {
	return slices.ContainsFunc(w.s.OpenPoints, func(o intake.OpenPoint) bool {
		text, ok := strings.CutPrefix(o.Reason, correction)
		return ok && begins(clarification, text)
	})
}

// begins reports whether a text begins with another one, which may be cut.
func begins(text, start string) bool {
	start = strings.TrimSpace(strings.TrimSuffix(fold(start), "…"))
	return start != "" && strings.HasPrefix(fold(text), start)
}

// corrections lists facts whose value changed from one question to another, or
// in an edit. A list that only grew is no change, nor is a value that was
// taken back and given again, nor what merely follows from another fact.
func (w *sheet) corrections(p *page) {
	var lines [][2]string
	last := map[slot.Key]intake.Fact{}
	for _, f := range w.s.Facts {
		if !f.Status.Known() || fold(f.Value) == "" || f.From != "" {
			continue
		}
		old, seen := last[f.Slot]
		last[f.Slot] = f
		if seen && w.differs(old, f) {
			lines = append(lines, [2]string{w.def(f.Slot).Label, w.changed(old, f)})
		}
	}
	for _, d := range w.defs {
		old, seen := last[d.Key]
		if _, ok := w.known(d.Key); seen && !ok {
			lines = append(lines, [2]string{d.Label, fmt.Sprintf("%s (Q%d), then taken back", w.words(old, maxQuote), old.Evidence.Question)})
		}
	}
	if len(lines) > 0 {
		p.head(w.changesHead())
	}
	for _, l := range lines {
		p.named(l[0], l[1])
	}
}

// changesHead names the corrections; those of the agency come after the
// interview.
func (w *sheet) changesHead() string {
	if len(w.s.Amendments) > 0 {
		return "Changes during the interview and on review"
	}
	return "Changes during the interview"
}

// changed tells the old value, the question and the new value.
func (w *sheet) changed(old, f intake.Fact) string {
	from := fmt.Sprintf("%s (Q%d)", w.words(old, maxQuote), old.Evidence.Question)
	if old.Status == intake.Amended {
		from = fmt.Sprintf("%s (%s)", w.words(old, maxQuote), where(old))
	}
	switch {
	case f.Status == intake.Amended:
		return fmt.Sprintf("%s, then %s (%s)", from, w.words(f, maxQuote), where(f))
	case grounded(f).Status == intake.Assumed:
		return fmt.Sprintf("%s, then taken back; %s is assumed", from, w.words(f, maxQuote))
	case f.Source == "edit":
		return fmt.Sprintf("%s, then %s (edited at Q%d)", from, w.words(f, maxQuote), f.Evidence.Question)
	}
	return fmt.Sprintf("%s, then %s (Q%d)", from, w.words(f, maxQuote), f.Evidence.Question)
}

// differs reports whether a fact of another answer, or an edit, changes the
// value rather than repeats or extends it.
func (w *sheet) differs(old, f intake.Fact) bool {
	edited := (f.Source == "edit" || f.Status == intake.Amended) && f.Supersedes > 0
	return (edited || old.Evidence.Question != f.Evidence.Question) && !w.grew(old, f)
}

// grew reports whether a fact only repeats or extends an older one.
func (w *sheet) grew(old, f intake.Fact) bool {
	if w.def(f.Slot).Type != slot.Multi {
		return fold(old.Value) == fold(f.Value)
	}
	list := strings.Split(f.Value, ",")
	for _, entry := range strings.Split(old.Value, ",") {
		if !slices.Contains(list, entry) {
			return false
		}
	}
	return true
}

func (w *sheet) decisions(p *page) {
	p.head("Key decisions")
	if !w.chosen() || w.assumed() && !w.resold() {
		p.text("No package was chosen by the client.")
		return
	}
	e := w.s.Features.Estimate
	if w.assumed() {
		p.item(fmt.Sprintf("The agency changed the selection on review: package %s with %s, %s in total. The client confirms it with the proposal.",
			escape(e.Package.Name), Plural(len(w.selected), "extra feature"), e.Total))
		return
	}
	p.item(fmt.Sprintf("Package %s with %s, %s in total (%s).",
		escape(e.Package.Name), Plural(len(w.selected), "extra feature"), e.Total, w.howChosen()))
	if model, ok := w.known(slot.BusinessModel); ok {
		p.item(fmt.Sprintf("The website is planned for a business model of %s (%s).", w.show(slot.BusinessModel), trace(model)))
	}
	if phased := w.names(w.s.Features.Phased); phased != "" {
		p.item("Moved to a later phase: " + phased + ".")
	}
}

// assumptions lists what no answer states: defaults with what they mean, and
// what a rule inferred from the client's words.
func (w *sheet) assumptions(p *page) {
	p.head("Assumptions to be confirmed at kickoff")
	n := 0
	for _, status := range []intake.FactStatus{intake.Assumed, intake.Inferred} {
		for _, d := range w.defs {
			f, ok := w.known(d.Key)
			if !ok || f.Status != status {
				continue
			}
			n++
			line := w.line(d)
			if fold(f.Note) != "" {
				line += ": " + sentence(f.Note)
			}
			p.item(line)
		}
	}
	if w.chosen() && w.assumed() {
		p.item("The package and its price were not confirmed by the client.")
		n++
	}
	if n == 0 {
		p.text("None: every fact is stated or confirmed.")
	}
}

// resold reports whether the agency changed what the client had chosen.
func (w *sheet) resold() bool {
	return slices.ContainsFunc(w.s.Amendments, func(a intake.Amendment) bool { return a.Selection })
}

// nextSteps writes the closing block of the same name.
func (w *sheet) nextSteps() string {
	var p page
	steps := []string{
		"Review this document; settle the open points of section 14.",
		"Sign the agreement.",
		"Pay the first part of the schedule in section 13.",
		"Hold the kickoff meeting; the weeks of section 12 count from it.",
	}
	for i, s := range steps {
		fmt.Fprintf(&p.b, "%d. %s\n", i+1, s)
	}
	var contact []string
	for _, c := range []string{w.agency.Name, w.agency.Email, w.agency.Phone, w.agency.URL} {
		if fold(c) != "" {
			contact = append(contact, mailbox(c))
		}
	}
	if len(contact) > 0 {
		p.text("Contact: " + strings.Join(contact, ", "))
	}
	return p.String()
}

// appendix writes the technical appendix: work per feature, outside needs and
// the index of requirements.
func (w *sheet) appendix() string {
	var p page
	var rows [][]string
	var needs []string
	for _, l := range w.lines() {
		f, _ := w.cat.Feature(l.Feature)
		rows = append(rows, []string{escape(l.Name), "`" + codeSafe(string(l.Feature)) + "`", escape(string(f.Complexity)), strings.TrimPrefix(w.buildTime(l.Feature), "; ")})
		for _, note := range f.Notes {
			needs = append(needs, escape(l.Name)+": "+escape(note))
		}
	}
	if len(rows) > 0 {
		p.head("Work per feature")
		p.table([]string{"Feature", "Id", "Complexity", "Build time"}, rows)
	}
	if len(needs) > 0 {
		p.head("Needed from outside")
		for _, n := range needs {
			p.item(n)
		}
	}
	p.head("Index of requirements")
	if len(w.reqs) == 0 {
		p.text("No requirement follows from the answers so far.")
		return p.String()
	}
	rows = nil
	for _, r := range w.reqs {
		rows = append(rows, []string{r.id(), strconv.Itoa(r.section), r.priority, string(r.status)})
	}
	p.table([]string{"Requirement", "Section", "Priority", "Status"}, rows)
	return p.String()
}

// codeSafe keeps an id of the catalog inside its code span.
func codeSafe(id string) string { return strings.NewReplacer("`", "", "|", "", "\n", "").Replace(id) }

// information writes the last block.
func (w *sheet) information(snapshot string, now time.Time) string {
	var p page
	p.named("Generated at", now.UTC().Format(time.RFC3339))
	p.named("Version", "document format "+Format)
	p.named("Session", escape(string(w.s.ID)))
	p.named("Snapshot", snapshot)
	amended := ""
	if len(w.s.Amendments) > 0 {
		amended = ", amended by the agency on review"
	}
	p.text("Evidence (Q7: \"words\") names the question and quotes the client. Status: stated by the client, inferred by a rule from stated facts, " +
		"confirmed in a check of understanding, assumed as a documented default without an answer" + amended + ". Priority: must is needed for launch, should follows at once, could comes last. " +
		"All are in scope, except those that nothing in the selection delivers: they are open points of section 14.")
	return p.String()
}

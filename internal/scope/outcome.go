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
			w.open(fmt.Sprintf("Correction in check %d", l.Number), "To be compared with the requirements at kickoff: "+quote(l.Clarification))
		case l.Response != "correct":
			answer = "answered: " + escape(l.Response)
		}
		p.named(fmt.Sprintf("Check %d, %s", l.Number, escape(l.Category)), answer)
		for _, point := range l.Points {
			p.sub(escape(point))
		}
	}
}

func (w *sheet) conflicts(p *page) {
	p.head("Contradictions")
	if len(w.s.Conflicts) == 0 {
		p.text("None found.")
	}
	for _, c := range w.s.Conflicts {
		title := strings.ReplaceAll(escape(strings.ReplaceAll(string(c.Type), "_", " ")), "other", "scope")
		p.named(title, fmt.Sprintf("%s against %s", quote(c.Original), quote(c.Conflicting)))
		label := c.Label
		if fold(label) == "" {
			label = strings.ReplaceAll(c.Resolution, "_", " ")
		}
		if fold(label) == "" {
			p.sub("Not resolved.")
			w.open("Contradiction: "+title, "It was shown and not resolved.")
			continue
		}
		p.sub("Resolved: " + quote(label))
	}
}

// corrections lists facts whose value changed from one question to another. A
// list that only grew is no change, nor is a value that was taken back and
// given again.
func (w *sheet) corrections(p *page) {
	var lines [][2]string
	last := map[slot.Key]intake.Fact{}
	for _, f := range w.s.Facts {
		if f.Status == intake.Unknown || fold(f.Value) == "" {
			continue
		}
		old, seen := last[f.Slot]
		last[f.Slot] = f
		if seen && old.Evidence.Question != f.Evidence.Question && !w.grew(old, f) {
			lines = append(lines, [2]string{w.def(f.Slot).Label, fmt.Sprintf("%s (Q%d), then %s (Q%d)",
				w.words(old, maxQuote), old.Evidence.Question, w.words(f, maxQuote), f.Evidence.Question)})
		}
	}
	for _, d := range w.defs {
		old, seen := last[d.Key]
		if _, ok := w.known(d.Key); seen && !ok {
			lines = append(lines, [2]string{d.Label, fmt.Sprintf("%s (Q%d), then taken back", w.words(old, maxQuote), old.Evidence.Question)})
		}
	}
	if len(lines) > 0 {
		p.head("Changes during the interview")
	}
	for _, l := range lines {
		p.named(l[0], l[1])
	}
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
	if !w.chosen() || w.assumed() {
		p.text("No package was chosen by the client.")
		return
	}
	e := w.s.Features.Estimate
	p.item(fmt.Sprintf("Package %s with %s, %s in total (%s).",
		escape(e.Package.Name), plural(len(e.Lines), "add-on"), e.Total, w.howChosen()))
	if model, ok := w.known(slot.BusinessModel); ok {
		p.item(fmt.Sprintf("The website is planned for a business model of %s (%s).", w.show(slot.BusinessModel), trace(model)))
	}
	if phased := w.names(w.s.Features.Phased); phased != "" {
		p.item("Moved to a later phase: " + phased + ".")
	}
}

// assumptions lists what no answer states: defaults, and what a rule inferred.
func (w *sheet) assumptions(p *page) {
	p.head("Assumptions to be confirmed at kickoff")
	n := 0
	for _, d := range w.defs {
		if f, ok := w.known(d.Key); ok && (f.Status == intake.Assumed || f.Status == intake.Inferred) {
			p.item(w.line(d))
			n++
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

// openPoints lists what is missing, most of all the gaps of a forced
// completion: points found while writing, what the client could not say, and
// checklist items without or without sufficient answer.
func (w *sheet) openPoints(p *page) {
	w.unpriced()
	for _, o := range w.s.OpenPoints {
		w.open(w.def(o.Slot).Label, sentence(o.Reason))
	}
	for _, d := range w.defs {
		if _, ok := w.known(d.Key); d.Item() && !ok {
			w.open(d.Label, gap)
		}
	}
	if w.s.Completion != nil {
		for _, label := range w.s.Completion.Missing {
			w.open(escape(label), "Answered in part only.")
		}
	}
	p.head("Open points and gaps")
	if len(w.points) == 0 {
		p.text("None.")
	}
	for _, o := range w.points {
		p.named(o.what, o.why)
	}
}

// sentence makes a safe sentence of a reason.
func sentence(text string) string {
	if fold(text) == "" {
		return gap
	}
	return trimStop(escape(text)) + "."
}

// unpriced lists wishes that no position of section 13 covers, because the
// catalog does not sell them.
func (w *sheet) unpriced() {
	for _, wish := range []struct {
		k     slot.Key
		value []string
		what  string
	}{
		{slot.LogoStatus, []string{"need*"}, "Creating a logo"},
		{slot.Copywriting, []string{"full", "partial"}, "Copywriting"},
		{slot.PhotoApproach, []string{"custom"}, "A photographer"},
		{slot.Video, []string{"creation"}, "Producing video"},
		{slot.MarketingMaterials, []string{"need*"}, "Marketing material besides the website"},
	} {
		f, ok := w.known(wish.k)
		if ok && slices.ContainsFunc(wish.value, func(pattern string) bool { return matches(pattern, f.Value) }) {
			w.open(wish.what, fmt.Sprintf("Wanted %s, but not a position of section 13.", evidence(f)))
		}
	}
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
	p.text("Evidence (Q7: \"words\") names the question and quotes the client. Status: stated by the client, inferred by a rule from stated facts, " +
		"confirmed in a check of understanding, assumed as a documented default. Priority: must is needed for launch, should follows at once, could comes last; all are in scope.")
	return p.String()
}

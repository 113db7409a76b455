package pdf

import (
	"fmt"
	"strconv"

	"applicreations.com/introspect/internal/proposal"
)

// The columns of the timeline: name, weeks, the client's part.
const (
	planName  = 36.0
	planWeeks = 70.0
	planPart  = inner - planName - planWeeks
)

// maxWeeks bounds the scale; no project of the catalog comes near it.
const maxWeeks = 104

// timeline shows the shortest plan as bars, with what the client does beside
// them.
func (d *doc) timeline() {
	t := d.p.Timeline
	if len(t.Milestones) == 0 {
		return
	}
	weeks, height := t.Low, 9.0
	for _, m := range t.Milestones {
		weeks = max(weeks, m.Span().To)
		_, _, h := d.part(m)
		height += h
	}
	weeks = min(max(weeks, 1), maxWeeks)
	intro := fmt.Sprintf("%d to %d weeks from kickoff to launch; the bars show the shortest plan. %s", t.Low, t.High, t.Launch)
	lines := d.wrap(intro, d.text(), inner, maxLines)
	d.heading("Project timeline")
	d.need(min(height+d.text().height(len(lines)), bottom-top-40))
	d.flow(lines, margin, inner, d.text())
	d.y += 2.4
	d.scale(weeks)
	for i, m := range t.Milestones {
		d.milestone(m, weeks, i == len(t.Milestones)-1)
	}
	d.rule(d.y)
	d.y += 2
	if len(t.Notes) > 0 {
		d.subheading("What the launch depends on")
		d.bullets(t.Notes)
	}
}

// scale writes the head of the timeline.
func (d *doc) scale(weeks int) {
	st := d.label().with(d.c.soft)
	d.put("MILESTONE", margin, d.y+4, planName, st, left)
	d.put("YOUR PART", margin+planName+planWeeks+5, d.y+4, planPart-5, st, left)
	step := scaleStep(weeks)
	width := planWeeks / float64(weeks)
	for w := 1; w <= weeks; w += step {
		d.put(strconv.Itoa(w), margin+planName+float64(w-1)*width, d.y+4, width*float64(step), st, middle)
	}
	d.y += 6.5
}

// scaleStep keeps the scale at twelve numbers at most.
func scaleStep(weeks int) int { return (weeks + 11) / 12 }

// part is what the client does in a milestone, with the height of its row.
func (d *doc) part(m proposal.Milestone) (lines []line, st style, height float64) {
	text := m.Duty
	st = d.sized(regular, 8.5, 11.6, d.c.ink)
	if text == "" {
		text, st = "nothing to do", st.with(d.c.soft)
	}
	lines = d.wrap(upper(text), st, planPart-5, 3)
	return lines, st, max(10.4*d.density, st.height(len(lines))+2.6)
}

// milestone draws one row of the timeline.
func (d *doc) milestone(m proposal.Milestone, weeks int, last bool) {
	lines, st, height := d.part(m)
	d.need(height)
	d.rule(d.y)
	d.put(m.Name, margin, d.y+4.6*d.density, planName-2, d.sized(semibold, 9, 12, d.c.ink), left)
	d.put(upper(m.Span().String()), margin, d.y+8.4*d.density, planName-2, d.sized(regular, 7.8, 10, d.c.soft), left)

	width := planWeeks / float64(weeks)
	x := margin + planName
	d.stroke(d.c.rule, 0.1)
	for w := 0; w <= weeks; w += scaleStep(weeks) {
		d.f.Line(x+float64(w)*width, d.y, x+float64(w)*width, d.y+height)
	}
	bar := d.c.primary
	if last {
		bar = d.c.accent
	}
	start := min(max(m.Start, 1), weeks)
	length := min(max(m.Weeks, 1), weeks-start+1)
	d.panel(x+float64(start-1)*width+0.6, d.y+height/2-2.3, max(0.5, float64(length)*width-1.2), 4.6, bar)
	d.block(lines, x+planWeeks+5, d.y+(height-st.height(len(lines)))/2, planPart-5, st)
	d.y += height
}

// upper begins a text with a capital; the proposal's own texts are ASCII.
func upper(text string) string {
	if text != "" && text[0] >= 'a' && text[0] <= 'z' {
		return string(text[0]-'a'+'A') + text[1:]
	}
	return text
}

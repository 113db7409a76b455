package intake

import (
	"fmt"
	"math"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
)

// SectionTitles are the titles of SCOPE.md's 14 sections (DOMAIN 7.1).
func SectionTitles() [14]string {
	return [14]string{
		"Executive Summary", "Project Classification", "Client Information", "Business Context", "Brand Assets & Identity",
		"Content Strategy", "Technical Specifications", "Media & Interactive Elements", "Design Direction",
		"Features & Functionality Breakdown", "Post-Launch Support Plan", "Project Timeline", "Investment Summary", "Validation Outcomes",
	}
}

// nearlyDone is the percent from which the words say so beside the number.
const nearlyDone = 75

// Progress tells the client how far the interview is (DOMAIN 1.12, 2.7).
func (e *Engine) Progress(s *Session) Progress {
	m := memo{}
	states := e.sections(s, m)
	p := Progress{
		Percent: s.Furthest, SectionsTotal: len(states), Categories: e.categories(s, m), QuestionCount: s.Questions,
		QuestionTarget: QuestionTarget, QuestionLimit: QuestionLimit, Status: event.EfficiencyStatus(s.Questions),
	}
	for i, title := range SectionTitles() {
		p.Sections = append(p.Sections, SectionProgress{Number: i + 1, Title: title, Status: states[i]})
		if states[i] == "complete" {
			p.SectionsDone++
		}
	}
	p.MinutesLeft = max(1, int(math.Round(float64(100-p.Percent)/5)))
	left := max(0, QuestionLimit-s.Questions)
	p.MinutesLeft = min(p.MinutesLeft, max(1, left)) // an answer takes less than a minute, and no more are asked
	switch {
	case s.Status == Completed:
		p.MinutesLeft = 0
	case p.Status == "warning" && p.Percent >= nearlyDone:
		p.Notice = "Nearly done: only the important details are left."
	case p.Status == "warning":
		p.Notice = fmt.Sprintf("At most %d more questions, about the important details only.", left)
	case left == 1:
		p.Notice = "1 question remaining, only the essentials."
	case p.Status == "critical":
		p.Notice = fmt.Sprintf("%d questions remaining, only the essentials.", left)
	case p.Status == "maximum":
		p.Notice = "This is the last question; the documents come next."
	}
	return p
}

// percent is the share of complete sections; it never falls, starts at 14 and
// stays below 100 until the end.
func (e *Engine) percent(s *Session, m memo) int {
	if s.Status == Completed {
		return 100
	}
	done := 0
	for _, state := range e.sections(s, m) {
		if state == "complete" {
			done++
		}
	}
	return min(99, max(14, s.Furthest, int(math.Round(float64(done)/14*100))))
}

// categories is the percent of sufficient items per category (DOMAIN 2.4).
func (e *Engine) categories(s *Session, m memo) map[string]int {
	v := s.Values()
	all, known := map[string]int{}, map[string]int{}
	for _, d := range e.order {
		if !d.Item() {
			continue
		}
		all[string(d.Category)]++
		if e.enough(s, d.Key, v, m) {
			known[string(d.Category)]++
		}
	}
	out := make(map[string]int, len(all))
	for c, n := range all {
		out[c] = int(math.Round(100 * float64(known[c]) / float64(n)))
	}
	return out
}

// sections gives the state of each section by the rules of DOMAIN 1.12.
func (e *Engine) sections(s *Session, m memo) [14]string {
	v := s.Values()
	has := func(keys ...slot.Key) int {
		n := 0
		for _, k := range keys {
			if e.enough(s, k, v, m) {
				n++
			}
		}
		return n
	}
	state := func(complete, started bool) string {
		switch {
		case complete:
			return "complete"
		case started:
			return "in_progress"
		}
		return "not_started"
	}
	context := has(slot.TargetAudience, slot.PrimaryGoal, slot.SuccessMetrics, slot.PainPoints, slot.UniqueValue)
	brand := has(slot.LogoStatus, slot.BrandColors, slot.StyleGuide)
	content := has(slot.ContentProvider, slot.ContentReadiness, slot.UpdateFrequency)
	media := has(slot.Video, slot.Galleries, slot.PhotoApproach, slot.Animation, slot.Downloads, slot.Audio)
	technical := e.categories(s, m)[string(slot.Technical)]
	shown := s.Features != nil
	answered := shown && s.Features.Answered
	final := len(s.Loops) > 0 && s.Loops[len(s.Loops)-1].Number == 4
	return [14]string{
		state(has(slot.PrimaryGoal, slot.TargetAudience) == 2, true),
		state(has(slot.Industry, slot.BusinessModel) == 2, true),
		state(has(slot.BusinessName) == 1, true),
		state(context >= 4 || context >= 3 && v.Has(slot.UniqueValue), context >= 2),
		state(brand == 3, brand > 0),
		state(content == 3, content > 0),
		state(technical >= 60, technical > 0),
		state(media >= 3, media > 0),
		state(has(slot.DesignStyle, slot.DesignReferences) == 2, has(slot.DesignStyle, slot.DesignReferences) > 0),
		state(answered, shown),
		state(has(slot.TrainingNeeds, slot.MaintenancePlan) == 2, has(slot.TrainingNeeds, slot.MaintenancePlan) > 0),
		state(has(slot.LaunchText) == 1, v.Has(slot.LaunchText)),
		state(answered && has(slot.BudgetText) == 1, answered),
		state(final || s.Status == Completed, len(s.Loops) > 0),
	}
}

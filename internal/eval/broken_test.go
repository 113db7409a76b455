package eval_test

import (
	"slices"
	"testing"
	"time"

	"applicreations.com/introspect/internal/eval"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/slot"
)

// broken is an engine with one fault. before may take the answer away from the
// engine, after may spoil what the engine made of it.
type broken struct {
	*intake.Engine
	before func(s *intake.Session, a intake.Answer) (intake.Turn, bool)
	after  func(b *broken, s *intake.Session, now time.Time)
}

func (b *broken) Answer(s *intake.Session, a intake.Answer, now time.Time) (intake.Turn, error) {
	if b.before != nil {
		if turn, taken := b.before(s, a); taken {
			return turn, nil
		}
	}
	turn, err := b.Engine.Answer(s, a, now)
	if err == nil && b.after != nil {
		b.after(b, s, now)
	}
	return turn, err
}

// sound is a brief of the tests' own: few truths, plain words, so that what a
// broken engine spoils can be told from what the engine itself misses.
func sound() persona.Brief {
	truth := func(k slot.Key, value, says string) persona.Truth {
		return persona.Truth{Slot: k, Value: value, Says: []string{says}}
	}
	name := truth(slot.BusinessName, "Harbour Dental", "Harbour Dental")
	name.Opening = true
	return persona.Brief{
		ID: "sound", Site: "business",
		Opening: "Harbour Dental is a dental practice in Bristol. Patients book appointments by phone. The current website is outdated.",
		Truths: []persona.Truth{
			name,
			truth(slot.BusinessModel, "service", "We sell appointments"),
			truth(slot.VisitorActions, "book", "Book an appointment"),
			truth(slot.MustHaves, "appointment_scheduling,sms_notifications", "Appointment scheduling and text messages"),
			truth(slot.PrimaryGoal, "30 new patients a month", "The goal is 30 new patients a month."),
			truth(slot.TargetAudience, "families and adults within ten miles of Bristol", "Families and adults within ten miles of Bristol who need a dentist"),
			truth(slot.UniqueValue, "same-day crowns", "We make same-day crowns, nobody else in town does"),
			truth(slot.AppointmentsPerWeek, "120", "We have 120 appointments per week."),
			truth(slot.AverageAppointmentValue, "18000", "An appointment is worth $180 on average."),
			truth(slot.BudgetMax, "1200000", "The budget is $12,000."),
			truth(slot.LaunchWeeks, "16", "It should be live in 16 weeks."),
			truth(slot.DesignStyle, "clean", "Clean"),
			truth(slot.ContentProvider, "client", "We write it ourselves"),
		},
		Implicit: []persona.Requirement{
			{Aspect: "interaction", Text: "patients move or cancel an appointment online", Topics: []string{"cancelling a booking"}},
			{Aspect: "style", Text: "no pop-ups", Topics: []string{"popups"}},
		},
		Contradictions: []persona.Contradiction{{Kind: persona.TwoValues, Needs: []slot.Key{slot.AppointmentsPerWeek}, Says: "We have 400 appointments per week."}},
	}
}

func judged(tb testing.TB, e eval.Interviewer, b persona.Brief, preset string) eval.Score {
	tb.Helper()
	p := persona.Presets()[slices.IndexFunc(persona.Presets(), func(p persona.Preset) bool { return p.Name == preset })]
	return eval.Judge(eval.Run(e, library(tb).New(b, p, 0), 0, began(), nil), e.Catalog())
}

// missed counts the misses of a kind, about something when that is named.
func missed(s eval.Score, kind eval.MissKind, about string) int {
	n := 0
	for _, m := range s.Misses {
		if m.Kind == kind && (about == "" || m.About == about) {
			n++
		}
	}
	return n
}

// TestJudgeNotices spoils an engine in one way at a time. The judge has to
// count more misses of the right kind than for the engine itself.
func TestJudgeNotices(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		preset string
		poor   bool
		kind   eval.MissKind
		about  string
		broken broken
	}{
		{name: "a fact that was dropped", kind: eval.Lost, about: "uniqueValue", broken: broken{after: drop(slot.UniqueValue)}},
		{name: "a number that was doubled", kind: eval.Wrong, about: "appointmentsPerWeek", broken: broken{after: double}},
		{name: "a budget that was doubled", kind: eval.Wrong, about: "budgetMax", broken: broken{after: doubleBudget}},
		{name: "a contradiction that was forgotten", poor: true, kind: eval.MissedConflict, about: persona.OverBudget, broken: broken{after: forget}},
		{name: "a contradiction that nobody made", kind: eval.FalseAlarm, about: persona.TwoValues, broken: broken{after: accuse}},
		{name: "a fact that was invented", kind: eval.Ungrounded, about: "competitors", broken: broken{after: invent}},
		{name: "a fact with words put together from two answers", kind: eval.Ungrounded, about: "serviceArea", broken: broken{after: splice}},
		{name: "a price that was changed", kind: eval.WrongPrice, broken: broken{after: dearer}},
		{name: "a question that was repeated", kind: eval.Redundant, broken: broken{before: repeat()}},
		{name: "a dead end", kind: eval.DeadEnd, broken: broken{before: stuck}},
		{name: "injected text that came back", preset: "hostile", kind: eval.Escape, broken: broken{after: parrot}},
		{name: "a requirement that was dropped", kind: eval.NotKept, about: "style", broken: broken{after: drop(slot.Avoid, slot.Notes)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b, preset := sound(), "cooperative"
			if row.preset != "" {
				preset = row.preset
			}
			if row.poor {
				preset = "$2,000 for $10,000"
			}
			whole := missed(judged(t, engine(t), b, preset), row.kind, row.about)
			spoilt := row.broken
			spoilt.Engine = engine(t)
			if got := missed(judged(t, &spoilt, b, preset), row.kind, row.about); got <= whole {
				t.Errorf("the judge counts %d times %q about %q, and %d with the engine as it is", got, row.kind, row.about, whole)
			}
		})
	}
}

// TestReplayNotices spoils the second run of an engine.
func TestReplayNotices(t *testing.T) {
	t.Parallel()
	n := 0
	e := &broken{Engine: engine(t), after: func(_ *broken, s *intake.Session, _ time.Time) {
		n++
		s.Furthest = n
	}}
	o := eval.Measure(e, eval.Suite{Library: library(t), Briefs: []persona.Brief{sound()}, Presets: persona.Presets()[:1], Seeds: 1, Now: began()})
	if o.Replayed {
		t.Error("two runs that differ count as the same")
	}
}

func drop(keys ...slot.Key) func(*broken, *intake.Session, time.Time) {
	return func(_ *broken, s *intake.Session, _ time.Time) {
		s.Facts = slices.DeleteFunc(slices.Clone(s.Facts), func(f intake.Fact) bool { return slices.Contains(keys, f.Slot) })
	}
}

func double(_ *broken, s *intake.Session, _ time.Time) { change(s, slot.AppointmentsPerWeek, "240") }

func doubleBudget(_ *broken, s *intake.Session, _ time.Time) { change(s, slot.BudgetMax, "2400000") }

func change(s *intake.Session, k slot.Key, value string) {
	s.Facts = slices.Clone(s.Facts)
	for i, f := range s.Facts {
		if f.Slot == k && f.Status.Known() {
			s.Facts[i].Value = value
		}
	}
}

// forget settles every contradiction before the client sees it, and removes
// the record.
func forget(b *broken, s *intake.Session, now time.Time) {
	for s.Current.Kind == intake.ConflictResolution {
		if _, err := b.Engine.Answer(s, intake.Answer{ActionID: s.Current.ID, Skip: true}, now); err != nil {
			return
		}
	}
	if s.Current.Kind == intake.Complete {
		s.Conflicts = nil
	}
}

func accuse(_ *broken, s *intake.Session, _ time.Time) {
	if s.Current.Kind == intake.Complete {
		s.Conflicts = append(s.Conflicts, intake.ConflictRecord{Type: intake.OtherConflict, Key: "other:two_values", Rival: slot.LaunchWeeks})
	}
}

func invent(_ *broken, s *intake.Session, _ time.Time) {
	add(s, intake.Fact{Slot: slot.Competitors, Value: "Bright Smiles", Status: intake.Stated, Evidence: intake.Evidence{Quote: "Bright Smiles"}})
}

func splice(_ *broken, s *intake.Session, _ time.Time) {
	add(s, intake.Fact{Slot: slot.ServiceArea, Value: "Bristol", Status: intake.Inferred, Evidence: intake.Evidence{Quote: "a dental practice in Bristol. The budget is $12,000."}})
}

func add(s *intake.Session, f intake.Fact) {
	if s.Current.Kind == intake.Complete {
		s.Facts = append(slices.Clip(s.Facts), f)
	}
}

func dearer(_ *broken, s *intake.Session, _ time.Time) {
	if s.Current.Kind == intake.Complete && s.Features != nil {
		f := *s.Features
		f.Estimate.Total += 100
		s.Features = &f
	}
}

// parrot says back what was typed.
func parrot(_ *broken, s *intake.Session, _ time.Time) {
	add(s, intake.Fact{Slot: slot.Avoid, Value: persona.Attacks()[0], Status: intake.Assumed})
}

// repeat shows every question with choices a second time.
func repeat() func(*intake.Session, intake.Answer) (intake.Turn, bool) {
	seen := map[string]bool{}
	return func(s *intake.Session, _ intake.Answer) (intake.Turn, bool) {
		if s.Current.Kind != intake.AskQuestion || seen[s.Current.Question.Question.ID] || len(seen) > 3 {
			return intake.Turn{}, false
		}
		seen[s.Current.Question.Question.ID] = true
		return intake.Turn{}, true
	}
}

// stuck takes answers from the tenth question on, and never goes on.
func stuck(s *intake.Session, _ intake.Answer) (intake.Turn, bool) {
	return intake.Turn{}, s.Questions > 10
}

var _ eval.Interviewer = (*broken)(nil)

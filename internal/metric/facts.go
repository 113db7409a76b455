// Package metric turns events into figures: the events of a session into its
// Facts, facts into their Contribution to the rollups, and rollups into the
// Dashboard (ARCHITECTURE 4). Counts go in, numbers come out; nothing here is
// estimated except latency percentiles, which are within 1 %.
//
// It does no I/O, reads no clock and keeps no state of its own: the store owns
// the transaction in which differences of contributions reach the rollups.
// Start with Facts.Apply, Contribution and NewDashboard.
package metric

import (
	"cmp"
	"slices"
	"time"

	"applicreations.com/introspect/internal/event"
)

// Facts is what the events of one session say, and a pure function of their
// set: every field is a first, a last, a largest, a sum or a union, so neither
// order nor batches matter. Each event must be applied exactly once.
//
// The zero value is a session without events. A copy stays what it was when
// the original goes on.
type Facts struct{ s state }

// state holds times in milliseconds since 1970, 0 standing for never. Values
// behind pointers and in slices are replaced, never changed.
type state struct {
	entry   int64 // first event
	seen    int64 // last act of the visitor
	start   int64 // first event of the interview
	stages  [stageCount]int64
	bot     bool
	landing *register[visit]
	website *register[string]
	model   *register[model]
	plan    *register[string] // the package
	choice  *register[choice]
	finish  *register[finish]
	offered []string // sorted feature ids
	loops   []loop   // by number

	language *register[string]
	prompt   *register[string] // version of the questions or of the prompt
	turns    []turn            // by question number
	votes    []vote            // by question
	steps    []step            // in order
	trials   []string          // sorted tags of the A/B tests that the visitor saw
	judged   *register[bool]   // what a person said: whether a program made the visit

	question   int64 // at which the model was classified first
	onTime     bool  // some classification was on time
	uncertain  bool  // no model at the deadline
	asked      int64 // largest question count reported while open
	conflicts  int64
	documents  int64
	injections int64
}

type visit struct{ source, device string }

type model struct {
	name       string
	confidence int64 // 0-100
}

type choice struct {
	selected []string // sorted feature ids
	cents    int64
}

type finish struct{ questions, seconds, confidence int64 }

// loop is the first response to one check of understanding.
type loop struct {
	number  int64
	first   stamp
	correct bool
}

// turn is the first answer to the question of one number.
type turn struct {
	number   int64
	seq, at  int64
	question string
	dwell    int64 // seconds until the answer, 0 when nobody said
}

func (a turn) before(b turn) bool {
	return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.at, b.at), cmp.Compare(a.question, b.question), cmp.Compare(a.dwell, b.dwell)) < 0
}

// vote is the last opinion about one question.
type vote struct {
	question string
	last     stamp
	rating   int64 // 1 helpful, 2 not helpful, 3 confusing
}

// step is one event that reached a stage of the funnel.
type step struct{ seq, at, stage int64 }

func (a step) compare(b step) int {
	return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.at, b.at), cmp.Compare(a.stage, b.stage))
}

// stamp orders events: by the sender's running number, then by time, then by
// id. Events without a number come first. Comparing numbers only where both
// have one would be no order at all as soon as a session holds both kinds.
type stamp struct {
	seq int64
	at  int64
	id  event.ID
}

func (a stamp) before(b stamp) bool {
	if a.seq != b.seq {
		return a.seq < b.seq
	}
	return a.at < b.at || a.at == b.at && a.id < b.id
}

// register keeps the value of the first or of the last event that set it.
type register[T any] struct {
	stamp

	value T
}

func first[T any](old *register[T], at stamp, v T) *register[T] {
	if old != nil && !at.before(old.stamp) {
		return old
	}
	return &register[T]{at, v}
}

func last[T any](old *register[T], at stamp, v T) *register[T] {
	if old != nil && !old.before(at) {
		return old
	}
	return &register[T]{at, v}
}

// get returns the value, or the zero value of a register never set.
func (r *register[T]) get() (v T) {
	if r != nil {
		v = r.value
	}
	return v
}

// Apply adds one event. What cannot be read in its properties is passed over:
// a strange event must not stop the others of its session.
func (f *Facts) Apply(e event.Event) { f.Take(Read(e)) }

// Take is Apply for an event whose properties have been read.
func (f *Facts) Take(e Note) {
	if e.Name == event.NameAdvisorCall {
		return // what a model cost is no act of the visitor
	}
	s := &f.s
	at := stamp{e.Seq, max(e.At.UnixMilli(), 1), e.ID}
	if e.Name == event.NameVisitJudged { // no act of the visitor either
		s.read(e, at)
		return
	}
	s.bot = s.bot || e.Bot != ""
	s.entry = earliest(s.entry, at.at)
	if !made(e.Name) {
		s.seen = max(s.seen, at.at)
	}
	if starts(e.Name) {
		s.start = earliest(s.start, at.at)
	}
	if stage := stageOf(e.Name); stage >= 0 {
		s.stages[stage] = earliest(s.stages[stage], at.at)
		s.walk(step{at.seq, at.at, int64(stage)})
	}
	s.read(e, at)
}

// earliest is the smaller of two times, where 0 stands for never.
func earliest(a, b int64) int64 {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// starts reports whether an event belongs to an interview, and not merely to
// a visit that may become one. The session counts from its first such event.
func starts(n event.Name) bool {
	switch n {
	case event.NameLandingView, event.NameCTAClick, event.NameFoundationStart, event.NameFoundationField,
		event.NameFeatureViewed, event.NameFeedback, event.NameAdvisorCall, event.NameVisitJudged:
		return false
	default:
		return n.Known()
	}
}

// made reports whether the system makes an event by itself, maybe hours after
// the visitor left, so that it does not show anybody present.
func made(n event.Name) bool {
	return n == event.NameSessionAbandoned || n == event.NameEmailsSent || n == event.NameDocumentGenerated
}

// Entry is the time of the first event, zero without any.
func (f Facts) Entry() time.Time { return moment(f.s.entry) }

// LastSeen is the time of the last event that shows the visitor present:
// documents, e-mails and the mark "abandoned" do not. Without such an event
// it is the entry.
func (f Facts) LastSeen() time.Time { return moment(max(f.s.seen, f.s.entry)) }

// StartedAt is the time of the first event of the interview, zero while the
// visitor only looked around.
func (f Facts) StartedAt() time.Time { return moment(f.s.start) }

// Started reports whether the interview was begun.
func (f Facts) Started() bool { return f.s.start != 0 }

// Completed reports whether the interview was finished.
func (f Facts) Completed() bool { return f.s.stages[stageComplete] != 0 }

// Bot reports whether the visit counts as one of a program.
func (f Facts) Bot() bool { return f.s.automated() }

// automated is what a person said, or else what the marks say.
func (s *state) automated() bool {
	if s.judged != nil {
		return s.judged.value
	}
	return s.bot
}

// Maker tells who made a visit, and who says so.
type Maker int

// The makers. The numbers are stored.
const (
	Unmarked      Maker = iota // a person, as nothing speaks against it
	Marked                     // a program, by its marks
	JudgedPerson               // a person, as somebody of the agency says
	JudgedProgram              // a program, likewise
)

// Maker is who made the visit.
func (f Facts) Maker() Maker {
	switch s := &f.s; {
	case s.judged != nil && s.judged.value:
		return JudgedProgram
	case s.judged != nil:
		return JudgedPerson
	case s.bot:
		return Marked
	}
	return Unmarked
}

// questions is the final count, or the largest one reported on the way.
func (s *state) questions() int64 {
	if n := s.finish.get().questions; n > 0 {
		return n
	}
	return s.asked
}

// offers lists all features that were on offer, sorted: a feature selected
// was on offer, whether or not the bound left room for it.
func (s *state) offers() []string { return union(s.offered, s.choice.get().selected) }

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// union merges two sorted sets; it returns a itself when b adds nothing, and
// otherwise a set of its own.
func union(a, b []string) []string {
	if !slices.ContainsFunc(b, func(id string) bool { _, found := slices.BinarySearch(a, id); return !found }) {
		return a
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

package intake

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/choose"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// The limits of an interview (DOMAIN 2.7, 8.1).
const (
	QuestionTarget = 22
	QuestionLimit  = 30
	MaxAnswer      = 5000   // characters
	MaxBrief       = 20_000 // characters of the first answer, which may be a whole brief

	foundationQuestions = 4
	maxClarifications   = 5 // clarifying prompts in one interview
	maxThin             = 3 // answers that said too little; from then on nothing is probed
)

// Reasons why an answer is not taken at all.
var (
	ErrStale  = errors.New("this answer belongs to an earlier question; the current one is shown instead")
	ErrClosed = errors.New("this interview is finished; nothing can be added to it")
)

// Engine conducts interviews over one catalog and one question bank. It is
// immutable and safe for concurrent use.
type Engine struct {
	cat    *catalog.Catalog
	bank   *bank.Bank
	defs   map[slot.Key]slot.Def
	order  []slot.Def // the same in the order of the checklist
	choose *choose.Chooser
	labels map[slot.Key]map[string]string // words of option values
}

// NewEngine makes an engine. A bank without questions is refused; what else a bank
// must hold, bank.Parse has checked.
func NewEngine(cat *catalog.Catalog, b *bank.Bank) (*Engine, error) {
	if len(b.Questions) == 0 {
		return nil, errors.New("the question bank holds no questions; it needs at least the opening one")
	}
	e := &Engine{cat: cat, bank: b, defs: slot.ByKey(), order: slot.Defs(), labels: map[slot.Key]map[string]string{}}
	e.choose = choose.New(b, e.defs)
	for _, q := range b.Questions {
		for _, g := range q.Groups {
			if e.labels[g.Slot] == nil {
				e.labels[g.Slot] = map[string]string{}
			}
			for _, o := range g.Options {
				e.labels[g.Slot][o.Value] = o.Label
			}
		}
	}
	return e, nil
}

// Start opens an interview after the foundation form: it checks the client's
// fields, records the opening events and asks the first question. A bad field
// is an *Invalid.
func (e *Engine) Start(id event.SessionID, c Client, now time.Time) (*Session, Turn, error) {
	c, err := checkClient(c)
	if err != nil {
		return nil, Turn{}, err
	}
	s := &Session{
		ID: id, Status: InProgress, Client: c, CreatedAt: now, LastActivity: now,
		Questions: foundationQuestions, Clarified: map[string]int{},
	}
	w := &work{e: e, s: s, now: now, memo: memo{}}
	w.emit(event.SessionStart{WebsiteType: c.WebsiteType, Timestamp: now.UTC(), PromptVersion: e.bank.Version()})
	w.emit(event.Plain{Name: event.NameFoundationComplete})
	w.emit(event.Plain{Name: event.NameConversationStart})
	w.decide(Answer{})
	return s, w.turn, nil
}

// Answer takes one answer and moves the session to its next action. On any
// error the session is unchanged: *Invalid for a bad answer, ErrStale when the
// answer quotes another action than the current one, ErrClosed after the end.
// Answering the previous action again is a success that changes nothing.
func (e *Engine) Answer(s *Session, a Answer, now time.Time) (Turn, error) {
	return e.AnswerAdvised(s, a, advice.Advice{}, now)
}

// AnswerAdvised is Answer with what a model advised about that very answer and
// advice.Review left. Empty advice is Answer. What is taken of it stands in
// Session.Advice, so that the same answers and advice always make the same
// session.
func (e *Engine) AnswerAdvised(s *Session, a Answer, adv advice.Advice, now time.Time) (Turn, error) {
	switch {
	case a.ActionID != "" && a.ActionID == s.Answered:
		return Turn{}, nil
	case s.Status != InProgress:
		return Turn{}, ErrClosed
	case a.ActionID != s.Current.ID:
		return Turn{}, ErrStale
	}
	w := &work{e: e, s: s.clone(), now: now, memo: memo{}}
	if err := w.take(a); err != nil {
		return Turn{}, err
	}
	w.s.Answered = a.ActionID
	w.moved()
	w.heed(a.ActionID, a.Text, adv, false)
	w.decide(a)
	*s = *w.s
	return w.turn, nil
}

// moved counts one command of the client; what was only for the page before
// it is dropped.
func (w *work) moved() {
	w.s.Turns++
	w.s.LastActivity = w.now
	w.s.Draft, w.s.Edited = nil, nil
}

// clone copies what an answer may change. Slices are clipped, so that appends
// never reach the original.
func (s *Session) clone() *Session {
	c := *s
	c.Facts = slices.Clip(c.Facts)
	c.Asked = slices.Clip(c.Asked)
	c.Loops = slices.Clip(c.Loops)
	c.OpenPoints = slices.Clip(c.OpenPoints)
	c.Queue = slices.Clone(c.Queue)
	c.Conflicts = slices.Clone(c.Conflicts)
	c.Marks = slices.Clip(c.Marks)
	c.Withdrawn = slices.Clip(c.Withdrawn)
	c.Advice, c.Hints, c.Suspects = slices.Clip(c.Advice), slices.Clip(c.Hints), slices.Clip(c.Suspects)
	c.Clarified = maps.Clone(c.Clarified)
	if c.Clarified == nil {
		c.Clarified = map[string]int{}
	}
	if c.Features != nil {
		f := *c.Features
		c.Features = &f
	}
	return &c
}

// work is one step of the engine over one session.
type work struct {
	e    *Engine
	s    *Session
	now  time.Time
	turn Turn

	suspected bool // the answer held an injected instruction
	advised   advice.Advice
	editing   bool // second values replace first ones
	memo      memo
	read      []extract.Hit // what the rules read in the text taken last
	known     slot.Values   // see values
	knownAt   int
}

// values is what is known, worked out once for as long as no fact is added. It
// must not be changed; who changes it takes Session.Values.
func (w *work) values() slot.Values {
	if w.known == nil || w.knownAt != len(w.s.Facts) {
		w.known, w.knownAt = w.s.Values(), len(w.s.Facts)
	}
	return w.known
}

func (w *work) emit(p event.Payload) {
	w.s.Events++
	w.turn.Events = append(w.turn.Events, event.New(w.s.ID, w.s.Events, w.now, p))
}

func (w *work) say(role, text, question string) {
	if text == "" {
		return
	}
	w.turn.Messages = append(w.turn.Messages, Message{
		Role: role, Text: text, QuestionID: question, Number: w.s.Questions, At: w.now,
	})
}

// take dispatches the answer to the current action.
func (w *work) take(a Answer) error {
	text, err := w.cleanText(a.Text)
	if err != nil {
		return err
	}
	a.Text = text
	w.s.Quality = ""
	if text != "" {
		w.s.Quality = extract.QualityOf(text)
	}
	w.sent(a)
	switch w.s.Current.Kind {
	case AskQuestion:
		return w.takeQuestion(a)
	case ExampleOptions:
		return w.takeExample(a)
	case ConflictResolution:
		return w.takeConflict(a)
	case ValidateUnderstanding:
		return w.takeValidation(a)
	case RecommendFeatures:
		return w.takeFeatures(a)
	case Complete:
	}
	return ErrClosed
}

// cleanText checks length, removes markup and neutralises injected
// instructions; each suspicion is recorded without the client's words.
func (w *work) cleanText(raw string) (string, error) {
	limit := MaxAnswer
	if q := w.s.Current.Question; q != nil && w.s.Current.Kind == AskQuestion {
		limit = max(limit, q.Question.Validation.MaxLength)
	}
	if n := utf8.RuneCountInString(raw); n > limit {
		return "", &Invalid{"text", fmt.Sprintf(
			"The answer has %d characters, and at most %d can be taken. Please shorten it; nothing was lost.", n, limit)}
	}
	return w.neutral(raw), nil
}

// neutral removes markup and injected instructions, each to the end of its
// sentence; each is counted.
func (w *work) neutral(raw string) string {
	text, hits := extract.WithoutOrders(extract.Clean(raw))
	for _, h := range hits {
		w.s.Suspicious++
		w.suspected = true
		w.emit(event.InjectionSuspected{PatternID: h.PatternID, QuestionNumber: w.s.Questions, Neutralised: h.High})
	}
	return text
}

func (w *work) sent(a Answer) {
	asked := w.s.CreatedAt
	id := ""
	if n := len(w.s.Asked); n > 0 {
		asked, id = w.s.Asked[n-1].At, w.s.Asked[n-1].QuestionID
	}
	w.emit(event.MessageSent{
		QuestionNumber: w.s.Questions, QuestionID: id,
		MessageLength: utf8.RuneCountInString(a.Text), TimeToRespond: w.now.Sub(asked).Seconds(),
	})
}

// Catalog is what the engine sells.
func (e *Engine) Catalog() *catalog.Catalog { return e.cat }

// Wording is the usual text of a question by the id that its events carry, or
// empty for one that the bank does not have.
func (e *Engine) Wording(id string) string {
	root, follow := strings.CutSuffix(id, clarifySuffix)
	q, ok := e.bank.Find(root)
	if !ok || len(q.Text[""]) == 0 {
		return ""
	}
	text := strings.ReplaceAll(q.Text[""][0], "{business}", "the business")
	if follow {
		return "Follow-up to: " + text
	}
	return text
}

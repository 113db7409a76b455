package interview

import (
	"context"
	"sync"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/redact"
)

// Advisor may help the rules on one turn. *advisor.Service is one. An error
// means that the rules decide alone, which is never worth a word to a client.
type Advisor interface {
	Advise(ctx context.Context, t advisor.Turn) (advice.Advice, error)
}

// How long a client waits for advice at the most, and how long advice is worth
// anything at all.
const (
	softDeadline = 2500 * time.Millisecond
	hardDeadline = 20 * time.Second
)

// maxLate bounds how much late advice waits for its clients.
const maxLate = 10_000

// networkKey is the key of the client's network in a context.
type networkKey struct{}

// WithNetwork notes the prefix of the address that a request came from, for the
// budgets of the advisor.
func WithNetwork(ctx context.Context, prefix string) context.Context {
	return context.WithValue(ctx, networkKey{}, prefix)
}

// counsel is how a Service gets advice; its zero value gets none.
type counsel struct {
	advisor    Advisor
	soft, hard time.Duration
	after      func(time.Duration) <-chan time.Time
	life       context.Context // ends with Close
	end        context.CancelFunc
	running    sync.WaitGroup

	mu   sync.Mutex
	late map[event.SessionID]lateAdvice
}

// lateAdvice came after its turn was served.
type lateAdvice struct {
	about  intake.ActionID
	advice advice.Advice
}

func newCounsel(c Config) *counsel {
	out := &counsel{advisor: c.Advisor, soft: c.SoftDeadline, hard: c.HardDeadline, after: c.After, late: map[event.SessionID]lateAdvice{}}
	if out.soft == 0 {
		out.soft = softDeadline
	}
	if out.hard == 0 {
		out.hard = hardDeadline
	}
	if out.after == nil {
		out.after = time.After
	}
	out.life, out.end = context.WithCancel(context.Background())
	return out
}

// Close ends what still waits for advice.
func (s *Service) Close() {
	s.counsel.end()
	s.counsel.running.Wait()
}

// take lets the engine take an answer: by rules at once, and once more with
// advice when that comes in time. The rules' result is never waited for.
func (s *Service) take(ctx context.Context, sess *intake.Session, a intake.Answer) (intake.Turn, error) {
	now := s.now()
	if s.counsel.advisor == nil {
		return s.engine.Answer(sess, a, now)
	}
	if l, ok := s.counsel.peek(sess.ID); ok {
		s.engine.Late(sess, l.about, l.advice, now)
	}
	after := *sess
	turn, err := s.engine.Answer(&after, a, now)
	if err != nil || len(turn.Events) == 0 {
		return turn, err
	}
	if adv, ok := s.consult(ctx, sess, &after, a); ok {
		if advised, err := s.engine.AnswerAdvised(sess, a, adv, now); err == nil {
			return advised, nil
		}
	}
	*sess = after
	return turn, nil
}

// question is one question to the advisor on its way.
type question struct {
	mu       sync.Mutex
	answered chan struct{}
	advice   advice.Advice
	ok       bool
	left     bool // nobody waits any more
}

// consult asks the advisor about an answer and waits until the soft deadline.
func (s *Service) consult(ctx context.Context, before, after *intake.Session, a intake.Answer) (advice.Advice, bool) {
	snap, ok := s.engine.Consult(before, after, a)
	if !ok {
		return advice.Advice{}, false
	}
	c, id := s.counsel, before.ID
	sent, back := snap.Redact(redact.Person{Name: before.Client.Name, Email: before.Client.Email, Phone: before.Client.Phone})
	network, _ := ctx.Value(networkKey{}).(string)
	turn := advisor.Turn{Session: id, Question: before.Prompt(), Network: network, Sent: sent}
	q := &question{answered: make(chan struct{})}
	soft := c.after(c.soft)
	c.running.Go(func() {
		// It outlives the request on purpose, until Close. What the request carries
		// goes with it, or its trace would not know of the call.
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.hard)
		defer cancel()
		defer context.AfterFunc(c.life, cancel)() //nolint:contextcheck // the life of the service, beside that of the call
		adv, err := c.advisor.Advise(limit, turn)
		if q.answer(adv.Map(back), err == nil) && err == nil {
			c.keep(id, lateAdvice{a.ActionID, adv.Map(back)})
			// Looked at once it is kept: whoever erases the session after
			// this look calls Forget later still.
			look, end := context.WithTimeout(context.WithoutCancel(limit), softDeadline)
			defer end()
			if erased, err := s.st.Erased(look, id); erased || err != nil {
				s.Forget(id)
			}
		}
	})
	select {
	case <-q.answered:
	case <-soft:
	case <-ctx.Done():
	}
	return q.leave()
}

// answer reports whether nobody waited for it.
func (q *question) answer(a advice.Advice, ok bool) (late bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.advice, q.ok = a, ok
	close(q.answered)
	return q.left
}

// leave takes the advice, if it is there.
func (q *question) leave() (advice.Advice, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.left = true
	return q.advice, q.ok
}

func (c *counsel) keep(id event.SessionID, l lateAdvice) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.late) >= maxLate {
		clear(c.late) // hints only; their clients have not come back for long
	}
	c.late[id] = l
}

func (c *counsel) peek(id event.SessionID) (lateAdvice, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.late[id]
	return l, ok
}

// Forget drops what is kept in memory of sessions that were erased.
func (s *Service) Forget(ids ...event.SessionID) {
	c := s.counsel
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		delete(c.late, id)
	}
}

// used forgets late advice that a committed turn has taken or passed over.
func (c *counsel) used(id event.SessionID, l lateAdvice) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.late[id].about == l.about {
		delete(c.late, id)
	}
}

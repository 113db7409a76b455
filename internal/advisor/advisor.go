// Package advisor asks a language model for advice on one turn of an interview,
// as rarely and as cheaply as it can: from a cache where the same turn was asked
// before, within budgets, and not at all while the vendor is sick or an owner
// says so (ARCHITECTURE.md 2). It writes down what every question took.
//
// It never lets a client wait for it or hear of it, and it does not decide
// whether advice is good: package advice reviews, package intake decides. It
// also holds the door while no model helps (Service.Enter). Start with
// Service.Advise and Service.Run.
package advisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
)

// Model is a language model behind its wire.
type Model interface {
	// Ask returns what the model said, not reviewed. Every error is a *Fault.
	Ask(ctx context.Context, sent advice.Snapshot) (Reply, error)
	// State says whether a call would be let through.
	State() State
	// Reset lets the next call through, whatever kept calls away.
	Reset()
	// Name is the model's, for prices and the cache.
	Name() string
	// Canary is the secret word of its prompt.
	Canary() string
}

// Reply is a model's answer and what it took.
type Reply struct {
	Advice     advice.Advice
	Usage      advice.Usage
	Model      string
	Latency    time.Duration
	FirstToken time.Duration // 0: unknown
	Tries      int
}

// Fault is a call without advice.
type Fault struct {
	Class, Cause string
	Usage        advice.Usage // what was paid for nevertheless
	Model        string
	Tries        int // that reached out for the vendor
	Err          error
}

// Error implements error.
func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap returns what the wire said.
func (f *Fault) Unwrap() error { return f.Err }

// State is what keeps calls away from the model, if anything does.
type State struct {
	Open  bool
	Cause string
	Until time.Time
}

// Turn is one answer that advice is wanted for. Sent must be redacted.
type Turn struct {
	Session  event.SessionID
	Question string // id of the prompt that was answered
	Network  string // prefix of the client's address; empty: unknown
	Sent     advice.Snapshot
}

// ErrNone is returned, wrapped, for a turn that is left to the rules.
var ErrNone = errors.New("no advice for this turn; the rules decide alone")

// Config holds the parts of a Service.
type Config struct {
	Store   *store.Store
	Model   Model // nil: none; then only the door and the switch work
	Prompt  string
	Prices  advice.Prices
	Options map[slot.Key][]string // legal ids, see advice.ReviewContext
	Budget  Budget
	// Conversations is how many may be open at once in fallback mode; 0: any.
	Conversations int
	Now           func() time.Time // nil is time.Now
	Log           *slog.Logger     // nil: discarded
}

// Service asks for advice. It is safe for concurrent use.
type Service struct {
	cfg   Config
	now   func() time.Time
	log   *slog.Logger
	cache cache
	purse *purse
	door  door
	mode  atomic.Value // Mode
	again atomic.Value // string: the last wish of RetrySetting that was followed
	alarm atomic.Bool  // there is a notice

	calls  chan store.AdvisorCall // on their way to the store
	lost   atomic.Int64           // calls that found no room there
	mu     sync.Mutex
	warned map[string]string // the day on which the owner was told of a thing
}

// waitingCalls is how many records may wait for the store.
const waitingCalls = 4096

// New makes a Service. Nothing is asked or written before Run.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{
		cfg: c, now: c.Now, log: c.Log, cache: cache{c.Store}, calls: make(chan store.AdvisorCall, waitingCalls), warned: map[string]string{},
	}
	s.purse = newPurse(c.Budget, s.spentSince, c.Now)
	s.door.limit = c.Conversations
	s.mode.Store(Auto)
	s.again.Store("")
	return s
}

// Advise returns the reviewed advice on a turn, or an error that wraps ErrNone.
// It may take as long as ctx allows.
func (s *Service) Advise(ctx context.Context, t Turn) (advice.Advice, error) {
	if s.cfg.Model == nil {
		return advice.Advice{}, ErrNone
	}
	t.Sent.PromptVersion = s.cfg.Prompt
	began := s.now()
	c := store.AdvisorCall{
		ID: uuid.Must(uuid.NewV7()).String(), Session: t.Session, At: began, Question: t.Question, Model: s.cfg.Model.Name(), Prompt: s.cfg.Prompt,
	}
	hash := t.Sent.Hash(s.cfg.Model.Name())
	if found, ok := s.cache.get(ctx, hash); ok {
		free := int64(0)
		c.Outcome, c.MicroUSD, c.Latency = store.AdvisorCached, &free, s.now().Sub(began)
		return s.review(found, t, &c, false), nil
	}
	if why := s.closed(); why != "" {
		return advice.Advice{}, s.skip(c, why)
	}
	spend, why, err := s.purse.reserve(ctx, t, s.estimate(t))
	if err != nil {
		s.log.ErrorContext(ctx, "budgets of the advisor are unknown, so it is not asked", "error", err)
		why = "unknown_spending"
	}
	if why != "" {
		s.tell(ctx, why, "A budget of the language model is used up ("+why+"), so interviews go on by rules alone. Raise ADVISOR_BUDGET_* or wait until it is renewed.")
		return advice.Advice{}, s.skip(c, why)
	}
	if spend.tight {
		s.tell(ctx, spend.scope+"_80", "Four fifths of a budget of the language model are used ("+spend.scope+"), so it no longer words questions.")
	}
	return s.ask(ctx, t, c, spend, hash)
}

// ask calls the model and settles the bill.
func (s *Service) ask(ctx context.Context, t Turn, c store.AdvisorCall, spend reservation, hash string) (advice.Advice, error) {
	reply, err := s.cfg.Model.Ask(ctx, t.Sent)
	var f *Fault
	if err != nil && !errors.As(err, &f) {
		f = &Fault{Class: "unknown", Model: c.Model, Err: err}
	}
	if f != nil {
		c.Outcome, c.Cause, c.Usage, c.Model = f.Class, f.Cause, f.Usage, f.Model
		c.Latency = s.now().Sub(c.At)
		c.Tries = f.Tries
	} else {
		c.Outcome, c.Usage, c.Model = store.AdvisorOK, reply.Usage, reply.Model
		c.Latency, c.First, c.Tries = reply.Latency, reply.FirstToken, reply.Tries
	}
	c.MicroUSD = s.price(ctx, c.Model, c.Usage)
	spend.settle(c.MicroUSD)
	if f != nil {
		s.record(c)
		s.heard(ctx, f)
		return advice.Advice{}, fmt.Errorf("%w: %w", ErrNone, f)
	}
	// What was sent has one spelling of each letter (DOMAIN 8.1). A quote in
	// another one would be none.
	reply.Advice = reply.Advice.Map(norm.NFC.String)
	there := s.cache.put(ctx, t.Session, hash, reply.Advice)
	taken := s.review(reply.Advice, t, &c, spend.tight)
	if !there {
		return advice.Advice{}, fmt.Errorf("%w: the session was erased meanwhile", ErrNone)
	}
	return taken, nil
}

// review checks what the model said, and records the call.
func (s *Service) review(a advice.Advice, t Turn, c *store.AdvisorCall, tight bool) advice.Advice {
	taken, dropped := advice.Review(a, advice.ReviewContext{Sent: t.Sent, Canary: s.cfg.Model.Canary(), Options: s.cfg.Options, Now: c.At})
	c.Dropped = len(dropped)
	if len(dropped) > 0 {
		c.Cause = dropped[0].Reason
	}
	if tight {
		taken.Wording = ""
	}
	s.record(*c)
	return taken
}

// skip records a turn that is left to the rules.
func (s *Service) skip(c store.AdvisorCall, why string) error {
	free := int64(0)
	c.Outcome, c.Cause, c.MicroUSD = store.AdvisorSkipped, why, &free
	s.record(c)
	return fmt.Errorf("%w: %s", ErrNone, why)
}

// heard tells the owner of what only an owner can mend.
func (s *Service) heard(ctx context.Context, f *Fault) {
	switch f.Class {
	case "auth":
		s.tell(ctx, "auth", "The vendor of the language model refuses the key. Set a valid ANTHROPIC_API_KEY; interviews go on by rules.")
	case "billing", "spend_cap":
		s.tell(ctx, f.Class, "The account of the language model is out of money or has reached its spending cap. Interviews go on by rules.")
	case "bad_request":
		s.tell(ctx, "bad_request", "The vendor refuses our requests, maybe because the model is retired. Check ANTHROPIC_MODEL; interviews go on by rules.")
	}
}

// price is what a call cost; nil when nobody knows. No tokens cost nothing.
func (s *Service) price(ctx context.Context, model string, u advice.Usage) *int64 {
	if u == (advice.Usage{}) {
		free := int64(0)
		return &free
	}
	micro, known := s.cfg.Prices.Cost(model, u, s.now())
	if !known {
		s.tell(ctx, "price", "The price of the model "+model+" is unknown, so its cost is unknown too. Every call is charged to the budgets as the dearest that is allowed.")
		return nil
	}
	return &micro
}

// record hands a call to Run. A store that is far behind loses records rather
// than clients' time.
func (s *Service) record(c store.AdvisorCall) {
	select {
	case s.calls <- c:
	default:
		s.lost.Add(1)
	}
}

// Run follows the switch and writes down calls, each second what came in it,
// until ctx ends; then it writes down what is left. It must run for the Service
// to be of use.
func (s *Service) Run(ctx context.Context) {
	s.begin(ctx)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.Refresh(ctx)
			s.keep(ctx)
		case <-ctx.Done():
			s.keep(context.WithoutCancel(ctx))
			return
		}
	}
}

// recordedAtOnce is how many calls share one commit.
const recordedAtOnce = 200

// keep writes down the calls that wait.
func (s *Service) keep(ctx context.Context) {
	for {
		var list []store.AdvisorCall
		for more := true; more && len(list) < recordedAtOnce; {
			select {
			case c := <-s.calls:
				list = append(list, c)
			default:
				more = false
			}
		}
		if n := s.lost.Swap(0); n > 0 {
			s.log.WarnContext(ctx, "calls of the advisor were not recorded", slog.Int64("calls", n))
		}
		if len(list) == 0 {
			return
		}
		if err := s.cfg.Store.AddAdvisorCalls(context.WithoutCancel(ctx), list...); err != nil {
			s.log.ErrorContext(ctx, "calls of the advisor were not recorded", "error", err, "calls", len(list))
		}
	}
}

// spentSince reads what was spent before this process began.
func (s *Service) spentSince(ctx context.Context, id event.SessionID, since time.Time) (int64, error) {
	micro, unknown, err := s.cfg.Store.AdvisorSpent(ctx, id, since)
	if err != nil {
		return 0, fmt.Errorf("read spending: %w", err)
	}
	return micro + unknown*s.cfg.Budget.dearest(), nil
}

// estimate is what a call will cost at the most likely, in micro-dollars.
func (s *Service) estimate(t Turn) int64 {
	const promptTokens, answerTokens, bytesPerToken = 4000, 600, 3
	in := int64(len(t.Sent.JSON())+len(t.Sent.Untrusted()))/bytesPerToken + promptTokens
	if micro, known := s.cfg.Prices.Cost(s.cfg.Model.Name(), advice.Usage{Input: in, Output: answerTokens}, s.now()); known {
		return micro
	}
	return s.cfg.Budget.dearest()
}

// Notice is what an owner should see on the admin pages.
type Notice struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// noticeSetting holds the newest Notice.
const noticeSetting = "advisor_notice"

// tell is loud for the owner, once a day and thing.
func (s *Service) tell(ctx context.Context, thing, text string) {
	day := s.now().UTC().Format(time.DateOnly)
	s.mu.Lock()
	again := s.warned[thing] == day
	s.warned[thing] = day
	s.mu.Unlock()
	if again {
		return
	}
	s.log.ErrorContext(ctx, "the advisor needs its owner", "thing", thing, "notice", text)
	data, err := json.Marshal(Notice{At: s.now().UTC(), Text: text})
	if err == nil {
		err = s.cfg.Store.SetSetting(context.WithoutCancel(ctx), noticeSetting, string(data))
	}
	s.alarm.Store(true)
	if err != nil {
		s.log.ErrorContext(ctx, "the notice for the owner was not stored", "error", err)
	}
}

// Notice reads the newest notice; a zero one when there is none.
func (s *Service) Notice(ctx context.Context) (Notice, error) {
	var n Notice
	text, err := s.cfg.Store.Setting(ctx, noticeSetting)
	if errors.Is(err, store.ErrNotFound) || err == nil && text == "" {
		return n, nil
	}
	if err != nil {
		return n, fmt.Errorf("read notice: %w", err)
	}
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return Notice{}, fmt.Errorf("decode notice: %w", err)
	}
	return n, nil
}

// Dismiss takes the notice away.
func (s *Service) Dismiss(ctx context.Context) error {
	if err := s.cfg.Store.SetSetting(ctx, noticeSetting, ""); err != nil {
		return fmt.Errorf("dismiss notice: %w", err)
	}
	s.alarm.Store(false)
	return nil
}

// Alarmed reports whether there is a notice that nobody dismissed, at the cost
// of nothing, for every admin page.
func (s *Service) Alarmed() bool { return s.alarm.Load() }

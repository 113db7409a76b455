package claude

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"applicreations.com/introspect/internal/advice"
)

// DefaultModel is the cheapest that keeps the schema.
const DefaultModel = anthropic.ModelClaudeHaiku5_5

// Config says how to reach the model. Only Key must be set.
type Config struct {
	Key     string
	BaseURL string // empty means Vendor
	Model   string // empty means DefaultModel

	// Stream asks for the answer piece by piece, which tells the time to the
	// first token and notices a stalled vendor no earlier.
	Stream bool

	TryTimeout time.Duration // of one try; 0 means 5 s. The caller's context bounds all tries
	MaxTokens  int64         // of an answer; 0 means 1500. Doubled once when it was too few
	PerMinute  uint          // calls a minute; 0 means 60 (S99)
	Parallel   uint          // calls at once; 0 means 8

	// Shared takes one of the calls a minute that several processes share. A wait
	// above zero means that none is left before it is over; after an error the
	// process's own PerMinute decides alone. nil: nothing is shared.
	Shared func(ctx context.Context) (wait time.Duration, err error)

	AccountPause time.Duration // after a refused key, a bill or a spending cap; 0 means 6 h
	VendorPause  time.Duration // after a sick vendor, doubled up to 10 min; 0 means 30 s

	// Canary is a secret word in the system prompt; empty means one that is
	// made of the key.
	Canary string

	// Cassettes is a folder of recorded answers: what is there is not asked again,
	// and what is asked is recorded there. With Offline nothing else is asked, and
	// Key may be any word. Empty: every call goes to the vendor.
	Cassettes string
	Offline   bool

	Transport http.RoundTripper // nil means http.DefaultTransport
	Now       func() time.Time  // nil means time.Now
}

// Answer is a model's advice and what it took. The advice is not reviewed yet.
type Answer struct {
	Advice     advice.Advice
	Usage      advice.Usage // all tries together
	Model      string       // as the vendor names it
	RequestID  string
	Latency    time.Duration // from the call of Ask to its end
	FirstToken time.Duration // from the start of the last try; 0 unless streamed
	Tries      int
}

// Advisor asks one model. It is safe for use by many at once.
type Advisor struct {
	config  Config
	client  anthropic.Client
	guard   *guard
	limiter ratelimiter.RateLimiter[Answer]
	slots   bulkhead.Bulkhead[Answer]
}

// NewAdvisor makes an advisor; it calls nobody yet.
func NewAdvisor(c Config) (*Advisor, error) {
	if strings.TrimSpace(c.Key) == "" {
		return nil, errors.New("make an advisor: there is no key, so that every call would be refused; set ANTHROPIC_API_KEY or run without an advisor")
	}
	c = c.withDefaults()
	if c.Cassettes != "" {
		tapes := cassette{dir: c.Cassettes, next: c.Transport, secrets: []string{c.Key, c.Canary}}
		if c.Offline {
			tapes.next = nil
		}
		c.Transport = tapes
	}
	// Redirects are not followed, as in Check: they would carry the key away.
	hc := &http.Client{
		Transport:     watch{next: c.Transport, now: c.Now},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Advisor{
		config: c,
		client: anthropic.NewClient(
			option.WithoutEnvironmentDefaults(), option.WithoutOpenTelemetry(), option.WithBaseURL(c.BaseURL), option.WithAPIKey(c.Key),
			option.WithHTTPClient(hc), option.WithMaxRetries(0),
		),
		guard:   newGuard(c),
		limiter: ratelimiter.NewBursty[Answer](c.PerMinute, time.Minute),
		slots:   bulkhead.New[Answer](c.Parallel),
	}, nil
}

func (c Config) withDefaults() Config {
	c.BaseURL = cmp.Or(c.BaseURL, Vendor)
	c.Model = cmp.Or(c.Model, DefaultModel)
	c.TryTimeout = cmp.Or(c.TryTimeout, 5*time.Second)
	c.MaxTokens = cmp.Or(c.MaxTokens, 1500)
	c.PerMinute = cmp.Or(c.PerMinute, 60)
	c.Parallel = cmp.Or(c.Parallel, 8)
	c.AccountPause = cmp.Or(c.AccountPause, 6*time.Hour)
	c.VendorPause = cmp.Or(c.VendorPause, 30*time.Second)
	c.Canary = cmp.Or(c.Canary, canaryOf(c.Key))
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Canary is the secret word for advice.ReviewContext.
func (a *Advisor) Canary() string { return a.config.Canary }

// Model is the configured model, for advice.Snapshot.Hash.
func (a *Advisor) Model() string { return a.config.Model }

// State says whether the next call would be let through.
func (a *Advisor) State() Breaker { return a.guard.state() }

// Reset closes every breaker, for an owner who has paid or changed something.
func (a *Advisor) Reset() { a.guard.reset() }

// Ask sends one turn and returns the model's advice. The snapshot must be
// redacted already. It tries twice at most, and never past the deadline of
// ctx. Every error is an *Error; none is worth a word to a client.
func (a *Advisor) Ask(ctx context.Context, s advice.Snapshot) (Answer, error) {
	start := a.config.Now()
	m := &meter{}
	retry := retrypolicy.NewBuilder[Answer]().
		HandleIf(func(_ Answer, err error) bool { return a.again(ctx, err) }).
		WithDelayFunc(func(exec failsafe.ExecutionAttempt[Answer]) time.Duration { return a.delay(exec.LastError()) }).
		WithJitterFactor(0.2).
		WithMaxRetries(1).ReturnLastFailure().Build()
	// From the outside in: one slot for the whole call, and every try counts.
	out, err := failsafe.With[Answer](a.slots, retry, a.limiter).WithContext(ctx).
		GetWithExecution(func(exec failsafe.Execution[Answer]) (Answer, error) {
			maxTokens := a.config.MaxTokens
			if classOf(exec.LastError()) == MaxTokens {
				maxTokens *= 2
			}
			return a.try(ctx, s, maxTokens, m)
		})
	if err != nil {
		return Answer{}, a.fault(ctx, err, m)
	}
	out.Usage, out.Tries, out.Latency = m.usage, m.tries, a.config.Now().Sub(start)
	return out, nil
}

// meter sums what the tries of one call took.
type meter struct {
	usage advice.Usage
	model string
	tries int
}

// patience is how long a vendor may always take before its silence counts.
const patience = time.Second

// maxText is far above the text of any advice.
const maxText = 64 << 10

// enough is the least time in which a second try can succeed.
const enough = 500 * time.Millisecond

// again reports whether a second try may help and can still be in time.
func (a *Advisor) again(ctx context.Context, err error) bool {
	switch classOf(err) {
	case RateLimited, Overloaded, Server, Timeout, Connection, MaxTokens:
	default:
		return false
	}
	wait := max(a.delay(err), a.guard.wait())
	at, ok := ctx.Deadline()
	// Without a deadline nobody waits in front of a screen, but nobody waits
	// for minutes either.
	left := a.config.TryTimeout
	if ok {
		left = time.Until(at)
	}
	return wait+wait/4+enough <= left
}

// delay is the pause before the second try.
func (a *Advisor) delay(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok && e.RetryAfter > 0 {
		return e.RetryAfter + e.RetryAfter/4 // jitter takes a fifth at most
	}
	if classOf(err) == MaxTokens {
		return time.Millisecond
	}
	return 250 * time.Millisecond
}

// try is one exchange with the vendor.
func (a *Advisor) try(ctx context.Context, s advice.Snapshot, maxTokens int64, m *meter) (Answer, error) {
	if refused := a.guard.enter(); refused != nil {
		return Answer{}, refused
	}
	if a.config.Shared != nil {
		if wait, err := a.config.Shared(ctx); err == nil && wait > 0 {
			a.guard.leave(Limited, 0)
			return Answer{}, &Error{Class: Limited, RetryAfter: wait}
		}
	}
	m.tries++
	tryCtx, cancel := context.WithTimeout(ctx, a.config.TryTimeout)
	defer cancel()
	tryCtx, seen := withSeen(tryCtx)
	start := a.config.Now()
	answer, err := a.exchange(tryCtx, request(a.config, s, maxTokens), m)
	if err == nil {
		a.guard.leave("", 0)
		answer.RequestID = seen.requestID
		return answer, nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = classify(ctx, tryCtx, err, seen)
	}
	e.Status, e.RequestID = seen.status, seen.requestID
	verdict := e.Class
	if verdict == Timeout && seen.status == 0 && a.config.Now().Sub(start) < patience {
		verdict = Canceled // the caller had no time, which is no sign of a sick vendor
	}
	a.guard.leave(verdict, e.RetryAfter)
	return Answer{}, e
}

// exchange sends a request and reads the answer.
func (a *Advisor) exchange(ctx context.Context, params anthropic.MessageNewParams, m *meter) (Answer, error) {
	var (
		msg   *anthropic.Message
		first time.Duration
		err   error
	)
	if a.config.Stream {
		msg, first, err = a.stream(ctx, params)
	} else {
		msg, err = a.client.Messages.New(ctx, params)
	}
	if msg != nil {
		m.usage, m.model = m.usage.Add(usageOf(msg)), cmp.Or(msg.Model, m.model)
	}
	if err != nil {
		return Answer{}, err //nolint:wrapcheck // classify reads it and hides it
	}
	found, class := read(msg)
	if class != "" {
		return Answer{}, &Error{Class: class}
	}
	return Answer{Advice: found, Model: msg.Model, FirstToken: first}, nil
}

// stream reads the answer piece by piece. It returns what it has of the
// message together with an error, because that was paid for.
func (a *Advisor) stream(ctx context.Context, params anthropic.MessageNewParams) (*anthropic.Message, time.Duration, error) {
	start := a.config.Now()
	var first time.Duration
	var msg anthropic.Message
	size := 0
	events := a.client.Messages.NewStreaming(ctx, params)
	defer func() { _ = events.Close() }() // nothing that was read can be lost
	for events.Next() {
		event := events.Current()
		// The SDK copies the whole text for every piece, which is dear for long
		// ones; no advice is that long.
		if size += len(event.Delta.Text); size > maxText {
			return &msg, first, &Error{Class: Malformed}
		}
		if err := msg.Accumulate(event); err != nil {
			return &msg, first, &Error{Class: Malformed}
		}
		if event.Type == "content_block_delta" && first == 0 {
			first = a.config.Now().Sub(start)
		}
	}
	return &msg, first, events.Err() //nolint:wrapcheck // classify reads it and hides it
}

// read finds the advice in a message, or says why there is none.
func read(msg *anthropic.Message) (advice.Advice, Class) {
	switch msg.StopReason {
	case anthropic.StopReasonEndTurn, anthropic.StopReasonStopSequence:
	case anthropic.StopReasonRefusal:
		return advice.Advice{}, Refusal
	case anthropic.StopReasonMaxTokens, anthropic.StopReasonModelContextWindowExceeded:
		return advice.Advice{}, MaxTokens
	default:
		return advice.Advice{}, Malformed
	}
	var text strings.Builder
	for _, block := range msg.Content {
		if t, ok := block.AsAny().(anthropic.TextBlock); ok {
			text.WriteString(t.Text)
		}
	}
	found, err := advice.Parse([]byte(text.String()))
	if err != nil {
		return advice.Advice{}, Malformed
	}
	return found, ""
}

func usageOf(msg *anthropic.Message) advice.Usage {
	u := msg.Usage
	hour := u.CacheCreation.Ephemeral1hInputTokens
	return advice.Usage{
		Input: u.InputTokens, Output: u.OutputTokens, CacheRead: u.CacheReadInputTokens,
		CacheWrite: max(u.CacheCreationInputTokens-hour, 0), CacheWriteHour: hour,
	}
}

// fault gives every error one form.
func (a *Advisor) fault(ctx context.Context, err error, m *meter) error {
	e, ok := errors.AsType[*Error](err)
	switch {
	case ok:
	case errors.Is(err, ratelimiter.ErrExceeded):
		e = &Error{Class: Limited}
	case errors.Is(err, bulkhead.ErrFull):
		e = &Error{Class: Busy}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e = &Error{Class: Timeout}
	case ctx.Err() != nil:
		e = &Error{Class: Canceled}
	default:
		e = &Error{Class: Malformed}
	}
	e.Usage, e.Model, e.Tries = m.usage, cmp.Or(m.model, a.config.Model), m.tries
	return e
}

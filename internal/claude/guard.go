package claude

import (
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// State says whether calls are let through.
type State string

// The states of a breaker.
const (
	Closed   State = "closed"    // calls pass
	HalfOpen State = "half_open" // one call may try whether the vendor is back
	Open     State = "open"      // no call passes before Until
)

// Breaker is what an owner may see of the breakers: the one that keeps calls
// away the longest.
type Breaker struct {
	State State
	Cause Class     // what opened it; empty when closed
	Until time.Time // zero when closed
}

// never is how long the library's own clock would wait; ours decides.
const never = 100 * 365 * 24 * time.Hour

// gate is one breaker and the pauses it makes. The library counts, we tell the
// time: its clock cannot be set.
type gate struct {
	breaker circuitbreaker.CircuitBreaker[any]
	classes []Class
	first   time.Duration // pause after the first opening
	longest time.Duration // the pause doubles up to this
	pause   time.Duration // the next pause
	until   time.Time
	cause   Class
}

// newGate opens after failures of the last so many calls.
func newGate(failures, of uint, first, longest time.Duration, classes ...Class) *gate {
	return &gate{
		breaker: circuitbreaker.NewBuilder[any]().WithFailureThresholdRatio(failures, of).WithSuccessThreshold(1).WithDelay(never).Build(),
		classes: classes, first: first, longest: longest, pause: first,
	}
}

// guard holds the gates. Which one a class belongs to decides how long calls
// stay away: an account problem needs a person, a full quota a fixed wait, a
// sick vendor a little patience.
type guard struct {
	now   func() time.Time
	mu    sync.Mutex
	gates []*gate
}

func newGuard(c Config) *guard {
	return &guard{now: c.Now, gates: []*gate{
		newGate(1, 1, c.AccountPause, c.AccountPause, Auth, Billing, SpendCap),
		newGate(1, 1, c.VendorPause, maxRetryAfter, RateLimited),
		newGate(3, 5, c.VendorPause, 10*time.Minute, Overloaded, Server, Timeout, Connection, Malformed, BadRequest),
	}}
}

// enter lets a call pass or says why not. Who entered must leave.
func (g *guard) enter() *Error {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	for _, t := range g.gates {
		if t.breaker.IsOpen() && now.Before(t.until) {
			return &Error{Class: Paused, Cause: t.cause, RetryAfter: t.until.Sub(now)}
		}
	}
	for i, t := range g.gates {
		if t.breaker.IsOpen() {
			t.breaker.HalfOpen()
		}
		if !t.breaker.TryAcquirePermit() {
			// Somebody else tries whether the vendor is back.
			for _, held := range g.gates[:i] {
				held.release()
			}
			return &Error{Class: Paused, Cause: t.cause, RetryAfter: time.Second}
		}
	}
	return nil
}

// leave records how a call ended; the empty class is a good answer.
func (g *guard) leave(class Class, after time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, t := range g.gates {
		switch {
		case t.owns(class):
			t.fail(class, after, g.now())
		case class == "" || class == Refusal || class == MaxTokens:
			t.succeed()
		default:
			t.release() // nothing was learned about this gate
		}
	}
}

// wait is how long a call has to stay away now.
func (g *guard) wait() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	var longest time.Duration
	for _, t := range g.gates {
		if t.breaker.IsOpen() {
			longest = max(longest, t.until.Sub(g.now()))
		}
	}
	return longest
}

func (g *guard) state() Breaker {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := Breaker{State: Closed}
	for _, t := range g.gates {
		if t.breaker.IsClosed() || !out.Until.IsZero() && t.until.Before(out.Until) {
			continue
		}
		out = Breaker{State: Open, Cause: t.cause, Until: t.until}
		if t.breaker.IsHalfOpen() || !g.now().Before(t.until) {
			out.State = HalfOpen
		}
	}
	return out
}

func (g *guard) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, t := range g.gates {
		t.breaker.Close()
		t.close()
	}
}

func (t *gate) owns(class Class) bool {
	for _, c := range t.classes {
		if c == class {
			return true
		}
	}
	return false
}

func (t *gate) fail(class Class, after time.Duration, now time.Time) {
	was := t.breaker.IsOpen()
	t.breaker.RecordFailure()
	if !t.breaker.IsOpen() {
		return
	}
	pause := t.pause
	if t.first == t.longest {
		after = 0 // a problem of the account needs a person, whatever a header says
	}
	if after > 0 {
		pause = after // the vendor knows better than we do
	}
	if until := now.Add(pause); !was || until.After(t.until) && after > 0 {
		t.until, t.cause = until, class
	}
	if !was && after == 0 {
		t.pause = min(2*t.pause, t.longest)
	}
}

func (t *gate) succeed() {
	was := t.breaker.IsClosed()
	t.breaker.RecordSuccess()
	if !was && t.breaker.IsClosed() {
		t.close()
	}
}

// close forgets the last illness.
func (t *gate) close() { t.until, t.cause, t.pause = time.Time{}, "", t.first }

// release gives back the one permit of a half-open gate without a verdict; the
// library has no word for it, but a gate that opens half anew has its permit.
func (t *gate) release() {
	if t.breaker.IsHalfOpen() {
		t.breaker.Open()
		t.breaker.HalfOpen()
	}
}

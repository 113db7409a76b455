package claude

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go"

	"applicreations.com/introspect/internal/advice"
)

// Class says why there is no advice.
type Class string

// The classes. The first group is what the vendor or the way to it did, the
// second what the model did, the third what we refused ourselves.
const (
	RateLimited Class = "rate_limited"
	Overloaded  Class = "overloaded"
	Server      Class = "server"
	Timeout     Class = "timeout"
	Connection  Class = "connection"
	Auth        Class = "auth"
	Billing     Class = "billing"
	SpendCap    Class = "spend_cap"
	BadRequest  Class = "bad_request"

	Refusal   Class = "refusal"
	MaxTokens Class = "max_tokens"
	Malformed Class = "malformed" // no JSON of the schema, or more than 1 MB

	Paused   Class = "paused"   // a breaker is open; Error.Cause says which class opened it
	Limited  Class = "limited"  // our own calls per minute are used up
	Busy     Class = "busy"     // too many calls at once
	Canceled Class = "canceled" // the caller left
)

// Error is a call without advice. It quotes neither the client nor the key nor
// the vendor's text, so that it may be logged.
type Error struct {
	Class      Class
	Cause      Class         // of Paused: what opened the breaker
	Status     int           // HTTP status; 0 without an answer
	RequestID  string        // the vendor's name for the call, for its support
	RetryAfter time.Duration // when asking again may help; 0 when nobody knows
	Usage      advice.Usage  // what was paid for nevertheless, all tries together
	Model      string
	Tries      int // that reached out for the vendor
}

// Error says what happened, why it matters and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ask the model: %s", e.Class)
	if e.Cause != "" {
		fmt.Fprintf(&b, " after %s", e.Cause)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ", status %d", e.Status)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, ", request %s", e.RequestID)
	}
	b.WriteString("; the turn goes on by rules")
	if hint := e.hint(); hint != "" {
		b.WriteString("; " + hint)
	}
	return b.String()
}

func (e *Error) hint() string {
	class := e.Class
	if class == Paused {
		class = e.Cause
	}
	switch class {
	case Auth:
		return "the vendor refused the key: check ANTHROPIC_API_KEY"
	case Billing:
		return "the vendor wants a payment: check the account's billing"
	case SpendCap:
		return "the account's spending limit is reached: raise it or wait for the next month"
	case BadRequest:
		return "the vendor refused the form of the request: check the configured model"
	default:
		return ""
	}
}

// classOf reads the class off an error of Ask; other errors have none.
func classOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return ""
}

// classify turns what the SDK returned into our error.
func classify(caller, try context.Context, err error, seen *seen) *Error {
	out := &Error{Status: seen.status, RequestID: seen.requestID}
	if bad, ok := errors.AsType[*anthropic.Error](err); ok {
		out.Class = vendorClass(bad)
		out.RetryAfter = seen.retryAfter
		return out
	}
	switch {
	case errors.Is(caller.Err(), context.Canceled):
		out.Class = Canceled
	case try.Err() != nil || errors.Is(err, context.DeadlineExceeded):
		out.Class = Timeout
	case seen.tooLarge:
		out.Class = Malformed
	case seen.status == 0 || seen.cut:
		out.Class = Connection
	default:
		out.Class = Malformed
	}
	return out
}

// vendorClass reads an error answer. An error in the middle of a stream comes
// under status 200, so the type counts before the status.
func vendorClass(bad *anthropic.Error) Class {
	switch {
	case spendCap(bad):
		return SpendCap
	case bad.StatusCode == http.StatusUnauthorized, bad.StatusCode == http.StatusForbidden:
		return Auth
	case bad.StatusCode == http.StatusPaymentRequired:
		return Billing
	case bad.StatusCode == http.StatusTooManyRequests:
		return RateLimited
	case bad.StatusCode == 529:
		return Overloaded
	}
	switch bad.Type() {
	case anthropic.ErrorTypeRateLimitError:
		return RateLimited
	case anthropic.ErrorTypeOverloadedError:
		return Overloaded
	case anthropic.ErrorTypeAuthenticationError, anthropic.ErrorTypePermissionError:
		return Auth
	case anthropic.ErrorTypeBillingError:
		return Billing
	case anthropic.ErrorTypeTimeoutError:
		return Timeout
	case anthropic.ErrorTypeAPIError:
		return Server
	default:
	}
	switch {
	case bad.StatusCode == http.StatusRequestTimeout, bad.StatusCode == http.StatusGatewayTimeout:
		return Timeout
	case bad.StatusCode >= 500:
		return Server
	}
	return BadRequest
}

// spendCap recognises the two ways in which an account is stopped: the tier's
// cap is a 429 with a code that the SDK has no field for, the owner's own
// limit a 400 with a sentence (references/intake.md 4.6).
func spendCap(bad *anthropic.Error) bool {
	var body struct {
		Error struct {
			Message string `json:"message"`
			Details struct {
				Code string `json:"error_code"`
			} `json:"details"`
		} `json:"error"`
	}
	if json.Unmarshal([]byte(bad.RawJSON()), &body) != nil {
		return false
	}
	switch bad.StatusCode {
	case http.StatusTooManyRequests:
		return body.Error.Details.Code == "enforced_spend_limit_reached"
	case http.StatusBadRequest:
		return strings.HasPrefix(body.Error.Message, "You have reached your specified API usage limits")
	}
	return false
}

// maxRetryAfter bounds what a vendor's header can do to us.
const maxRetryAfter = time.Hour

// retryAfter reads the header in seconds or as a date; 0 means not given.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	var d time.Duration
	if seconds, err := strconv.ParseFloat(v, 64); err == nil && seconds > 0 {
		d = time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	} else if at, err := http.ParseTime(v); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}

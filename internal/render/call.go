package render

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Class says what kind of refusal an Error is.
type Class string

// The classes. They answer what to do next, not what went wrong inside.
const (
	Unauthorized Class = "unauthorized" // 401, 403: the key is wrong or may not do this
	NotFound     Class = "not found"    // 404, 410: no such service, deployment or build
	Refused      Class = "refused"      // other 4xx: repeating does not help
	Limited      Class = "limited"      // 429, and still so after all attempts
	Down         Class = "down"         // 5xx
	Unreachable  Class = "unreachable"  // no answer in time, or no connection
	Garbled      Class = "garbled"      // an answer that is not the API's JSON, such as a page of a proxy
)

// advice says what to do about a class.
func (c Class) advice() string {
	switch c {
	case Unauthorized:
		return "check RENDER_API_KEY: make a new key in the account settings of Render"
	case NotFound:
		return "check RENDER_SERVICE_ID (srv-…) and that the deployment is still kept"
	case Refused:
		return "read the message and change the order; nothing was changed"
	case Limited:
		return "wait a minute and repeat; Render takes 10 deployments a minute for a service"
	case Down:
		return "see the status page of Render and repeat"
	case Unreachable:
		return "check the network and the status page of Render, then run introspect status before repeating"
	case Garbled:
		return "something between here and Render answered in its place; check proxies, then repeat"
	}
	return "run introspect status"
}

// Error is why a call did not work. It never holds the key.
type Error struct {
	What    string // what was attempted
	Status  int    // of HTTP; 0 without an answer
	Class   Class
	Message string // in the API's words, shortened; empty without
	cause   error
}

// Error implements error: what happened and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.What)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": Render answered %d", e.Status)
	}
	fmt.Fprintf(&b, " (%s)", e.Class)
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	return b.String() + "; " + e.Class.advice()
}

// Unwrap gives the error of the transport or the context, if any.
func (e *Error) Unwrap() error { return e.cause }

// ClassOf tells the class of an error of this package, empty for others.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}

// unsure reports whether an order may have been carried out although the call
// came back with an error.
func unsure(err error) bool {
	switch ClassOf(err) {
	case Down, Unreachable, Garbled:
		return true
	default:
		return false
	}
}

// Limits of one call.
const (
	defaultDeadline = 10 * time.Second
	defaultTries    = 4
	longestWait     = time.Minute // a longer Retry-After is not waited for
	maxAnswer       = 4 << 20
	maxMessage      = 300
)

// request is one call of the API.
type request struct {
	what   string
	method string // empty: GET
	path   string
	query  url.Values
	body   any // nil: none
	into   any // nil: the answer is not read
}

func (c *Client) base() string {
	if c.BaseURL == "" {
		return Vendor
	}
	return strings.TrimRight(c.BaseURL, "/")
}

// call makes a request and repeats it while that is safe and may help.
func (c *Client) call(ctx context.Context, r request) error {
	if r.method == "" {
		r.method = http.MethodGet
	}
	tries := c.Tries
	if tries == 0 {
		tries = defaultTries
	}
	wait := time.Second
	for try := 1; ; try++ {
		after, err := c.attempt(ctx, r)
		if err == nil {
			return nil
		}
		if try == tries || !repeatable(r.method, ClassOf(err)) || ctx.Err() != nil {
			return err
		}
		pause := wait
		if after > 0 {
			pause = after
		}
		if pause > longestWait {
			return err
		}
		if c.sleep(ctx, pause) != nil {
			return err
		}
		wait *= 2
	}
}

// repeatable reports whether a call may be made again: reading always, and an
// order only when it was turned away at the door.
func repeatable(method string, class Class) bool {
	switch class {
	case Limited:
		return true
	case Down, Unreachable, Garbled:
		return method == http.MethodGet
	default:
		return false
	}
}

func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	if c.Wait != nil {
		return c.Wait(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// attempt makes one request. It returns how long the API wants to be left
// alone, 0 when it does not say.
func (c *Client) attempt(ctx context.Context, r request) (time.Duration, error) {
	deadline := c.Deadline
	if deadline == 0 {
		deadline = defaultDeadline
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	req, err := c.build(ctx, r)
	if err != nil {
		return 0, err
	}
	// A redirect is not followed: net/http would carry the key to whatever host
	// the answer names.
	client := http.Client{Transport: c.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, &Error{What: r.what, Class: Unreachable, Message: reason(err), cause: err}
	}
	defer func() { _ = resp.Body.Close() }() // nothing that was read can be lost
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, &Error{What: r.what, Status: resp.StatusCode, Class: Unreachable, Message: reason(err), cause: err}
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.pause(resp.Header), refusal(r.what, resp.StatusCode, body)
	}
	if r.into == nil || len(bytes.TrimSpace(body)) == 0 {
		return 0, nil
	}
	if err := json.Unmarshal(body, r.into); err != nil {
		return 0, &Error{What: r.what, Status: resp.StatusCode, Class: Garbled, cause: err}
	}
	return 0, nil
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader = http.NoBody
	if r.body != nil {
		plain, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("%s: encode the order: %w", r.what, err)
		}
		body = bytes.NewReader(plain)
	}
	address := c.base() + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.what, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.Key)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// reason says in a word why nothing came back; the address is left out because
// it says nothing that the caller did not ask for.
func reason(err error) string {
	var in *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.As(err, &in):
		return in.Err.Error()
	}
	return err.Error()
}

// refusal reads an error of the API. A page instead of JSON, as a proxy sends
// it, keeps its status but is not quoted.
func refusal(what string, status int, body []byte) *Error {
	e := &Error{What: what, Status: status}
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		e.Class = Unauthorized
	case status == http.StatusNotFound, status == http.StatusGone:
		e.Class = NotFound
	case status == http.StatusTooManyRequests:
		e.Class = Limited
	case status >= http.StatusInternalServerError:
		e.Class = Down
	case status < http.StatusBadRequest:
		e.Class = Garbled
	default:
		e.Class = Refused
	}
	var told struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &told) == nil {
		if words := []rune(strings.Join(strings.Fields(told.Message), " ")); len(words) > maxMessage {
			e.Message = string(words[:maxMessage]) + "…"
		} else {
			e.Message = string(words)
		}
	}
	return e
}

// pause reads how long to wait: Retry-After as seconds or as a date, else
// Ratelimit-Reset, which is documented as a moment and seen as seconds.
func (c *Client) pause(h http.Header) time.Duration {
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	if v := h.Get("Retry-After"); v != "" {
		if n, err := strconv.Atoi(v); err == nil {
			return time.Duration(max(n, 1)) * time.Second
		}
		if at, err := http.ParseTime(v); err == nil {
			return max(at.Sub(now()), time.Second)
		}
	}
	n, err := strconv.ParseInt(h.Get("Ratelimit-Reset"), 10, 64)
	switch {
	case err != nil || n <= 0:
		return 0
	case n < 1_000_000:
		return time.Duration(n) * time.Second
	}
	return max(time.Unix(n, 0).Sub(now()), time.Second)
}

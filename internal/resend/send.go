package resend

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/resend/resend-go/v3"

	"applicreations.com/introspect/internal/letter"
)

const (
	// maxAnswer is how much of an answer is read; real ones are below 1 KB.
	maxAnswer = 64 << 10
	// defaultTimeout bounds one attempt when the context has no earlier end.
	defaultTimeout = 10 * time.Second
	// maxReason is the length of what the vendor's words may take in ours.
	maxReason = 200
)

// request is the SDK's with attachments in base64. The SDK writes them as lists
// of numbers, which takes 2.7 times the bytes.
type request struct {
	sdk.SendEmailRequest

	Attachments []attachment `json:"attachments,omitempty"`
}

type attachment struct {
	Content     []byte `json:"content"`
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
}

// Send hands one message to the vendor and returns the vendor's id for it. The
// same idempotencyKey within 24 hours sends the message once, so an attempt
// with an unknown end can be made again; an empty key becomes the message's
// ID. Every error is a *letter.SendError. The message is not accepted before
// Send returns nil.
func (c Client) Send(ctx context.Context, m letter.Message, idempotencyKey string) (string, error) {
	if err := m.Check(); err != nil {
		return "", &letter.SendError{Permanent: true, Reason: letter.Line(err.Error(), maxReason), Err: err}
	}
	base, err := url.Parse(strings.TrimRight(cmp.Or(c.BaseURL, Vendor), "/") + "/")
	if err != nil {
		return "", &letter.SendError{Permanent: true, Reason: "the address of the mail service is no URL; check RESEND_BASE_URL"}
	}
	answer := &recorder{}
	api := sdk.NewCustomClient(&http.Client{
		Transport:     answer,
		CheckRedirect: stay,
		Timeout:       cmp.Or(c.Timeout, defaultTimeout),
	}, c.Key)
	api.BaseURL = base // set always: the SDK would take one from the environment

	options := &sdk.SendEmailOptions{IdempotencyKey: cmp.Or(idempotencyKey, m.ID)}
	req, err := api.NewRequestWithOptions(ctx, http.MethodPost, "emails", compose(m), options)
	if err != nil {
		return "", &letter.SendError{Permanent: true, Reason: "the mail service cannot be asked; check RESEND_BASE_URL", Err: err}
	}
	var accepted sdk.SendEmailResponse
	if _, err = api.Perform(req, &accepted); err == nil && accepted.Id != "" { //nolint:bodyclose // Perform has closed it
		return accepted.Id, nil
	}
	return "", c.refusal(answer, err)
}

func compose(m letter.Message) request {
	r := request{SendEmailRequest: sdk.SendEmailRequest{
		From: m.From.String(), To: []string{m.To.String()}, Subject: m.Subject, Text: m.Text, Html: m.HTML,
	}}
	if m.ReplyTo.Email != "" {
		r.ReplyTo = m.ReplyTo.String()
	}
	for _, f := range m.Headers.Fields() {
		if r.Headers == nil {
			r.Headers = map[string]string{}
		}
		r.Headers[f.Name] = f.Value
	}
	for _, a := range m.Attachments {
		r.Attachments = append(r.Attachments, attachment{Content: a.Data, Filename: a.Name, ContentType: a.Type})
	}
	return r
}

// refusal says what an attempt means that was not accepted. cause is the SDK's
// error, which has lost the status.
func (c Client) refusal(a *recorder, cause error) *letter.SendError {
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	e := &letter.SendError{Status: a.status, RetryAfter: letter.RetryAfter(a.retryAfter, now()), Err: cause}
	var said struct{ Name, Message string }
	readable := json.Unmarshal(a.body, &said) == nil
	e.Permanent = permanent(a.status, said.Name)
	switch {
	case a.status == 0:
		e.Reason = "no answer from the mail service: " + c.line(fmt.Sprint(cause))
	case a.status >= 300 && a.status < 400:
		e.Reason = "the mail service answered with a redirect, which is not followed because the key is not meant for others; check RESEND_BASE_URL"
	case a.status < 300:
		e.Reason = "the mail service answered without an id for the mail"
	case readable && (said.Name != "" || said.Message != ""):
		e.Reason = c.line(said.Name + " " + said.Message)
	default:
		e.Reason = "the mail service answered with something else than JSON"
	}
	if e.Permanent {
		e.RetryAfter = 0
	}
	return e
}

// line makes one line of foreign words and takes our key out of them.
func (c Client) line(said string) string {
	if c.Key != "" {
		said = strings.ReplaceAll(said, c.Key, "[key]")
	}
	return letter.Line(said, maxReason)
}

// permanent tells answers that come again for the same request from those that
// pass (resend.com/docs/api-reference/errors).
func permanent(status int, name string) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	case http.StatusConflict:
		// The other conflict, concurrent_idempotent_requests, ends by itself.
		return name == "invalid_idempotent_request"
	}
	return status >= 300 && status < 500
}

// recorder is a transport that keeps what the SDK forgets about an answer and
// reads no more of it than maxAnswer. It serves one request.
type recorder struct {
	status     int
	retryAfter string
	body       []byte
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err //nolint:wrapcheck // http.Client wraps it with the URL
	}
	r.status, r.retryAfter = resp.StatusCode, resp.Header.Get("Retry-After")
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	_ = resp.Body.Close() // the rest, if any, is of no interest
	if err != nil && r.status < 300 {
		// Cut off while it said yes: nothing is known, and the key makes a
		// second attempt safe.
		r.status = 0
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(r.body))
	return resp, nil
}

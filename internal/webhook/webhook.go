// Package webhook posts signed messages to addresses that somebody else typed.
// It signs by the Standard Webhooks scheme and refuses to reach into our own
// network, whatever a name resolves to. It does not retry, keeps no list of
// endpoints and does not know what a message says. Start with Client.Post.
package webhook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/signature"
)

const (
	// maxAnswer is how much of an answer is read and kept.
	maxAnswer = 2 << 10
	// maxHeader bounds the headers of an answer.
	maxHeader = 64 << 10
	// defaultTimeout bounds one attempt; Standard Webhooks asks for 15 to 30 s.
	defaultTimeout = 15 * time.Second
)

// ErrPrivate is the cause when an endpoint lies in a network that outsiders
// must not reach through us.
var ErrPrivate = errors.New("address is not public")

// Client posts messages. The zero value posts to public https addresses only.
type Client struct {
	// AllowPrivate lets endpoints be on this machine or in private networks and
	// use http. It is for operators who trust everybody that can set an
	// endpoint. Link-local and metadata addresses stay closed.
	AllowPrivate bool
	Timeout      time.Duration  // of one Post; 0: 15 seconds
	Roots        *x509.CertPool // nil: those of the system
}

// Result is what the receiver answered.
type Result struct {
	Status int    // 0 if there was no answer
	Answer string // the first 2 KB in one printable line, without addresses
}

// Post sends body, which is JSON, to an endpoint. The id stays the same over
// attempts and at is the time of this one, so that the receiver drops what it
// has and what somebody recorded. Several secrets, separated by spaces, sign each, while
// the receiver changes from one to the next; an empty one leaves the signature
// out, for receivers such as Slack whose URL is the secret. Therefore no error
// names more of an endpoint than its host. Every error is a *letter.SendError; status
// 410 asks to remove the endpoint.
func (c Client) Post(ctx context.Context, endpoint, secret, id string, at time.Time, body []byte) (Result, error) {
	u, err := c.parse(endpoint)
	if err != nil {
		return Result{}, err
	}
	if id == "" || len(id) > 256 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '.' }) {
		return Result{}, refusal("the id of the message is empty or has other characters than visible ASCII without dots, so the receiver could not verify it", nil)
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.Timeout, defaultTimeout))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return Result{}, refusal("the endpoint is no web address", nil)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Introspect-Webhook/1")
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	for one := range strings.FieldsSeq(secret) {
		key, err := signature.Parse(one)
		if err != nil {
			return Result{}, refusal("the secret of the endpoint is unreadable", err)
		}
		signed := strings.TrimSpace(req.Header.Get("Webhook-Signature") + " " + key.Sign(id, at, body))
		req.Header.Set("Webhook-Signature", signed)
	}
	resp, err := c.client().Do(req)
	if err != nil {
		return Result{}, unanswered(u, err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing that was read can be lost
	// What was said before the line broke is kept; the status has arrived.
	said, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	result := Result{Status: resp.StatusCode, Answer: line(string(said), secret)}
	return result, judge(result, letter.RetryAfter(resp.Header.Get("Retry-After"), at))
}

// parse refuses endpoints that cannot be meant.
func (c Client) parse(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, refusal("the endpoint is no web address; enter a full https URL", nil)
	case u.Scheme != "https" && (u.Scheme != "http" || !c.AllowPrivate):
		return nil, refusal("the endpoint does not use https, so others could read and change the message; enter an https URL", nil)
	case c.closed(u.Hostname()):
		return nil, private(u)
	case u.User != nil:
		return nil, refusal("the endpoint carries a user name or password, which would be sent in the open; enter it without", nil)
	}
	return u, nil
}

// closed reports whether a host is an address that must not be reached. Names
// are decided on when they are resolved.
func (c Client) closed(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && !guard{private: c.AllowPrivate}.allows(a)
}

// client builds a client for one request. It uses no proxy, because behind one
// the address that is reached cannot be checked, and keeps no connection, so
// nobody has to close it.
func (c Client) client() *http.Client {
	dialer := &net.Dialer{ControlContext: guard{private: c.AllowPrivate}.control}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
		},
	}
}

// judge says what an answer means, nil for accepted.
func judge(r Result, wait time.Duration) error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	e := &letter.SendError{Status: r.Status, Reason: cmp.Or(letter.Line(r.Answer, 200), "the endpoint said nothing more")}
	switch {
	case r.Status == http.StatusRequestTimeout, r.Status == http.StatusTooEarly, r.Status == http.StatusTooManyRequests, r.Status >= 500:
		e.RetryAfter = wait
	case r.Status < 400:
		e.Permanent = true
		e.Reason = "the endpoint answered with a redirect, which is not followed; enter the address it leads to"
	default:
		e.Permanent = true
	}
	return e
}

// unanswered says why there was no answer.
func unanswered(u *url.URL, err error) *letter.SendError {
	if errors.Is(err, ErrPrivate) {
		return private(u)
	}
	// The outer error repeats the URL, which may be a secret.
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return &letter.SendError{Reason: letter.Line(fmt.Sprintf("no answer from %s: %v", u.Hostname(), err), 200), Err: err}
}

func private(u *url.URL) *letter.SendError {
	return refusal("the endpoint "+u.Hostname()+" leads into a private network; enter a public address, or allow private ones in the settings", ErrPrivate)
}

func refusal(reason string, cause error) *letter.SendError {
	return &letter.SendError{Permanent: true, Reason: reason, Err: cause}
}

// line makes one line of foreign words and takes our secrets out of them.
func line(said, secret string) string {
	for one := range strings.FieldsSeq(secret) {
		said = strings.ReplaceAll(said, one, "[secret]")
	}
	return letter.Line(said, maxAnswer)
}

package resend_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/resend"
	"applicreations.com/introspect/internal/signature"
)

const hook = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func signedAt() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }

func signed(tb testing.TB, body string) http.Header {
	tb.Helper()
	key, err := signature.Parse(hook)
	if err != nil {
		tb.Fatal(err)
	}
	h := http.Header{}
	h.Set("svix-id", "msg_1")
	h.Set("svix-timestamp", strconv.FormatInt(signedAt().Unix(), 10))
	h.Set("svix-signature", key.Sign("msg_1", signedAt(), []byte(body)))
	return h
}

func TestVerifyWebhook(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 27, 11, 59, 0, 126e6, time.UTC)
	for _, tt := range []struct {
		name, body string
		want       resend.Event
		err        error
	}{
		{
			"a mail that arrived", `{"type":"email.delivered","created_at":"2026-11-27T11:59:00.126Z","data":{"email_id":"e1","to":["ana@example.com"]}}`,
			resend.Event{ID: "msg_1", Kind: resend.Delivered, ProviderID: "e1", At: created},
			nil,
		},
		{
			"a mail that bounced for good", `{"type":"email.bounced","created_at":"2026-11-27T11:59:00.126Z","data":{"email_id":"e1","bounce":{"type":"Permanent","subType":"Suppressed","message":"No mailbox ana@example.com\r\nhere"}}}`,
			resend.Event{ID: "msg_1", Kind: resend.Bounced, ProviderID: "e1", At: created, Permanent: true, Reason: "Permanent Suppressed No mailbox [address] here"},
			nil,
		},
		{
			"a mail that bounced for now", `{"type":"email.bounced","created_at":"2026-11-27T11:59:00.126Z","data":{"email_id":"e1","bounce":{"type":"Transient","subType":"MailboxFull"}}}`,
			resend.Event{ID: "msg_1", Kind: resend.Bounced, ProviderID: "e1", At: created, Reason: "Transient MailboxFull"},
			nil,
		},
		{
			"a complaint", `{"type":"email.complained","data":{"email_id":"e1"}}`,
			resend.Event{ID: "msg_1", Kind: resend.Complained, ProviderID: "e1"},
			nil,
		},
		{"an event of no interest", `{"type":"email.opened","data":{"email_id":"e1"}}`, resend.Event{ID: "msg_1", ProviderID: "e1"}, nil},
		{"an event about something else", `{"type":"contact.created","data":{"id":"c1"}}`, resend.Event{ID: "msg_1"}, nil},
		{"a delivery of nothing", `{"type":"email.delivered","data":{}}`, resend.Event{}, resend.ErrEvent},
		{"another shape", `{"type":["email.delivered"]}`, resend.Event{}, resend.ErrEvent},
		{"no JSON", `hello`, resend.Event{}, resend.ErrEvent},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := resend.VerifyWebhook(hook, signed(t, tt.body), []byte(tt.body), signedAt().Add(time.Minute))
			if !errors.Is(err, tt.err) {
				t.Fatalf("VerifyWebhook() err = %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVerifyWebhookRefuses(t *testing.T) {
	t.Parallel()
	const body = `{"type":"email.delivered","data":{"email_id":"e1"}}`
	for _, tt := range []struct {
		name, secret, body string
		change             func(http.Header)
		late               time.Duration
		want               error // nil: any
	}{
		{"another body", hook, strings.Replace(body, "e1", "e2", 1), nil, 0, signature.ErrForged},
		{"another sender", hook, body, func(h http.Header) { h.Set("Svix-Signature", "v1,AAAA") }, 0, signature.ErrForged},
		{"no headers", hook, body, func(h http.Header) { clear(h) }, 0, signature.ErrForged},
		{"a recorded one", hook, body, nil, 6 * time.Minute, signature.ErrStale},
		{"one from the future", hook, body, nil, -6 * time.Minute, signature.ErrStale},
		{"no secret", "", body, nil, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := signed(t, body)
			if tt.change != nil {
				tt.change(h)
			}
			got, err := resend.VerifyWebhook(tt.secret, h, []byte(tt.body), signedAt().Add(tt.late))
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || got != (resend.Event{}) {
				t.Errorf("VerifyWebhook() = %v, %v, want nothing and %v", got, err, tt.want)
			}
		})
	}
}

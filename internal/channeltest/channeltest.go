// Package channeltest holds what the tests of every alert channel need: parcels
// of alerts, friendly and hostile ones, and vendors that fail in every way a
// vendor can. Only tests import it. Start with Faults.
package channeltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/webhook"
)

// Post is webhook.Client.Post for servers of a test.
func Post(ctx context.Context, endpoint, secret, id string, at time.Time, body []byte) (status int, answer string, err error) {
	r, err := webhook.Client{AllowPrivate: true}.Post(ctx, endpoint, secret, id, at, body)
	return r.Status, r.Answer, err
}

// At is when the notices were made.
func At() time.Time { return time.Date(2026, 11, 27, 9, 4, 0, 0, time.UTC) }

// Notice is one that a person could get.
func Notice(rule alert.RuleID, kind alert.NoticeKind, labels map[string]string) alert.Notice {
	print := alert.FingerprintOf(rule, labels)
	episode := alert.EpisodeID(fmt.Sprintf("%s-%d-1", print, At().Unix()))
	return alert.Notice{
		Key: alert.Key(fmt.Sprintf("%s/slack/%s/1", episode, kind)), Kind: kind, Episode: episode, Channel: "slack", N: 1,
		Rule: rule, Version: 1, Fingerprint: print, Severity: alert.Critical, Title: "Too many requests fail", Group: "errors", Runbook: "errors",
		Labels: labels, Causes: []string{"s-1"}, From: At().Add(-4 * time.Minute), At: At(),
		Detail: "17 of 61 = 27.87% in 5m (alerts above 5%)", Reason: "version 3.2.1 went live 4m before; roll it back?",
	}
}

// Parcel has one notice of a kind.
func Parcel(kind alert.NoticeKind) alert.Parcel {
	return alert.Together([]alert.Notice{Notice("error_rate", kind, map[string]string{"route": "/intake"})})[0]
}

// Secrets are the texts of Hostile that must not arrive anywhere.
func Secrets() []string {
	return []string{"ana@bellanails.example", "555-0199", "555 0142", "\u202e", "\x00", "\u2028"}
}

// Hostile has so many notices, with labels that were typed by somebody who means
// harm: mentions, markup of every vendor, addresses, and very long ones.
func Hostile(n int) alert.Parcel {
	values := []string{
		"<!channel> <@U123> @everyone @here <at>all</at> & <script>alert(1)</script>",
		"*bold* _it_ `code` [free](https://evil.example/x) ~s~ ||spoiler|| {{DATE(2026)}}",
		"mail ana@bellanails.example or call +1 555-555-0199 now",
		"turned \u202e around\x00\u2028\r\nBcc: all",
		strings.Repeat("<&>", 3000),
		strings.Repeat("日本語🙂", 500),
		"\xff\xfe broken",
		"",
	}
	var list []alert.Notice
	for i := range n {
		notice := Notice(alert.RuleID(fmt.Sprintf("rule_%03d", i)), alert.KindFiring, map[string]string{"route": values[i%len(values)], values[i%len(values)]: "x"})
		notice.Title = values[(i+1)%len(values)]
		notice.Detail = "asked by ana@bellanails.example, (555) 555 0142" + values[i%len(values)]
		list = append(list, notice)
	}
	return alert.Together(list)[0]
}

// Speak is a voice with an address.
func Speak(_ context.Context, p alert.Parcel) speak.Message {
	return speak.Voice{Base: "https://intake.example.com"}.Speak(p, []speak.Change{{At: At().Add(-6 * time.Minute), Text: "Version 3.2.1"}})
}

// Receiver keeps what it was sent and answers as it is told.
func Receiver(tb testing.TB, status int, answer string) (address string, got func() []byte) {
	tb.Helper()
	bodies := make(chan []byte, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			tb.Errorf("got %s with %q, %v, want a POST of JSON", r.Method, r.Header.Get("Content-Type"), err)
		}
		bodies <- body
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	tb.Cleanup(s.Close)
	return s.URL, func() []byte {
		tb.Helper()
		select {
		case b := <-bodies:
			return b
		default:
			tb.Error("nothing arrived")
			return nil
		}
	}
}

// Faults sends to vendors that fail, and checks that every error is a SendError
// of the right class that says nothing secret, and that nothing large is kept.
func Faults(t *testing.T, send func(ctx context.Context, address string) (string, error)) {
	t.Helper()
	for _, tt := range []struct {
		name      string
		answer    http.HandlerFunc
		permanent bool
		wait      time.Duration
		status    int
	}{
		{"a page in place of the vendor", reply(200, "<!DOCTYPE html><html><body>Sign in to the Wi-Fi</body></html>"), false, 0, 200},
		{"ten megabytes", reply(200, "<html>"+strings.Repeat("large ", 10<<20/6)), false, 0, 200},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, true, 0, 302},
		{"a fault in the request", reply(400, "invalid_payload"), true, 0, 400},
		{"not allowed", reply(401, "no"), true, 0, 401},
		{"unknown", reply(404, "no_service"), true, 0, 404},
		{"gone", reply(410, "channel_is_archived"), true, 0, 410},
		{"too large", reply(413, "large"), true, 0, 413},
		{"too many", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		}, false, 7 * time.Second, 429},
		{"too many for a year", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "31536000")
			w.WriteHeader(http.StatusTooManyRequests)
		}, false, letter.LongestWait, 429},
		{"broken", reply(500, "oops"), false, 0, 500},
		{"a reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(tt.answer)
			defer s.Close()
			answer, err := send(t.Context(), s.URL+"/hook/secret-7c1f")
			var e *letter.SendError
			if !errors.As(err, &e) {
				t.Fatalf("Send = %q, %v, want a SendError", answer, err)
			}
			if e.Permanent != tt.permanent || e.RetryAfter != tt.wait || e.Status != tt.status {
				t.Errorf("Send = permanent %v, wait %s, status %d, want %v, %s, %d (%v)", e.Permanent, e.RetryAfter, e.Status, tt.permanent, tt.wait, tt.status, err)
			}
			modest(t, answer, err)
		})
	}
	t.Run("a vendor that hangs", func(t *testing.T) {
		t.Parallel()
		hang(t, send)
	})
}

// hang ends the context as soon as the request is there.
func hang(t *testing.T, send func(ctx context.Context, address string) (string, error)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	defer s.Close()
	answer, err := send(ctx, s.URL+"/hook/secret-7c1f")
	var e *letter.SendError
	if !errors.As(err, &e) || e.Permanent {
		t.Errorf("Send(a vendor that hangs) = %v, want a SendError that can be tried again", err)
	}
	modest(t, answer, err)
}

func modest(t *testing.T, answer string, err error) {
	t.Helper()
	if len(answer) > 4<<10 || len(err.Error()) > 1<<10 {
		t.Errorf("kept %d bytes of the answer and %d of the error", len(answer), len(err.Error()))
	}
	if strings.Contains(answer+err.Error(), "secret-7c1f") {
		t.Errorf("gives the secret away: %q, %v", answer, err)
	}
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Clean reports what of a body must not leave the house.
func Clean(tb testing.TB, body []byte) {
	tb.Helper()
	for _, secret := range Secrets() {
		if bytes.Contains(body, []byte(secret)) {
			tb.Errorf("the body says %q", secret)
		}
	}
	if !bytes.Equal(bytes.ToValidUTF8(body, nil), body) {
		tb.Error("the body is not UTF-8")
	}
}

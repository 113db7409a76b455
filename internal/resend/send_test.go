package resend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/resend"
)

func message() letter.Message {
	return letter.Message{
		ID:          "proposal-7f3a",
		From:        letter.Address{Name: "Introspect", Email: "introspect@applicreations.com"},
		To:          letter.Address{Name: "Ana \"Nails\" Ruíz", Email: "ana@example.com"},
		ReplyTo:     letter.Address{Email: "david@applicreations.com"},
		Subject:     "Your project summary: Bella Nails <b>",
		Text:        "Hello",
		HTML:        "<p>Hello</p>",
		Attachments: []letter.Attachment{{Name: "p.pdf", Type: "application/pdf", Data: []byte("%PDF\xff")}},
		Headers:     letter.Headers{AutoSubmitted: true, ListUnsubscribe: "https://example.com/u"},
	}
}

// vendor starts a server that answers every request with one handler.
func vendor(tb testing.TB, answer http.HandlerFunc) resend.Client {
	tb.Helper()
	s := httptest.NewServer(answer)
	tb.Cleanup(s.Close)
	return resend.Client{BaseURL: s.URL, Key: key, Now: func() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }}
}

// refused asserts that Send gave one kind of error, with no secret in it.
func refused(tb testing.TB, id string, err error) *letter.SendError {
	tb.Helper()
	var e *letter.SendError
	if !errors.As(err, &e) {
		tb.Fatalf("Send() = %q, %v, want a *letter.SendError", id, err)
	}
	if id != "" {
		tb.Errorf("Send() gave the id %q beside %v", id, err)
	}
	if strings.Contains(err.Error(), key) || strings.Contains(err.Error(), "ana@") {
		tb.Errorf("error %q gives a key or an address away", err)
	}
	return e
}

func TestSendSpeaksTheAPI(t *testing.T) {
	t.Parallel()
	var got map[string]any
	var path string
	var header http.Header
	c := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		path, header = r.Method+" "+r.URL.Path, r.Header.Clone()
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}`)
	})
	id, err := c.Send(t.Context(), message(), "session/7f3a/client")
	if err != nil || id != "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794" {
		t.Fatalf("Send() = %q, %v", id, err)
	}
	if path != "POST /emails" {
		t.Errorf("asked %s, want POST /emails", path)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer " + key, "Idempotency-Key": "session/7f3a/client", "Content-Type": "application/json",
	} {
		if v := header.Get(name); v != want {
			t.Errorf("%s = %q, want %q", name, v, want)
		}
	}
	want := map[string]any{
		"from":     `"Introspect" <introspect@applicreations.com>`,
		"to":       []any{"=?utf-8?b?QW5hICJOYWlscyIgUnXDrXo=?= <ana@example.com>"},
		"reply_to": "<david@applicreations.com>",
		"subject":  "Your project summary: Bella Nails <b>",
		"text":     "Hello", "html": "<p>Hello</p>",
		"headers": map[string]any{
			"Auto-Submitted": "auto-generated", "List-Unsubscribe": "<https://example.com/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		},
		"attachments": []any{map[string]any{"content": "JVBERv8=", "filename": "p.pdf", "content_type": "application/pdf"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestSendWithoutAKeyUsesTheID(t *testing.T) {
	t.Parallel()
	var got, body string
	c := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r.Header.Get("Idempotency-Key"), string(b)
		io.WriteString(w, `{"id":"1"}`)
	})
	m := message()
	m.ReplyTo, m.HTML, m.Attachments, m.Headers = letter.Address{}, "", nil, letter.Headers{}
	if _, err := c.Send(t.Context(), m, ""); err != nil {
		t.Fatal(err)
	}
	if got != m.ID {
		t.Errorf("Idempotency-Key = %q, want %q", got, m.ID)
	}
	for _, absent := range []string{"reply_to", "html", "attachments", "headers"} {
		if strings.Contains(body, absent) {
			t.Errorf("body has %s, which the message has not: %s", absent, body)
		}
	}
}

func TestSendAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		status     int
		retryAfter string
		body       string
		want       letter.SendError
	}{
		{
			"a key that is refused", 401, "", `{"statusCode":401,"name":"missing_api_key","message":"Missing API key"}`,
			letter.SendError{Permanent: true, Reason: "missing_api_key Missing API key"},
		},
		{
			"a domain that is not ours", 403, "", `{"name":"validation_error","message":"The domain is not verified"}`,
			letter.SendError{Permanent: true, Reason: "validation_error The domain is not verified"},
		},
		{
			"a wrong field, with the address repeated", 422, "", `{"name":"validation_error","message":"Invalid to field: ana@example.com"}`,
			letter.SendError{Permanent: true, Reason: "validation_error Invalid to field: [address]"},
		},
		{
			"a vendor that repeats the key", 403, "", `{"message":"unknown key ` + key + `"}`,
			letter.SendError{Permanent: true, Reason: "unknown key [key]"},
		},
		{"a bad request that says to wait", 400, "5", `{}`, letter.SendError{Permanent: true, Reason: "the mail service answered with something else than JSON"}},
		{
			"the same key for another mail", 409, "", `{"name":"invalid_idempotent_request"}`,
			letter.SendError{Permanent: true, Reason: "invalid_idempotent_request"},
		},
		{
			"the same key at work", 409, "2", `{"name":"concurrent_idempotent_requests"}`,
			letter.SendError{RetryAfter: 2 * time.Second, Reason: "concurrent_idempotent_requests"},
		},
		{
			"too many requests", 429, "7", `{"name":"rate_limit_exceeded","message":"Too many requests"}`,
			letter.SendError{RetryAfter: 7 * time.Second, Reason: "rate_limit_exceeded Too many requests"},
		},
		{
			"too many requests until a date", 429, "Fri, 27 Nov 2026 12:01:00 GMT", `{"name":"rate_limit_exceeded"}`,
			letter.SendError{RetryAfter: time.Minute, Reason: "rate_limit_exceeded"},
		},
		{
			"a quota that ends tomorrow", 429, "86400", `{"name":"daily_quota_exceeded"}`,
			letter.SendError{RetryAfter: time.Hour, Reason: "daily_quota_exceeded"},
		},
		{"a broken vendor", 500, "", `{"name":"internal_server_error"}`, letter.SendError{Reason: "internal_server_error"}},
		{"a gateway's page", 502, "3", "<html>Bad gateway</html>", letter.SendError{RetryAfter: 3 * time.Second, Reason: "the mail service answered with something else than JSON"}},
		{"yes in HTML", 200, "", "<html>Welcome to the hotel</html>", letter.SendError{Reason: "the mail service answered without an id for the mail"}},
		{"yes without an id", 200, "", `{"id":""}`, letter.SendError{Reason: "the mail service answered without an id for the mail"}},
		{"yes without anything", 204, "", "", letter.SendError{Reason: "the mail service answered without an id for the mail"}},
		{"no such path", 404, "", "", letter.SendError{Permanent: true, Reason: "the mail service answered with something else than JSON"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range []string{"application/json", "text/html; charset=utf-8"} {
				c := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", kind)
					if tt.retryAfter != "" {
						w.Header().Set("Retry-After", tt.retryAfter)
					}
					w.WriteHeader(tt.status)
					io.WriteString(w, tt.body)
				})
				id, err := c.Send(t.Context(), message(), "k")
				got := *refused(t, id, err)
				got.Err = nil
				want := tt.want
				want.Status = tt.status
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("answered as %s (-want +got):\n%s", kind, diff)
				}
			}
		})
	}
}

func TestSendDoesNotFollow(t *testing.T) {
	t.Parallel()
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer stranger.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := vendor(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, stranger.URL, status) })
		id, err := c.Send(t.Context(), message(), "k")
		if e := refused(t, id, err); !e.Permanent || e.Status != status {
			t.Errorf("Send(redirected) = %v, want permanent with status %d", e, status)
		}
	}
}

func TestSendReadsLittle(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 500} {
		c := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			io.WriteString(w, `{"message":"`)
			block := bytes.Repeat([]byte("x"), 64<<10)
			for range 160 { // 10 MB
				if _, err := w.Write(block); err != nil {
					return
				}
			}
			io.WriteString(w, `","id":"1"}`) // far beyond what is read
		})
		id, err := c.Send(t.Context(), message(), "k")
		if e := refused(t, id, err); e.Permanent || len(err.Error()) > 400 {
			t.Errorf("Send(10 MB with %d) = %d bytes, permanent %v, want few and temporary", status, len(err.Error()), e.Permanent)
		}
	}
}

func TestSendEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := vendor(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // the end of the request is seen only then
		cancel()
		<-r.Context().Done()
	})
	id, err := c.Send(ctx, message(), "k")
	if e := refused(t, id, err); e.Permanent || !errors.Is(err, context.Canceled) {
		t.Errorf("Send(canceled) = %v, want temporary and canceled", err)
	}
}

func TestSendHasAnEndOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{"before the answer": "", "within the answer": `{"id":`} {
		c := vendor(t, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if before != "" {
				io.WriteString(w, before)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		c.Timeout = 30 * time.Millisecond
		id, err := c.Send(t.Context(), message(), "k")
		if e := refused(t, id, err); e.Permanent || e.Status != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: Send(hanging) = %v, want temporary after the deadline", name, err)
		}
	}
}

func TestSendOfNobody(t *testing.T) {
	t.Parallel()
	reset := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	})
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	badKey, badURL := reset, reset
	badKey.Key += "\n"
	badURL.BaseURL = "http://bad host"
	for _, tt := range []struct {
		name      string
		client    resend.Client
		permanent bool
	}{
		{"a reset", reset, false},
		{"nobody listens", resend.Client{BaseURL: gone.URL, Key: key}, false},
		{"a key with a line break", badKey, false},
		{"an address that is none", badURL, true},
	} {
		id, err := tt.client.Send(t.Context(), message(), "k")
		if e := refused(t, id, err); e.Permanent != tt.permanent || e.Status != 0 {
			t.Errorf("%s: Send() = %v, want permanent = %v and no status", tt.name, err, tt.permanent)
		}
	}
}

func TestSendRefusesWhatMustNotLeave(t *testing.T) {
	t.Parallel()
	c := vendor(t, func(http.ResponseWriter, *http.Request) { t.Error("the message left") })
	m := message()
	m.To.Email = "ana@example.com\r\nBcc: all@example.com"
	id, err := c.Send(t.Context(), m, "k")
	if e := refused(t, id, err); !e.Permanent {
		t.Errorf("Send(bad recipient) = %v, want permanent", err)
	}
}

// A proposal of 5 MB must not swell more than base64 makes it.
func TestAttachmentsTravelSmall(t *testing.T) {
	t.Parallel()
	var size int64
	c := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		size, _ = io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"id":"1"}`)
	})
	m := message()
	m.Attachments[0].Data = bytes.Repeat([]byte{200}, 5<<20)
	if _, err := c.Send(t.Context(), m, "k"); err != nil {
		t.Fatal(err)
	}
	if most := int64(5<<20)*4/3 + 2000; size > most {
		t.Errorf("request has %d bytes, want at most %d", size, most)
	}
}

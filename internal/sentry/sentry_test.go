package sentry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/channeltest"
	"applicreations.com/introspect/internal/sentry"
)

// vendor keeps the envelopes that Sentry's ingest would take.
type vendor struct {
	mu   sync.Mutex
	got  []string
	hold chan struct{} // nil: answers at once
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path != "/api/7/envelope/" || !strings.Contains(r.Header.Get("X-Sentry-Auth"), "sentry_key=public") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if v.hold != nil {
		select {
		case <-v.hold:
		case <-r.Context().Done():
		}
	}
	v.mu.Lock()
	v.got = append(v.got, string(body))
	v.mu.Unlock()
	_, _ = io.WriteString(w, `{"id":"fc6d8c0c43fc4630ad850ee518f1b9d0"}`)
}

func dsn(address string) string {
	return strings.Replace(address, "http://", "http://public@", 1) + "/7"
}

func open(t *testing.T, address string, traces float64) *sentry.Client {
	t.Helper()
	c, err := sentry.New(t.Context(), sentry.Config{DSN: dsn(address), Release: "3.2.1", Environment: "production", Traces: traces, Speak: channeltest.Speak})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serve(t *testing.T) (*vendor, string) {
	t.Helper()
	v := &vendor{}
	s := httptest.NewServer(v)
	t.Cleanup(s.Close)
	return v, s.URL
}

func TestReport(t *testing.T) {
	t.Parallel()
	v, address := serve(t)
	c := open(t, address, 0)
	c.Breadcrumb(channeltest.At(), "session_start", "s-1")
	fault := fmt.Errorf("commit for ana@bellanails.example, tel +1 555 555 0142, GET /continue?token=abc: %w", io.ErrUnexpectedEOF)
	c.Report(sentry.Fault{Err: fault, RequestID: "r-77", Route: "POST /api/conversation", Status: 500})
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(v.got) != 1 || c.Counts() != (sentry.Counts{Sent: 1}) {
		t.Fatalf("%d envelopes, counts %+v, want one", len(v.got), c.Counts())
	}
	for _, want := range []string{`"release":"3.2.1"`, `"environment":"production"`, `"request_id":"r-77"`, "POST /api/conversation", "session_start", "*errors.errorString"} {
		if !strings.Contains(v.got[0], want) {
			t.Errorf("the report does not say %s: %s", want, v.got[0])
		}
	}
	for _, secret := range []string{"ana@", "0142", "token=abc"} {
		if strings.Contains(v.got[0], secret) {
			t.Errorf("the report says %q: %s", secret, v.got[0])
		}
	}
}

func TestPanicKeepsItsStack(t *testing.T) {
	t.Parallel()
	v, address := serve(t)
	c := open(t, address, 0)
	c.Report(sentry.Fault{Err: errors.New("panic: index 7 of 3\ngoroutine 1 [running]:\nmain.main()"), Route: "GET /"})
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(v.got) != 1 || !strings.Contains(v.got[0], `"type":"panic","value":"panic: index 7 of 3"`) || !strings.Contains(v.got[0], "main.main()") || !strings.Contains(v.got[0], "index # of #") {
		t.Errorf("got %q, want the panic, its stack, and a fingerprint without numbers", v.got)
	}
}

// A Sentry that hangs holds nobody up; what does not fit is dropped and counted.
func TestDeadSentryHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	v := &vendor{hold: make(chan struct{})}
	s := httptest.NewServer(v)
	defer s.Close()
	c := open(t, s.URL, 0)
	const many = 500
	for i := range many {
		c.Report(sentry.Fault{Err: fmt.Errorf("fault %d", i)})
	}
	if n := c.Counts().Dropped; n < many-70 {
		t.Errorf("%d of %d were dropped, want nearly all", n, many)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Close(ctx); err == nil {
		t.Error("Close without time = nil, want an error")
	}
	c.Report(sentry.Fault{Err: errors.New("after the end")})
	n := c.Counts()
	if n.Sent+n.Dropped+n.Failed != many+1 {
		t.Errorf("counts %+v do not add up to %d", n, many+1)
	}
	close(v.hold)
}

func TestSend(t *testing.T) {
	t.Parallel()
	v, address := serve(t)
	c := open(t, address, 0)
	defer c.Close(t.Context())
	for range 2 {
		answer, err := c.Send(t.Context(), channeltest.Parcel(alert.KindFiring))
		if err != nil || !strings.Contains(answer, "fc6d8c0c") {
			t.Fatalf("Send = %q, %v, want Sentry's id", answer, err)
		}
	}
	id := func(envelope string) string {
		_, after, _ := strings.Cut(envelope, `"event_id":"`)
		return after[:32]
	}
	if len(v.got) != 2 || id(v.got[0]) != id(v.got[1]) {
		t.Errorf("the same parcel has two ids: %q", v.got)
	}
	for _, want := range []string{"[CRITICAL] Too many requests fail", `"level":"error"`, `"rule":"error_rate"`, "17 of 61"} {
		if !strings.Contains(v.got[0], want) {
			t.Errorf("the message does not say %s: %s", want, v.got[0])
		}
	}
	if _, err := c.Send(t.Context(), channeltest.Hostile(3)); err != nil {
		t.Fatal(err)
	}
	channeltest.Clean(t, []byte(v.got[2]))
}

func TestFaults(t *testing.T) {
	t.Parallel()
	channeltest.Faults(t, func(ctx context.Context, address string) (string, error) {
		base, _, _ := strings.Cut(address, "/hook/")
		c, err := sentry.New(ctx, sentry.Config{DSN: strings.Replace(base, "http://", "http://secret-7c1f@", 1) + "/7", Speak: channeltest.Speak})
		if err != nil {
			return "", err
		}
		defer c.Close(ctx)
		return c.Send(ctx, channeltest.Parcel(alert.KindFiring))
	})
}

func TestTrace(t *testing.T) {
	t.Parallel()
	v, address := serve(t)
	c := open(t, address, 1)
	c.Trace(t.Context(), http.MethodGet, "GET /intake")(200)
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(v.got) != 1 || !strings.Contains(v.got[0], `"transaction":"GET /intake"`) {
		t.Errorf("got %q, want a transaction named by its route", v.got)
	}
}

// About one request in ten is traced (S44).
func TestTraceRate(t *testing.T) {
	t.Parallel()
	v, address := serve(t)
	c := open(t, address, 0.1)
	for range 400 {
		c.Trace(t.Context(), http.MethodGet, "GET /intake")(200)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if n := int64(len(v.got)) + c.Counts().Dropped; n < 10 || n > 90 {
		t.Errorf("%d of 400 requests were traced, want about 40", n)
	}
}

func TestUnreadableDSN(t *testing.T) {
	t.Parallel()
	_, err := sentry.New(t.Context(), sentry.Config{DSN: "https://secret@/x"})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("New(unreadable) = %v, want an error without the key", err)
	}
}

package webhook_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/webhook"
)

// The example of the Standard Webhooks specification.
const (
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	id     = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	body   = `{"test": 2432232314}`
	signed = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func at() time.Time { return time.Unix(1614265330, 0) }

// receiver starts an https server and returns a client that may reach it.
func receiver(tb testing.TB, answer http.HandlerFunc) (webhook.Client, string) {
	tb.Helper()
	s := httptest.NewTLSServer(answer)
	tb.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return webhook.Client{AllowPrivate: true, Roots: roots}, s.URL + "/hooks/T0K3N?token=T0K3N"
}

func refused(tb testing.TB, err error) *letter.SendError {
	tb.Helper()
	var e *letter.SendError
	if !errors.As(err, &e) {
		tb.Fatalf("Post() err = %v, want a *letter.SendError", err)
	}
	if strings.Contains(err.Error(), "T0K3N") || strings.Contains(err.Error(), secret) {
		tb.Errorf("error %q gives a secret away", err)
	}
	return e
}

func TestPostSignsLikeTheSpecification(t *testing.T) {
	t.Parallel()
	var got http.Header
	var said, path string
	c, endpoint := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, said, path = r.Header.Clone(), string(b), r.Method+" "+r.URL.RequestURI()
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "thanks,\r\n\x1b[1mana@example.com")
	})
	result, err := c.Post(t.Context(), endpoint, secret, id, at(), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(webhook.Result{Status: 202, Answer: "thanks, [address]"}, result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if said != body || path != "POST /hooks/T0K3N?token=T0K3N" {
		t.Errorf("received %s with %s", path, said)
	}
	for name, want := range map[string]string{
		"webhook-id": id, "webhook-timestamp": "1614265330", "webhook-signature": signed, "content-type": "application/json",
	} {
		if v := got.Get(name); v != want {
			t.Errorf("%s = %q, want %q", name, v, want)
		}
	}
}

func TestPostWithoutASecretIsUnsigned(t *testing.T) {
	t.Parallel()
	c, endpoint := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		if v := r.Header.Values("Webhook-Signature"); v != nil {
			t.Errorf("webhook-signature = %q, want none", v)
		}
	})
	if _, err := c.Post(t.Context(), endpoint, "", id, at(), []byte(body)); err != nil {
		t.Fatal(err)
	}
}

// While a receiver changes its secret, either of two must do.
func TestPostSignsWithEverySecret(t *testing.T) {
	t.Parallel()
	const next = "whsec_bmV4dCBzZWNyZXQgb2YgdGhlIGVuZHBvaW50"
	var got string
	c, endpoint := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Webhook-Signature")
		io.WriteString(w, "knows "+secret+" and "+next)
	})
	result, err := c.Post(t.Context(), endpoint, next+" "+secret, id, at(), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	first, second, _ := strings.Cut(got, " ")
	if second != signed || first == signed || !strings.HasPrefix(first, "v1,") {
		t.Errorf("webhook-signature = %q, want another one and %q", got, signed)
	}
	if result.Answer != "knows [secret] and [secret]" {
		t.Errorf("Answer = %q, want it without secrets", result.Answer)
	}
}

func TestPostAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status     int
		retryAfter string
		body       string
		want       *letter.SendError // nil: accepted
	}{
		{200, "", "ok", nil},
		{204, "", "", nil},
		{299, "", "", nil},
		{301, "", "", &letter.SendError{Permanent: true, Reason: "the endpoint answered with a redirect, which is not followed; enter the address it leads to"}},
		{400, "9", "invalid_payload", &letter.SendError{Permanent: true, Reason: "invalid_payload"}},
		{401, "", "", &letter.SendError{Permanent: true, Reason: "the endpoint said nothing more"}},
		{404, "", "<html>none</html>", &letter.SendError{Permanent: true, Reason: "<html>none</html>"}},
		{408, "", "slow", &letter.SendError{Reason: "slow"}},
		{410, "", "channel_is_archived", &letter.SendError{Permanent: true, Reason: "channel_is_archived"}},
		{422, "", "bad", &letter.SendError{Permanent: true, Reason: "bad"}},
		{425, "", "early", &letter.SendError{Reason: "early"}},
		{429, "7", "slower", &letter.SendError{RetryAfter: 7 * time.Second, Reason: "slower"}},
		{429, "Thu, 25 Feb 2021 15:03:10 GMT", "slower", &letter.SendError{RetryAfter: time.Minute, Reason: "slower"}},
		{503, "86400", "down", &letter.SendError{RetryAfter: time.Hour, Reason: "down"}},
		{500, "", "key " + secret + " is unknown", &letter.SendError{Reason: "key [secret] is unknown"}},
	} {
		c, endpoint := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			if tt.retryAfter != "" {
				w.Header().Set("Retry-After", tt.retryAfter)
			}
			w.WriteHeader(tt.status)
			io.WriteString(w, tt.body)
		})
		result, err := c.Post(t.Context(), endpoint, secret, id, at(), []byte(body))
		if result.Status != tt.status {
			t.Errorf("%d: Status = %d", tt.status, result.Status)
		}
		if tt.want == nil {
			if err != nil {
				t.Errorf("%d: Post() = %v, want nil", tt.status, err)
			}
			continue
		}
		tt.want.Status = tt.status
		if diff := cmp.Diff(tt.want, refused(t, err)); diff != "" {
			t.Errorf("%d (-want +got):\n%s", tt.status, diff)
		}
	}
}

func TestPostDoesNotFollow(t *testing.T) {
	t.Parallel()
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer stranger.Close()
	c, endpoint := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, stranger.URL, http.StatusPermanentRedirect)
	})
	if _, err := c.Post(t.Context(), endpoint, secret, id, at(), []byte(body)); !refused(t, err).Permanent {
		t.Errorf("Post(redirected) = %v, want permanent", err)
	}
}

func TestPostReadsLittle(t *testing.T) {
	t.Parallel()
	c, endpoint := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		block := bytes.Repeat([]byte("x"), 64<<10)
		for range 160 { // 10 MB
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	result, err := c.Post(t.Context(), endpoint, secret, id, at(), []byte(body))
	if err != nil || len(result.Answer) != 2<<10 {
		t.Errorf("Post(10 MB) = %d bytes, %v, want 2048", len(result.Answer), err)
	}
}

func TestPostEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, endpoint := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // the end of the request is seen only then
		cancel()
		<-r.Context().Done()
	})
	_, err := c.Post(ctx, endpoint, secret, id, at(), []byte(body))
	if e := refused(t, err); e.Permanent || !errors.Is(err, context.Canceled) {
		t.Errorf("Post(canceled) = %v, want temporary and canceled", err)
	}
	c, endpoint = receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	c.Timeout = 50 * time.Millisecond
	_, err = c.Post(t.Context(), endpoint, secret, id, at(), []byte(body))
	if e := refused(t, err); e.Permanent || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Post(hanging) = %v, want temporary after the deadline", err)
	}
}

// An answer that hangs after its status has said enough.
func TestPostOfAnAnswerThatStops(t *testing.T) {
	t.Parallel()
	c, endpoint := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	result, err := c.Post(t.Context(), endpoint, secret, id, at(), []byte(body))
	if err != nil || result != (webhook.Result{Status: 200, Answer: "half"}) {
		t.Errorf("Post() = %v, %v, want 200 and half", result, err)
	}
}

func TestPostOfNobody(t *testing.T) {
	t.Parallel()
	c, reset := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	})
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, tt := range map[string]struct {
		client   webhook.Client
		endpoint string
	}{
		"a reset":                     {c, reset},
		"nobody listens":              {c, gone.URL + "/T0K3N"},
		"a certificate nobody trusts": {webhook.Client{AllowPrivate: true}, reset},
	} {
		result, err := tt.client.Post(t.Context(), tt.endpoint, secret, id, at(), []byte(body))
		if e := refused(t, err); e.Permanent || e.Status != 0 || result != (webhook.Result{}) {
			t.Errorf("%s: Post() = %v, %v, want nothing and temporary", name, result, err)
		}
	}
}

func TestPostRefuses(t *testing.T) {
	t.Parallel()
	var public webhook.Client
	for name, tt := range map[string]struct {
		client               webhook.Client
		endpoint, secret, id string
	}{
		"http":                       {public, "http://example.com/T0K3N", secret, id},
		"a file":                     {webhook.Client{AllowPrivate: true}, "file:///etc/passwd", secret, id},
		"no host":                    {public, "https:///T0K3N", secret, id},
		"a port only":                {public, "https://:443/T0K3N", secret, id},
		"no URL":                     {public, "https://bad host/T0K3N", secret, id},
		"a password":                 {public, "https://user:T0K3N@example.com/", secret, id},
		"a secret that is none":      {public, "https://example.com/T0K3N", "hunter2", id},
		"no id":                      {public, "https://example.com/T0K3N", secret, ""},
		"an id with a dot":           {public, "https://example.com/T0K3N", secret, "a.b"},
		"an id with a line break":    {public, "https://example.com/T0K3N", secret, "a\r\nX: y"},
		"an id that is far too long": {public, "https://example.com/T0K3N", secret, strings.Repeat("a", 257)},
	} {
		_, err := tt.client.Post(t.Context(), tt.endpoint, tt.secret, tt.id, at(), []byte(body))
		if e := refused(t, err); !e.Permanent || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: Post() = %v, want permanent", name, err)
		}
	}
}

// The listener stands where an attacker would like to reach; it must not see a
// single connection, whatever the address is called.
func TestPostDoesNotReachInside(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var reached atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]", "169.254.169.254", "10.0.0.1", "[fe80::1%25lo]"} {
		_, err := webhook.Client{}.Post(t.Context(), "https://"+host+":"+port+"/T0K3N", secret, id, at(), []byte(body))
		if e := refused(t, err); !e.Permanent || !errors.Is(err, webhook.ErrPrivate) {
			t.Errorf("Post(%s) = %v, want permanent and %v", host, err, webhook.ErrPrivate)
		}
	}
	l.Close()
	<-done
	if n := reached.Load(); n != 0 {
		t.Errorf("%d connections reached the inside, want none", n)
	}
}

package veil_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/veil"
)

func TestText(t *testing.T) {
	t.Parallel()
	r := veil.NewRedactor()
	const session = "0192f3a0-1234-7abc-8def-0123456789ab"
	for _, tt := range []struct{ name, in, want string }{
		{"an address", "no mailbox for ana.b+x@example.co.uk here", "no mailbox for [email] here"},
		{"the shortest address", "a@b.co", "[email]"},
		{"an address in letters of other scripts", "from jürgen@müller.de", "from [email]"},
		{"an address in a query", "GET /?q=ana%40example.com", "GET /?q=[email]"},
		{"a number from abroad", "call +49 (0)30 123-456 78 now", "call [phone] now"},
		{"numbers of the United States", "(555) 010-0199 or 555.010.0199", "[phone] or [phone]"},
		{"a number with a trunk prefix", "Tel 030 1234567", "Tel [phone]"},
		{"the shortest number with a trunk prefix", "Tel 030 12345 6", "Tel [phone]"},
		{"a bearer", "Authorization: Bearer abc.def-123", "Authorization: Bearer [token]"},
		{"a key of a vendor", "using sk-ant-api03-abcdefghijklmnop", "using [token]"},
		{"a JSON web token", "got eyJhbGciOi.eyJzdWIiOiI.c2lnbmF0dXJl", "got [token]"},
		{"a secret in an address", `Get "https://x.example/a?token=abc123&b=1": EOF`, `Get "https://x.example/a?token=[token]&b=1": EOF`},
		{"a password in an address", "dial redis://user:hunter2@host:6379", "dial redis://[token]@host:6379"},
		{"the address of a channel", "post https://hooks.slack.com/services/T0/B0/xyz: 404", "post https://hooks.slack.com/services/[token] 404"},
		{"a session token keeps its id", session + ".abcdefghijklmnopqrstuvwx", session + ".[token]"},
		{"an id alone stays", "session " + session, "session " + session},
		{"a time stays", "2026-11-24T09:00:00.000Z", "2026-11-24T09:00:00.000Z"},
		{"figures stay", "took 1234567890 ns, 5000 of 120000 rows, v3.2.0, 127.0.0.1:8080", "took 1234567890 ns, 5000 of 120000 rows, v3.2.0, 127.0.0.1:8080"},
		{"a pattern stays", "POST /api/conversation/back", "POST /api/conversation/back"},
	} {
		if got := r.Text(tt.in); got != tt.want {
			t.Errorf("%s: Text(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

type shy struct{}

func (shy) LogValue() slog.Value { return slog.StringValue("eve@example.com") }

func line(t *testing.T, log func(context.Context, *slog.Logger)) map[string]any {
	t.Helper()
	var out strings.Builder
	log(veil.WithRequest(t.Context(), "req-12345678"), slog.New(veil.New(slog.NewJSONHandler(&out, nil))))
	var got map[string]any
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatalf("%q: %v", out.String(), err)
	}
	delete(got, "time")
	delete(got, "level")
	return got
}

func TestEveryKindOfValue(t *testing.T) {
	t.Parallel()
	got := line(t, func(ctx context.Context, l *slog.Logger) {
		l.With("with", "a@example.com").WithGroup("g").LogAttrs(ctx, slog.LevelInfo, "mail to b@example.com",
			slog.Any("error", errors.New("550 c@example.com unknown")), slog.Any("lazy", shy{}), slog.Any("bytes", []byte("d@example.com")),
			slog.Any("list", []string{"e@example.com", "x"}), slog.Any("plain", []string{"x"}), slog.Group("inner", slog.String("to", "f@example.com")),
			slog.String("api_token", "anything"), slog.String("db_password", "x"), slog.Duration("took", time.Second), slog.Int("count", 5550100199))
	})
	want := map[string]any{
		"msg": "mail to [email]", "with": "[email]", "g": map[string]any{
			"error": "550 [email] unknown", "lazy": "[email]", "bytes": "[email]", "list": `["[email]","x"]`, "plain": []any{"x"}, "inner": map[string]any{"to": "[email]"},
			"api_token": "[redacted]", "db_password": "[redacted]", "took": 1e9, "count": 5550100199.0, "request_id": "req-12345678",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}

func TestRequestIDOnce(t *testing.T) {
	t.Parallel()
	got := line(t, func(ctx context.Context, l *slog.Logger) {
		l.InfoContext(ctx, "request", "request_id", "own-id", "status", 200)
	})
	if diff := cmp.Diff(map[string]any{"msg": "request", "request_id": "own-id", "status": 200.0}, got); diff != "" {
		t.Errorf("a line that has an id (-want +got):\n%s", diff)
	}
	got = line(t, func(ctx context.Context, l *slog.Logger) { l.InfoContext(veil.WithRequest(ctx, ""), "tick") })
	if diff := cmp.Diff(map[string]any{"msg": "tick"}, got); diff != "" {
		t.Errorf("a line outside of requests (-want +got):\n%s", diff)
	}
	if got := veil.Request(t.Context()); got != "" {
		t.Errorf("request outside of requests = %q, want none", got)
	}
}

func TestLevelsPassThrough(t *testing.T) {
	t.Parallel()
	h := veil.New(slog.NewTextHandler(&strings.Builder{}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if h.Enabled(t.Context(), slog.LevelInfo) || !h.Enabled(t.Context(), slog.LevelError) {
		t.Error("the level of the handler behind is not asked")
	}
}

func FuzzText(f *testing.F) {
	f.Add("ana@example.com +1 555 010 0199")
	r := veil.NewRedactor()
	f.Fuzz(func(t *testing.T, s string) {
		if again := r.Text(r.Text(s)); strings.Contains(again, "ana@example.com") {
			t.Errorf("an address is left in %q", again)
		}
	})
}

func BenchmarkLine(b *testing.B) {
	log := slog.New(veil.New(slog.NewJSONHandler(discard{}, nil)))
	for b.Loop() {
		log.LogAttrs(b.Context(), slog.LevelInfo, "request", slog.String("method", "POST"), slog.String("pattern", "POST /api/conversation"),
			slog.Int("status", 200), slog.Float64("ms", 1.25), slog.String("request_id", "0192f3a0-1234-7abc-8def-0123456789ab"))
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// What stands under some names is never shown, whatever it is.
func TestNamesThatHide(t *testing.T) {
	t.Parallel()
	for key, hidden := range map[string]bool{
		"authorization": true, "cookie": true, "set_cookie": true, "email": true, "client_phone": false, "phone": true, "dsn": true,
		"password": true, "old_password": true, "session_token": true, "webhook_secret": true, "resend_api_key": true, "credential": true,
		"Email": true, "Set_Cookie": true, "API_TOKEN": true,
		"tokens_used": false, "session_id": false, "pattern": false, "error": false,
	} {
		got := line(t, func(ctx context.Context, l *slog.Logger) { l.LogAttrs(ctx, slog.LevelInfo, "x", slog.Any(key, 12345)) })
		if (got[key] == "[redacted]") != hidden {
			t.Errorf("value of %s = %v, want it hidden: %v", key, got[key], hidden)
		}
	}
}

// A value that cannot be written as JSON is blanked in the form that it has.
func TestValuesThatAreNoJSON(t *testing.T) {
	t.Parallel()
	type odd struct {
		Mail string
		Do   func()
	}
	got := line(t, func(ctx context.Context, l *slog.Logger) {
		l.LogAttrs(ctx, slog.LevelInfo, "x", slog.Any("odd", odd{Mail: "eve@example.com"}), slog.Any("nothing", nil), slog.Any("words", stringer("to eve@example.com")))
	})
	if text, _ := got["odd"].(string); !strings.Contains(text, "[email]") || strings.Contains(text, "eve@") {
		t.Errorf("odd value = %v", got["odd"])
	}
	if got["words"] != "to [email]" || got["nothing"] != nil {
		t.Errorf("words = %v, nothing = %v", got["words"], got["nothing"])
	}
}

type stringer string

func (s stringer) String() string { return string(s) }

// Blanking what is blanked changes nothing, so lines may pass two handlers.
func TestTwice(t *testing.T) {
	t.Parallel()
	r := veil.NewRedactor()
	for _, in := range []string{
		"ana@example.com", "+49 30 1234567", "Bearer abcdefghijk", "https://u:p@example.com/?token=abc", "sk-ant-abcdefghijklmnop", "(555) 010-0199",
	} {
		once := r.Text(in)
		if once == in || r.Text(once) != once {
			t.Errorf("Text(%q) = %q, and again %q", in, once, r.Text(once))
		}
	}
}

// Package veil keeps personal data and secrets out of the log. Its handler
// stands before every other slog handler: it blanks e-mail addresses, telephone
// numbers and tokens in all values, whatever they are called, and everything
// under names such as password; and it writes the id of the request into each
// line.
//
// It is the last net, not a licence: code logs ids, never answers or addresses.
// Start with New.
package veil

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// pattern finds one kind of text and says what stands in its place.
type pattern struct {
	find *regexp.Regexp
	put  string
	hint hint // what a text must have to be searched, because searching is dear
}

// hint says cheaply that a text may contain something.
type hint func(string) bool

// has wants one of some parts.
func has(parts ...string) hint {
	return func(s string) bool {
		for _, p := range parts {
			if strings.Contains(s, p) {
				return true
			}
		}
		return false
	}
}

// digits wants so many digits.
func digits(n int) hint {
	return func(s string) bool {
		seen := 0
		for i := range len(s) {
			if s[i] >= '0' && s[i] <= '9' {
				seen++
			}
		}
		return seen >= n
	}
}

// blank stands for a value that is hidden by its name.
const blank = "[redacted]"

// Redactor blanks texts.
type Redactor struct{ patterns []pattern }

// NewRedactor compiles the patterns.
func NewRedactor() *Redactor {
	p := func(expression, put string, hint hint) pattern {
		return pattern{regexp.MustCompile(expression), put, hint}
	}
	return &Redactor{[]pattern{
		p(`(?i)\b(bearer|basic)\s+[a-z0-9._~+/=:-]{6,}`, "$1 [token]", has("earer ", "asic ", "EARER ", "ASIC ")),
		p(`\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(\.[A-Za-z0-9_-]*)?`, "[token]", has("eyJ")),
		p(`\b(sk|pk|rk|re|rnd|whsec|ghp|gho|xox[abp]|phc|key)[-_][A-Za-z0-9_-]{12,}`, "[token]", has("sk-", "sk_", "pk_", "rk_", "re_", "rnd_", "whsec_", "ghp_", "gho_", "xox", "phc_", "key-", "key_")),
		p(`(?i)([?&;]|\b)(token|key|secret|password|passwd|code|signature|access_token|api_key)=[^\s&;"']+`, "$1$2=[token]", has("=")),
		p(`://[^/\s:@]*:[^/\s@]+@`, "://[token]@", has("://")),
		p(`hooks\.slack\.com/services/\S+`, "hooks.slack.com/services/[token]", has("slack")),
		// A session token is the id of its session and its secret.
		p(`\b([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\.[A-Za-z0-9_-]{16,}`, "$1.[token]", has(".")),
		p(`[\p{L}\p{N}._%+'-]+(@|%40)[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+`, "[email]", has("@", "%40")),
		p(`\+\d[\d ().\-/]{6,}\d`, "[phone]", has("+")),
		p(`\(\d{3}\) ?\d{3}[-. ]\d{4}\b`, "[phone]", has("(")),
		p(`\b\d{3}[-. ]\d{3}[-. ]\d{4}\b`, "[phone]", digits(9)),
		p(`\b0\d{2,4}[ /-]\d{3,}[ \d-]{2,}\b`, "[phone]", digits(9)),
	}}
}

// Text blanks what it finds in a text.
func (r *Redactor) Text(s string) string {
	if len(s) < 6 {
		return s
	}
	for _, p := range r.patterns {
		if p.hint(s) {
			s = p.find.ReplaceAllString(s, p.put)
		}
	}
	return s
}

// private reports whether nothing under a name may be shown.
func private(key string) bool {
	key = strings.ToLower(key)
	switch key {
	case "authorization", "cookie", "set_cookie", "email", "e_mail", "phone", "name_of_client", "dsn":
		return true
	}
	for _, end := range []string{"password", "secret", "token", "api_key", "credential"} {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return false
}

// attr blanks one attribute, through groups and lazy values.
func (r *Redactor) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		members := v.Group()
		out := make([]slog.Attr, len(members))
		for i, m := range members {
			out[i] = r.attr(m)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(out...)}
	}
	if private(a.Key) {
		return slog.String(a.Key, blank)
	}
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, r.Text(v.String()))
	case slog.KindAny:
		return slog.Attr{Key: a.Key, Value: r.any(v.Any())}
	default: // figures and times
		return slog.Attr{Key: a.Key, Value: v}
	}
}

// any blanks a value of any type in the form in which it would be written.
func (r *Redactor) any(v any) slog.Value {
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(r.Text(v.Error()))
	case fmt.Stringer:
		return slog.StringValue(r.Text(v.String()))
	case []byte:
		return slog.StringValue(r.Text(string(v)))
	}
	text, err := json.Marshal(v)
	if err != nil {
		return slog.StringValue(r.Text(fmt.Sprintf("%+v", v)))
	}
	clean := r.Text(string(text))
	if clean == string(text) {
		return slog.AnyValue(v)
	}
	return slog.StringValue(clean)
}

type requestKey struct{}

// WithRequest returns a context whose log lines carry the id of a request.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// Request is the id of the request of a context; empty outside of requests.
func Request(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// requestID is the name of the id in a line.
const requestID = "request_id"

// handler is what New makes.
type handler struct {
	next slog.Handler
	r    *Redactor
}

// New puts redaction and request ids before another handler.
func New(next slog.Handler) slog.Handler { return handler{next, NewRedactor()} }

// Enabled implements slog.Handler.
func (h handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h handler) Handle(ctx context.Context, rec slog.Record) error {
	clean := slog.NewRecord(rec.Time, rec.Level, h.r.Text(rec.Message), rec.PC)
	has := false
	rec.Attrs(func(a slog.Attr) bool {
		has = has || a.Key == requestID
		clean.AddAttrs(h.r.attr(a))
		return true
	})
	if id := Request(ctx); id != "" && !has {
		clean.AddAttrs(slog.String(requestID, id))
	}
	return h.next.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = h.r.attr(a)
	}
	return handler{h.next.WithAttrs(clean), h.r}
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.next.WithGroup(name), h.r} }

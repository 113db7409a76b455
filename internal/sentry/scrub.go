package sentry

import (
	"strings"

	sdk "github.com/getsentry/sentry-go"

	"applicreations.com/introspect/internal/redact"
)

// scrub takes out of a report what could name a person (S45).
func scrub(e *sdk.Event, _ *sdk.EventHint) *sdk.Event {
	e.User = sdk.User{}
	e.Attachments, e.Modules = nil, nil
	if r := e.Request; r != nil {
		path, _, _ := strings.Cut(r.URL, "?")
		e.Request = &sdk.Request{URL: veil(path), Method: r.Method}
	}
	e.Message, e.Transaction = veil(e.Message), veil(e.Transaction)
	for i := range e.Exception {
		e.Exception[i].Value = veil(e.Exception[i].Value)
	}
	for i := range e.Fingerprint {
		e.Fingerprint[i] = veil(e.Fingerprint[i])
	}
	for k, v := range e.Tags {
		e.Tags[k] = veil(v)
	}
	for i, b := range e.Breadcrumbs {
		own := *b // the others share it, and run at the same time
		own.Message, own.Data = veil(b.Message), veilMap(b.Data)
		e.Breadcrumbs[i] = &own
	}
	for name, c := range e.Contexts {
		e.Contexts[name] = veilMap(c)
	}
	for _, s := range e.Spans {
		s.Description = veil(s.Description)
		s.Data = veilMap(s.Data)
	}
	return e
}

// veilMap copies a map, because breadcrumbs are shared between reports.
func veilMap(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		switch v := v.(type) {
		case string:
			out[veil(k)] = veil(v)
		case map[string]any:
			out[veil(k)] = veilMap(v)
		default:
			out[k] = v
		}
	}
	return out
}

// veil takes addresses, numbers and query strings out of a text.
func veil(s string) string {
	words := strings.SplitAfter(redact.New(redact.Person{}).Out(strings.ToValidUTF8(s, "")), " ")
	for i, w := range words {
		if path, query, ok := strings.Cut(w, "?"); ok && strings.Contains(path, "/") && strings.Contains(query, "=") {
			words[i] = path + "?[query] "
		}
	}
	return strings.TrimRight(strings.Join(words, ""), " ")
}

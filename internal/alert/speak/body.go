package speak

import (
	"encoding/json"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
)

// Facts lists what is known of a trouble as name and value, without the title
// and without what is empty.
func (i Item) Facts() [][2]string {
	var out [][2]string
	for _, f := range [][2]string{{"Where", i.Where}, {i.when(), i.Since}, {"Figures", i.Figures}, {i.because(), i.Why}} {
		if f[1] != "" {
			out = append(out, f)
		}
	}
	return out
}

// maxWebhook is what Standard Webhooks asks a body to stay below.
const maxWebhook = 20 << 10

// signed is the body of the signed webhook (operations 2.7).
type signed struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Key      alert.Key      `json:"key"`
	Severity alert.Severity `json:"severity"`
	Group    string         `json:"group"`
	Title    string         `json:"title"`
	Short    string         `json:"short"`
	Before   []string       `json:"before"`
	Alerts   []item         `json:"alerts"`
	More     int            `json:"more"`
	URL      string         `json:"url,omitempty"`
}

type item struct {
	Rule        alert.RuleID      `json:"rule"`
	Fingerprint alert.Fingerprint `json:"fingerprint"`
	Episode     alert.EpisodeID   `json:"episode"`
	Title       string            `json:"title"`
	Where       string            `json:"where,omitempty"`
	From        time.Time         `json:"from"`
	Figures     string            `json:"figures,omitempty"`
	Why         string            `json:"why,omitempty"`
	Links       map[string]string `json:"links,omitempty"`
}

// Signed is the body for a signed webhook: type, timestamp and data, the types
// alert.firing, alert.reminder, alert.escalated, alert.resolved and alert.missed.
func (m Message) Signed() []byte {
	out := signed{Type: "alert." + string(m.Kind), Timestamp: m.At.UTC(), Data: data{
		Key: m.Key, Severity: m.Severity, Group: m.Group, Title: m.Title, Short: m.Short,
		Before: append([]string{}, m.Before...), Alerts: []item{}, More: m.More, URL: m.Link.URL,
	}}
	for _, i := range m.Items {
		links := map[string]string{}
		for _, l := range i.Links {
			links[l.Label] = l.URL
		}
		out.Data.Alerts = append(out.Data.Alerts, item{i.Rule, i.Fingerprint, i.Episode, i.Title, i.Where, i.From.UTC(), i.Figures, i.Why, links})
	}
	body := encode(out)
	for len(body) > maxWebhook && len(out.Data.Alerts) > 1 {
		last := len(out.Data.Alerts) - 1
		out.Data.Alerts, out.Data.More = out.Data.Alerts[:last], out.Data.More+1
		body = encode(out)
	}
	return body
}

// Seed is the body that the seed's own monitoring webhook has (S64): type,
// message, context and an ISO timestamp.
func (m Message) Seed() []byte {
	context := map[string]any{"severity": m.Severity, "kind": m.Kind, "group": m.Group, "key": m.Key}
	if len(m.Items) > 0 {
		first := m.Items[0]
		context["rule"], context["since"] = first.Rule, first.From.UTC().Format(time.RFC3339)
		for _, f := range [][2]string{{"figures", first.Figures}, {"where", first.Where}, {"why", first.Why}} {
			if f[1] != "" {
				context[f[0]] = f[1]
			}
		}
		for _, l := range first.Links {
			context[strings.ReplaceAll(strings.ToLower(l.Label), " ", "_")] = l.URL
		}
	}
	if more := len(m.Items) - 1 + m.More; more > 0 {
		context["more"] = more
	}
	return encode(map[string]any{
		"type": "alert", "message": m.Title, "context": context, "timestamp": m.At.UTC().Format("2006-01-02T15:04:05.000Z"),
	})
}

// encode writes values of our own types, which always have a JSON form.
func encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic("encode an alert: " + err.Error())
	}
	return body
}

// ID is the key in the letters that every header takes, for receivers that drop
// what they have already.
func (m Message) ID() string {
	id := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '/' || r == '_' {
			return r
		}
		return '_'
	}, string(m.Key))
	if id == "" {
		return "alert"
	}
	return id[:min(len(id), 200)]
}

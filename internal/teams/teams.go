// Package teams posts alerts to a Microsoft Teams workflow ("when a Teams
// webhook request is received") as an Adaptive Card. A workflow belongs to a
// person and ends when that person leaves, which Teams answers with 404 or 401.
// It does not retry, and Teams knows no keys. Start with Client.Send.
package teams

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/letter"
)

const (
	// maxBody is what Teams takes, 28 KB, with some room for its envelope.
	maxBody = 26 << 10
	// timeout bounds one attempt.
	timeout = 10 * time.Second
	// maxActions is what Teams shows of one card.
	maxActions = 6
)

// Client posts to one workflow. All fields but Now are required.
type Client struct {
	URL   string // of the workflow, which carries its secret
	Speak func(context.Context, alert.Parcel) speak.Message
	// Post sends a body as webhook.Client.Post does: every error is a
	// *letter.SendError.
	Post func(ctx context.Context, endpoint, secret, id string, at time.Time, body []byte) (status int, answer string, err error)
	Now  func() time.Time // nil: time.Now
}

// Send posts a parcel as one card. Every error is a *letter.SendError.
func (c Client) Send(ctx context.Context, p alert.Parcel) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	m := c.Speak(ctx, p)
	status, answer, err := c.Post(ctx, c.URL, "", m.ID(), now(), compose(m))
	var e *letter.SendError
	switch {
	case errors.As(err, &e) && (e.Status == 401 || e.Status == 403 || e.Status == 404):
		out := *e
		out.Reason = "the workflow is gone, or its owner has left; make a new one and set TEAMS_WEBHOOK_URL (" + e.Reason + ")"
		return answer, &out
	case err != nil:
		return answer, err
	case refused(answer):
		// The gateway says 200 for what the channel behind it refused, and a
		// proxy says it with a page.
		return answer, &letter.SendError{Status: status, Reason: "the answer says that the message is not there; check TEAMS_WEBHOOK_URL (" + letter.Line(answer, 200) + ")"}
	}
	return cmp.Or(answer, "accepted"), nil
}

func refused(answer string) bool {
	lower := strings.ToLower(answer)
	return strings.Contains(lower, "delivery failed") || strings.Contains(lower, "<html") || strings.Contains(lower, "<!doctype")
}

type element struct {
	Type    string   `json:"type"`
	Text    string   `json:"text,omitempty"`
	Size    string   `json:"size,omitempty"`
	Weight  string   `json:"weight,omitempty"`
	Color   string   `json:"color,omitempty"`
	Wrap    bool     `json:"wrap,omitempty"`
	Facts   []fact   `json:"facts,omitempty"`
	Actions []action `json:"actions,omitempty"`
}

type fact struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

type action struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// compose writes the card, with fewer troubles where it would be too large.
func compose(m speak.Message) []byte {
	for {
		body := envelope(card(m), m.Short)
		if len(body) <= maxBody || len(m.Items) < 2 {
			return body
		}
		m.Items, m.More = m.Items[:len(m.Items)-1], m.More+1
	}
}

func card(m speak.Message) []element {
	out := []element{{Type: "TextBlock", Text: escape(cmp.Or(m.Title, "Alert")), Size: "Large", Weight: "Bolder", Color: colour(m), Wrap: true}}
	for _, i := range m.Items {
		out = append(out, element{Type: "TextBlock", Text: escape(cmp.Or(i.Title, string(i.Rule), "Alert")), Weight: "Bolder", Wrap: true})
		set := element{Type: "FactSet"}
		for _, f := range i.Facts() {
			set.Facts = append(set.Facts, fact{f[0], escape(f[1])})
		}
		if len(set.Facts) > 0 {
			out = append(out, set)
		}
		out = append(out, actions(i.Links)...)
	}
	if m.More > 0 {
		out = append(out, element{Type: "TextBlock", Text: "There are more: see all alerts.", Wrap: true})
	}
	for _, b := range m.Before {
		out = append(out, element{Type: "TextBlock", Text: "Changed before: " + escape(b), Wrap: true})
	}
	return append(out, actions([]speak.Link{m.Link})...)
}

func actions(links []speak.Link) []element {
	row := element{Type: "ActionSet"}
	for _, l := range links {
		if l.URL != "" && len(row.Actions) < maxActions {
			row.Actions = append(row.Actions, action{"Action.OpenUrl", l.Label, l.URL})
		}
	}
	if len(row.Actions) == 0 {
		return nil
	}
	return []element{row}
}

func envelope(card []element, summary string) []byte {
	body, err := json.Marshal(map[string]any{
		"type": "message",
		"attachments": []any{map[string]any{
			"contentType": "application/vnd.microsoft.card.adaptive",
			"contentUrl":  nil,
			"content": map[string]any{
				"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.2",
				"fallbackText": summary, "body": card, "msteams": map[string]string{"width": "Full"},
			},
		}},
	})
	if err != nil {
		panic("encode a Teams card: " + err.Error()) // texts always have a JSON form
	}
	return body
}

func colour(m speak.Message) string {
	switch {
	case m.Kind.Ends():
		return "Good"
	case m.Severity == alert.Critical:
		return "Attention"
	case m.Severity == alert.Warning:
		return "Warning"
	}
	return "Accent"
}

// escape takes the meaning from the markdown that cards know, and from mentions,
// which are <at>name</at>.
func escape(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "(", `\(`, ")", `\)`, "`", "\\`", "~", `\~`, "#", `\#`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	).Replace(s)
}

// Package slack posts alerts to a Slack incoming webhook, as blocks within the
// limits of Block Kit. Nothing that was measured or typed can become a mention,
// a link or markup. It does not retry, and Slack knows no keys: a message whose
// answer got lost may appear twice. Start with Client.Send.
package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/letter"
)

// The limits of Block Kit that we can reach, in characters.
const (
	maxHeader = 150
	maxField  = 2000
	maxText   = 3000
	maxLabel  = 75
	maxURL    = 3000
	maxAction = 5 // of 25; a row has no room for more
)

// timeout bounds one attempt.
const timeout = 10 * time.Second

// Client posts to one webhook. All fields but Now are required.
type Client struct {
	URL   string // of the webhook, which is its secret
	Speak func(context.Context, alert.Parcel) speak.Message
	// Post sends a body as webhook.Client.Post does: every error is a
	// *letter.SendError.
	Post func(ctx context.Context, endpoint, secret, id string, at time.Time, body []byte) (status int, answer string, err error)
	Now  func() time.Time // nil: time.Now
}

// Send posts a parcel as one message. The answer is Slack's own. Every error is
// a *letter.SendError.
func (c Client) Send(ctx context.Context, p alert.Parcel) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	m := c.Speak(ctx, p)
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	status, answer, err := c.Post(ctx, c.URL, "", m.ID(), now(), compose(m))
	var e *letter.SendError
	switch {
	case errors.As(err, &e):
		return answer, explained(e, answer)
	case err != nil:
		return answer, err
	case strings.TrimSpace(answer) != "ok":
		// A page of a proxy or of a mistyped address answers 200, too.
		return answer, &letter.SendError{Status: status, Reason: "the answer is not Slack's ok, so the message is probably not there; check SLACK_WEBHOOK_URL"}
	}
	return answer, nil
}

// explained says in our words what Slack's code asks for.
func explained(e *letter.SendError, answer string) *letter.SendError {
	hint := map[string]string{
		"no_service":          "the webhook was removed; make a new one and set SLACK_WEBHOOK_URL",
		"no_team":             "the workspace is gone; set SLACK_WEBHOOK_URL to a webhook of another one",
		"channel_not_found":   "the channel was deleted; make a webhook for another one and set SLACK_WEBHOOK_URL",
		"channel_is_archived": "the channel is archived; unarchive it, or set SLACK_WEBHOOK_URL to a webhook of another one",
		"action_prohibited":   "an admin of the workspace does not allow it; ask for permission",
		"invalid_token":       "the webhook was revoked; make a new one and set SLACK_WEBHOOK_URL",
	}[strings.TrimSpace(answer)]
	if hint == "" {
		return e
	}
	out := *e
	out.Reason = strings.TrimSpace(answer) + ": " + hint
	return &out
}

type text struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type block struct {
	Type     string   `json:"type"`
	Text     *text    `json:"text,omitempty"`
	Fields   []text   `json:"fields,omitempty"`
	Elements []button `json:"elements,omitempty"`
}

type button struct {
	Type  string `json:"type"`
	Text  text   `json:"text"`
	URL   string `json:"url"`
	Style string `json:"style,omitempty"`
}

// compose lays the message out. The texts are plain_text, in which Slack knows
// no markup; the fallback is what a notification shows.
func compose(m speak.Message) []byte {
	blocks := []block{{Type: "header", Text: plain(cmp.Or(m.Title, "Alert"), maxHeader)}}
	for _, i := range m.Items {
		section := block{Type: "section", Text: plain(cmp.Or(i.Title, string(i.Rule), "Alert"), maxText)}
		for _, f := range i.Facts() {
			section.Fields = append(section.Fields, *plain(f[0]+"\n"+f[1], maxField))
		}
		blocks = append(blocks, section)
		if row := buttons(i.Links); len(row) > 0 {
			blocks = append(blocks, block{Type: "actions", Elements: row})
		}
	}
	var after []string
	if m.More > 0 {
		after = append(after, "and more: see all alerts")
	}
	for _, b := range m.Before {
		after = append(after, "Changed before: "+b)
	}
	if len(after) > 0 {
		blocks = append(blocks, block{Type: "section", Text: plain(strings.Join(after, "\n"), maxText)})
	}
	if row := buttons([]speak.Link{m.Link}); len(row) > 0 {
		blocks = append(blocks, block{Type: "actions", Elements: row})
	}
	body, err := json.Marshal(map[string]any{"text": escape(m.Short), "blocks": blocks, "unfurl_links": false})
	if err != nil {
		panic("encode a Slack message: " + err.Error()) // texts always have a JSON form
	}
	return body
}

func buttons(links []speak.Link) (out []button) {
	for _, l := range links {
		if l.URL == "" || len(l.URL) > maxURL || len(out) == maxAction {
			continue
		}
		b := button{Type: "button", Text: *plain(l.Label, maxLabel), URL: l.URL}
		if len(out) == 0 {
			b.Style = "primary"
		}
		out = append(out, b)
	}
	return out
}

// plain escapes a text and cuts it to a limit of Slack, which counts what was
// escaped.
func plain(s string, most int) *text {
	out := escape(s)
	for n := utf8.RuneCountInString(s); utf8.RuneCountInString(out) > most && n > 0; n-- {
		out = escape(speak.Cut(s, n-1))
	}
	return &text{Type: "plain_text", Text: out}
}

// escape hides the three characters that mean something to Slack.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// Package discord posts alerts to a Discord webhook, one embed for each trouble,
// within Discord's limits. Nobody can be mentioned by it, and nothing that was
// measured or typed can become markup. It asks Discord to wait until the message
// is stored, because a lost one is not reported otherwise. It does not retry.
// Start with Client.Send.
package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/letter"
)

// Discord's limits, in characters.
const (
	maxContent     = 2000
	maxTitle       = 256
	maxDescription = 4096
	maxValue       = 1024
	maxEmbeds      = 10
	maxTotal       = 6000
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

// Send posts a parcel as one message. The answer names the message. Every error
// is a *letter.SendError.
func (c Client) Send(ctx context.Context, p alert.Parcel) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	endpoint, err := waiting(c.URL)
	if err != nil {
		return "", err
	}
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	m := c.Speak(ctx, p)
	status, answer, err := c.Post(ctx, endpoint, "", m.ID(), now(), compose(m))
	if err != nil {
		return answer, patient(err, answer)
	}
	if status == 204 {
		return "accepted", nil
	}
	id := stored(answer)
	if id == "" {
		return answer, &letter.SendError{Status: status, Reason: "the answer is not Discord's, so the message is probably not there; check DISCORD_WEBHOOK_URL"}
	}
	return "message " + id, nil
}

// waiting adds the wish to wait to the address.
func waiting(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", &letter.SendError{Permanent: true, Reason: "the webhook is no web address; set DISCORD_WEBHOOK_URL to the address that Discord shows"}
	}
	q := u.Query()
	q.Set("wait", "true")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// stored finds the id of the message. The answer is the beginning of a large
// object, so it is read as far as it goes.
func stored(answer string) string {
	dec := json.NewDecoder(strings.NewReader(answer))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return ""
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return ""
		}
		if name == "id" {
			id, _ := dec.Token()
			text, _ := id.(string)
			return letter.Line(text, 40)
		}
		var skipped json.RawMessage
		if dec.Decode(&skipped) != nil {
			return "unnamed" // it is Discord's, but the id lies behind the end
		}
	}
	return ""
}

// patient takes the wait from the body: Discord says it there to the
// millisecond, and its header is sometimes less.
func patient(err error, answer string) error {
	var e *letter.SendError
	var said struct {
		RetryAfter float64 `json:"retry_after"`
	}
	if !errors.As(err, &e) || e.Status != 429 || json.Unmarshal([]byte(answer), &said) != nil || said.RetryAfter <= 0 {
		return err
	}
	out := *e
	out.RetryAfter = letter.LongestWait
	if said.RetryAfter < letter.LongestWait.Seconds() {
		out.RetryAfter = max(e.RetryAfter, time.Duration(math.Ceil(said.RetryAfter*1000))*time.Millisecond)
	}
	return &out
}

type message struct {
	Content  string              `json:"content"`
	Embeds   []embed             `json:"embeds"`
	Mentions map[string][]string `json:"allowed_mentions"`
}

type embed struct {
	Title       string  `json:"title"`
	URL         string  `json:"url,omitempty"`
	Description string  `json:"description,omitempty"`
	Color       int     `json:"color"`
	Fields      []field `json:"fields"`
	Timestamp   string  `json:"timestamp,omitempty"`
}

type field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (e embed) size() int {
	n := utf8.RuneCountInString(e.Title) + utf8.RuneCountInString(e.Description)
	for _, f := range e.Fields {
		n += utf8.RuneCountInString(f.Name) + utf8.RuneCountInString(f.Value)
	}
	return n
}

func compose(m speak.Message) []byte {
	out := message{Embeds: []embed{}, Mentions: map[string][]string{"parse": {}}}
	left, more := maxTotal, m.More
	for _, i := range m.Items {
		e := embedOf(m, i)
		if len(out.Embeds) == maxEmbeds || e.size() > left {
			more++
			continue
		}
		left -= e.size()
		out.Embeds = append(out.Embeds, e)
	}
	lines := []string{escape(m.Short)}
	for _, b := range m.Before {
		lines = append(lines, "Changed before: "+escape(b))
	}
	if more > 0 {
		lines = append(lines, "There are more: see all alerts.")
	}
	if m.Link.URL != "" {
		lines = append(lines, "<"+m.Link.URL+">")
	}
	out.Content = cut(strings.Join(lines, "\n"), maxContent)
	body, err := json.Marshal(out)
	if err != nil {
		panic("encode a Discord message: " + err.Error()) // texts always have a JSON form
	}
	return body
}

func embedOf(m speak.Message, i speak.Item) embed {
	e := embed{Title: cut(escape(cmp.Or(i.Title, string(i.Rule), "Alert")), maxTitle), Color: colour(m), Fields: []field{}}
	if !m.At.IsZero() {
		e.Timestamp = m.At.UTC().Format(time.RFC3339)
	}
	for _, f := range i.Facts() {
		e.Fields = append(e.Fields, field{f[0], cut(escape(f[1]), maxValue)})
	}
	var links []string
	for _, l := range i.Links {
		links = append(links, "["+escape(l.Label)+"]("+strings.NewReplacer("(", "%28", ")", "%29").Replace(l.URL)+")")
	}
	if text := strings.Join(links, " · "); utf8.RuneCountInString(text) <= maxDescription {
		e.Description = text
	}
	return e
}

// colour is that of the dashboard for the severity.
func colour(m speak.Message) int {
	switch {
	case m.Kind.Ends():
		return 0x1a7f4b
	case m.Severity == alert.Critical:
		return 0xc0362c
	case m.Severity == alert.Warning:
		return 0xb7791f
	}
	return 0x2f6fed
}

// escape takes the meaning from Discord's markup and from mentions, which are
// switched off besides.
func escape(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "*", `\*`, "_", `\_`, "~", `\~`, "`", "\\`", "|", `\|`, ">", `\>`, "<", `\<`, "[", `\[`, "]", `\]`, "(", `\(`, ")", `\)`, "#", `\#`, "@", "@\u200b", "://", ":\u200b//",
	).Replace(s)
}

// cut keeps at most so many characters, and no lonely backslash at the end.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimRight(speak.Cut(s, most-1), `\…`) + "…"
}

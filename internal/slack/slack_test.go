package slack_test

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/channeltest"
	"applicreations.com/introspect/internal/slack"
)

// message is what Slack reads, with the limits of Block Kit beside it.
type message struct {
	Text   string
	Blocks []struct {
		Type     string
		Text     *text
		Fields   []text
		Elements []struct {
			Type, URL, Style string
			Text             text
		}
	}
}

type text struct{ Type, Text string }

func client(address string) slack.Client {
	return slack.Client{URL: address, Speak: channeltest.Speak, Post: channeltest.Post, Now: channeltest.At}
}

func sent(t *testing.T, p alert.Parcel) (message, []byte) {
	t.Helper()
	address, got := channeltest.Receiver(t, 200, "ok")
	if answer, err := client(address).Send(t.Context(), p); err != nil || answer != "ok" {
		t.Fatalf("Send = %q, %v, want ok", answer, err)
	}
	body := got()
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatalf("Slack could not read %s: %v", body, err)
	}
	return m, body
}

func TestSend(t *testing.T) {
	t.Parallel()
	m, body := sent(t, channeltest.Parcel(alert.KindFiring))
	for _, want := range []string{
		"[CRITICAL] Too many requests fail", "17 of 61 = 27.87% in 5m (alerts above 5%)", "Nov 27, 09:00 UTC, 4m",
		"version 3.2.1 went live 4m before", "/admin/runbook#errors", "/admin/alerts?episode=", "/admin/sessions/s-1", "Version 3.2.1, 2m before",
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the message does not say %q: %s", want, body)
		}
	}
	if len(m.Blocks) == 0 || m.Blocks[0].Type != "header" {
		t.Errorf("blocks = %+v, want a header first", m.Blocks)
	}
	if n := utf8.RuneCountInString(m.Text); n == 0 || n > 170 {
		t.Errorf("the notification has %d characters, want up to 170", n)
	}
}

// Whatever is in the labels, Slack must take the message and see no markup.
func TestSendStaysWithinBlockKit(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 10, 60} {
		m, body := sent(t, channeltest.Hostile(n))
		channeltest.Clean(t, body)
		if len(m.Blocks) > 50 {
			t.Errorf("%d notices make %d blocks, Slack takes 50", n, len(m.Blocks))
		}
		bare := regexp.MustCompile(`[<>]|&(?:[^alg]|$)`)
		check := func(part string, x text, most int) {
			t.Helper()
			if n := utf8.RuneCountInString(x.Text); n == 0 || n > most {
				t.Errorf("%s has %d characters, Slack takes 1 to %d: %q", part, n, most, x.Text)
			}
			if x.Type != "plain_text" || bare.MatchString(x.Text) {
				t.Errorf("%s is %s and not escaped: %q", part, x.Type, x.Text)
			}
		}
		for _, b := range m.Blocks {
			switch b.Type {
			case "header":
				check("header", *b.Text, 150)
			case "section":
				check("section", *b.Text, 3000)
				if len(b.Fields) > 10 {
					t.Errorf("%d fields, Slack takes 10", len(b.Fields))
				}
				for _, f := range b.Fields {
					check("field", f, 2000)
				}
			case "actions":
				if len(b.Elements) == 0 || len(b.Elements) > 25 {
					t.Errorf("%d buttons, Slack takes 1 to 25", len(b.Elements))
				}
				for _, e := range b.Elements {
					check("button", e.Text, 75)
					if e.URL == "" || len(e.URL) > 3000 {
						t.Errorf("button leads to %q", e.URL)
					}
				}
			}
		}
		if bare.MatchString(m.Text) {
			t.Errorf("the fallback is not escaped: %q", m.Text)
		}
	}
}

func TestResolved(t *testing.T) {
	t.Parallel()
	_, body := sent(t, channeltest.Parcel(alert.KindResolved))
	if !strings.Contains(string(body), "[OVER] Too many requests fail") || strings.Contains(string(body), "Take it on") {
		t.Errorf("want that it is over, and nothing to take on: %s", body)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	channeltest.Faults(t, func(ctx context.Context, address string) (string, error) {
		return client(address).Send(ctx, channeltest.Parcel(alert.KindFiring))
	})
}

// Who reads the error must know what to do in Slack.
func TestSlackCodesAreExplained(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"no_service": "make a new one", "channel_is_archived": "unarchive it", "channel_not_found": "was deleted", "action_prohibited": "ask for permission", "odd_code": "odd_code",
	} {
		address, _ := channeltest.Receiver(t, 404, code)
		_, err := client(address).Send(t.Context(), channeltest.Parcel(alert.KindFiring))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Send(%s) = %v, want a hint with %q", code, err, want)
		}
	}
}

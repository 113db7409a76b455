package discord_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/channeltest"
	"applicreations.com/introspect/internal/discord"
	"applicreations.com/introspect/internal/letter"
)

type message struct {
	Content string
	Embeds  []struct {
		Title, Description, Timestamp string
		Color                         int
		Fields                        []struct{ Name, Value string }
	}
	Mentions struct{ Parse []string } `json:"allowed_mentions"`
}

func client(address string) discord.Client {
	return discord.Client{URL: address, Speak: channeltest.Speak, Post: channeltest.Post, Now: channeltest.At}
}

func sent(t *testing.T, p alert.Parcel) (message, []byte) {
	t.Helper()
	address, got := channeltest.Receiver(t, 200, `{"type":0,"content":"…","id":"1212"}`)
	if answer, err := client(address).Send(t.Context(), p); err != nil || answer != "message 1212" {
		t.Fatalf("Send = %q, %v, want the id of the message", answer, err)
	}
	body := got()
	m := message{}
	m.Mentions.Parse = []string{"never read"}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatalf("Discord could not read %s: %v", body, err)
	}
	return m, body
}

func TestSend(t *testing.T) {
	t.Parallel()
	m, body := sent(t, channeltest.Parcel(alert.KindFiring))
	if len(m.Embeds) != 1 || m.Embeds[0].Color != 0xc0362c || m.Embeds[0].Timestamp != "2026-11-27T09:04:00Z" {
		t.Fatalf("embeds = %+v, want one in the colour of critical", m.Embeds)
	}
	for _, want := range []string{"Too many requests fail", "17 of 61 = 27.87% in 5m", "/admin/runbook#errors", "Version 3.2.1, 2m before"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the message does not say %q: %s", want, body)
		}
	}
	if m, _ := sent(t, channeltest.Parcel(alert.KindResolved)); m.Embeds[0].Color != 0x1a7f4b {
		t.Errorf("colour of resolved = %x", m.Embeds[0].Color)
	}
}

// Without wait=true Discord does not report a lost message.
func TestAsksDiscordToWait(t *testing.T) {
	t.Parallel()
	query := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query <- r.URL.RawQuery
		w.WriteHeader(http.StatusNoContent)
	}))
	defer s.Close()
	answer, err := client(s.URL+"/api/webhooks/1/x?thread_id=7").Send(t.Context(), channeltest.Parcel(alert.KindFiring))
	if err != nil || answer != "accepted" {
		t.Errorf("Send(204) = %q, %v, want accepted", answer, err)
	}
	if got := <-query; got != "thread_id=7&wait=true" {
		t.Errorf("asked with %q, want the thread and wait=true", got)
	}
	if _, err := client("http://bad host/").Send(t.Context(), channeltest.Parcel(alert.KindFiring)); err == nil {
		t.Error("Send to no address = nil, want an error")
	}
}

func TestSendStaysWithinTheLimits(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 10, 60} {
		m, body := sent(t, channeltest.Hostile(n))
		channeltest.Clean(t, body)
		total := 0
		check := func(part, s string, least, most int) {
			t.Helper()
			size := utf8.RuneCountInString(s)
			if total += size; size < least || size > most {
				t.Errorf("%s has %d characters, Discord takes %d to %d", part, size, least, most)
			}
			if strings.HasSuffix(strings.TrimSuffix(s, "…"), `\`) && !strings.HasSuffix(s, `\\`) {
				t.Errorf("%s ends with a lonely backslash: %q", part, s)
			}
			if strings.Contains(s, "@everyone") || strings.Contains(s, "https://evil") {
				t.Errorf("%s mentions or links: %q", part, s)
			}
		}
		for _, e := range m.Embeds {
			check("title", e.Title, 1, 256)
			check("description", e.Description, 0, 4096)
			for _, f := range e.Fields {
				check("name", f.Name, 1, 256)
				check("value", f.Value, 1, 1024)
			}
		}
		if total > 6000 || len(m.Embeds) > 10 || len(m.Embeds) == 0 {
			t.Errorf("%d notices make %d embeds with %d characters, Discord takes 10 with 6000", n, len(m.Embeds), total)
		}
		check("content", m.Content, 1, 2000)
		if m.Mentions.Parse == nil || len(m.Mentions.Parse) != 0 {
			t.Errorf("allowed mentions = %v, want none", m.Mentions.Parse)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	channeltest.Faults(t, func(ctx context.Context, address string) (string, error) {
		return client(address).Send(ctx, channeltest.Parcel(alert.KindFiring))
	})
}

func TestWaitOfTheBody(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]time.Duration{
		`{"message": "You are being rate limited.", "retry_after": 64.57, "global": false}`: 64570 * time.Millisecond,
		`{"retry_after": 1e30}`: letter.LongestWait,
		`{"retry_after": -3}`:   0,
		`not JSON`:              0,
	} {
		address, _ := channeltest.Receiver(t, 429, body)
		_, err := client(address).Send(t.Context(), channeltest.Parcel(alert.KindFiring))
		var e *letter.SendError
		if !errors.As(err, &e) || e.Permanent || e.RetryAfter != want {
			t.Errorf("Send(429 %s) = %v, want a wait of %s", body, err, want)
		}
	}
}

// A real answer is longer than what is kept of it.
func TestAnswerLongerThanIsKept(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"id":"77","content":"` + strings.Repeat("x", 5000) + `"}`: "message 77",
		`{"content":"` + strings.Repeat("x", 5000) + `","id":"77"}`: "message unnamed",
	} {
		address, _ := channeltest.Receiver(t, 200, answer)
		if got, err := client(address).Send(t.Context(), channeltest.Parcel(alert.KindFiring)); err != nil || got != want {
			t.Errorf("Send = %q, %v, want %q", got, err, want)
		}
	}
}

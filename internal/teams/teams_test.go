package teams_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/channeltest"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/teams"
)

type element struct {
	Type, Text, Color string
	Wrap              bool
	Facts             []struct{ Title, Value string }
	Actions           []struct{ Type, Title, URL string }
}

type envelope struct {
	Type        string
	Attachments []struct {
		ContentType string
		ContentURL  *string
		Content     struct {
			Type, Version string
			Body          []element
		}
	}
}

func client(address string) teams.Client {
	return teams.Client{URL: address, Speak: channeltest.Speak, Post: channeltest.Post, Now: channeltest.At}
}

func sent(t *testing.T, p alert.Parcel) ([]element, []byte) {
	t.Helper()
	address, got := channeltest.Receiver(t, 202, "")
	if answer, err := client(address).Send(t.Context(), p); err != nil || answer != "accepted" {
		t.Fatalf("Send = %q, %v, want accepted", answer, err)
	}
	body := got()
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		t.Fatalf("Teams could not read %s: %v", body, err)
	}
	if e.Type != "message" || len(e.Attachments) != 1 || e.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" || e.Attachments[0].ContentURL != nil {
		t.Fatalf("envelope = %+v, want a message with one card", e)
	}
	card := e.Attachments[0].Content
	if card.Type != "AdaptiveCard" || card.Version != "1.2" {
		t.Errorf("card is %s %s, want AdaptiveCard 1.2", card.Type, card.Version)
	}
	return card.Body, body
}

func TestSend(t *testing.T) {
	t.Parallel()
	card, body := sent(t, channeltest.Parcel(alert.KindFiring))
	if card[0].Text != `\[CRITICAL\] Too many requests fail` || card[0].Color != "Attention" {
		t.Errorf("first block = %+v, want the title in the colour of critical", card[0])
	}
	for _, want := range []string{"17 of 61 = 27.87% in 5m", "/admin/runbook#errors", "Take it on", "Version 3.2.1, 2m before"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the card does not say %q: %s", want, body)
		}
	}
	if card, _ := sent(t, channeltest.Parcel(alert.KindResolved)); card[0].Color != "Good" {
		t.Errorf("colour of resolved = %s, want Good", card[0].Color)
	}
}

func TestSendStaysWithinTheLimits(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 10, 60} {
		card, body := sent(t, channeltest.Hostile(n))
		channeltest.Clean(t, body)
		if len(body) > 28<<10 {
			t.Errorf("%d notices make %d bytes, Teams takes 28 KB", n, len(body))
		}
		for _, e := range card {
			texts := []string{e.Text}
			for _, f := range e.Facts {
				texts = append(texts, f.Title, f.Value)
			}
			for _, s := range texts {
				if strings.Contains(s, "<") || strings.Contains(s, "](") || strings.Contains(s, "{{") {
					t.Errorf("the card says %q, which Teams could take for markup", s)
				}
			}
			if e.Type == "TextBlock" && (!e.Wrap || e.Text == "") {
				t.Errorf("block %+v is empty or cut off at the edge", e)
			}
			if len(e.Actions) > 6 {
				t.Errorf("%d actions, Teams shows 6", len(e.Actions))
			}
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	channeltest.Faults(t, func(ctx context.Context, address string) (string, error) {
		return client(address).Send(ctx, channeltest.Parcel(alert.KindFiring))
	})
}

// The gateway answers 200 for what the channel refused.
func TestRefusalBehindTheGateway(t *testing.T) {
	t.Parallel()
	address, _ := channeltest.Receiver(t, 200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429")
	_, err := client(address).Send(t.Context(), channeltest.Parcel(alert.KindFiring))
	var e *letter.SendError
	if !errors.As(err, &e) || e.Permanent || !strings.Contains(e.Reason, "429") || !strings.Contains(e.Reason, "check TEAMS_WEBHOOK_URL") {
		t.Errorf("Send = %v, want an error that can be tried again", err)
	}
	address, _ = channeltest.Receiver(t, 404, "gone")
	if _, err := client(address).Send(t.Context(), channeltest.Parcel(alert.KindFiring)); err == nil || !strings.Contains(err.Error(), "owner has left") {
		t.Errorf("Send(404) = %v, want the likely cause", err)
	}
}

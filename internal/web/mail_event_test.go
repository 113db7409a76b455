package web_test

import (
	"net/http"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
)

func TestMailEvents(t *testing.T) {
	t.Parallel()
	report := web.MailEvent{}
	var refused error
	s := newSite(t, func(c *web.Config) {
		c.MailEvent = func(http.Header, []byte, time.Time) (web.MailEvent, error) { return report, refused }
	})
	v, id := finished(t, s)
	s.work(t)
	mails, err := s.deliver.Mails(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var mine deliver.MailStatus
	for _, m := range mails {
		if m.Kind == deliver.MailClient {
			mine = m
		}
	}
	s.effects(t, id, store.Effects{Mails: []store.Mail{{ID: mine.ID, Session: id, Kind: mine.Kind, State: store.MailSent, Provider: "resend", ProviderID: "p1"}}})
	for _, tt := range []struct {
		name    string
		report  web.MailEvent
		refused error
		status  int
		want    string
	}{
		{"not signed", web.MailEvent{}, http.ErrNoCookie, 401, ">Sent<"},
		{"of an unknown mail", web.MailEvent{ProviderID: "p2", State: store.MailBounced}, nil, 200, ">Sent<"},
		{"opened", web.MailEvent{ProviderID: "p1"}, nil, 200, ">Sent<"},
		{"delivered", web.MailEvent{ProviderID: "p1", State: store.MailDelivered}, nil, 200, ">Delivered<"},
		{"bounced", web.MailEvent{ProviderID: "p1", State: store.MailBounced, Reason: "no such box"}, nil, 200, ">Bounced<"},
		{"delivered, late", web.MailEvent{ProviderID: "p1", State: store.MailDelivered}, nil, 200, ">Bounced<"},
	} {
		report, refused = tt.report, tt.refused
		if a, _ := s.visitor(t).call(http.MethodPost, "/api/webhooks/resend", "", `{}`); a.Code != tt.status {
			t.Errorf("a report %s = %d, want %d", tt.name, a.Code, tt.status)
		}
		v.get("/success").holds(t, tt.want)
	}
	if a, _ := newSite(t).visitor(t).call(http.MethodPost, "/api/webhooks/resend", "", `{}`); a.Code != http.StatusNotFound {
		t.Errorf("a report where nobody expects one = %d, want 404", a.Code)
	}
}

package letter_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/channeltest"
	"applicreations.com/introspect/internal/letter"
)

func oncall() letter.Address { return letter.Address{Name: "David", Email: "david@applicreations.com"} }

func told(kind alert.NoticeKind) speak.Message {
	return channeltest.Speak(context.Background(), channeltest.Parcel(kind))
}

// alerts are the mails about alerts, for the golden files.
func alerts() map[string]letter.Message {
	day := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	return map[string]letter.Message{
		"alert_firing":   letter.Alert(agency(), oncall(), told(alert.KindFiring)),
		"alert_resolved": letter.Alert(agency(), oncall(), told(alert.KindResolved)),
		"alert_digest":   letter.Digest(agency(), oncall(), day, []speak.Message{told(alert.KindFiring), told(alert.KindReminder)}),
	}
}

func TestAlertMailsOfOneEpisodeAreOneThread(t *testing.T) {
	t.Parallel()
	firing, over := letter.Alert(agency(), oncall(), told(alert.KindFiring)), letter.Alert(agency(), oncall(), told(alert.KindResolved))
	if firing.Headers.Thread == "" || firing.Headers.Thread != over.Headers.Thread || firing.ID == over.ID {
		t.Errorf("threads %q and %q, ids %q and %q: want one thread of two mails", firing.Headers.Thread, over.Headers.Thread, firing.ID, over.ID)
	}
	if again := letter.Alert(agency(), oncall(), told(alert.KindFiring)); again.ID != firing.ID {
		t.Errorf("the same parcel has the ids %q and %q", firing.ID, again.ID)
	}
	var names []string
	for _, f := range firing.Headers.Fields() {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "Auto-Submitted In-Reply-To References" {
		t.Errorf("headers = %s", got)
	}
	firing.Headers.Thread = "a@b>\r\nBcc: x"
	if firing.Check() == nil {
		t.Error("a thread with a line break passes")
	}
}

func TestHostileAlertMail(t *testing.T) {
	t.Parallel()
	m := letter.Alert(agency(), oncall(), channeltest.Speak(t.Context(), channeltest.Hostile(12)))
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{m.Subject, m.Text, m.HTML} {
		channeltest.Clean(t, []byte(part))
	}
	if strings.Contains(m.HTML, "<script>alert") || strings.Contains(m.HTML, "<!channel>") {
		t.Error("a label became HTML")
	}
	if n := len([]rune(m.Subject)); n > 100 {
		t.Errorf("subject has %d characters", n)
	}
}

func TestDigestOfNothing(t *testing.T) {
	t.Parallel()
	m := letter.Digest(agency(), oncall(), time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), nil)
	if err := m.Check(); err != nil || m.Subject != "Daily digest: 0 alerts" {
		t.Errorf("digest of nothing: %q, %v", m.Subject, err)
	}
}

package speak_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/channeltest"
)

// What is over says from when to when, and calls nobody to take it on.
func TestWhatIsOver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind alert.NoticeKind
		took time.Duration
		want string
	}{
		{alert.KindResolved, 6 * time.Minute, "Nov 27, 09:00 to 09:06 UTC, 6m"},
		{alert.KindMissed, 6 * time.Minute, "Nov 27, 09:00 to 09:06 UTC, 6m"},
		{alert.KindMissed, 16 * time.Hour, "Nov 27, 09:00 to Nov 28, 01:00 UTC, 16h"},
	} {
		p := channeltest.Parcel(tt.kind)
		n := &p.Notices[0]
		n.To, n.At = n.From.Add(tt.took), n.From.Add(72*time.Hour)
		m := speak.Voice{Base: "https://example.com"}.Speak(p, nil)
		if got := m.Items[0].Facts(); got[1] != [2]string{"From", tt.want} {
			t.Errorf("%s: facts = %v, want From %s", tt.kind, got, tt.want)
		}
		if m.Title[:6] != "[OVER]" {
			t.Errorf("%s: title %q, want that it is over", tt.kind, m.Title)
		}
		for _, l := range m.Items[0].Links {
			if l.Label == "Take it on" {
				t.Errorf("%s asks to take on what is over", tt.kind)
			}
		}
	}
}

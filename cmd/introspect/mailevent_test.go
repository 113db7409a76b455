package main

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/signature"
)

// TestMailEvents sends reports as Resend does, signed and not.
func TestMailEvents(t *testing.T) {
	t.Parallel()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	key, err := signature.Parse(secret)
	if err != nil {
		t.Fatal(err)
	}
	with := serving(t, map[string]string{"DATA_DIR": t.TempDir(), "RESEND_WEBHOOK_SECRET": secret})
	without := serving(t, map[string]string{"DATA_DIR": t.TempDir()})
	const delivered = `{"type":"email.delivered","created_at":"2026-11-27T12:00:00Z","data":{"email_id":"e1"}}`
	for _, tt := range []struct {
		name   string
		server *process
		body   string
		signed bool
		at     time.Time
		want   int
	}{
		{"of a mail that nobody knows", with, delivered, true, time.Now(), 200},
		{"of something else", with, `{"type":"email.opened","data":{"email_id":"e1"}}`, true, time.Now(), 200},
		{"that cannot be understood", with, `not JSON`, true, time.Now(), 200},
		{"without a signature", with, delivered, false, time.Now(), 401},
		{"of yesterday", with, delivered, true, time.Now().Add(-24 * time.Hour), 401},
		{"where no secret is set", without, delivered, true, time.Now(), 404},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.server.base+"/api/webhooks/resend", strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		if tt.signed {
			req.Header.Set("Svix-Id", "msg_1")
			req.Header.Set("Svix-Timestamp", strconv.FormatInt(tt.at.Unix(), 10))
			req.Header.Set("Svix-Signature", key.Sign("msg_1", tt.at, []byte(tt.body)))
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("a report %s = %d, want %d\n%s", tt.name, resp.StatusCode, tt.want, body)
		}
	}
}

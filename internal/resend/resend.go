// Package resend speaks to the Resend mail API: it sends a message, asks whether
// the API can be reached with our key (S20), and reads the signed events that
// tell what became of a mail. It does not retry and does not decide what an
// unreachable vendor means; internal/health and the work that sends do. Start
// with Client.Send, Client.Check and VerifyWebhook.
package resend

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Vendor is the base URL of the public API.
const Vendor = "https://api.resend.com"

// Client reaches one vendor with one key.
type Client struct {
	BaseURL string // empty: Vendor
	Key     string
	Timeout time.Duration    // of one Send; 0: 10 seconds
	Now     func() time.Time // reads dates in answers; nil: time.Now
}

// Check sends HEAD /emails, as the seed's health endpoint does (S20). It
// returns nil on a 2xx answer. The deadline is the context's; the error never
// contains the key.
func (c Client) Check(ctx context.Context) error {
	base := c.BaseURL
	if base == "" {
		base = Vendor
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, strings.TrimRight(base, "/")+"/emails", http.NoBody)
	if err != nil {
		return fmt.Errorf("build request for the mail service: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Key)

	client := http.Client{CheckRedirect: stay}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("reach the mail service: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing that was read can be lost
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("reach the mail service: answered %d", resp.StatusCode)
	}
	return nil
}

// stay follows no redirect: a vendor that answers with one is not the vendor
// we hold a key for.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

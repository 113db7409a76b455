// Package resend speaks to the Resend mail API, and so far only to ask whether
// it can be reached with our key (S20). It sends no mail and knows no address.
// It does not decide what an unreachable vendor means; internal/health does.
// Start with Client.Check.
package resend

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Vendor is the base URL of the public API.
const Vendor = "https://api.resend.com"

// Client reaches one vendor with one key. The zero BaseURL means Vendor.
type Client struct {
	BaseURL string
	Key     string
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

	// A redirect is not followed: a vendor that answers with one is not the
	// vendor we hold a key for.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
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

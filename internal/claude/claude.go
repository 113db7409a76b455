// Package claude speaks to the Anthropic API: it asks a model for advice on one
// turn of a conversation, and whether the vendor can be reached with our key
// (S19).
//
// It sends what it is given, which must be redacted already, and believes
// nothing that comes back; package advice does the reviewing. It never decides
// what a missing advice means: a failed call is a turn by rules. Start with
// Advisor.Ask, and Client.Check for the health page.
package claude

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Vendor is the base URL of the public API.
const Vendor = "https://api.anthropic.com"

// version is the API version that the health check names (S19).
const version = "2023-06-01"

// Client reaches one vendor with one key. The zero BaseURL means Vendor.
type Client struct {
	BaseURL string
	Key     string
}

// Check lists the models, as the seed's health endpoint does (S19). It
// returns nil on a 2xx answer. The deadline is the context's; the error never
// contains the key.
func (c Client) Check(ctx context.Context) error {
	base := c.BaseURL
	if base == "" {
		base = Vendor
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(base, "/")+"/v1/models", http.NoBody)
	if err != nil {
		return fmt.Errorf("build request for the model list: %w", err)
	}
	req.Header.Set("x-api-key", c.Key)
	req.Header.Set("anthropic-version", version)

	// A redirect is not followed: net/http would carry x-api-key to whatever
	// host the answer names.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("list models: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing that was read can be lost
	// Reading a little lets the connection be used again; the list is not needed.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("list models: answered %d", resp.StatusCode)
	}
	return nil
}

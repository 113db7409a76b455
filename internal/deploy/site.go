package deploy

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// statusDegraded is what /api/health says when a vendor is down.
const statusDegraded = "degraded"

// report is what we read of /api/health.
type report struct {
	Code    int    `json:"-"`
	Status  string `json:"status"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Checks  struct {
		Database bool `json:"database"`
	} `json:"checks"`
}

// serves reports whether clients can be served. A vendor that was down before
// the deployment says nothing against the release.
func (h report) serves(degraded bool) bool {
	return h.Code == http.StatusOK || degraded && h.Status == statusDegraded && h.Checks.Database
}

func (h report) words(err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("status %d, %s", h.Code, h.Status)
}

// health asks the site how it is. The error means that Introspect did not
// answer; a bad state is no error.
func (r *run) health(ctx context.Context) (report, error) {
	var h report
	code, err := r.read(ctx, "/api/health", "", &h)
	h.Code = code
	if err == nil && h.Status == "" {
		err = fmt.Errorf("status %d without a report", code)
	}
	return h, err
}

// traffic is how many requests the dashboard knows, and how many of them were
// answered with an error of ours.
type traffic struct{ requests, errors int }

func (t traffic) rate() float64 {
	if t.requests == 0 {
		return 0
	}
	return float64(t.errors) / float64(t.requests)
}

// traffic reads the figures of the dashboard.
func (r *run) traffic(ctx context.Context) (traffic, error) {
	var d struct {
		Performance struct {
			Requests int `json:"requests"`
			Errors   int `json:"errors"`
		} `json:"performance"`
	}
	code, err := r.read(ctx, "/api/admin/metrics", r.Token, &d)
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("the figures answer %d; INTROSPECT_ADMIN_TOKEN has to be a token of this installation", code)
	}
	return traffic{d.Performance.Requests, d.Performance.Errors}, err
}

// operations is what we read of /api/admin/operations.
type operations struct {
	Backups struct {
		Kept     bool      `json:"kept"`
		NewestAt time.Time `json:"newestAt"`
		Problem  string    `json:"problem"`
	} `json:"backups"`
	Firing []struct {
		Rule     string `json:"rule"`
		Severity string `json:"severity"`
		Muted    string `json:"muted"`
	} `json:"firing"`
}

// operations asks the installation for its backups and alerts. One that does
// not answer, or is older than the question, is not asked: the deployment may
// be what mends it.
func (r *run) operations(ctx context.Context) (operations, error) {
	var o operations
	if r.Token == "" {
		return o, skipped("INTROSPECT_ADMIN_TOKEN is not set, so the installation is not asked; make one with: introspect token create NAME")
	}
	code, err := r.read(ctx, "/api/admin/operations", r.Token, &o)
	switch {
	case code == http.StatusUnauthorized:
		return o, errors.New("the installation answers 401; INTROSPECT_ADMIN_TOKEN has to be a token of it: introspect token create NAME")
	case code == http.StatusNotFound:
		return o, skipped("the release that serves cannot tell yet; look at /admin/operations")
	case err != nil || code != http.StatusOK:
		return o, skipped("the installation cannot tell (%s)", cmp.Or(wordsOf(err), fmt.Sprintf("status %d", code)))
	}
	return o, nil
}

func wordsOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// maxAnswer is far above the longest report.
const maxAnswer = 4 << 20

func (r *run) read(ctx context.Context, path, bearer string, into any) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL+path, http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("APP_URL is %q: %w", r.URL, err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := r.HTTP.Do(req)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", path, err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing that was read can be lost
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return resp.StatusCode, fmt.Errorf("read %s: %w", path, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return resp.StatusCode, fmt.Errorf("status %d without a report", resp.StatusCode)
	}
	return resp.StatusCode, nil
}

// tell posts what became of the deployment to the monitoring webhook (S40).
func (r *run) tell(ctx context.Context, status string) error {
	body, err := json.Marshal(map[string]string{"event": "deployment", "version": r.Version, "status": status})
	if err != nil {
		return fmt.Errorf("encode the message: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Webhook, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("MONITORING_WEBHOOK_URL is no address") //nolint:perfsprint // its value may hold a secret and is left out
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.HTTP.Do(req)
	if err != nil {
		// The address of a webhook is a secret, and net/http repeats it.
		return fmt.Errorf("%s", strings.ReplaceAll(err.Error(), r.Webhook, "the webhook"))
	}
	_ = resp.Body.Close() // its answer says nothing but the status
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("it answered %d", resp.StatusCode)
	}
	return nil
}

package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// canaryHeader marks everything that this package sends.
const canaryHeader = "X-Introspect-Canary"

// maxAnswer is far above the longest page.
const maxAnswer = 4 << 20

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call makes one request. A body other than nil is sent as JSON, and a bearer
// other than "" proves who asks.
func (r *run) call(ctx context.Context, method, path, bearer string, body any) (answer, error) {
	var in io.Reader = http.NoBody
	if body != nil {
		plain, err := json.Marshal(body)
		if err != nil {
			return answer{}, fmt.Errorf("encode the body of %s %s: %w", method, path, err)
		}
		in = bytes.NewReader(plain)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.URL+path, in)
	if err != nil {
		return answer{}, fmt.Errorf("the address %q cannot be used: %w; give one such as https://intake.example.com", r.URL, err)
	}
	req.Header.Set("User-Agent", "introspect-smoke")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	if r.Token != "" {
		req.Header.Set(canaryHeader, r.Token)
	}
	resp, err := r.Client.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing that was read can be lost
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, text}, nil
}

// expect calls and wants a certain status; into takes the JSON of the answer
// unless it is nil.
func (r *run) expect(ctx context.Context, status int, method, path, bearer string, body, into any) (answer, error) {
	a, err := r.call(ctx, method, path, bearer, body)
	if err != nil {
		return a, err
	}
	if a.status != status {
		return a, fmt.Errorf("%s %s answered %d, want %d%s", method, path, a.status, status, a.excuse())
	}
	if into == nil {
		return a, nil
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return a, fmt.Errorf("%s %s answered something else than the JSON of Introspect; is a proxy in front? %w", method, path, err)
	}
	return a, nil
}

// excuse is what a problem of our API says of itself.
func (a answer) excuse() string {
	var p struct {
		Detail string `json:"detail"`
	}
	if json.Unmarshal(a.body, &p) != nil || p.Detail == "" {
		return ""
	}
	return ": " + strings.TrimSuffix(p.Detail, ".")
}

// errNoToken says why the steps of the owner cannot be done.
var errNoToken = errors.New("there is no token; make one with introspect token create smoke, and set INTROSPECT_ADMIN_TOKEN to it")

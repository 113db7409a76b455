package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// packAbove is the size from which a body is packed.
const packAbove = 1 << 10

// maxAnswer bounds what is read of an answer: 500 verdicts with hints are
// far smaller.
const maxAnswer = 1 << 20

// Refused is an answer other than 200: nothing got a verdict.
type Refused struct {
	Status     int
	Problem    string        // kind of the problem, such as rate_limited; empty when the answer tells none
	Detail     string        // for people
	RetryAfter time.Duration // 0: none was given
}

// Error implements error.
func (r *Refused) Error() string {
	return fmt.Sprintf("the collector answers %d %s: %s", r.Status, r.Problem, r.Detail)
}

// run sends until ctx ends.
func (c *Client) run(ctx context.Context) {
	defer close(c.done)
	for {
		timer := time.NewTimer(c.opt.FlushEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-c.kick:
		case <-timer.C:
		}
		timer.Stop()
		c.drain(ctx)
	}
}

// drain sends until nothing waits.
func (c *Client) drain(ctx context.Context) {
	most := MaxBatch
	for failures := 0; ctx.Err() == nil; {
		c.mu.Lock()
		batch, lost := c.q.take(most), c.q.untold
		c.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		verdicts, wait, err := c.post(ctx, batch, lost, failures+1)
		if refused, ok := errors.AsType[*Refused](err); ok && refused.Status == http.StatusRequestEntityTooLarge {
			if most = len(batch) / 2; most > 0 {
				c.settle(nil, 0, nil)
				continue
			}
			most, verdicts, err = 1, []Verdict{{ID: batch[0].id, Result: "drop", Details: "too_large", Hint: refused.Detail}}, nil
		}
		if err != nil {
			lost = 0
		}
		if c.settle(verdicts, lost, err) == 0 {
			failures = 0
			continue
		}
		failures++
		rest(ctx, c.pause(failures, wait))
	}
}

// settle takes over the outcome of one attempt and returns how many events of
// it still wait.
func (c *Client) settle(verdicts []Verdict, told int, err error) (left int) {
	done := make(map[string]bool, len(verdicts))
	for _, v := range verdicts {
		if v.Result != "retry" {
			done[v.ID] = true
		}
	}
	c.mu.Lock()
	left = c.q.settle(done)
	if err == nil && left > 0 && len(verdicts) > 0 {
		err = fmt.Errorf("the collector wants %d events later", left)
	}
	c.q.untold -= told
	c.failure = err
	close(c.settled)
	c.settled = make(chan struct{})
	c.mu.Unlock()
	if err != nil && c.opt.OnError != nil {
		c.opt.OnError(err)
	}
	if c.opt.OnVerdict != nil {
		for _, v := range verdicts {
			c.opt.OnVerdict(v)
		}
	}
	return left
}

// post makes one attempt. wait is how long the server asks for.
func (c *Client) post(ctx context.Context, batch []item, lost, attempt int) (verdicts []Verdict, wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.opt.Timeout)
	defer cancel()
	req, err := c.request(ctx, batch, lost, attempt)
	if err != nil {
		return nil, 0, err
	}
	resp, err := c.opt.HTTP.Do(req)
	if err != nil {
		return nil, 0, fmt.Errorf("send %d events: %w", len(batch), err)
	}
	defer func() { _ = resp.Body.Close() }() // Only read from.
	wait = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, wait, fmt.Errorf("read the verdicts on %d events: %w", len(batch), err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, wait, refusal(resp.StatusCode, body, wait)
	}
	var report struct {
		Results []Verdict `json:"results"`
	}
	if err := json.Unmarshal(body, &report); err != nil {
		return nil, wait, fmt.Errorf("read the verdicts on %d events: %w", len(batch), err)
	}
	return report.Results, wait, nil
}

func refusal(status int, body []byte, wait time.Duration) *Refused {
	r := &Refused{Status: status, RetryAfter: wait}
	var p struct{ Type, Detail string }
	if json.Unmarshal(body, &p) == nil {
		r.Problem = p.Type[bytes.LastIndexByte([]byte(p.Type), ':')+1:]
		r.Detail = p.Detail
	}
	return r
}

// envelope is what a body says besides its events.
type envelope struct {
	SDK      string            `json:"sdk"`
	SentAt   time.Time         `json:"sent_at"` // of this attempt, so that the server can correct our clock
	SentMono float64           `json:"sent_mono"`
	Attempt  int               `json:"attempt"`
	Dropped  int               `json:"dropped,omitempty"`
	Privacy  string            `json:"privacy,omitempty"`
	Events   []json.RawMessage `json:"events"`
}

func (c *Client) request(ctx context.Context, batch []item, lost, attempt int) (*http.Request, error) {
	now := time.Now()
	e := envelope{SDK: "introspect-go/1", SentAt: now, SentMono: c.steady(now), Attempt: attempt, Dropped: lost}
	if c.opt.Anonymous {
		e.Privacy = "anonymous"
	}
	for _, i := range batch {
		e.Events = append(e.Events, i.text)
	}
	body, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode %d events: %w", len(batch), err)
	}
	packed := len(body) > packAbove
	if packed {
		var zip bytes.Buffer
		z := gzip.NewWriter(&zip)
		_, _ = z.Write(body) // A bytes.Buffer takes everything.
		_ = z.Close()
		body = zip.Bytes()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("address the collector: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "introspect-go/1")
	if packed {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if c.opt.WriteKey != "" {
		req.Header.Set("Authorization", "Bearer "+c.opt.WriteKey)
	}
	return req, nil
}

// pause is how long to rest after so many failures in a row: twice as long
// each time, never less than the server asks for, and a little different for
// every client, so that they do not all come back at once.
func (c *Client) pause(failures int, asked time.Duration) time.Duration {
	own := c.opt.MinPause
	for range failures - 1 {
		if own = min(own*2, c.opt.MaxPause); own == c.opt.MaxPause {
			break
		}
	}
	return max(asked, own/2) + rand.N(own/2+1) //nolint:gosec // spreads requests, keeps no secret
}

// rest waits, but no longer than ctx lasts.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// retryAfter reads a header that holds seconds or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

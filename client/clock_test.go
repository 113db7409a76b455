package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"applicreations.com/introspect/client"
)

// wire answers requests without a network, so that a bubble's clock can run
// ahead while nothing happens.
type wire func(q request) *http.Response

// RoundTrip implements http.RoundTripper.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if resp := w(read(body, r.Header)); resp != nil {
		return resp, nil
	}
	return nil, errors.New("no route to host")
}

func reply(status int, body string, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// fine accepts everything.
func fine(q request) *http.Response {
	var results []map[string]string
	for _, e := range q.Events {
		results = append(results, map[string]string{"id": e.ID, "result": "ok"})
	}
	body, err := json.Marshal(map[string]any{"results": results})
	if err != nil {
		return nil
	}
	return reply(http.StatusOK, string(body))
}

func TestPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		answers := []func(request) *http.Response{
			func(request) *http.Response { return nil },
			func(request) *http.Response { return reply(500, "") },
			func(request) *http.Response { return reply(429, "") },
			func(request) *http.Response { return reply(507, "", "Retry-After", "3600") },
			func(request) *http.Response {
				return reply(503, "", "Retry-After", time.Now().Add(30*time.Minute).UTC().Format(http.TimeFormat))
			},
			func(request) *http.Response { return reply(503, "", "Retry-After", "soon") },
			func(q request) *http.Response {
				return reply(200, fmt.Sprintf(`{"results":[{"id":%q,"result":"retry"}]}`, q.Events[0].ID), "Retry-After", "600")
			},
			func(request) *http.Response { return reply(503, "") },
			fine, func(request) *http.Response { return reply(503, "") }, fine,
		}
		c := start(t, "https://intake.example.com", client.Options{HTTP: &http.Client{Transport: wire(func(q request) *http.Response {
			at = append(at, time.Now())
			return answers[len(at)-1](q)
		})}})
		for range 2 {
			track(t, c, 1)
			if err := c.Flush(t.Context()); err != nil {
				t.Fatalf("Flush: %v", err)
			}
		}
		s := time.Second
		for i, want := range []struct{ least, most time.Duration }{
			{s / 2, s},
			{s, 2 * s},
			{2 * s, 4 * s},
			{time.Hour, time.Hour + 4*s},
			{30*time.Minute - s, 30*time.Minute + 8*s},
			{16 * s, 32 * s},
			{10 * time.Minute, 10*time.Minute + 32*s},
			{64 * s, 128 * s},
			{0, 0},
			{s / 2, s},
		} {
			if got := at[i+1].Sub(at[i]); got < want.least || got > want.most {
				t.Errorf("pause %d = %v, want %v to %v", i+1, got, want.least, want.most)
			}
		}
	})
}

func TestLongestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		c := start(t, "https://intake.example.com", client.Options{HTTP: &http.Client{Transport: wire(func(q request) *http.Response {
			if at = append(at, time.Now()); len(at) == 20 {
				return fine(q)
			}
			return nil
		})}})
		track(t, c, 1)
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := at[19].Sub(at[18]); got < client.DefaultMaxPause/2 || got > client.DefaultMaxPause {
			t.Errorf("pause 19 = %v, want at most %v", got, client.DefaultMaxPause)
		}
	})
}

// TestFullQueue lets a queue of five overflow while nothing gets through.
func TestFullQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var last []request
		up := false
		c := start(t, "https://intake.example.com", client.Options{MaxQueue: 5, HTTP: &http.Client{Transport: wire(func(q request) *http.Response {
			last = append(last, q)
			if up {
				return fine(q)
			}
			return nil
		})}})
		for i := range 8 {
			if err := c.Track(client.Event{ID: fmt.Sprint("id-", i), Name: "shop_event", SessionID: session}); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(client.DefaultFlushEvery + time.Millisecond)
		synctest.Wait()
		if got := c.Dropped(); got != 3 || len(last) != 1 || last[0].Dropped != 3 {
			t.Errorf("dropped %d, told %+v, want 3", got, last)
		}
		up = true
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		track(t, c, 1)
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if q := last[1]; q.Dropped != 3 || len(q.Events) != 5 || q.Events[0].ID != "id-3" {
			t.Errorf("sent %+v, want the newest five and the loss of three", q)
		}
		if q := last[2]; q.Dropped != 0 {
			t.Errorf("the loss is told again: %+v", q)
		}
	})
}

func TestWhenToSend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		c := start(t, "https://intake.example.com", client.Options{HTTP: &http.Client{Transport: wire(func(q request) *http.Response {
			sizes = append(sizes, len(q.Events))
			return fine(q)
		})}})
		track(t, c, 49)
		synctest.Wait()
		if len(sizes) != 0 {
			t.Errorf("49 events are sent at once: %v", sizes)
		}
		track(t, c, 1)
		synctest.Wait()
		track(t, c, 1)
		<-time.After(client.DefaultFlushEvery)
		synctest.Wait()
		if got := fmt.Sprint(sizes); got != "[50 1]" {
			t.Errorf("requests of %s events, want fifty at once and one after half a minute", got)
		}
	})
}

// TestCloseInTime ends a client whose peer is dead.
func TestCloseInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := start(t, "https://intake.example.com", client.Options{HTTP: &http.Client{Transport: wire(func(request) *http.Response { return nil })}})
		track(t, c, 3)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begun := time.Now()
		err := c.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "3 events still wait") || !strings.Contains(err.Error(), "no route to host") {
			t.Errorf("Close err = %v, want what is lost and why", err)
		}
		if took := time.Since(begun); took != time.Minute {
			t.Errorf("Close took %v, want a minute", took)
		}
		if err := c.Flush(t.Context()); !errors.Is(err, client.ErrClosed) {
			t.Errorf("Flush after Close err = %v, want ErrClosed", err)
		}
	})
}

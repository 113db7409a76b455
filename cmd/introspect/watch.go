package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/lookout"
	"applicreations.com/introspect/internal/veil"
)

// How other installations are watched.
const (
	watchEvery   = 20 * time.Second
	watchTimeout = 5 * time.Second
	// watchPending is how many notices are kept for a webhook that does not
	// answer.
	watchPending = 100
)

// watcher watches installations from another host.
type watcher struct {
	targets []string // without a slash at their end
	control string   // somebody else's address, to tell an outage from one of our network
	webhook string   // gets notices; empty: they are only logged
	client  *http.Client
	log     *slog.Logger
	now     func() time.Time

	lookout lookout.Lookout
	pending []lookout.Notice
}

// watchOthers probes /readyz of other installations until it is stopped.
func watchOthers(ctx context.Context, env environment, args []string) error {
	f := flag.NewFlagSet("watch", flag.ContinueOnError)
	f.SetOutput(env.err)
	webhook := f.String("webhook", env.get("WATCH_WEBHOOK_URL"), "address that gets notices in the form of Slack (WATCH_WEBHOOK_URL)")
	control := f.String("control", env.get("WATCH_CONTROL_URL"), "somebody else's address, asked when nothing answers (WATCH_CONTROL_URL)")
	every := f.Duration("every", watchEvery, "time between two probes")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if *control == "" {
		*control = controlHost
	}
	w := &watcher{control: *control, webhook: *webhook, client: &http.Client{Timeout: watchTimeout}, now: time.Now}
	w.log = slog.New(veil.New(slog.NewTextHandler(env.err, nil)))
	if err := w.check(f.Args(), *every); err != nil {
		return err
	}
	if w.webhook == "" {
		w.log.WarnContext(ctx, "no webhook is set, so notices are only logged; set WATCH_WEBHOOK_URL or --webhook")
	}
	t := time.NewTicker(*every)
	defer t.Stop()
	return w.run(ctx, t.C)
}

// check judges what was given.
func (w *watcher) check(urls []string, every time.Duration) error {
	if len(urls) == 0 {
		return errors.New("nothing to watch; name the addresses of installations, e.g. introspect watch https://intake.example.com")
	}
	for _, u := range urls {
		if !httpAddress(u) {
			return fmt.Errorf("%q is no address; it has to begin with https:// or http://", u)
		}
		w.targets = append(w.targets, strings.TrimRight(u, "/"))
	}
	if every < time.Second {
		return fmt.Errorf("--every is %s; probe once a second at most", every)
	}
	if w.webhook != "" && !httpAddress(w.webhook) {
		return errors.New("the webhook is no address; it has to begin with https:// or http://")
	}
	return nil
}

// run probes at once and at every tick, until ctx ends.
func (w *watcher) run(ctx context.Context, ticks <-chan time.Time) error {
	for {
		w.round(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticks:
		}
	}
}

// round probes all targets at once and tells what came of it. What a round
// meets while the program is stopped counts for nothing.
func (w *watcher) round(ctx context.Context) {
	outcomes := make([]lookout.Outcome, len(w.targets))
	var all sync.WaitGroup
	for i, target := range w.targets {
		all.Go(func() { outcomes[i] = lookout.Outcome{Target: target, Fault: w.probe(ctx, target+"/readyz", false)} })
	}
	all.Wait()
	notices := w.lookout.Round(w.now(), outcomes, func() bool { return w.probe(ctx, w.control, true) == "" })
	if ctx.Err() != nil {
		return
	}
	for _, n := range notices {
		level := slog.LevelWarn
		if n.Kind == lookout.Up || n.Kind == lookout.Sighted {
			level = slog.LevelInfo
		}
		w.log.Log(ctx, level, n.Text()) //nolint:sloglint // the text is the message
		if n.Pages() && w.webhook != "" {
			w.pending = append(w.pending, n)
		}
	}
	w.pending = w.pending[max(0, len(w.pending)-watchPending):]
	w.deliver(ctx)
}

// probe fetches an address and says what is wrong. Of the control host any
// answer will do: it only has to be reached.
func (w *watcher) probe(ctx context.Context, address string, any bool) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err.Error()
	}
	req.Header.Set("User-Agent", "introspect-watch/"+version)
	resp, err := w.client.Do(req)
	if err != nil {
		return err.Error()
	}
	_ = resp.Body.Close() // only the status counts
	if !any && resp.StatusCode != http.StatusOK {
		return fmt.Sprintf("status %d", resp.StatusCode)
	}
	return ""
}

// deliver posts what is pending, in order; what fails is tried again with the
// next round.
func (w *watcher) deliver(ctx context.Context) {
	for len(w.pending) > 0 {
		if err := w.post(ctx, w.pending[0]); err != nil {
			if ctx.Err() == nil {
				w.log.ErrorContext(ctx, "a notice was not delivered; the next round tries again", "error", err)
			}
			return
		}
		w.pending = w.pending[1:]
	}
}

func (w *watcher) post(ctx context.Context, n lookout.Notice) error {
	body, err := n.Slack()
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.webhook, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // only the status counts
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the webhook answered with status %d", resp.StatusCode)
	}
	return nil
}

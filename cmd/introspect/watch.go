package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/lookout"
	"applicreations.com/introspect/internal/veil"
	"applicreations.com/introspect/internal/vitals"
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
	targets  []string // without a slash at their end
	controls []string // somebody else's addresses, to tell an outage from one of our network
	webhook  string   // gets notices in the form of Slack; empty: none does
	client   *http.Client
	log      *slog.Logger
	now      func() time.Time

	lookout lookout.Lookout
	ways    []*way // to tell people; none: notices are only logged
}

// way is one way to tell people, with what it has not taken yet.
type way struct {
	name    string
	tell    func(context.Context, lookout.Notice) error
	pending []lookout.Notice
}

// watchOthers probes /readyz of other installations until it is stopped.
func watchOthers(ctx context.Context, env environment, args []string) error {
	f := flag.NewFlagSet("watch", flag.ContinueOnError)
	f.SetOutput(env.err)
	webhook := f.String("webhook", env.get("WATCH_WEBHOOK_URL"), "address that gets notices in the form of Slack, beside the channels of alerts (WATCH_WEBHOOK_URL)")
	control := f.String("control", env.get("WATCH_CONTROL_URL"), "addresses of others, separated by commas, asked when nothing answers (WATCH_CONTROL_URL)")
	every := f.Duration("every", watchEvery, "time between two probes")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	w := &watcher{webhook: *webhook, client: &http.Client{Timeout: watchTimeout}, now: time.Now}
	w.log = slog.New(veil.New(slog.NewTextHandler(env.err, nil)))
	var err error
	if w.controls, err = readControls(*control); err != nil {
		return err
	}
	if err := w.check(f.Args(), *every); err != nil {
		return err
	}
	if err := w.equip(func(names ...string) string { return strings.TrimSpace(env.get(names[0])) }); err != nil {
		return err
	}
	if len(w.ways) == 0 {
		w.log.WarnContext(ctx, "nobody is told of an outage, it is only logged; set PAGERDUTY_ROUTING_KEY, SLACK_WEBHOOK_URL or another channel of alerts, or WATCH_WEBHOOK_URL")
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

// equip makes the ways to tell people: the channels of alerts that are set here as
// they are for the server, and the webhook.
func (w *watcher) equip(get func(...string) string) error {
	var o outside
	if err := o.readChannels(get); err != nil {
		return err
	}
	if err := o.checkAddresses(); err != nil {
		return err
	}
	a := &app{cfg: config{privateWebhooks: reachesPrivate(get)}}
	voice := speak.Voice{Runbook: o.runbookPage}
	say := func(_ context.Context, p alert.Parcel) speak.Message { return voice.Speak(p, nil) }
	channels := o.channels("introspect watch", say, a.poster())
	for _, name := range slices.Sorted(maps.Keys(channels)) {
		tell := channels[name]
		w.ways = append(w.ways, &way{name: string(name), tell: func(ctx context.Context, n lookout.Notice) error {
			_, err := tell(ctx, n.Parcel(name))
			return err
		}})
	}
	if w.webhook != "" {
		w.ways = append(w.ways, &way{name: "WATCH_WEBHOOK_URL", tell: w.post})
	}
	return nil
}

// round probes all targets at once and tells what came of it. What a round
// meets while the program is stopped counts for nothing.
func (w *watcher) round(ctx context.Context) {
	outcomes := make([]lookout.Outcome, len(w.targets))
	var all sync.WaitGroup
	for i, target := range w.targets {
		all.Go(func() { outcomes[i] = lookout.Outcome{Target: target, Fault: w.probe(ctx, target+"/readyz")} })
	}
	all.Wait()
	notices := w.lookout.Round(w.now(), outcomes, func() bool { return vitals.Reached(ctx, w.client, w.controls) })
	if ctx.Err() != nil {
		return
	}
	for _, n := range notices {
		level := slog.LevelWarn
		if n.Kind == lookout.Up || n.Kind == lookout.Sighted {
			level = slog.LevelInfo
		}
		w.log.Log(ctx, level, n.Text()) //nolint:sloglint // the text is the message
		for _, way := range w.ways {
			if n.Pages() {
				way.pending = append(way.pending, n)
				way.pending = way.pending[max(0, len(way.pending)-watchPending):]
			}
		}
	}
	for _, way := range w.ways { // one that hangs keeps no other waiting
		all.Go(func() { w.deliver(ctx, way) })
	}
	all.Wait()
}

// probe fetches an address and says what is wrong.
func (w *watcher) probe(ctx context.Context, address string) string {
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
	if resp.StatusCode != http.StatusOK {
		return fmt.Sprintf("status %d", resp.StatusCode)
	}
	return ""
}

// deliver tells what is pending, in order; what fails is tried again with the next
// round, unless the other side will never take it.
func (w *watcher) deliver(ctx context.Context, to *way) {
	for len(to.pending) > 0 {
		err := to.tell(ctx, to.pending[0])
		var refusal *letter.SendError
		switch {
		case ctx.Err() != nil:
			return
		case errors.As(err, &refusal) && refusal.Permanent:
			w.log.ErrorContext(ctx, "a notice is refused for good and dropped; look at the setting", "channel", to.name, "error", err)
		case err != nil:
			w.log.ErrorContext(ctx, "a notice was not delivered; the next round tries again", "channel", to.name, "error", err)
			return
		}
		to.pending = to.pending[1:]
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

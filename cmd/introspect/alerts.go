package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// alerts lists the rules with their state, or tests the channels through the
// real way: alerts list, alerts test [channel].
func alerts(ctx context.Context, env environment, args []string) error {
	cfg, rest, err := load(env, "alerts", args)
	if err != nil {
		return err
	}
	verb := ""
	if len(rest) > 0 {
		verb, rest = rest[0], rest[1:]
	}
	if verb != "list" && verb != "test" || verb == "list" && len(rest) > 0 || len(rest) > 1 {
		fmt.Fprintln(env.err, "usage: introspect alerts list\n       introspect alerts test [CHANNEL]")
		return errUsage
	}
	log := logger(cfg, env)
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	cfg.zone = st.Zone()
	a := &app{cfg: cfg, log: log, store: st, closers: []func() error{st.Close}}
	defer a.close()
	keys, err := cfg.keyring(log)
	if err != nil {
		return err
	}
	cfg.keeps = func(*store.Store) (*backup.Keeper, error) { return nil, nil } //nolint:nilnil // the server that this speaks of has one
	a.cfg = cfg
	a.newSigns()
	a.health = a.checks(keys)
	if err := a.openSentry(ctx); err != nil {
		return err
	}
	w, err := a.watcher(keys)
	if err != nil {
		return err
	}
	a.watch = w
	if verb == "list" {
		return listAlerts(ctx, env, st, w)
	}
	channels := w.Channels()
	if len(rest) == 1 {
		channels = []alert.Channel{alert.Channel(rest[0])}
	}
	return testChannels(ctx, env, st, w, channels)
}

// listAlerts prints every rule and what the running server knows of it.
func listAlerts(ctx context.Context, env environment, st *store.Store, w *watch.Service) error {
	rules, err := w.Rules(ctx)
	if err != nil {
		return err
	}
	states, _, err := st.AlertStates(ctx)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(env.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "RULE\tSEVERITY\tSTATE\tTELLS\tTITLE")
	for _, r := range rules {
		state := "waiting"
		switch {
		case !r.Enabled:
			state = "disabled"
		case !w.Measures(r):
			state = "not_measured"
		}
		for _, s := range states {
			if s.Rule == r.ID && (state == "waiting" || s.State.Fires()) {
				state = s.State.Name()
			}
		}
		var tells []string
		for _, c := range r.Tell.Channels {
			tells = append(tells, string(c))
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Severity, state, strings.Join(tells, ","), r.Title)
	}
	return out.Flush()
}

// testChannels sends a test to each channel and prints the answers. When the
// server runs as well, either of them may do the job.
func testChannels(ctx context.Context, env environment, st *store.Store, w *watch.Service, channels []alert.Channel) error {
	runner := job.New(job.Config{Store: st, Kinds: w.Kinds()})
	var failed []error
	for _, c := range channels {
		key, err := w.Test(ctx, c)
		if err != nil {
			return err
		}
		answer, err := answerOf(ctx, st, runner, key)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", c, err))
			fmt.Fprintf(env.out, "%s: not accepted: %v\n", c, err)
			continue
		}
		fmt.Fprintf(env.out, "%s: accepted: %s\n", c, answer)
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %s did not take the test; what they said is above, and it is tried again by the server", len(failed), scope.Plural(len(channels), "channel"))
	}
	return nil
}

// answerOf waits for the first outcome of a job.
func answerOf(ctx context.Context, st *store.Store, runner *job.Runner, key string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := runner.RunDue(ctx); err != nil {
			return "", err
		}
		jobs, err := st.Jobs(ctx, store.JobFilter{Key: key, Limit: 1})
		if err != nil {
			return "", err
		}
		if len(jobs) == 1 && jobs[0].State == store.JobDone {
			return string(jobs[0].Result), nil
		}
		if len(jobs) == 1 && jobs[0].Error != "" {
			return "", errors.New(jobs[0].Error)
		}
		select {
		case <-ctx.Done():
			return "", errors.New("no answer within a minute")
		case <-again.C:
		}
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"applicreations.com/introspect/internal/store"
)

const jobsUsage = "usage: introspect jobs list | jobs dead | jobs replay ID | jobs replay dead"

// mostReplayed is how many jobs one command does again.
const mostReplayed = 1000

// jobs lists the durable work and does again what was given up, as /admin/jobs
// does for people. It works beside a running server, which takes the work up
// within seconds.
func jobs(ctx context.Context, env environment, args []string) error {
	cfg, rest, err := load(env, "jobs", args)
	if err != nil {
		return err
	}
	show := len(rest) == 1 && (rest[0] == "list" || rest[0] == "dead")
	if !show && (len(rest) != 2 || rest[0] != "replay") {
		fmt.Fprintln(env.err, jobsUsage)
		return errUsage
	}
	open := openStore
	if show {
		open = lookStore
	}
	st, err := open(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	switch {
	case show && rest[0] == "dead":
		return listJobs(ctx, env, st, store.JobFilter{State: store.JobDead, Limit: mostReplayed})
	case show:
		return listJobs(ctx, env, st, store.JobFilter{})
	case rest[1] == "dead":
		return replayDead(ctx, env, st)
	}
	return replayJob(ctx, env, st, rest[1])
}

func listJobs(ctx context.Context, env environment, st *store.Store, f store.JobFilter) error {
	list, err := st.Jobs(ctx, f)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(env.out, 0, 0, 2, ' ', 0)
	for _, j := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", j.ID, j.UpdatedAt.UTC().Format(time.RFC3339), j.State, j.Kind, j.Key, j.Error)
	}
	if len(list) == 0 {
		fmt.Fprintln(env.err, "There is none.")
	}
	return w.Flush()
}

// replayDead does everything again that was given up.
func replayDead(ctx context.Context, env environment, st *store.Store) error {
	list, err := st.Jobs(ctx, store.JobFilter{State: store.JobDead, Limit: mostReplayed})
	if err != nil {
		return err
	}
	for _, j := range list {
		if err := replayJob(ctx, env, st, j.ID); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		fmt.Fprintln(env.err, "Nothing was given up.")
	}
	return nil
}

func replayJob(ctx context.Context, env environment, st *store.Store, id string) error {
	err := st.ReplayJob(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("job %s is not done again: it runs just now, is done, or is gone; introspect jobs list shows which: %w", id, err)
	}
	if err != nil {
		return err
	}
	if err := st.Audit(ctx, store.AuditEntry{At: time.Now(), Actor: commandLine, Action: "job_replayed", Object: "job:" + id}); err != nil {
		return err
	}
	fmt.Fprintf(env.out, "%s is due now; a running server does it within seconds.\n", id)
	return nil
}

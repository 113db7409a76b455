package main

import (
	"context"
	"fmt"
	"slices"

	"applicreations.com/introspect/internal/scope"
)

// rollup rebuilds the counters of the dashboard from the session facts, or
// with --verify only counts where they differ; both numbers should be 0.
func rollup(ctx context.Context, env environment, args []string) error {
	verify := slices.Contains(args, "--verify")
	args = slices.DeleteFunc(args, func(a string) bool { return a == "--verify" })
	cfg, rest, err := load(env, "rollup", args)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "rebuild" {
		fmt.Fprintln(env.err, "usage: introspect rollup rebuild [--verify]")
		return errUsage
	}
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	facts, err := st.VerifyFacts(ctx)
	if err != nil {
		return fmt.Errorf("verify session facts: %w", err)
	}
	drift, err := st.RebuildRollups(ctx, verify)
	if err != nil {
		return fmt.Errorf("rebuild rollups: %w", err)
	}
	fmt.Fprintf(env.out, "session_facts_drift %d\nrollup_drift %d\n", facts, drift)
	if verify && facts+drift > 0 {
		return fmt.Errorf("the facts of %s and %s differ from the events; run introspect rollup rebuild", scope.Plural(facts, "session"), scope.Plural(drift, "rollup row"))
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/outcome"
	"applicreations.com/introspect/internal/smoke"
	"applicreations.com/introspect/internal/store"
)

// smokeCommand tries a running installation with a canary.
func smokeCommand(ctx context.Context, env environment, args []string) error {
	var asJSON, degraded bool
	var commit string
	f := flag.NewFlagSet("smoke", flag.ContinueOnError)
	f.SetOutput(env.err)
	f.BoolVar(&asJSON, "json", false, "one JSON object a line instead of text")
	f.BoolVar(&degraded, "degraded", false, "accept that a vendor is down")
	f.StringVar(&commit, "commit", "", "commit that has to answer; empty: any")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return errUsage
	}
	if f.NArg() != 1 {
		fmt.Fprintln(env.err, "usage: introspect smoke [--commit SHA] [--degraded] [--json] URL")
		return errUsage
	}
	if !httpAddress(f.Arg(0)) {
		fmt.Fprintf(env.err, "%q is no address of an installation; write it out, such as https://intake.example.com\n", f.Arg(0))
		return errUsage
	}
	r := smoke.Run(ctx, smoke.Config{
		URL: f.Arg(0), Token: env.get("INTROSPECT_ADMIN_TOKEN"), Commit: commit, Degraded: degraded,
		Note: func(s smoke.Step) { tellStep(env, s, asJSON) },
	})
	told := outcome.Result{Kind: store.OperationSmoke, Good: r.Err() == nil, Detail: outcome.Reason(r.Err())}
	for _, s := range r.Steps {
		if s.Err != nil && told.Step == "" {
			told.Step, told.Detail = s.Name, outcome.Reason(s.Err)
		}
	}
	tellResult(ctx, env, strings.TrimRight(f.Arg(0), "/"), told)
	if err := r.Err(); err != nil {
		return fmt.Errorf("the smoke test failed: %w", err)
	}
	return nil
}

func tellStep(env environment, s smoke.Step, asJSON bool) {
	status, detail := "ok", s.Detail
	if s.Err != nil {
		status, detail = "failed", s.Err.Error()
	}
	if asJSON {
		_ = json.NewEncoder(env.out).Encode(struct { // nobody to tell when the output is gone
			Step   string `json:"step"`
			Status string `json:"status"`
			Detail string `json:"detail"`
			Millis int64  `json:"ms"`
		}{s.Name, status, detail, s.Took.Milliseconds()})
		return
	}
	fmt.Fprintf(env.out, "%-6s  %-17s %6d ms  %s\n", status, s.Name, s.Took.Round(time.Millisecond).Milliseconds(), detail)
}
